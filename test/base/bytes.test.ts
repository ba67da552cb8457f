import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { giveBuffer, takeBuffer } from '../../src/base/buffer-pool.ts'
import { read16, read32, write16, write32 } from '../../src/base/bytes.ts'

describe('fields in network order', () => {
  it('are what a DataView reads and writes, and touch no octet beside them', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(6), (value, at) => {
        const bytes = new Uint8Array(12).fill(0xee)
        const expected = new Uint8Array(12).fill(0xee)
        const view = new DataView(expected.buffer)
        write32(bytes, at, value)
        view.setInt32(at, value)
        expect(bytes).toEqual(expected)
        expect(read32(bytes, at)).toBe(value)
        write16(bytes, at + 2, value)
        view.setUint16(at + 2, value & 0xffff)
        expect(bytes).toEqual(expected)
        expect(read16(bytes, at + 2)).toBe(value & 0xffff)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

describe('buffer pool', () => {
  it('hands out what was given back, of the size asked for, to one taker', () => {
    const buffer = takeBuffer(1 << 21)
    expect(buffer.length).toBe(1 << 21)
    giveBuffer(buffer)
    expect(takeBuffer(1 << 20)).not.toBe(buffer)
    expect(takeBuffer(1 << 21) === buffer).toBe(true)
    expect(takeBuffer(1 << 21) === buffer).toBe(false)
  })

  it('keeps none of a size that is no power of two', () => {
    const buffer = takeBuffer(12_345)
    expect(buffer.length).toBe(12_345)
    giveBuffer(buffer)
    expect(takeBuffer(12_345)).not.toBe(buffer)
    expect(takeBuffer(8192).length).toBe(8192)
  })

  it('keeps no more than 16 MiB of a size', () => {
    const size = 16 << 20
    const [one, two] = [takeBuffer(size), takeBuffer(size)]
    giveBuffer(one)
    giveBuffer(two)
    // Compared here: what goes wrong would be printed otherwise, octet by octet.
    expect(takeBuffer(size) === one).toBe(true)
    expect(takeBuffer(size) === two).toBe(false)
  })
})
