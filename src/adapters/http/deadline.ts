import type { Alarm, Clock } from '../../base/clock.ts'
import { HttpError } from './http-error.ts'

/** A limit on the time that a peer takes; one piece of work at a time. It keeps no process alive. */
export class Deadline {
  readonly #clock: Clock
  readonly #alarm: Alarm
  #expire: () => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
    this.#alarm = clock.alarm(() => this.#expire())
  }

  /** What `work` gives; rejects where that takes more than so many milliseconds. `what` is said then. */
  async within<T>(milliseconds: number, work: Promise<T>, what: string): Promise<T> {
    const late = new Promise<never>((_, reject) => {
      this.#expire = () => reject(new HttpError('HTTP_TIMEOUT', `${what} took more than ${milliseconds} ms`, 408))
    })
    this.#alarm.set(this.#clock.now() + milliseconds)
    try {
      return await Promise.race([work, late])
    } finally {
      this.#alarm.clear()
    }
  }
}
