import type { Agenda } from './agenda.ts'

/** One task, at the earliest of the times for which it was asked; from then on it is asked for anew. */
export class Earliest {
  readonly #agenda: Agenda
  readonly #task: () => void
  #at = Number.POSITIVE_INFINITY
  #cancel: () => void = () => {}

  constructor(agenda: Agenda, task: () => void) {
    this.#agenda = agenda
    this.#task = task
  }

  /** At `at`, or before. Infinity: no more than was asked for already. */
  by(at: number): void {
    if (at >= this.#at) return
    this.#cancel()
    this.#at = at
    this.#cancel = this.#agenda.in(at - this.#agenda.clock.now(), () => {
      this.#at = Number.POSITIVE_INFINITY
      this.#task()
    })
  }
}
