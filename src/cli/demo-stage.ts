import { setImmediate as turn } from 'node:timers/promises'
import type { ManualClock } from '../base/manual-clock.ts'
import type { ImpairOptions } from '../device/impairment.ts'
import type { DemoCapture } from './demo-capture.ts'
import { Flows } from './demo-flows.ts'
import { type Frame, readFrame } from './demo-frame.ts'
import { type DemoHost, DemoNetwork, type Fate, type HostName, type Tap } from './demo-network.ts'
import { whyAgain } from './demo-retransmission.ts'
import { listSockets } from './demo-sockets.ts'
import type { Story } from './demo-story.ts'
import type { Tally } from './demo-tally.ts'
import type { Say } from './programs/say.ts'

/** Longer than anything may take that goes well, in simulated milliseconds: half-open connections and TIME-WAIT included. */
const LIMIT = 600_000
/** When nothing has been sent for this long, what was sent has arrived. */
const QUIET = 1000

export interface StageOptions {
  readonly clock: ManualClock
  readonly seed: number
  readonly impairment: ImpairOptions
  readonly tally: Tally
  readonly capture: DemoCapture
  /** null: nothing is told. */
  readonly story: Story | null
  /** Lets real time pass where `milliseconds` of simulated time do. */
  readonly pace: (milliseconds: number) => Promise<void>
}

/** A frame that one of the hosts sent, or that reached it. */
export interface SeenFrame {
  readonly host: HostName
  readonly frame: Frame
  /** Of one that was sent. */
  readonly lost: boolean
  readonly bytes: Uint8Array
}

/** Two hosts on simulated time, and everybody who watches them. */
export class Stage implements Tap {
  readonly network: DemoNetwork
  /** Frames that the hosts have sent, and those that have reached them. */
  readonly sentFrames: SeenFrame[] = []
  readonly arrivedFrames: SeenFrame[] = []
  readonly #options: StageOptions
  readonly #clock: ManualClock
  readonly #flows = new Flows()
  readonly #damaged: Record<HostName, number> = { client: 0, server: 0 }

  constructor(options: StageOptions) {
    this.#options = options
    this.#clock = options.clock
    this.network = new DemoNetwork(options.clock, options.seed, options.impairment, this)
  }

  /** What a program on `host` says. */
  voice(host: HostName): Say {
    return (text) => {
      this.#look()
      this.#options.story?.says(host, text, this.#clock.now())
    }
  }

  /**
   * Runs a server until its client has ended, all that is under way has arrived, and connections have ended too. Gives what both
   * give; rejects with the client's error, or with the server's.
   */
  async play<S, C>(server: (signal: AbortSignal) => Promise<S>, client: () => Promise<C>): Promise<[S, C]> {
    const stop = new AbortController()
    const serving = server(stop.signal)
    const asking = client()
    // Both are waited for below, one after the other.
    serving.catch(() => {})
    asking.catch(() => {})
    try {
      const answer = await this.#drive(asking)
      await this.#calm()
      stop.abort()
      return [await this.#drive(serving), answer]
    } finally {
      stop.abort()
      await this.#part()
    }
  }

  /** Waits until connections have ended by themselves: TIME-WAIT takes a minute. */
  async #part(): Promise<void> {
    const end = this.#clock.now() + LIMIT
    await this.#settle()
    while (this.network.connections > 0 && this.#clock.nextAt() < end) await this.#advance()
    this.#options.story?.flush()
    this.network.close()
    await this.#settle()
  }

  async #calm(): Promise<void> {
    const end = this.#clock.now() + LIMIT
    let seen = -1
    while (seen !== this.sentFrames.length + this.arrivedFrames.length && this.#clock.now() < end) {
      seen = this.sentFrames.length + this.arrivedFrames.length
      await this.#pass(QUIET)
    }
  }

  async #pass(milliseconds: number): Promise<void> {
    const end = this.#clock.now() + milliseconds
    await this.#settle()
    while (this.#clock.nextAt() <= end) await this.#advance(false)
    this.#clock.advanceTo(end)
    await this.#settle()
  }

  /** The result of `promise`, letting pass what time it takes. */
  async #drive<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const note = () => {
      over = true
    }
    promise.then(note, note)
    const end = this.#clock.now() + LIMIT
    await this.#settle()
    while (!over) {
      const next = this.#clock.nextAt()
      if (next === Number.POSITIVE_INFINITY) throw new Error('nothing happens any more')
      if (next > end) throw new Error(`not done after ${LIMIT / 1000} s`)
      await this.#advance()
    }
    return promise
  }

  /** Goes on to the next thing that happens; `watched`: at a speed that people can follow. */
  async #advance(watched = true): Promise<void> {
    const next = this.#clock.nextAt()
    if (next > this.#clock.now()) this.#options.story?.flush()
    if (watched) await this.#options.pace(next - this.#clock.now())
    this.#clock.advanceTo(next)
    await this.#settle()
  }

  /** Lets all happen that happens at this moment: tasks of the stacks, and the promises of the programs that they resolve. */
  async #settle(): Promise<void> {
    do {
      await turn()
      this.#look()
    } while (this.#clock.settle())
  }

  /** Looks at the tables of both hosts, and at what their cards have dropped. */
  #look(): void {
    const { story, tally } = this.#options
    for (const { name, stack, damaged } of this.network.hosts) {
      story?.sockets(name, listSockets(stack), this.#clock.now())
      const count = damaged - this.#damaged[name]
      if (count === 0) continue
      this.#damaged[name] = damaged
      tally.damaged += count
      story?.damaged(name, count, this.#clock.now())
    }
  }

  // Tap

  sent(host: DemoHost, bytes: Uint8Array, start: number, end: number, at: number, fate: Fate): void {
    // States are looked at here too: they change within a burst.
    this.#look()
    const { tally, story, capture } = this.#options
    const frame = readFrame(bytes, start, end)
    this.sentFrames.push({ host: host.name, frame, lost: fate === 'lost', bytes: bytes.slice(start, end) })
    tally.frames++
    tally.octets += frame.octets
    if (fate === 'lost') tally.lost++
    const relative = frame.segment === null ? null : this.#flows.take(frame.segment, at)
    let why = ''
    if (frame.segment !== null && relative !== null && relative.again !== null) {
      tally.retransmitted++
      why = whyAgain(host.stack, frame.segment, relative.again)
    }
    capture.add(host.name, at, bytes, start, end, fate === 'lost' ? 'lost on the way' : why)
    story?.frame(host.name, frame, relative, fate, at, why)
  }

  arrived(host: DemoHost, bytes: Uint8Array, start: number, end: number): void {
    const frame = readFrame(bytes, start, end)
    this.arrivedFrames.push({ host: host.name, frame, lost: false, bytes: bytes.slice(start, end) })
  }
}
