import type { Chance } from '../test/tcp/chance.ts'
import type { Step } from './step.ts'

/** What is fuzzed, once: it is given steps, and throws where something does not hold that always must. */
export interface World {
  /** How many frames, messages or texts it was given. */
  readonly inputs: number
  /** Set: everything is looked at after each step, however long it takes. A case that failed fails at the earliest so. */
  thorough: boolean
  /** The next thing that happens; made with a look at how things stand, so that it goes deep. Changes nothing. */
  next(chance: Chance): Step
  run(step: Step): void
  /** All is closed: what is left that should not be is thrown. */
  finish(): void
}

/** Something to be fuzzed. Everything of a case follows from its first step and those after it: the same steps do the same again. */
export interface Target {
  readonly name: string
  /** Steps of one case. */
  readonly length: number
  /** The first step of a case: what kind of world it is. */
  begin(chance: Chance): Step
  open(first: Step): World
}
