// Read first: RFC 1889 sections 6.3.1 and A.8.

/** What a receiver knows of datagrams that have numbers and the times they were sent at. */
export class Arrivals {
  /** The highest number that has come. */
  highest = 0
  /** Numbers that were passed over and have not come since. */
  lost = 0
  /** Those that came after a higher one. */
  outOfOrder = 0
  /** Milliseconds. */
  jitter = 0
  /** The time on the way of the one before, on two clocks. NaN: there was none. */
  #transit = Number.NaN

  /** A datagram has come, `transit` milliseconds after it was sent; the clocks need not agree. */
  arrived(count: number, transit: number): void {
    if (count > this.highest) {
      this.lost += count - this.highest - 1
      this.highest = count
    } else {
      this.outOfOrder++
      if (this.lost > 0) this.lost--
    }
    if (!Number.isNaN(this.#transit)) this.jitter += (Math.abs(transit - this.#transit) - this.jitter) / 16
    this.#transit = transit
  }

  /** Jitter from here on: what was before is not counted. The numbers go on. */
  forgetJitter(): void {
    this.jitter = 0
    this.#transit = Number.NaN
  }
}
