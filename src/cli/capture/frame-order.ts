/** Milliseconds between two looks: a frame waits for one at least, and for two at most, several times what it takes to be told of. */
const WAIT = 40

interface Waiting {
  readonly at: number
  readonly show: () => void
}

/** Puts frames in the order in which they passed, where several stacks tell of theirs, each in bursts. */
export class FrameOrder {
  #waiting: Waiting[] = []
  /** Of what waited at the last look, when the latest passed. */
  #latest = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null

  /** Calls `show` in its turn; `at` is when the frame passed. */
  add(at: number, show: () => void): void {
    this.#waiting.push({ at, show })
    this.#timer ??= setTimeout(() => this.#look(), WAIT)
  }

  /** Shows all that wait. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#show(Number.POSITIVE_INFINITY)
  }

  #look(): void {
    this.#show(this.#latest)
    this.#latest = this.#waiting.at(-1)?.at ?? Number.NEGATIVE_INFINITY
    this.#timer = this.#waiting.length === 0 ? null : setTimeout(() => this.#look(), WAIT)
  }

  /** Shows what passed until then, and leaves the rest in order. */
  #show(until: number): void {
    const waiting = this.#waiting.sort((x, y) => x.at - y.at)
    const later = waiting.findIndex(({ at }) => at > until)
    this.#waiting = later < 0 ? [] : waiting.slice(later)
    for (const { show } of later < 0 ? waiting : waiting.slice(0, later)) show()
  }
}
