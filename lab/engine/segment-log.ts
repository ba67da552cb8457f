// Read first: RFC 9293 section 3.4. The segments that a host's TCP hands down, as it does, and the frames in which they leave.

import { read32 } from '../../src/base/bytes.ts'
import { Connection } from '../../src/tcp/connection.ts'
import { HalfOpen } from '../../src/tcp/half-open.ts'
import type { TcpFlow } from '../../src/tcp/host.ts'
import { FIN, RST, SYN } from '../../src/wire/tcp.ts'
import type { SegmentEvent, SegmentKind } from './run-events.ts'

/** A segment waits for its link address, perhaps: more than so many do not. */
const WAITING_MAX = 64

interface Waiting {
  readonly seq: number
  readonly event: { -readonly [key in keyof SegmentEvent]: SegmentEvent[key] }
}

export class SegmentLog {
  readonly #host: string
  readonly #log: (event: SegmentEvent) => void
  /** The sequence number after all that was sent. */
  readonly #reached = new WeakMap<object, number>()
  #waiting: Waiting[] = []

  constructor(host: string, log: (event: SegmentEvent) => void) {
    this.#host = host
    this.#log = log
  }

  /** A segment of `flow` is handed down: its header is at `bytes[start]`, `length` octets of data follow. False: it is not told of. */
  handsDown(flow: TcpFlow, ends: string, at: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (!(flow instanceof Connection || flow instanceof HalfOpen)) return false
    const flags = bytes[start + 13] as number
    const taken = length + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1)
    const seq = read32(bytes, start + 4)
    const end = (seq + taken) | 0
    let kind: SegmentKind = 'probe'
    if (taken === 0) {
      // One octet below what the peer awaits: it must answer (RFC 9293 sections 3.8.4 and 3.8.6.1).
      if (!(flow instanceof Connection) || (flags & RST) !== 0 || ((seq - flow.sndUna) | 0) >= 0) return false
    } else {
      const reached = this.#reached.get(flow)
      kind = reached === undefined || ((seq - reached) | 0) >= 0 ? 'new' : 'again'
      if (reached === undefined || ((end - reached) | 0) > 0) this.#reached.set(flow, end)
    }
    const { iss } = flow
    const event = { at, host: this.#host, ends, seq: (seq - iss) >>> 0, end: (end - iss) >>> 0, kind, frame: 0 }
    this.#waiting.push({ seq, event })
    if (this.#waiting.length > WAITING_MAX) this.#tellOldest()
    return true
  }

  /** What was handed down last was refused. */
  takesBack(): void {
    this.#waiting.pop()
  }

  /** A segment leaves this host in a frame. */
  leaves(ends: string, seq: number, frame: number): void {
    const place = this.#waiting.findIndex((one) => one.seq === seq && one.event.ends === ends)
    const waiting = this.#waiting[place]
    if (waiting === undefined) return
    this.#waiting.splice(place, 1)
    waiting.event.frame = frame
    this.#log(waiting.event)
  }

  #tellOldest(): void {
    const oldest = this.#waiting.shift()
    if (oldest !== undefined) this.#log(oldest.event)
  }
}
