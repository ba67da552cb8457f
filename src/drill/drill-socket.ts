import { AF_INET, SIOCINQ } from '../base/constants.ts'
import type { Endpoint } from '../socket/provider.ts'
import { SYN } from '../wire/tcp.ts'

/**
 * A socket under test and the one connection (or flow of datagrams) that the script plays the peer of: how numbers in the
 * script map to those on the wire. Initial sequence numbers, timestamps and the peer's port are not the script's to choose.
 */
export class DrillSocket {
  readonly kind = 'socket'
  readonly protocol: 'tcp' | 'udp' | 'other'
  /** Of the socket: its addresses are of this family. */
  family: number = AF_INET
  /** null: a connection that nobody has accepted yet, or packets to no socket at all. */
  endpoint: Endpoint | null = null
  listening = false
  closed = false
  /** O_NONBLOCK */
  nonBlocking = false
  /** 0: not known yet. */
  localPort = 0
  remotePort = 0

  /** The initial sequence numbers, in the script and on the wire, as int32. */
  scriptLocalIsn = 0
  liveLocalIsn = 0
  localIsnKnown = false
  scriptRemoteIsn = 0
  liveRemoteIsn = 0
  remoteIsnKnown = false
  /** That of the last SYN of the script, which the stack may not have taken. */
  offeredIsn: number | null = null
  /** connect() was called, and the stack has not acknowledged a SYN yet. */
  connecting = false

  /** How often something happened that wakes who waits: edge-triggered epoll tells of each time once. */
  wakeUps = 0
  /** Who waits for that. */
  readonly waiting: Set<(events: number) => void> = new Set()
  #watched = false
  #seen = 0
  #readable = 0

  /** Timestamps of the stack: the script's to the wire's, and the first pair. */
  readonly #timestamps = new Map<number, number>()
  #firstTimestamp: readonly [script: number, live: number] | null = null

  constructor(protocol: 'tcp' | 'udp' | 'other') {
    this.protocol = protocol
  }

  /** From now on it is `endpoint`, perhaps after another one that had the same ports. */
  open(endpoint: Endpoint): void {
    this.endpoint = endpoint
    this.closed = false
    this.nonBlocking = false
    this.#watched = false
  }

  /** Counts wake-ups from now on, and hands them on. */
  watch(): void {
    if (this.#watched || this.endpoint === null) return
    this.#watched = true
    this.endpoint.watch({
      ready: (events) => {
        this.wakeUps++
        for (const hear of this.waiting) hear(events)
      },
    })
  }

  /** The same where nobody tells: something has happened if more is ready than when it was looked at last. */
  look(): void {
    const { endpoint } = this
    if (!this.#watched || endpoint === null || this.closed) return
    const now = endpoint.readiness()
    const readable = this.listening ? 0 : endpoint.ioctl(SIOCINQ)
    if ((now & ~this.#seen) !== 0 || readable > this.#readable) this.wakeUps++
    this.#seen = now
    this.#readable = readable
  }

  /** A sequence number of the stack's own side, from script to wire. In a segment with SYN it is absolute, else relative. */
  localToLive(script: number, flags: number): number {
    return (script + this.liveLocalIsn - ((flags & SYN) !== 0 ? this.scriptLocalIsn : 0)) | 0
  }

  localToScript(live: number, flags: number): number {
    return (live - this.liveLocalIsn + ((flags & SYN) !== 0 ? this.scriptLocalIsn : 0)) >>> 0
  }

  /** A sequence number of the script's side. */
  remoteToLive(script: number, flags: number): number {
    return (script + this.liveRemoteIsn - ((flags & SYN) !== 0 ? this.scriptRemoteIsn : 0)) | 0
  }

  remoteToScript(live: number, flags: number): number {
    return (live - this.liveRemoteIsn + ((flags & SYN) !== 0 ? this.scriptRemoteIsn : 0)) >>> 0
  }

  /** The script's SYN names its initial sequence number, which is used as written. */
  learnRemoteIsn(seq: number): void {
    this.scriptRemoteIsn = seq | 0
    this.liveRemoteIsn = seq | 0
    this.remoteIsnKnown = true
  }

  learnLocalIsn(script: number, live: number): void {
    this.scriptLocalIsn = script | 0
    this.liveLocalIsn = live | 0
    this.localIsnKnown = true
  }

  learnTimestamp(script: number, live: number): void {
    this.#timestamps.set(script, live)
    this.#firstTimestamp ??= [script, live]
  }

  /** What the stack sent for the script's timestamp; null where it sent none. */
  timestampToLive(script: number, scaled: boolean): number | null {
    if (scaled && this.#firstTimestamp !== null) {
      return (script - this.#firstTimestamp[0] + this.#firstTimestamp[1]) >>> 0
    }
    return this.#timestamps.get(script) ?? (script === 0 ? 0 : null)
  }

  /** How many ticks after the first timestamp expected `live` is, and `script`. */
  timestampAges(script: number, live: number): readonly [script: number, live: number] {
    const first = this.#firstTimestamp ?? [script, live]
    return [(script - first[0]) | 0, (live - first[1]) | 0]
  }
}
