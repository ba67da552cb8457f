/** How often something may be done: `burst` times at once, and so many times in a second after that. */
export class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  #tokens: number
  #filledAt: number

  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#tokens = burst
    this.#filledAt = now
  }

  /** Whether it may be done now. */
  has(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) * this.#perSecond) / 1000)
    this.#filledAt = now
    return this.#tokens >= 1
  }

  /** The same; and if so it is being done. */
  take(now: number): boolean {
    if (!this.has(now)) return false
    this.#tokens--
    return true
  }
}
