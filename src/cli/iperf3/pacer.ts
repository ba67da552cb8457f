/** Says when the next block of a stream may go, so that as many bits pass in a second as were asked for. */
export class Pacer {
  readonly #rate: number
  readonly #burst: number
  #startedAt = 0

  /** `rate` in bits a second, 0: no limit; `burst`: blocks that go together, 0: as many as are due. */
  constructor(rate: number, burst: number) {
    this.#rate = rate
    this.#burst = burst
  }

  get limited(): boolean {
    return this.#rate > 0
  }

  restart(now: number): void {
    this.#startedAt = now
  }

  /** How many blocks of so many octets are due when `sent` octets have gone since the start. */
  due(now: number, sent: number, length: number): number {
    if (this.#rate === 0) return Number.POSITIVE_INFINITY
    // By the same sum as `nextAt`: or rounding could have it that what was due then is not due yet, for ever.
    if (now < this.nextAt(sent)) return 0
    const owed = Math.max(0, ((now - this.#startedAt) * this.#rate) / 8000 - sent)
    return Math.max(Math.floor(owed / length) + 1, this.#burst)
  }

  /** When the next block is due. */
  nextAt(sent: number): number {
    return this.#startedAt + (sent * 8000) / this.#rate
  }
}
