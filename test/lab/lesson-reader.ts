// Somebody who takes a lesson, without a page: what the page shows and what its buttons do, on the session that a page has.

import type { Tidings } from '../../lab/engine/messages.ts'
import type { CallEvent, OutputEvent, SampleEvent, StateEvent } from '../../lab/engine/run-events.ts'
import type { Scenario, ScenarioAct } from '../../lab/engine/scenario.ts'
import { LabSession } from '../../lab/engine/session.ts'
import type { RunView } from '../../lab/lessons/lesson.ts'
import { flagsOf } from '../../lab/lessons/seen.ts'
import type { Frame, Selection } from '../../lab/page/store.ts'

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

  private constructor(scenario: Scenario) {
    this.scenario = scenario
  }

  static async open(scenario: Scenario): Promise<LessonReader> {
    const reader = new LessonReader(scenario)
    await reader.begin(scenario)
    return reader
  }

  begin(scenario: Scenario = this.scenario): Promise<void> {
    return this.#session.order({ do: 'load', scenario })
  }

  /** By the time line. */
  until(at: number): Promise<void> {
    return this.#session.order({ do: 'seek', at })
  }

  /** From packet to packet, until something is so. */
  async stepUntil(is: (view: RunView) => boolean): Promise<void> {
    for (let steps = 0; !is(this); steps++) {
      if (steps > 3000) throw new Error(`it is never so, until ${this.now} ms`)
      await this.#session.order({ do: 'step', by: 'frame' })
    }
  }

  select(selection: Selection): void {
    this.selection = selection
  }

  /** The first frame from a node for which this is so. */
  frame(from: string, is: (frame: Frame) => boolean): Frame {
    const found = this.frames.find((one) => this.scenario.links[one.link]?.between[one.end] === from && is(one))
    if (found === undefined) throw new Error(`there is no such frame of ${from}: ${is}`)
    return found
  }

  selectFrame(from: string, is: (frame: Frame) => boolean): void {
    this.selection = { kind: 'frame', number: this.frame(from, is).number }
  }

  selectSocket(host: string, state: string): void {
    const row = this.sockets[host]?.find((one) => one.state === state && one.peerPort !== 0)
    if (row === undefined) throw new Error(`${host} has no socket in ${state}`)
    const ends = `${row.localAddress}:${row.localPort} ${row.peerAddress}:${row.peerPort}`
    this.selection = { kind: 'flow', host, ends }
  }

  act(act: ScenarioAct): Promise<void> {
    return this.#session.order({ do: 'act', act })
  }

  async drop(from: string, is: (frame: Frame) => boolean): Promise<void> {
    await this.act({ frame: this.frame(from, is).number, drop: true })
  }

  change(changes: Partial<Scenario>): Promise<void> {
    return this.begin({ ...this.scenario, ...changes })
  }

  /** In the editor. */
  edit(place: string, from: string, to: string): Promise<void> {
    return this.change({
      programs: this.scenario.programs.map((one) => {
        if (`${one.host}/${one.name}` !== place) return one
        if (!one.source.includes(from)) throw new Error(`${place} has no ${from}`)
        return { ...one, source: one.source.replace(from, to) }
      }),
    })
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
