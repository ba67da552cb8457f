// What a thread does with one run at a time: it lets time pass as the page wishes, and goes back by running again.

import { type Halt, LabRun } from './lab-run.ts'
import type { Order, SocketTable, Tidings } from './messages.ts'
import { EMPTY_SCENARIO, readScenario, type Scenario, type ScenarioAct } from './scenario.ts'

/** Milliseconds of the machine's time that a run takes before others are heard. */
const SLICE = 12
/** How often a page is told while it plays: 60 times a second. */
const INTERVAL = 16
/** How often a page is told on the way to a far instant: it sees that the thread lives. */
const STRETCH = 100
/** What is called busy is told no more often than this; another that is, sooner. */
const BUSY = 100
const BUSY_OTHER = 10
/** How long a step by packet or by round trip may take, in milliseconds of the run. */
const STEP_MAX = 60_000

/** Orders that do not keep a run from playing on. */
const GOES_ON: ReadonlySet<Order['do']> = new Set(['inspect', 'capture', 'act', 'type'])

/** Orders that say where a run is to be: on the way to another place it goes no further. */
const AIMS: ReadonlySet<Order['do']> = new Set(['load', 'seek', 'pause'])

/** The machine: its time, and its way to put something off. */
export interface Machine {
  now(): number
  later(task: () => void, milliseconds: number): void
}

export class LabSession {
  readonly #tell: (tidings: Tidings) => void
  readonly #machine: Machine
  #run: LabRun
  #scenario: Scenario = EMPTY_SCENARIO
  #rate = 1
  #playing = false
  #playedAt = 0
  #busyAt = 0
  #putOff = false
  #busyName = ''
  /** How often an instant was asked for: who asks again does not wait for what was asked before. */
  #wishes = 0
  #wish = 0
  /** The number of the order that is carried out. */
  #request = 0
  #orders: Promise<void> = Promise.resolve()
  /** What terminals run; null: it was not wanted yet, or could not be had. */
  #commands: string | null = null
  #given: () => void = () => {}

  constructor(tell: (tidings: Tidings) => void, machine: Machine) {
    this.#tell = tell
    this.#machine = machine
    this.#run = new LabRun(EMPTY_SCENARIO)
  }

  /** Carries out an order, when those before it are. Resolves when it is done. */
  order(order: Order): Promise<void> {
    if (order.do === 'commands') return this.#take(order.text)
    // What runs looks at this between two things that happen: it stops before the order's turn has come.
    if (!GOES_ON.has(order.do)) this.#playing = false
    const wish = AIMS.has(order.do) ? ++this.#wishes : this.#wishes
    const request = 'request' in order ? (order.request ?? 0) : 0
    const obey = () => {
      this.#wish = wish
      this.#request = request
      return this.#obey(order)
    }
    this.#orders = this.#orders.then(obey).catch((error: unknown) => this.#refuse(error, request))
    return this.#orders
  }

  /** A promise was rejected and nobody has caught it. False: it is of no program. */
  rejected(reason: unknown): boolean {
    return this.#run.rejected(reason)
  }

