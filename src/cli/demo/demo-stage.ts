import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { IpAddress } from '../../base/ip-address.ts'
import type { ManualClock } from '../../base/manual-clock.ts'
import type { Device } from '../../device/device.ts'
import type { ImpairOptions } from '../../device/impairment.ts'
import type { Provider } from '../../socket/provider.ts'
import { type ServedCalls, serveCalls } from '../../socket/remote/serve-calls.ts'
import { netstat } from '../../stack/netstat.ts'
import type { Say } from '../programs/say.ts'
import type { DemoCapture } from './demo-capture.ts'
import { Flows } from './demo-flows.ts'
import { type Frame, readFrame } from './demo-frame.ts'
import { type DemoHost, type DemoLink, type Fate, type HostName, hardwareAddressOf, type Tap } from './demo-host.ts'
import { type DemoAddresses, DemoNetwork } from './demo-network.ts'
import { whyAgain } from './demo-retransmission.ts'
import type { Neighbour, Story } from './demo-story.ts'
import type { Tally } from './demo-tally.ts'

/** Longer than anything may take that goes well, in simulated milliseconds: half-open connections and TIME-WAIT included. */
const LIMIT = 600_000
/** When nothing has been sent for this long, what was sent has arrived. */
const QUIET = 1000
/** Before anybody looks: hosts tell the groups that they are members of. */
const WARM_UP = 60_000

export interface StageOptions {
  readonly clock: ManualClock
  readonly seed: number
  readonly impairment: ImpairOptions
  readonly addresses: DemoAddresses
  readonly tally: Tally
  readonly capture: DemoCapture
  /** null: nothing is told. */
  readonly story: Story | null
  /** Whether packets are told again where the router passes them on. */
  readonly hops: boolean
  /** Lets real time pass where `milliseconds` of simulated time do. */
  readonly pace: (milliseconds: number) => Promise<void>
}

/** A thread whose calls are made on the stage. */
interface StageThread {
  readonly calls: ServedCalls
  /** What it has asked for. */
  readonly asked: (() => void)[]
}

/** A frame that one of the hosts sent, or that reached it. */
export interface SeenFrame {
  readonly host: HostName
  /** For whom it is on this link. */
  readonly to: Neighbour
  readonly frame: Frame
  /** Whether the host, which is the router, passes it on for another. */
  readonly forwarded: boolean
  /** Of one that was sent. */
  readonly lost: boolean
  readonly bytes: Uint8Array
}

/** The hosts on simulated time, and everybody who watches them. */
export class Stage implements Tap {
  readonly network: DemoNetwork
  /** Frames that the hosts have sent, and those that have reached them. */
  readonly sentFrames: SeenFrame[] = []
  readonly arrivedFrames: SeenFrame[] = []
  readonly #options: StageOptions
  readonly #clock: ManualClock
  readonly #flows = new Flows()
  /** Frames that were damaged on the way. */
  damaged = 0
  readonly #damaged = new Map<string, number>()
  readonly #links: DemoLink[] = []
  /** When the curtain rose, on the clock. */
  readonly #origin: number
  #watching = false
  #hushed = false
  /** The programs have ended: what neighbours ask each other from now on is not told. */
  #over = false
  /** How much is being done that the clock must wait for. */
  #away = 0
  /** What that was begun with last: it ends in the order in which it began, whatever the machine does meanwhile. */
  #lastAway: Promise<unknown> = Promise.resolve()
  /** Threads that have sockets of a stack. */
  readonly #threads: StageThread[] = []

  constructor(options: StageOptions) {
    this.#options = options
    this.#clock = options.clock
    this.network = new DemoNetwork(options, this)
    this.#clock.advanceTo(this.#clock.now() + WARM_UP)
    this.#origin = this.#clock.now()
    for (const [name, count] of this.network.damaged) this.#damaged.set(name, count)
    this.#watching = true
  }

  /** Milliseconds since the beginning. */
  get time(): number {
    return this.#clock.now() - this.#origin
  }

  /** What a program on `host` says. */
  voice(host: HostName): Say {
    return (text) => {
      this.#look()
      this.#options.story?.says(host, text, this.time)
    }
  }

  /** For the lines of a trace on `host`. */
  tracer(host: HostName): (line: string) => void {
    return (line) => {
      this.#look()
      this.#options.story?.calls(host, line, this.time)
    }
  }

  /** What is often said, and what was seen instead. */
  remark(said: string, seen: string): void {
    this.#options.story?.remark(said, seen, this.time)
  }

