/** A frame leaves, and one that left later comes back to the same end of the same link: a round trip, of whichever frames. */
export class RoundTrip {
  isOver = false
  #number = 0
  #link = -1
  #end: 0 | 1 = 0

  leaves(number: number, link: number, end: 0 | 1): void {
    if (this.#number > 0) return
    this.#number = number
    this.#link = link
    this.#end = end
  }

  /** `end`: where it arrives. */
  arrives(number: number, link: number, end: 0 | 1): void {
    if (this.#number > 0 && number > this.#number && link === this.#link && end === this.#end) this.isOver = true
  }
}
