import { randomBelow, SeededRandom } from '../../src/base/random.ts'

/** Decisions of a test that are the same for the same seed. */
export class Chance {
  readonly #random: SeededRandom

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  int32(): number {
    return this.#random.int32()
  }

  /** 0 to `limit` − 1. */
  below(limit: number): number {
    return randomBelow(this.#random, limit)
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(...choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T // below the length
  }
}

/** The seeds of a suite: `count` of them, or "from-to" (the last one not included) as the environment variable `name` says. */
export function seeds(name: string, count: number): number[] {
  const [from = 0, to = count] = (process.env[name] ?? '').match(/\d+/g)?.map(Number) ?? []
  return Array.from({ length: to - from }, (_, i) => from + i)
}
