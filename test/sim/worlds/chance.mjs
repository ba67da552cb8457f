// What a seed chooses.

import { SeededRandom } from 'jackfield'

export class Chance {
  #random

  constructor(seed) {
    this.#random = new SeededRandom(seed)
  }

  /** From 0 to below `limit`. */
  fraction(limit = 1) {
    return ((this.#random.int32() >>> 0) / 0x100000000) * limit
  }

  /** An integer from 0 to `limit` − 1. */
  below(limit) {
    return Math.floor(this.fraction(limit))
  }

  /** An integer from `low` to `high`. */
  between(low, high) {
    return low + this.below(high - low + 1)
  }

  oneIn(count) {
    return this.below(count) === 0
  }

  pick(...choices) {
    return choices[this.below(choices.length)]
  }
}
