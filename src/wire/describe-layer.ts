// What a described packet is made of. Descriptions are for people: they allocate as they like, read whatever is there, and say
// where it ends too early.

import { read32 } from '../base/bytes.ts'
import { IpAddress, ipv4Text } from '../base/ip-address.ts'

/** A field of a header, in words, and the octets that it was read from. */
export interface DescribedField {
  readonly name: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** One header, or the data behind the last. */
export interface DescribedLayer {
  /**
   * 'Ethernet', 'ARP', 'IPv4', 'IPv6', 'ICMP', 'ICMPv6', 'IGMP', 'UDP', 'TCP', 'data', the extension headers of IPv6 ('fragment',
   * 'hop-by-hop options', …), 'NDP option', 'group record'; of a packet that an ICMP error quotes: 'quoted IPv4', …
   */
  readonly layer: string
  readonly fields: DescribedField[]
  readonly start: number
  readonly end: number
}

/** What the layers of one packet are gathered in. `start` and `end` bound the octets that are there. */
export class Description {
  readonly bytes: Uint8Array
  readonly layers: DescribedLayer[] = []
  /** Put before the name of a layer. */
  prefix = ''

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Begins a layer in `bytes[start, end)`; fields go to the one begun last. */
  layer(name: string, start: number, end: number): void {
    this.layers.push({ layer: this.prefix + name, fields: [], start, end })
  }

  field(name: string, value: string | number, start: number, end: number): void {
    this.layers.at(-1)?.fields.push({ name, value: String(value), start, end })
  }

  /** A layer of which only `bytes[start, end)` is there, too little to read. */
  cutOff(name: string, start: number, end: number): void {
    this.layer(name, start, end)
    this.field('cut off', `${Math.max(0, end - start)} octets`, start, end)
  }

  data(start: number, end: number): void {
    if (end <= start) return
    this.layer('data', start, end)
    this.field('data', `${end - start} octets`, start, end)
  }
}

export function hexNumber(value: number, digits: number): string {
  return `0x${(value >>> 0).toString(16).padStart(digits, '0')}`
}

/** "02:00:00:00:00:01" */
export function hardwareAddressText(bytes: Uint8Array, at: number): string {
  let text = ''
  for (let i = 0; i < 6; i++) text += (i === 0 ? '' : ':') + (bytes[at + i] as number).toString(16).padStart(2, '0')
  return text
}

export function ipv4At(bytes: Uint8Array, at: number): string {
  return ipv4Text(read32(bytes, at))
}

/** "2001:db8::1"; in an IPv6 header a mapped IPv4 address is one of IPv6. */
export function ipv6At(bytes: Uint8Array, at: number): string {
  const [a, b, c, d] = [read32(bytes, at), read32(bytes, at + 4), read32(bytes, at + 8), read32(bytes, at + 12)]
  const address = new IpAddress(a, b, c, d)
  return address.isV4 ? `::ffff:${address}` : address.toString()
}

/** A checksum and whether it is right; `expected` −1 where that cannot be known. */
export function checksumText(found: number, expected: number): string {
  const text = hexNumber(found, 4)
  if (expected < 0) return text
  return found === expected ? `${text} (correct)` : `${text} (incorrect, should be ${hexNumber(expected, 4)})`
}

const ECN = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE']

/** Type of service and traffic class are one thing by two names. */
export function describeTrafficClass(into: Description, octet: number, start: number, end: number): void {
  into.field('DSCP', octet >>> 2, start, end)
  into.field('ECN', ECN[octet & 3] as string, start, end)
}
