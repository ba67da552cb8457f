import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SipHash } from '../../src/base/siphash.ts'
import { counting } from '../device/recorder.ts'

const MASK = (1n << 64n) - 1n

/** SipHash-2-4 in whole 64-bit words, as section 2 of the paper defines it. */
function reference(key: Uint8Array, message: Uint8Array): bigint {
  const word = (bytes: Uint8Array, at: number, count: number) => {
    let value = 0n
    for (let i = 0; i < count; i++) value |= BigInt(bytes[at + i] as number) << BigInt(8 * i)
    return value
  }
  const rotate = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & MASK
  const k0 = word(key, 0, 8)
  const k1 = word(key, 8, 8)
  let v0 = k0 ^ 0x736f6d6570736575n
  let v1 = k1 ^ 0x646f72616e646f6dn
  let v2 = k0 ^ 0x6c7967656e657261n
  let v3 = k1 ^ 0x7465646279746573n
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) {
      v0 = (v0 + v1) & MASK
      v1 = rotate(v1, 13n) ^ v0
      v0 = rotate(v0, 32n)
      v2 = (v2 + v3) & MASK
      v3 = rotate(v3, 16n) ^ v2
      v0 = (v0 + v3) & MASK
      v3 = rotate(v3, 21n) ^ v0
      v2 = (v2 + v1) & MASK
      v1 = rotate(v1, 17n) ^ v2
      v2 = rotate(v2, 32n)
    }
  }
  const take = (value: bigint) => {
    v3 ^= value
    rounds(2)
    v0 ^= value
  }
  let at = 0
  for (; at + 8 <= message.length; at += 8) take(word(message, at, 8))
  take(word(message, at, message.length - at) | (BigInt(message.length & 255) << 56n))
  v2 ^= 0xffn
  rounds(4)
  return v0 ^ v1 ^ v2 ^ v3
}

function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(i * 4, true))
}

function hash(key: Uint8Array, message: Uint8Array): bigint {
  const sip = new SipHash(wordsOf(key))
  const low = sip.words(wordsOf(message), message.length / 4)
  expect(low).toBe(sip.low)
  return (BigInt(sip.high >>> 0) << 32n) | BigInt(sip.low >>> 0)
}

describe('SipHash', () => {
  it('the reference here gives the result of appendix A of the paper, for 15 octets', () => {
    expect(reference(counting(16), counting(15))).toBe(0xa129ca6149be45e5n)
  })

  it.each([
    [0, 0x726fdb47dd0e0e31n],
    [4, 0xcf2794e0277187b7n],
    [8, 0x93f5f5799a932462n],
    [12, 0x751e8fbc860ee5fbn],
  ])("gives the authors' test vector for %i octets", (length, result) => {
    expect(hash(counting(16), counting(length))).toBe(result)
    expect(reference(counting(16), counting(length))).toBe(result)
  })

  it('agrees with the reference for any key and any words', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ maxLength: 48 }), (key, message) => {
        const whole = message.slice(0, message.length & ~3)
        expect(hash(key, whole)).toBe(reference(key, whole))
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  it('takes no more words than it is told, and one object hashes again and again', () => {
    const sip = new SipHash(wordsOf(counting(16)))
    const words = Int32Array.of(1, 2, 3, 4)
    const three = sip.words(words, 3)
    words[3] = 99
    expect(sip.words(words, 3)).toBe(three)
    expect(sip.words(words, 4)).not.toBe(three)
  })

  it('of two ends it takes all eight words of addresses, or of IPv4 the two that tell them apart', () => {
    const sip = new SipHash(wordsOf(counting(16)))
    const ip = (text: string) => IpAddress.parse(text) as IpAddress
    const ends = (local: string, remote: string) => sip.ends(ip(local), ip(remote), 7)
    const four = ends('192.0.2.1', '198.51.100.2')
    expect(four).toBe(sip.words(Int32Array.of(0xc0000201, 0xc6336402, 7), 3))
    expect(ends('198.51.100.2', '192.0.2.1')).not.toBe(four)
    expect(ends('::c000:201', '::c633:6402')).toBe(
      sip.words(Int32Array.of(0, 0, 0, 0xc0000201, 0, 0, 0, 0xc6336402, 7), 9),
    )
    // One that is mapped beside one that is not: neither may be cut.
    const left = Int32Array.of(0, 0, 0, 0xc0000201, 0, 0, 0xffff, 0xc6336402, 7)
    expect(ends('::c000:201', '198.51.100.2')).toBe(sip.words(left, 9))
    const right = Int32Array.of(0, 0, 0xffff, 0xc0000201, 0, 0, 0, 0xc6336402, 7)
    expect(ends('192.0.2.1', '::c633:6402')).toBe(sip.words(right, 9))
  })

  it('a random key comes from the random source; a key of another length is a RangeError', () => {
    const words = Int32Array.of(1, 2, 3)
    const one = SipHash.random(new SeededRandom(1)).words(words, 3)
    expect(SipHash.random(new SeededRandom(1)).words(words, 3)).toBe(one)
    expect(SipHash.random(new SeededRandom(2)).words(words, 3)).not.toBe(one)
    expect(() => new SipHash(new Int32Array(2))).toThrow('key must have 4 words, got 2')
  })
})
