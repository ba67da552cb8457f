import type { LinkPort } from '../../src/sim/link-port.ts'

/** A frame leaves, and one that left later comes back to the same end of the same link: a round trip, of whichever frames. */
export class RoundTrip {
  isOver = false
  #number = 0
  #from: LinkPort | null = null

  leaves(number: number, from: LinkPort): void {
    if (this.#from !== null) return
    this.#number = number
    this.#from = from
  }

  arrives(number: number, at: LinkPort): void {
    if (at === this.#from && number > this.#number) this.isOver = true
  }
}
