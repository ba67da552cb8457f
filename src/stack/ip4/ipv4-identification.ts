// Read first: RFC 6864 section 4, RFC 7739 section 5 (written for IPv6; the same argument holds here).

import type { IpAddress } from '../../base/ip-address.ts'
import type { Random } from '../../base/random.ts'
import { SipHash } from '../../base/siphash.ts'

const COUNTERS = 2048
/** Atomic datagrams count in blocks, which hold the pieces of most large segments. */
const BLOCK_BITS = 6

/**
 * Identifications of datagrams. A counter for each of many groups of (source, destination, protocol), which of them known
 * only to who has the key: nobody can predict an identification that is not for him, nor read from his own how many
 * packets go to others. Counters are scattered before they are sent, so that a scanner does not find them counting up and take
 * this host for one to watch others by (an idle scan). That is no cipher: what protects is that each destination has its own.
 */
export class Ipv4Identification {
  readonly #hash: SipHash
  readonly #key: number
  readonly #words = new Int32Array(3)
  readonly #counters = new Uint16Array(COUNTERS)
  readonly #atomicCounters = new Uint16Array(COUNTERS)

  constructor(random: Random) {
    this.#hash = SipHash.random(random)
    this.#key = random.int32() | 1
    for (let i = 0; i < COUNTERS; i++) {
      this.#counters[i] = random.int32()
      this.#atomicCounters[i] = random.int32()
    }
  }

  /** For a datagram that may be fragmented, here or on its way. */
  next(source: IpAddress, destination: IpAddress, protocol: number): number {
    this.#words[0] = source.d
    this.#words[1] = destination.d
    this.#words[2] = protocol
    return this.#scatter(this.#take(this.#counters, this.#hash.words(this.#words, 3) & (COUNTERS - 1), 1), 16)
  }

  /**
   * For an atomic datagram (DF set), whose identification nobody needs: RFC 6864 section 4.1. It still counts, since there
   * are routers that clear DF, but by a cheap hash; a large segment uses one for each of its `packets`, one after the other.
   */
  atomic(source: IpAddress, destination: IpAddress, packets: number): number {
    let hash = Math.imul(destination.d ^ this.#key, 0x9e3779b1)
    hash = Math.imul(hash ^ (hash >>> 15) ^ source.d, this.#key)
    const blocks = (packets + (1 << BLOCK_BITS) - 1) >>> BLOCK_BITS
    const block = this.#take(this.#atomicCounters, (hash >>> 16) & (COUNTERS - 1), blocks)
    return this.#scatter(block, 16 - BLOCK_BITS) << BLOCK_BITS
  }

  /** Another number of so many bits for each: odd factors and shifts lose nothing. */
  #scatter(number: number, bits: number): number {
    const mask = (1 << bits) - 1
    let scattered = Math.imul(number, this.#key) & mask
    scattered ^= scattered >>> (bits >>> 1)
    scattered = Math.imul(scattered, 0x9e35) & mask
    return scattered ^ (scattered >>> (bits >>> 1))
  }

  #take(counters: Uint16Array, index: number, count: number): number {
    const id = counters[index] as number
    counters[index] = id + count
    return id
  }
}
