// Read first: RFC 1071, RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1.
//
// An Internet checksum as one would compute it on paper: word by word, each carry put back in where it fell out.

import type { DescribedLayer } from '../../../src/wire/describe-layer.ts'

/** One word of 16 bits that is summed up. */
export interface SummedWord {
  /** Where it lies in the frame; −1: it is of the pseudo header, which is nowhere. */
  readonly at: number
  readonly value: number
  /** What it is: a field, "data", "checksum, as zero". */
  readonly what: string
  /** The sum so far, and whether a carry was put back in. */
  readonly sum: number
  readonly carried: boolean
}

export interface ChecksumWork {
  readonly layer: string
  /** Where the checksum stands in the frame. */
  readonly at: number
  readonly words: readonly SummedWord[]
  /** The sum of them all, its complement, and what stands in the packet. */
  readonly sum: number
  readonly complement: number
  readonly found: number
  readonly verdict: 'right' | 'wrong' | 'none'
}

const FIELDS: Readonly<Record<string, { readonly offset: number; readonly pseudo: 'always' | 'never' }>> = {
  IPv4: { offset: 10, pseudo: 'never' },
  ICMP: { offset: 2, pseudo: 'never' },
  ICMPv6: { offset: 2, pseudo: 'always' },
  UDP: { offset: 6, pseudo: 'always' },
  TCP: { offset: 16, pseudo: 'always' },
}

const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58 }

/** Whether a layer has a checksum that is shown. */
export function hasChecksum({ layer }: DescribedLayer): boolean {
  return FIELDS[layer] !== undefined
}

/** How the checksum of `layers[place]` is computed; a text says why it cannot be. */
export function checksumWork(
  bytes: Uint8Array,
  layers: readonly DescribedLayer[],
  place: number,
): ChecksumWork | string {
  const own = layers[place] as DescribedLayer
  const { layer, start } = own
  const { offset, pseudo } = FIELDS[layer] as (typeof FIELDS)[string]
  const at = start + offset
  const sum = new RunningSum(bytes, layers)
  let end = own.end
  if (layer !== 'IPv4') {
    const from = layers.slice(0, place).findLastIndex((one) => one.layer === 'IPv4' || one.layer === 'IPv6')
    // In a tunnel, the innermost alone.
    const between = layers.slice(Math.max(from, 0), place)
    const around = layers[from]
    if (around === undefined) return 'It has no IP header around it.'
    end = packetEnd(bytes, around)
    if (between.some((one) => isFragment(bytes, one)))
      return 'It covers the whole datagram, of which this is a fragment.'
    // RFC 8200 section 8.1: the pseudo header has the last place of a route.
    if (between.some((one) => one.layer === 'routing' && bytes[one.start + 3] !== 0))
      return 'It covers the last place of the route, where the packet is not yet.'
    if (pseudo === 'always') addPseudoHeader(sum, around, end - start, PROTOCOLS[layer] as number)
  }
  if (end > bytes.length || at + 2 > end) return 'Not all octets that it covers are here.'
  sum.range(start, end, at)
  const found = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  const complement = ~sum.sum & 0xffff
  // A computed zero is sent as all ones, since zero says that there is none (RFC 768).
  const sent = layer === 'UDP' && complement === 0 ? 0xffff : complement
  const verdict = layer === 'UDP' && found === 0 ? 'none' : found === sent ? 'right' : 'wrong'
  return { layer, at, words: sum.words, sum: sum.sum, complement, found, verdict }
}

class RunningSum {
  readonly words: SummedWord[] = []
  sum = 0
  readonly #bytes: Uint8Array
  readonly #layers: readonly DescribedLayer[]

  constructor(bytes: Uint8Array, layers: readonly DescribedLayer[]) {
    this.#bytes = bytes
    this.#layers = layers
  }

  add(value: number, what: string, at = -1): void {
    const whole = this.sum + value
    this.sum = (whole & 0xffff) + (whole >>> 16)
    this.words.push({ at, value, what, sum: this.sum, carried: whole > 0xffff })
  }

  /** The words of `[start, end)`; an odd octet at the end is the high half of a word. The checksum itself counts as zero. */
  range(start: number, end: number, checksum: number): void {
    for (let at = start; at < end; at += 2) {
      if (at === checksum) this.add(0, 'checksum, as zero', at)
      else {
        const low = at + 1 < end ? (this.#bytes[at + 1] as number) : 0
        this.add(((this.#bytes[at] as number) << 8) | low, this.#what(at), at)
      }
    }
  }

  #what(at: number): string {
    const names = new Set<string>()
    for (const { fields } of this.#layers) {
      for (const { name, start, end } of fields) if (start < at + 2 && end > at) names.add(name)
    }
    return [...names].join(', ')
  }

  octet(at: number): number {
    return this.#bytes[at] as number
  }
}

function addPseudoHeader(sum: RunningSum, { layer, start }: DescribedLayer, length: number, protocol: number): void {
  const word = (at: number) => (sum.octet(at) << 8) | sum.octet(at + 1)
  const [from, octets] = layer === 'IPv4' ? [start + 12, 4] : [start + 8, 16]
  for (let i = 0; i < octets; i += 2) sum.add(word(from + i), 'source address')
  for (let i = octets; i < 2 * octets; i += 2) sum.add(word(from + i), 'destination address')
  if (layer === 'IPv4') {
    sum.add(protocol, 'zero and protocol')
    sum.add(length, 'length')
    return
  }
  sum.add(length >>> 16, 'length')
  sum.add(length & 0xffff, 'length')
  sum.add(0, 'zero')
  sum.add(protocol, 'zero and next header')
}

function packetEnd(bytes: Uint8Array, { layer, start }: DescribedLayer): number {
  const word = (at: number) => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  return layer === 'IPv4' ? start + word(start + 2) : start + 40 + word(start + 4)
}

function isFragment(bytes: Uint8Array, { layer, start }: DescribedLayer): boolean {
  const word = (at: number) => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  if (layer === 'IPv4') return (word(start + 6) & 0x3fff) !== 0
  return layer === 'fragment' && (word(start + 2) & 0xfff9) !== 0
}
