// What a lesson is: a scenario, and tasks that are done by doing. Whether one is done is seen in the run, not in an answer.

import type { SocketTable } from '../engine/messages.ts'
import type { CallEvent, OutputEvent, SampleEvent, StateEvent } from '../engine/run-events.ts'
import type { Scenario } from '../engine/scenario.ts'
import type { Frame, Selection } from '../page/state/store.ts'

/** The run so far, and what its reader looks at. */
export interface RunView {
  /** With all that was changed in it, and done by hand. */
  readonly scenario: Scenario
  readonly now: number
  /** By their numbers, from 1 on: frame 1 is the first. */
  readonly frames: readonly Frame[]
  readonly calls: readonly CallEvent[]
  readonly output: readonly OutputEvent[]
  readonly states: readonly StateEvent[]
  readonly samples: readonly SampleEvent[]
  readonly sockets: SocketTable
  readonly selection: Selection
}

/**
 * A paragraph each. `code` and *emphasis* are so; [what is shown](node:bob) selects something: `node:NAME`, `link:PLACE` or
 * `program:HOST/NAME`.
 */
export type Text = readonly string[]

/** Asked before something is done: what will be seen? No answer is needed to go on. */
export interface Guess {
  readonly ask: string
  readonly choices: readonly string[]
  /** The place of the right one. */
  readonly right: number
}

/** A change to the scenario that the page has no other way to make, offered as a button. */
export interface Offer {
  readonly label: string
  readonly change: (scenario: Scenario) => Partial<Scenario>
}

export interface LessonTask {
  readonly ask: Text
  readonly guess?: Guess
  readonly offer?: Offer
  /** Whether it has been done. Of what can be seen alone: it is asked often, so it looks at little. */
  readonly done: (view: RunView) => boolean
  /** Told to who asks for it. */
  readonly hint: Text
  /** What was seen, and where that is written. */
  readonly told: Text
}

export interface Lesson {
  /** In addresses: "half-close". */
  readonly id: string
  readonly title: string
  readonly about: Text
  readonly scenario: Scenario
  readonly tasks: readonly LessonTask[]
}
