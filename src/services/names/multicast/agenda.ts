import type { Alarm, Clock } from '../../../base/clock.ts'

/** What is to be done later, all of which can be called off at once. */
export class Agenda {
  readonly clock: Clock
  readonly #alarms = new Set<Alarm>()
  #closed = false

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Runs `task` in so many milliseconds, unless what is returned is called before. */
  in(milliseconds: number, task: () => void): () => void {
    if (this.#closed) return () => {}
    const alarm = this.clock.alarm(() => {
      this.#alarms.delete(alarm)
      task()
    })
    this.#alarms.add(alarm)
    alarm.set(this.clock.now() + milliseconds)
    return () => {
      if (this.#alarms.delete(alarm)) alarm.clear()
    }
  }

  close(): void {
    this.#closed = true
    for (const alarm of this.#alarms) alarm.clear()
    this.#alarms.clear()
  }
}
