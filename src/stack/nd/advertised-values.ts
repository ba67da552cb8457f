// Read first: RFC 8106 sections 5.3.1 and 6.

interface Advertised<T> {
  readonly key: string
  readonly value: T
  /** Milliseconds of the stack's clock. */
  until: number
}

/** Values that routers name for a time, each once: resolvers, domains. A full list gives up the one whose time is over first. */
export class AdvertisedValues<T> {
  readonly #limit: number
  #entries: Advertised<T>[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** In the order in which they were first named. */
  get values(): readonly T[] {
    return this.#entries.map((entry) => entry.value)
  }

  /** `key`: what two values that are one have in common. */
  update(key: string, value: T, until: number, now: number): void {
    const known = this.#entries.find((entry) => entry.key === key)
    if (known !== undefined) {
      known.until = until
      this.expire(now)
    } else if (until > now) {
      if (this.#entries.length >= this.#limit) {
        const first = this.nextAt
        this.#entries.splice(
          this.#entries.findIndex((entry) => entry.until === first),
          1,
        )
      }
      this.#entries.push({ key, value, until })
    }
  }

  expire(now: number): void {
    this.#entries = this.#entries.filter((entry) => entry.until > now)
  }

  /** When the next one's time is over. */
  get nextAt(): number {
    return Math.min(...this.#entries.map((entry) => entry.until))
  }
}
