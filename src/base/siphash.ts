// Read first: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), section 2 and appendix A.
//
// Sequence numbers, ports and cookies want a function that cannot be predicted. It runs on pairs of int32 here
// because a BigInt costs twelve times as much.

import type { IpAddress } from './ip-address.ts'
import type { Random } from './random.ts'

/** A keyed hash that nobody without the key can predict: SipHash-2-4 of up to a few words. */
export class SipHash {
  readonly #key: Int32Array
  // v0..v3 as (low, high) pairs.
  readonly #v = new Int32Array(8)
  readonly #pair = new Int32Array(9)
  /** Low and high word of the last hash. */
  low = 0
  high = 0

  /** `key` is 4 int32 words, least significant first. */
  constructor(key: Int32Array) {
    if (key.length !== 4) throw new RangeError(`key must have 4 words, got ${key.length}`)
    this.#key = key
  }

  static random(random: Random): SipHash {
    return new SipHash(Int32Array.of(random.int32(), random.int32(), random.int32(), random.int32()))
  }

  /** Hashes two addresses and a word, such as two ports: the ends of a connection. Returns the low 32 bits as `words` does. */
  ends(local: IpAddress, remote: IpAddress, ports: number): number {
    const words = this.#pair
    words[0] = local.a
    words[1] = local.b
    words[2] = local.c
    words[3] = local.d
    words[4] = remote.a
    words[5] = remote.b
    words[6] = remote.c
    words[7] = remote.d
    words[8] = ports
    return this.words(words, 9)
  }

  /** Hashes `words[0, count)`, each as 4 octets little endian; returns the low 32 bits as an int32 and sets `low`, `high`. */
  words(words: Int32Array, count: number): number {
    const v = this.#v
    const key = this.#key
    const k0 = key[0] as number
    const k1 = key[1] as number
    const k2 = key[2] as number
    const k3 = key[3] as number
    v[0] = k0 ^ 0x70736575
    v[1] = k1 ^ 0x736f6d65
    v[2] = k2 ^ 0x6e646f6d
    v[3] = k3 ^ 0x646f7261
    v[4] = k0 ^ 0x6e657261
    v[5] = k1 ^ 0x6c796765
    v[6] = k2 ^ 0x79746573
    v[7] = k3 ^ 0x74656462
    let i = 0
    for (; i + 2 <= count; i += 2) this.#block(words[i] as number, words[i + 1] as number)
    const length = (count * 4) & 255
    this.#block(i < count ? (words[i] as number) : 0, length << 24)
    v[4] = (v[4] as number) ^ 255
    this.#round()
    this.#round()
    this.#round()
    this.#round()
    this.low = (v[0] as number) ^ (v[2] as number) ^ (v[4] as number) ^ (v[6] as number)
    this.high = (v[1] as number) ^ (v[3] as number) ^ (v[5] as number) ^ (v[7] as number)
    return this.low
  }

  #block(low: number, high: number): void {
    const v = this.#v
    v[6] = (v[6] as number) ^ low
    v[7] = (v[7] as number) ^ high
    this.#round()
    this.#round()
    v[0] = (v[0] as number) ^ low
    v[1] = (v[1] as number) ^ high
  }

  #round(): void {
    this.#add(0, 2)
    this.#rotate(2, 13)
    this.#xor(2, 0)
    this.#rotate(0, 32)
    this.#add(4, 6)
    this.#rotate(6, 16)
    this.#xor(6, 4)
    this.#add(0, 6)
    this.#rotate(6, 21)
    this.#xor(6, 0)
    this.#add(4, 2)
    this.#rotate(2, 17)
    this.#xor(2, 4)
    this.#rotate(4, 32)
  }

  #add(to: number, from: number): void {
    const v = this.#v
    const low = (v[to] as number) + (v[from] as number)
    const carry = ((v[to] as number) >>> 0) + ((v[from] as number) >>> 0) > 0xffffffff ? 1 : 0
    v[to] = low
    v[to + 1] = (v[to + 1] as number) + (v[from + 1] as number) + carry
  }

  #xor(to: number, from: number): void {
    const v = this.#v
    v[to] = (v[to] as number) ^ (v[from] as number)
    v[to + 1] = (v[to + 1] as number) ^ (v[from + 1] as number)
  }

  #rotate(at: number, by: number): void {
    const v = this.#v
    const low = v[at] as number
    const high = v[at + 1] as number
    if (by === 32) {
      v[at] = high
      v[at + 1] = low
    } else {
      v[at] = (low << by) | (high >>> (32 - by))
      v[at + 1] = (high << by) | (low >>> (32 - by))
    }
  }
}
