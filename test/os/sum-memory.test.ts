import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { internetSum } from '../../src/base/checksum.ts'
import { SUM_MEMORY_LENGTH, sumMemory } from '../../src/os/sum-memory.ts'

afterEach(() => vi.unstubAllGlobals())

function memory(): Uint8Array {
  const bytes = sumMemory()
  if (bytes === null) throw new Error('no WebAssembly with vectors')
  return bytes
}

describe('sumMemory', () => {
  it('sums to the octet as memory of the usual kind, at any offset and of any length', () => {
    const vectors = memory()
    const words = new Uint8Array(SUM_MEMORY_LENGTH)
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 155, maxLength: 2000 }),
        fc.nat(40),
        fc.nat(0xffff),
        (data, start, initial) => {
          vectors.fill(0xa5)
          vectors.set(data, start)
          words.set(data, start)
          const end = start + data.length
          expect(internetSum(vectors, start, end, initial)).toBe(internetSum(words, start, end, initial))
        },
      ),
      { numRuns: 1000, seed: 1 },
    )
  })

  it('holds for the longest sum there is, at the end of the memory and of the largest words', () => {
    const bytes = memory().fill(255)
    for (const length of [160, 161, 175, 176, 65534, 65535, 65536]) {
      const words = new Uint8Array(length).fill(255)
      const start = SUM_MEMORY_LENGTH - length
      expect(internetSum(bytes, start, SUM_MEMORY_LENGTH)).toBe(internetSum(words, 0, length))
      expect(internetSum(bytes, start, SUM_MEMORY_LENGTH, 65535)).toBe(internetSum(words, 0, length, 65535))
    }
  })

  it('is 0 only where every octet is zero', () => {
    const bytes = memory()
    expect(internetSum(bytes, 0, 65535)).toBe(0)
    for (const at of [0, 1, 15, 16, 159, 65534]) {
      bytes[at] = 1
      expect(internetSum(bytes, 0, 65535)).toBe((at & 1) === 0 ? 0x100 : 1)
      bytes[at] = 0
    }
  })

  it('two memories are summed each by its own', () => {
    const one = memory().fill(1)
    const two = memory().fill(2)
    expect([one, two, one].map((bytes) => internetSum(bytes, 0, 256))).toEqual([0x8080, 0x101, 0x8080])
  })

  it('where there is no WebAssembly there is none', () => {
    vi.stubGlobal('WebAssembly', undefined)
    expect(sumMemory()).toBeNull()
  })
})
