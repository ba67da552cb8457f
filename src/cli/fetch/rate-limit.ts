/** Says when more of a page may be read, so that no more comes in a second than is wanted. */
export class RateLimit {
  readonly #rate: number
  #startedAt = -1
  #taken = 0

  /** `rate`: octets a second. */
  constructor(rate: number) {
    this.#rate = rate
  }

  /** `octets` have been read. How many milliseconds to wait before the next are. */
  took(octets: number, now: number): number {
    if (this.#startedAt < 0) this.#startedAt = now
    this.#taken += octets
    return Math.max(0, this.#startedAt + (this.#taken / this.#rate) * 1000 - now)
  }
}
