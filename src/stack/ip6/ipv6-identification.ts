// Read first: RFC 7739 section 5.3.

import type { IpAddress } from '../../base/ip-address.ts'
import type { Random } from '../../base/random.ts'
import { SipHash } from '../../base/siphash.ts'

const COUNTERS = 1024

/**
 * Identifications of datagrams that are cut: a keyed hash of the two ends, plus a counter that groups of them share. Nobody can
 * predict one that is not for him, nor read from his own how many packets go to others.
 */
export class Ipv6Identification {
  readonly #hash: SipHash
  readonly #groups: SipHash
  readonly #words = new Int32Array(8)
  readonly #counters = new Int32Array(COUNTERS)

  constructor(random: Random) {
    this.#hash = SipHash.random(random)
    this.#groups = SipHash.random(random)
    for (let i = 0; i < COUNTERS; i++) this.#counters[i] = random.int32()
  }

  next(source: IpAddress, destination: IpAddress): number {
    const words = this.#words
    words[0] = source.a
    words[1] = source.b
    words[2] = source.c
    words[3] = source.d
    words[4] = destination.a
    words[5] = destination.b
    words[6] = destination.c
    words[7] = destination.d
    const index = this.#groups.words(words, 8) & (COUNTERS - 1)
    const count = this.#counters[index] as number
    this.#counters[index] = count + 1
    return (this.#hash.words(words, 8) + count) | 0
  }
}
