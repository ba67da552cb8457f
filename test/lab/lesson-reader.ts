// Somebody who takes a lesson, without a page: what the page shows and what its buttons do, on the session that a page has.

import type { Tidings } from '../../lab/engine/messages.ts'
import type { CallEvent, OutputEvent, SampleEvent, StateEvent } from '../../lab/engine/run-events.ts'
import type { Scenario, ScenarioAct } from '../../lab/engine/scenario.ts'
import { LabSession } from '../../lab/engine/session.ts'
import type { Lesson, Offer, RunView } from '../../lab/lessons/lesson.ts'
import { flagsOf } from '../../lab/lessons/seen.ts'
import type { Frame, Selection } from '../../lab/page/state/store.ts'
import type { NetstatEntry } from '../../src/base/netstat-entry.ts'

export class LessonReader implements RunView {
  scenario: Scenario
  now = 0
  readonly frames: Frame[] = []
  readonly calls: CallEvent[] = []
  readonly output: OutputEvent[] = []
  readonly states: StateEvent[] = []
  readonly samples: SampleEvent[] = []
  sockets: RunView['sockets'] = {}
  selection: Selection = { kind: 'nothing' }
  readonly #session = new LabSession((tidings) => this.#hear(tidings), { now: () => 0, later: () => {} })

  constructor(scenario: Scenario) {
    this.scenario = scenario
  }

  /** At a lesson whose scenario was just loaded. */
  static async open({ scenario }: Lesson): Promise<LessonReader> {
    const reader = new LessonReader(scenario)
    await reader.begin(scenario)
    return reader
  }

  begin(scenario: Scenario): Promise<void> {
    return this.#session.order({ do: 'load', scenario })
  }

  /** By the time line. */
  until(at: number): Promise<void> {
    return this.#session.order({ do: 'seek', at })
  }

  /** From packet to packet, until something is so. Resolves with how many steps it took. */
  async stepUntil(is: (view: RunView) => boolean): Promise<number> {
    for (let steps = 0; ; steps++) {
      if (is(this)) return steps
      if (steps > 3000) throw new Error(`it is never so, until ${this.now} ms`)
      await this.#session.order({ do: 'step', by: 'frame' })
    }
  }

  /** The number of the first frame from a node for which this is so. */
  frame(from: string, is: (frame: Frame) => boolean): number {
    const found = this.frames.find((one) => this.scenario.links[one.link]?.between[one.end] === from && is(one))
    if (found === undefined) throw new Error(`there is no such frame of ${from}: ${is}`)
    return found.number
  }

  async selectFrame(number: number): Promise<void> {
    this.selection = { kind: 'frame', number }
  }

  async selectNode(name: string): Promise<void> {
    this.selection = { kind: 'node', name }
  }

  async selectSocket(host: string, state: string): Promise<void> {
    const row = this.socket(host, state)
    const ends = `${row.localAddress}:${row.localPort} ${row.peerAddress}:${row.peerPort}`
    this.selection = { kind: 'flow', host, ends }
  }

  protected socket(host: string, state: string): NetstatEntry {
    const row = this.sockets[host]?.find((one) => one.state === state && one.peerPort !== 0)
    if (row === undefined) throw new Error(`${host} has no socket in ${state}`)
    return row
  }

  async drop(number: number): Promise<void> {
    await this.#act({ frame: number, drop: true })
  }

  /** For 50 ms. */
  async holdBack(number: number): Promise<void> {
    await this.#act({ frame: number, delay: 50 })
  }

  async setLink(link: number, up: boolean): Promise<void> {
    await this.#act({ at: this.now, link, up })
  }

  async beginAgain(lesson: Lesson): Promise<void> {
    await this.begin(lesson.scenario)
  }

  async setSeed(seed: number): Promise<void> {
    await this.#change({ seed })
  }

  async takeOffer(offer: Offer): Promise<void> {
    await this.#change(offer.change(this.scenario))
  }

  /** Replaces words of a program, in the editor, and runs it. */
  async edit(place: string, ...changes: readonly (readonly [string, string])[]): Promise<void> {
    const source = this.edited(place, changes)
    const programs = this.scenario.programs.map((one) =>
      `${one.host}/${one.name}` === place ? { ...one, source } : one,
    )
    await this.#change({ programs })
  }

  protected edited(place: string, changes: readonly (readonly [string, string])[]): string {
    let source = this.scenario.programs.find(({ host, name }) => `${host}/${name}` === place)?.source ?? ''
    for (const [from, to] of changes) {
      if (!source.includes(from)) throw new Error(`${place} has no ${from}`)
      source = source.replace(from, to)
    }
    return source
  }

  #act(act: ScenarioAct): Promise<void> {
    return this.#session.order({ do: 'act', act })
  }

  #change(changes: Partial<Scenario>): Promise<void> {
    return this.begin({ ...this.scenario, ...changes })
  }

  #hear(tidings: Tidings): void {
    if (tidings.tell === 'refused') throw new Error(tidings.message)
    if (tidings.tell === 'loaded') {
      this.scenario = tidings.scenario
      for (const list of [this.frames, this.calls, this.output, this.states, this.samples]) list.length = 0
    } else if (tidings.tell === 'acted') {
      this.scenario = { ...this.scenario, acts: tidings.acts }
    } else if (tidings.tell === 'news') {
      this.#take(tidings)
    }
  }

  #take({ now, events, sockets }: Extract<Tidings, { tell: 'news' }>): void {
    const never = Number.POSITIVE_INFINITY
    for (const event of events.frames) {
      const times = { leftAt: event.at, dueAt: event.at, arrivedAt: never, lostAt: never }
      this.frames[event.number - 1] = { ...event, ...times, why: '', damaged: false }
    }
    for (const fate of events.fates) {
      const frame = this.frames[fate.number - 1] as Frame
      if (fate.fate === 'arrives') frame.arrivedAt = Math.min(frame.arrivedAt, fate.at)
      if (fate.fate === 'lost') frame.lostAt = fate.at
    }
    this.calls.push(...events.calls)
    this.output.push(...events.output)
    this.states.push(...events.states)
    this.samples.push(...events.samples)
    this.sockets = sockets
    this.now = now
  }
}

/** A segment with these flags. */
export function flags(wanted: string): (frame: Frame) => boolean {
  return (frame) => flagsOf(frame) === wanted
}
