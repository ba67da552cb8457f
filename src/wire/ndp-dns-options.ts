// Read first: RFC 8106 section 5, RFC 1035 section 3.1 for the names.
//
//    25: type · length · reserved (16), lifetime (32), addresses of DNS servers (128 each)
//    31: type · length · reserved (16), lifetime (32), domain names, none compressed, zeros up to a multiple of 8 octets

import { read32, write16, write32 } from '../base/bytes.ts'
import type { IpAddress } from '../base/ip-address.ts'
import { readIpv6Address, writeIpv6Address } from './ipv6.ts'
import { NDP_OPTION_DNSSL, NDP_OPTION_RDNSS } from './ndp-options.ts'

/** Octets of both options before what they list. */
const HEAD_LENGTH = 8
/** RFC 1035 section 2.3.4, the length octets included. */
const NAME_LENGTH_MAX = 255
const LABEL_LENGTH_MAX = 63

/** DNS servers that a router names, read into one reused object; readDnsServer gives each address. */
export class DnsServers {
  lifetime = 0
  count = 0
}

/** Reads the recursive DNS server option in `bytes[start, end)`. False where it holds no address, or part of one. */
export function readDnsServers(option: DnsServers, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length < HEAD_LENGTH + 16 || (length - HEAD_LENGTH) % 16 !== 0) return false
  option.lifetime = read32(bytes, start + 4) >>> 0
  option.count = (length - HEAD_LENGTH) >>> 4
  return true
}

/** Reads address `index`, below `count`, of the option at `start`. */
export function readDnsServer(address: IpAddress, bytes: Uint8Array, start: number, index: number): void {
  readIpv6Address(address, bytes, start + HEAD_LENGTH + 16 * index)
}

/** Writes a recursive DNS server option at `at` and returns where the next one goes. At most 127 addresses fit in one. */
export function writeDnsServers(
  bytes: Uint8Array,
  at: number,
  lifetime: number,
  addresses: readonly IpAddress[],
): number {
  bytes[at] = NDP_OPTION_RDNSS
  bytes[at + 1] = 1 + 2 * addresses.length
  write16(bytes, at + 2, 0)
  write32(bytes, at + 4, lifetime)
  for (let i = 0; i < addresses.length; i++) {
    writeIpv6Address(bytes, at + HEAD_LENGTH + 16 * i, addresses[i] as IpAddress)
  }
  return at + HEAD_LENGTH + 16 * addresses.length
}

/** Domains to search that a router names, read into one reused object: advertisements are few, so its strings are made anew. */
export class DnsSearchList {
  lifetime = 0
  /** Without the dot at the end; not the root. */
  readonly names: string[] = []
}

/**
 * Reads the DNS search list option in `bytes[start, end)`. False where a name runs out of it, is compressed or too long, or has an
 * octet that no host name has: these names come from anybody on the link and end up in queries.
 */
export function readDnsSearchList(option: DnsSearchList, bytes: Uint8Array, start: number, end: number): boolean {
  option.names.length = 0
  if (end - start < HEAD_LENGTH + 8) return false
  option.lifetime = read32(bytes, start + 4) >>> 0
  let at = start + HEAD_LENGTH
  // A zero where a name would begin: padding from here on.
  while (at < end && bytes[at] !== 0) {
    const nameStart = at
    let name = ''
    for (;;) {
      if (at >= end) return false
      const length = bytes[at] as number
      at++
      if (length === 0) break
      if (length > LABEL_LENGTH_MAX || at + length > end) return false
      if (name !== '') name += '.'
      for (let i = 0; i < length; i++) {
        const octet = bytes[at + i] as number
        if (!isHostNameOctet(octet)) return false
        name += String.fromCharCode(octet)
      }
      at += length
    }
    if (at - nameStart > NAME_LENGTH_MAX) return false
    option.names.push(name)
  }
  return option.names.length > 0
}

/** Letters, digits, the hyphen, and the underscore that people use none the less. */
function isHostNameOctet(octet: number): boolean {
  const lower = octet | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || (octet >= 0x30 && octet <= 0x39) || octet === 0x2d || octet === 0x5f
}

/**
 * Writes a DNS search list option at `at` and returns where the next one goes; `at` itself where a name is none or they do not fit
 * in one option of 2040 octets.
 */
export function writeDnsSearchList(bytes: Uint8Array, at: number, lifetime: number, names: readonly string[]): number {
  let to = at + HEAD_LENGTH
  for (let i = 0; i < names.length; i++) {
    const begin = to
    const labels = (names[i] as string).replace(/\.$/, '').split('.')
    for (let j = 0; j < labels.length; j++) {
      const label = labels[j] as string
      if (label.length === 0 || label.length > LABEL_LENGTH_MAX || to + label.length + 2 > at + 255 * 8) return at
      bytes[to] = label.length
      to++
      for (let k = 0; k < label.length; k++) {
        const octet = label.charCodeAt(k)
        if (!isHostNameOctet(octet)) return at
        bytes[to] = octet
        to++
      }
    }
    bytes[to] = 0
    to++
    if (to - begin > NAME_LENGTH_MAX) return at
  }
  if (to === at + HEAD_LENGTH) return at
  while (((to - at) & 7) !== 0) {
    bytes[to] = 0
    to++
  }
  bytes[at] = NDP_OPTION_DNSSL
  bytes[at + 1] = (to - at) >>> 3
  write16(bytes, at + 2, 0)
  write32(bytes, at + 4, lifetime)
  return to
}