  /** From here on frames and states are not told. */
  hush(): void {
    this.#hushed = true
  }

  /** Something to look at on `host`, as it is. */
  show(host: HostName, title: string, text: string): void {
    this.#options.story?.shows(host, title, text, this.time)
  }

  /** Has simulated time wait for something that takes real time: another process. */
  readonly away = <T>(work: Promise<T>): Promise<T> => {
    const mine = this.#inTurn(this.#lastAway, work)
    this.#lastAway = mine.catch(() => {})
    return mine
  }

  async #inTurn<T>(before: Promise<unknown>, work: Promise<T>): Promise<T> {
    this.#away++
    // It is waited for below, when its turn has come.
    work.catch(() => {})
    try {
      await before
      return await work
    } finally {
      this.#away--
    }
  }

  /**
   * Serves the calls of a thread. Simulated time waits for it, unless it waits for what time brings, and calls of several threads are
   * made in the order of the threads.
   */
  readonly serve = (provider: Provider): ServedCalls => {
    const asked: (() => void)[] = []
    const calls = serveCalls(provider, { turn: (make) => asked.push(make) })
    this.#threads.push({ calls, asked })
    return calls
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
    this.#over = true
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
      while (this.#busy) await sleep(1)
      for (const { asked } of this.#threads) for (const make of asked.splice(0)) make()
      this.#look()
    } while (this.#clock.settle() || this.#busy)
  }

  get #busy(): boolean {
    return this.#away > 0 || this.#threads.some(({ calls, asked }) => !calls.waits && asked.length === 0)
  }

  /** Looks at the tables of all hosts, and at what their cards have dropped. */
  #look(): void {
    const { story, tally } = this.#options
    for (const { name, stack } of this.network.hosts) if (!this.#hushed) story?.sockets(name, netstat(stack), this.time)
    for (const [name, count] of this.network.damaged) {
      const more = count - (this.#damaged.get(name) ?? 0)
      if (more === 0) continue
      this.#damaged.set(name, count)
      this.damaged += more
      tally.damaged += more
      if (!this.#hushed) story?.damaged(name, more, this.time)
    }
  }

  // Tap

  attached(host: DemoHost, name: string, device: Device): DemoLink {
    const link = {
      host,
      name: `${host.name}.${name}`,
      hardwareAddress: hardwareAddressOf(device),
      index: this.#links.length,
    }
    this.#links.push(link)
    return link
  }

  sent(link: DemoLink, bytes: Uint8Array, start: number, end: number, at: number, fate: Fate): void {
    if (!this.#watching) return
    // States are looked at here too: they change within a burst.
    this.#look()
    const { tally, story, capture, hops } = this.#options
    const seen = this.#seen(link, bytes, start, end, fate === 'lost')
    const { frame, forwarded } = seen
    const { host } = link
    this.sentFrames.push(seen)
    tally.frames++
    tally.octets += frame.octets
    if (fate === 'lost') tally.lost++
    // What the router passes on is not sent again.
    const relative = frame.segment === null || forwarded ? null : this.#flows.take(frame.segment, at)
    let why = ''
    if (frame.segment !== null && relative !== null && relative.again !== null) {
      tally.retransmitted++
      why = whyAgain(host.stack, frame.segment, relative.again)
    }
    const time = at - this.#origin
    capture.add(link.index, time, bytes, start, end, fate === 'lost' ? 'lost on the way' : why)
    const told = (hops || !forwarded) && !this.#hushed && !(this.#over && frame.segment === null)
    if (told) story?.frame({ from: host.name, to: seen.to, hops }, frame, relative, fate, time, why)
  }

  arrived(link: DemoLink, bytes: Uint8Array, start: number, end: number): void {
    if (this.#watching) this.arrivedFrames.push(this.#seen(link, bytes, start, end, false))
  }

  #seen({ host }: DemoLink, bytes: Uint8Array, start: number, end: number, lost: boolean): SeenFrame {
    const frame = readFrame(bytes, start, end)
    const to = this.#links.find(({ hardwareAddress }) => hardwareAddress === frame.to)?.host.name ?? 'all'
    const source = frame.sourceAddress === '' ? null : IpAddress.parse(frame.sourceAddress)
    const forwarded = source !== null && host.stack.forwarding && !host.stack.isOwnAddress(source)
    return { host: host.name, to, frame, forwarded, lost, bytes: bytes.slice(start, end) }
  }
}
