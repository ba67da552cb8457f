import { checkInteger } from './argument.ts'

/** Randomness, handed in: sequence numbers, ports and identifiers come from it. */
export interface Random {
  /** 32 random bits as an int32. */
  int32(): number
}

/** An integer from 0 to `below` − 1, each as likely as the next to within below / 2³². */
export function randomBelow(random: Random, below: number): number {
  return Math.floor(((random.int32() >>> 0) / 0x100000000) * below)
}

/** A number from 0 up to, not including, 1. */
export function randomFraction(random: Random): number {
  return (random.int32() >>> 0) / 0x100000000
}

/**
 * The same numbers for the same seed, on every machine: xoshiro128** (Blackman and Vigna, 2018), seeded through splitmix32.
 * For simulations and tests; a secret wants a secure Random.
 */
export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    checkInteger('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    let state = seed | 0
    const next = () => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
      return z ^ (z >>> 16)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next()
  }

  int32(): number {
    const scrambled = Math.imul(this.#b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }
}
