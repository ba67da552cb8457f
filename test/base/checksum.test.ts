import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldSum, internetChecksum, internetSum, pseudoHeaderSum } from '../../src/base/checksum.ts'
import { octets } from '../device/recorder.ts'

/** 16 bits at a time with end-around carry, as RFC 1071 section 1 defines it. */
function naive(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  let sum = initial
  for (let i = start; i < end; i += 2) {
    sum += ((bytes[i] as number) << 8) | (i + 1 < end ? (bytes[i + 1] as number) : 0)
    if (sum > 0xffff) sum -= 0xffff
  }
  return sum
}

// 0 and 0xffff are the same number in ones' complement; which of the two comes out depends on the order of adding.
const same = (sum: number) => (sum === 0xffff ? 0 : sum)

describe('internetSum', () => {
  it('sums the example of RFC 1071 section 3 to ddf2', () => {
    expect(internetSum(octets('00 01 f2 03 f4 f5 f6 f7'), 0, 8)).toBe(0xddf2)
  })

  it('agrees with the definition at any offset, of any length, in a view at any offset of its buffer', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 150, maxLength: 500 })),
        fc.nat(9),
        fc.nat(9),
        fc.nat(9),
        fc.nat(0xffff),
        (data, byteOffset, before, after, initial) => {
          const buffer = new ArrayBuffer(byteOffset + before + data.length + after)
          new Uint8Array(buffer).fill(0xa5)
          const bytes = new Uint8Array(buffer, byteOffset, before + data.length + after)
          bytes.set(data, before)
          const end = before + data.length
          const sum = internetSum(bytes, before, end, initial)
          expect(same(sum)).toBe(same(naive(bytes, before, end, initial)))
          expect(sum).toBeGreaterThanOrEqual(0)
          expect(sum).toBeLessThanOrEqual(0xffff)
        },
      ),
      { numRuns: 5000, seed: 1 },
    )
  })

  it('is 0 only where every octet is zero: data of all ones sums to 0xffff', () => {
    for (let length = 0; length < 260; length++) {
      expect(internetSum(new Uint8Array(length), 0, length)).toBe(0)
      if (length > 0 && length % 2 === 0) expect(internetSum(new Uint8Array(length).fill(255), 0, length)).toBe(0xffff)
      const one = new Uint8Array(length + 1)
      one[length] = 1
      expect(internetSum(one, 0, length + 1)).not.toBe(0)
    }
  })

  it('holds for the longest sum there is, 64 KiB of the largest words', () => {
    const bytes = new Uint8Array(65536).fill(255)
    for (const [start, end] of [
      [0, 65536],
      [1, 65536],
      [0, 65535],
      [3, 65534],
    ] as const) {
      expect(same(internetSum(bytes, start, end))).toBe(same(naive(bytes, start, end)))
    }
  })

  it('sees the new octets when the same buffer is summed again, and other buffers in turn', () => {
    const one = new Uint8Array(512)
    const two = new Uint8Array(512).fill(1)
    for (let i = 0; i < 512; i++) {
      one[i] = i * 7
      expect(internetSum(one, 0, 512)).toBe(naive(one, 0, 512))
      expect(internetSum(two, 0, 512)).toBe(0x0101)
    }
  })

  it('follows a resizable buffer that grows', () => {
    const Resizable = ArrayBuffer as unknown as {
      new (length: number, options: { maxByteLength: number }): ArrayBuffer
    }
    const buffer = new Resizable(256, { maxByteLength: 1024 })
    const bytes = new Uint8Array(buffer)
    bytes.fill(1)
    expect(internetSum(bytes, 0, 256)).toBe(0x8080)
    ;(buffer as unknown as { resize(length: number): void }).resize(1024)
    bytes.fill(1)
    expect(internetSum(bytes, 0, 1024)).toBe(0x0202)
  })
})

describe('internetChecksum', () => {
  it('of a captured IPv4 header is what Linux wrote, and over a header that has it is zero', () => {
    const header = octets('45 00 00 3c  3d fd 40 00  40 06 00 00  0a 09 00 01  0a 09 00 02')
    expect(internetChecksum(header, 0, 20)).toBe(0xe8aa)
    header.set([0xe8, 0xaa], 10)
    expect(internetChecksum(header, 0, 20)).toBe(0)
  })

  it('with the pseudo-header of a captured TCP segment is what Linux wrote', () => {
    const segment = octets(`a3 02 1f 40  32 8e 65 2a  00 00 00 00  a0 02 fa f0  00 00 00 00
      02 04 05 b4  04 02  08 0a 9b d1 8d 6d 00 00 00 00  01  03 03 0a`)
    expect(internetChecksum(segment, 0, 40, pseudoHeaderSum(0x0a090001, 0x0a090002, 6, 40))).toBe(0xb5bd)
  })
})

describe('pseudoHeaderSum', () => {
  it('agrees with summing its octets, for addresses with the high bit set and lengths beyond 16 bits', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.nat(255), fc.nat(0xfffff), (source, destination, protocol, length) => {
        const bytes = new Uint8Array(16)
        const view = new DataView(bytes.buffer)
        view.setInt32(0, source)
        view.setInt32(4, destination)
        view.setUint32(8, protocol)
        view.setUint32(12, length)
        expect(same(pseudoHeaderSum(source, destination, protocol, length))).toBe(same(naive(bytes, 0, 16)))
      }),
      { numRuns: 1000, seed: 1 },
    )
  })
})

describe('foldSum', () => {
  it('folds any sum of 2^15 words', () => {
    expect(foldSum(0)).toBe(0)
    expect(foldSum(0xffff)).toBe(0xffff)
    expect(foldSum(0x10000)).toBe(1)
    expect(foldSum(0x1ffff)).toBe(1)
    expect(foldSum(0x7fff * 0xffff)).toBe(0xffff)
  })
})
