/** Rings once when nothing has happened for so long. */
export class IdleAlarm {
  readonly #timer: NodeJS.Timeout

  /** `time` is in milliseconds. */
  constructor(time: number, ring: () => void) {
    this.#timer = setTimeout(ring, time)
  }

  /** Something has happened. */
  restart(): void {
    this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
