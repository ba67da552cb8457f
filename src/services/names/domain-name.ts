// Read first: RFC 1034 section 3.1, RFC 1035 section 2.3.4, RFC 4343 (case), RFC 3596 section 2.5 (ip6.arpa).
//
// A name is text without a dot at its end, '.' for the root. Its labels have no dots of their own: whoever reads names from
// messages refuses those that do.

import { IpAddress } from '../../base/ip-address.ts'

const LONGEST_LABEL = 63
/** Octets of a name on the wire, with the length of each label and the root's. */
export const LONGEST_NAME = 255

/**
 * Whether `name` (no dot at its end, or '.') can be written on the wire: labels of 1 to 63 octets, 255 in all, without an end of a line,
 * at which the codec would take a dot for the last of a name.
 */
export function isDomainName(name: string): boolean {
  if (name === '.') return true
  if (/[\r\n\u2028\u2029]/.test(name)) return false
  let length = 1
  for (const label of name.split('.')) {
    const octets = octetsOf(label)
    if (octets === 0 || octets > LONGEST_LABEL) return false
    length += octets + 1
  }
  return length <= LONGEST_NAME
}

function octetsOf(label: string): number {
  // What is all ASCII, as nearly every label is, needs no encoder.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them.
  return /^[\x00-\x7f]*$/.test(label) ? label.length : new TextEncoder().encode(label).length
}

/** Letters of ASCII in lower case, and no dot at the end: two names are the same where this is (RFC 4343 section 3). */
export function canonicalName(name: string): string {
  const text = name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

export function sameName(a: string, b: string): boolean {
  return a === b || canonicalName(a) === canonicalName(b)
}

/** Whether `name` is `zone` or lies in it. */
export function isWithin(name: string, zone: string): boolean {
  const inner = canonicalName(name)
  const outer = canonicalName(zone)
  return outer === '.' || inner === outer || inner.endsWith(`.${outer}`)
}

/**
 * The name whose PTR record says what `address` is called.
 *
 * Source: RFC 1035 section 3.5, RFC 3596 section 2.5.
 *
 * ```ts
 * reverseName(IpAddress.v4(0xc0000201)) // '1.2.0.192.in-addr.arpa'
 * ```
 */
export function reverseName(address: IpAddress): string {
  if (address.isV4) {
    const { d } = address
    return `${d & 255}.${(d >>> 8) & 255}.${(d >>> 16) & 255}.${d >>> 24}.in-addr.arpa`
  }
  let name = ''
  for (const word of [address.d, address.c, address.b, address.a]) {
    for (let shift = 0; shift < 32; shift += 4) name += `${((word >>> shift) & 15).toString(16)}.`
  }
  return `${name}ip6.arpa`
}

/** The address that a name of in-addr.arpa or ip6.arpa stands for; null where it stands for none. */
export function addressOfReverseName(name: string): IpAddress | null {
  const text = canonicalName(name)
  if (text.endsWith('.in-addr.arpa')) {
    const parts = text.slice(0, -'.in-addr.arpa'.length).split('.')
    const address = IpAddress.parse(parts.reverse().join('.'))
    return address?.isV4 === true ? address : null
  }
  if (!text.endsWith('.ip6.arpa')) return null
  const nibbles = text.slice(0, -'.ip6.arpa'.length).split('.').reverse()
  if (nibbles.length !== 32 || nibbles.some((nibble) => !/^[0-9a-f]$/.test(nibble))) return null
  const word = (i: number) => Number.parseInt(nibbles.slice(8 * i, 8 * i + 8).join(''), 16) | 0
  return new IpAddress(word(0), word(1), word(2), word(3))
}
