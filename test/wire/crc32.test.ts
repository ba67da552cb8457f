import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32, frameCheckHolds, writeFrameCheck } from '../../src/wire/crc32.ts'
import { counting, hex } from '../device/recorder.ts'

/** Bit by bit, as IEEE 802.3 3.2.9 defines it. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const octet of bytes) {
    crc ^= octet
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320
  }
  return ~crc
}

describe('crc32', () => {
  it('gives the check value of "123456789": 0xcbf43926', () => {
    expect(crc32(new TextEncoder().encode('123456789'), 0, 9) >>> 0).toBe(0xcbf43926)
    expect(crc32(new Uint8Array(0), 0, 0)).toBe(0)
  })

  it('agrees with the definition for any octets at any offset', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(9), (bytes, offset) => {
        const shifted = new Uint8Array(offset + bytes.length + 3).fill(0x55)
        shifted.set(bytes, offset)
        expect(crc32(shifted, offset, offset + bytes.length)).toBe(bitwise(bytes))
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  it('goes on from the sum of what came before', () => {
    const bytes = counting(100)
    for (let cut = 0; cut <= 100; cut++) {
      expect(crc32(bytes, cut, 100, crc32(bytes, 0, cut))).toBe(crc32(bytes, 0, 100))
    }
  })
})

describe('frame check sequence', () => {
  it('is appended with the octet of the low bits first, and then holds', () => {
    const frame = new Uint8Array(70)
    frame.set(counting(60), 3)
    writeFrameCheck(frame, 3, 63)
    // zlib.crc32(bytes(range(60))) is 0xb0ec7fee.
    expect(hex(frame, 63, 67)).toBe('ee 7f ec b0')
    expect(frameCheckHolds(frame, 3, 67)).toBe(true)
  })

  it('no longer holds when one, two or three bits of the frame or of itself have changed', () => {
    const frame = new Uint8Array(64)
    frame.set(counting(60))
    writeFrameCheck(frame, 0, 60)
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(511), { minLength: 1, maxLength: 3 }), (bits) => {
        const changed = frame.slice()
        for (const bit of bits) changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(frameCheckHolds(changed, 0, 64)).toBe(false)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})
