// Read first: RFC 7217 section 5, RFC 5453 (reserved identifiers), RFC 7136.

import { IpAddress } from '../../base/ip-address.ts'
import type { Random } from '../../base/random.ts'
import { SipHash } from '../../base/siphash.ts'

/** The longest name that is hashed, in words of four characters: interface names of Linux have 15. */
const NAME_WORDS = 8

/**
 * Identifiers that are always the same on one network and tell nothing on another: a keyed hash of the prefix and the interface.
 * We differ: the key is made with the stack (RFC 7217: kept for ever), so that they are stable for as long as it lives.
 */
export class StableIdentifiers {
  readonly #random: Random
  /** Made at the first use: a stack that speaks no IPv6 draws nothing. */
  #hash: SipHash | null = null
  readonly #words = new Int32Array(4 + NAME_WORDS)

  constructor(random: Random) {
    this.#random = random
  }

  /** The address with the first 64 bits of `prefix` for the interface `name`; `counter`: how many in a row were taken. */
  address(prefix: IpAddress, name: string, counter: number): IpAddress {
    this.#hash ??= SipHash.random(this.#random)
    const words = this.#words
    for (let attempt = 0; ; attempt++) {
      words.fill(0)
      words[0] = prefix.a
      words[1] = prefix.b
      words[2] = counter
      words[3] = attempt
      for (let i = 0; i < name.length && i < 4 * NAME_WORDS; i++) {
        const word = 4 + (i >> 2)
        words[word] = ((words[word] as number) << 8) | (name.charCodeAt(i) & 255)
      }
      this.#hash.words(words, words.length)
      const address = new IpAddress(prefix.a, prefix.b, this.#hash.high, this.#hash.low)
      if (!isReserved(address)) return address
    }
  }
}

/** An address with the first 64 bits of `prefix` and a random rest: RFC 8981 section 3.3.1. */
export function randomAddress(prefix: IpAddress, random: Random): IpAddress {
  for (;;) {
    const address = new IpAddress(prefix.a, prefix.b, random.int32(), random.int32())
    if (!isReserved(address)) return address
  }
}

/** Identifiers that no host may choose: RFC 5453 section 3 and the registry that it began. */
function isReserved({ c, d }: IpAddress): boolean {
  // The subnet-router anycast address.
  if (c === 0 && d === 0) return true
  // 0200:5eff:fe00:0000 to ffff: IANA's own block of hardware addresses.
  if (c === 0x02005eff && d >>> 16 === 0xfe00) return true
  // fdff:ffff:ffff:ff80 to ffff: subnet anycast addresses (RFC 2526).
  return c === (0xfdffffff | 0) && d >>> 7 === 0x1ffffff
}