  #refuse(error: unknown, request: number): void {
    this.#tell({ tell: 'refused', message: error instanceof Error ? error.message : String(error), request })
  }

  async #obey(order: Order): Promise<void> {
    switch (order.do) {
      case 'load':
        return await this.#load(order.scenario as Scenario, order.at ?? 0)
      case 'play':
        if (!(order.rate > 0)) throw new RangeError(`rate must be greater than 0, got ${order.rate}`)
        return this.#play(order.rate)
      case 'pause':
        return this.#news('pause')
      case 'step':
        return await this.#step(order.by)
      case 'seek':
        return await this.#seek(order.at)
      case 'act':
        return await this.#actNow(order.act)
      case 'type':
        return await this.#act({ at: justAfter(this.#run.now), ...order.act })
      case 'inspect':
        return this.#tell({ tell: 'inspected', request: order.request, frame: this.#run.inspect(order.number) })
      case 'capture':
        return this.#tell({ tell: 'captured', request: order.request, bytes: this.#run.capture() })
    }
  }

  async #load(scenario: Scenario, at: number): Promise<void> {
    const run = new LabRun(scenario, {
      busy: (host, program, line) => this.#busy(host, program, line),
      commands: () => this.#commands,
    })
    await this.#equip(run.scenario.acts)
    this.#run.close()
    this.#run = run
    this.#scenario = run.scenario
    this.#tell({ tell: 'loaded', scenario: run.scenario, addresses: run.addresses, request: this.#request })
    await this.#reach(at)
  }

  /** Lets time pass until an instant, and tells on the way. */
  async #reach(at: number): Promise<void> {
    for (;;) {
      const begin = this.#machine.now()
      const halt = await this.#run.advance(at, () => this.#machine.now() - begin > STRETCH)
      this.#news(halt)
      if (halt !== 'pause' || this.#wish !== this.#wishes) return
    }
  }

  /** Lets things happen until `there`, and tells on the way. Where nothing travels any more time stays where it is. */
  async #happen(there: () => boolean): Promise<void> {
    const run = this.#run
    const end = run.now + STEP_MAX
    let told = this.#machine.now()
    while (this.#wish === this.#wishes) {
      const halt = run.isFull ? 'full' : await run.stepEvent()
      const reached = there()
      const now = this.#machine.now()
      if (!reached && halt === 'pause' && run.now < end && now - told < STRETCH) continue
      told = now
      this.#news(halt)
      if (reached || halt === 'full') return
      if (halt === 'quiet') throw new Error('Nothing travels any more, and nothing is waited for.')
      if (run.now >= end) throw new Error(`No packet has travelled for ${STEP_MAX / 1000} seconds.`)
    }
  }

  #busy(host: string, program: string, line: number): void {
    const now = this.#machine.now()
    const name = `${host}/${program}`
    if (now - this.#busyAt < (name === this.#busyName ? BUSY : BUSY_OTHER)) return
    this.#busyAt = now
    this.#busyName = name
    this.#tell({ tell: 'busy', host, program, line })
  }

  #play(rate: number): void {
    this.#rate = rate
    this.#playing = true
    this.#playedAt = this.#machine.now()
    this.#goOn()
  }

  // Whoever plays at another rate plays on with the slice that is put off already.
  #goOn(): void {
    if (this.#putOff) return
    this.#putOff = true
    this.#machine.later(() => {
      this.#putOff = false
      this.#orders = this.#orders.then(() => this.#slice()).catch((error: unknown) => this.#refuse(error, 0))
    }, INTERVAL)
  }

  // Time that the machine could not keep up with is not made up for: a run that is too much for it runs slower.
  async #slice(): Promise<void> {
    if (!this.#playing) return
    const begin = this.#machine.now()
    const until = this.#run.now + (begin - this.#playedAt) * this.#rate
    this.#playedAt = begin
    const halt = await this.#run.advance(until, () => !this.#playing || this.#machine.now() - begin > SLICE)
    if (halt === 'full') this.#playing = false
    this.#news(halt)
    if (this.#playing) this.#goOn()
  }

  async #step(by: 'event' | 'frame' | 'trip'): Promise<void> {
    const run = this.#run
    if (by === 'event') this.#news(await run.stepEvent())
    else await this.#happen(by === 'frame' ? run.untilFrame() : run.untilTrip())
  }

  async #seek(at: number): Promise<void> {
    if (!(at >= 0)) throw new RangeError(`at must be 0 or more milliseconds, got ${at}`)
    if (at < this.#run.now) await this.#load(this.#scenario, at)
    else await this.#reach(at)
  }

  // Done at this very instant it would be done in front of what has happened at it already, where the run is begun anew: so the run
  // goes on to the next one, at which it is seen what was done.
  async #actNow(act: ScenarioAct): Promise<void> {
    const { now } = this.#run
    if (!('at' in act) || act.at !== now) return await this.#act(act)
    const at = justAfter(now)
    await this.#act({ ...act, at })
    await this.#reach(at)
  }

  // What concerns something that is over is done in a run from the beginning, which is the same until then.
  async #act(act: ScenarioAct): Promise<void> {
    const scenario = { ...this.#scenario, acts: [...this.#scenario.acts, act] }
    if (!this.#run.canStill(act)) return await this.#load(scenario, this.#run.now)
    // Looked at as a whole: what cannot be is refused before it is planned.
    this.#scenario = readScenario(scenario)
    await this.#equip([act])
    this.#run.act(act)
    this.#tell({ tell: 'acted', acts: this.#scenario.acts, request: this.#request })
    this.#news('pause')
  }

  // Whoever types nothing need not load what terminals run.
  async #equip(acts: readonly ScenarioAct[]): Promise<void> {
    if (this.#commands !== null || !acts.some((act) => 'run' in act)) return
    await new Promise<void>((resolve) => {
      this.#given = resolve
      this.#tell({ tell: 'wants', what: 'commands' })
    })
  }

  // It is waited for by the order whose turn it is: it comes in front of all others.
  async #take(text: string): Promise<void> {
    this.#commands = text === '' ? null : text
    this.#given()
  }

  #news(halt: Halt): void {
    const run = this.#run
    const sockets: Record<string, SocketTable[string]> = {}
    for (const { name, kind } of run.scenario.nodes) if (kind !== 'switch') sockets[name] = run.sockets(name, false)
    this.#tell({ tell: 'news', now: run.now, playing: this.#playing, halt, events: run.take(), sockets })
  }
}

/**
 * The next microsecond. What is done at an instant at which something else happens would be done before it where the run is begun anew,
 * and behind it now.
 */
function justAfter(now: number): number {
  const next = Math.floor(now * 1000 + 1) / 1000
  return next > now ? next : now + 0.001
}
