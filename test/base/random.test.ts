import { describe, expect, it } from 'vitest'
import { randomBelow, randomFraction, SeededRandom } from '../../src/base/random.ts'

const first = (seed: number, count: number) => {
  const random = new SeededRandom(seed)
  return Array.from({ length: count }, () => random.int32() >>> 0)
}

describe('SeededRandom', () => {
  it('gives the numbers of xoshiro128** seeded through splitmix32, the same for ever', () => {
    // Computed with integers of any size in another language.
    expect(first(1, 5)).toEqual([0x9190299e, 0xc1017b27, 0xe3af522f, 0x7d71fb05, 0x787816c2])
    expect(first(-1, 3)).toEqual([0x31d28326, 0x728481f8, 0x8c70d5d1])
  })

  it('gives int32', () => {
    const random = new SeededRandom(5)
    for (let i = 0; i < 1000; i++) {
      const value = random.int32()
      expect(value).toBe(value | 0)
    }
  })

  it('sets each bit about half of the time, and neighbouring seeds have nothing in common', () => {
    for (const seed of [0, 1, 2, 0x7fffffff]) {
      const counts = new Array<number>(32).fill(0)
      const values = first(seed, 4096)
      const neighbours = first(seed + 1, 4096)
      let same = 0
      for (let i = 0; i < 4096; i++) {
        const value = values[i] as number
        for (let bit = 0; bit < 32; bit++) counts[bit] = (counts[bit] as number) + ((value >>> bit) & 1)
        if (value === neighbours[i]) same++
      }
      // Six standard deviations of 32.
      for (const count of counts) expect(Math.abs(count - 2048)).toBeLessThan(192)
      expect(same).toBeLessThan(3)
    }
  })
})

describe('randomBelow', () => {
  it('gives every integer from 0 to below − 1, each about as often', () => {
    const random = new SeededRandom(9)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const value = randomBelow(random, 10)
      counts[value] = (counts[value] as number) + 1
    }
    expect(counts.length).toBe(10)
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(180)
    expect(randomBelow(random, 1)).toBe(0)
  })

  it('stays below for the largest and smallest number the source can give', () => {
    for (const below of [1, 3, 28_232, 0xffff_ffff]) {
      expect(randomBelow({ int32: () => -1 }, below)).toBe(below - 1)
      expect(randomBelow({ int32: () => 0 }, below)).toBe(0)
    }
    expect(randomFraction({ int32: () => -1 })).toBeLessThan(1)
    expect(randomFraction({ int32: () => 0 })).toBe(0)
  })
})
