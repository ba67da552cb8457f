import { given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { prefixMatches, wordMask } from '../../base/prefix.ts'

/** Addresses that are handed out at most. */
const POOL_MAX = 65_536

/** The addresses of a link: the server's own, and how many of 128 bits they have in common. */
export interface Link6 {
  readonly address: IpAddress
  readonly length: number
}

interface Range {
  readonly first: IpAddress
  readonly count: number
  /** The number of its first address. */
  readonly base: number
}

/** Addresses by number: what leases are kept by. There may be many, and none of them is written down. */
export class Address6Pool {
  readonly #ranges: Range[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Adds "2001:db8::100-2001:db8::1ff", or one address. Throws what names `name`. The numbers of what was not there before. */
  add(name: string, text: unknown, link: Link6): number[] {
    if (typeof text !== 'string') throw new TypeError(`${name} must be a range of IPv6 addresses, got ${given(text)}`)
    const [first = '', last = first, ...more] = text.split('-').map((end) => end.trim())
    const [from, to] = [IpAddress.parse(first), IpAddress.parse(last)]
    if (from === null || to === null || from.isV4 || to.isV4 || more.length > 0) {
      throw new RangeError(`${name} must be a range such as 2001:db8::100-2001:db8::1ff, got ${given(text)}`)
    }
    for (const end of [from, to]) {
      if (prefixMatches(end, link.address, link.length)) continue
      throw new RangeError(`${name} must lie within ${linkText(link)}, got ${given(text)}`)
    }
    const alike = from.a === to.a && from.b === to.b && from.c === to.c
    const count = (to.d >>> 0) - (from.d >>> 0) + 1
    if (!alike || count > POOL_MAX || this.#count + count > POOL_MAX) {
      throw new RangeError(`${name} must have at most ${POOL_MAX} addresses, got ${given(text)}`)
    }
    if (count < 1) throw new RangeError(`${name} must begin with its lowest address, got ${given(text)}`)
    const numbers: number[] = []
    for (let i = 0; i < count; i++) if (this.numberOf(at(from, i)) < 0) numbers.push(this.#count + i)
    this.#ranges.push({ first: from, count, base: this.#count })
    this.#count += count
    return numbers
  }

  /** −1: it is none of them. */
  numberOf(address: IpAddress): number {
    for (const { first, count, base } of this.#ranges) {
      if (address.a !== first.a || address.b !== first.b || address.c !== first.c) continue
      const offset = (address.d >>> 0) - (first.d >>> 0)
      if (offset >= 0 && offset < count) return base + offset
    }
    return -1
  }

  addressOf(number: number): IpAddress {
    const { first, base } = this.#ranges.find((range) => number - range.base < range.count) as Range
    return at(first, number - base)
  }
}

function at({ a, b, c, d }: IpAddress, offset: number): IpAddress {
  return new IpAddress(a, b, c, d + offset)
}

function linkText({ address: { a, b, c, d }, length }: Link6): string {
  const words = [a, b, c, d].map((word, i) => word & wordMask(length - 32 * i))
  return `${new IpAddress(words[0], words[1], words[2], words[3])}/${length}`
}
