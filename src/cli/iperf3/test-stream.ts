import type { Clock } from '../../base/clock.ts'
import type { Watcher } from '../../socket/provider.ts'
import type { Socket } from '../../socket/socket.ts'
import type { Arrivals } from './arrivals.ts'
import { Pacer } from './pacer.ts'
import type { TestParameters } from './test-parameters.ts'
import type { TransferLimit } from './transfer-limit.ts'

/** What all streams of a test share. */
export interface StreamSettings {
  readonly parameters: TestParameters
  readonly clock: Clock
  /** Lets timers and other sockets have their turn: a stream that never waits would starve them. */
  readonly turn: () => Promise<void>
  /** The limit of what is sent, and that of what is received. */
  readonly sending: TransferLimit
  readonly receiving: TransferLimit
}

/** So many calls in a row a stream makes before it lets others have their turn. */
export const CALLS_IN_A_ROW = 32

/** One stream of a test, in one direction. */
export abstract class TestStream implements Watcher {
  readonly id: number
  readonly socket: Socket
  /** The descriptor, which names the stream in what is printed, also when the socket is closed. */
  readonly fd: number
  readonly sends: boolean
  /** Octets since the test has begun, or since what is left out is over. */
  bytes = 0
  /** Datagrams sent, in all. */
  sent = 0
  /** Of a receiver of datagrams. */
  readonly arrivals: Arrivals | null
  protected readonly settings: StreamSettings
  protected readonly pacer: Pacer
  protected ended = false
  #wake: (() => void) | null = null

  constructor(id: number, socket: Socket, sends: boolean, settings: StreamSettings, arrivals: Arrivals | null = null) {
    this.id = id
    this.socket = socket
    this.fd = socket.fd
    this.sends = sends
    this.settings = settings
    this.arrivals = arrivals
    this.pacer = new Pacer(settings.parameters.rate, settings.parameters.burst)
  }

  /** Moves octets until `end` is called. Rejects with what has failed. */
  abstract run(): Promise<void>

  /** What was counted so far is left out. */
  begin(): void {
    this.bytes = 0
    this.pacer.restart(this.settings.clock.now())
  }

  end(): void {
    this.ended = true
    this.#wake?.()
  }

  /** Tells the peer, once nothing is sent any more. */
  finish(): void {}

  /** The socket may be ready: see Watcher. */
  ready(): void {
    this.#wake?.()
  }

  /** Resolves when the socket may be ready, or the stream is to end. */
  protected untilReady(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Resolves at this time of the clock, or when the stream is to end. */
  protected async until(at: number): Promise<void> {
    const { clock } = this.settings
    let ring = () => {}
    const rung = new Promise<void>((resolve) => {
      ring = resolve
    })
    const alarm = clock.alarm(ring)
    alarm.set(at)
    this.#wake = () => {
      if (this.ended) ring()
    }
    await rung
    alarm.clear()
  }

  /** Resolves when the stream is to end. */
  protected async untilEnded(): Promise<void> {
    while (!this.ended) await this.untilReady()
  }
}

/** What blocks and datagrams are full of: digits over and over, or what no network can make smaller. */
export function fillPayload(bytes: Uint8Array<ArrayBuffer>, repeating: boolean): void {
  if (repeating) {
    for (let i = 0; i < bytes.length; i++) bytes[i] = 0x30 + (i % 10)
    return
  }
  // getRandomValues gives at most so much at once.
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536))
}
