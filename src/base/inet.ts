// Read first: inet_pton(3), inet_ntop(3), inet(3), byteorder(3). Names and results are those of C; the host of these functions
// is little endian on every machine, as struct sockaddr is here.

import { checkInteger, given, isBytes } from './argument.ts'
import { read32, write32 } from './bytes.ts'
import { AF_INET, AF_INET6 } from './constants.ts'
import { IpAddress, ipv4Text } from './ip-address.ts'
import { parseIpv4, parseIpv6 } from './ip-text.ts'

/** Octets of a struct in_addr and of a struct in6_addr, and the most characters that inet_ntop makes, with C's last zero. */
export const IN_ADDR_LENGTH = 4
export const IN6_ADDR_LENGTH = 16
export const INET_ADDRSTRLEN = 16
export const INET6_ADDRSTRLEN = 46

/**
 * The address that `text` writes, in network order: 4 octets for AF_INET, 16 for AF_INET6. Null where it is no address of that
 * family. RangeError for another family.
 *
 * ```ts
 * inet_pton(AF_INET, '192.0.2.1') // Uint8Array [192, 0, 2, 1]
 * ```
 */
export function inet_pton(family: number, text: string): Uint8Array<ArrayBuffer> | null {
  if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
  const length = lengthOf(family)
  const bytes = new Uint8Array(length)
  if (family === AF_INET) {
    const bits = parseIpv4(text)
    if (bits === null) return null
    write32(bytes, 0, bits)
    return bytes
  }
  const words = parseIpv6(text)
  if (words === null) return null
  words.forEach((word, i) => {
    write32(bytes, 4 * i, word)
  })
  return bytes
}

/**
 * The text of the address in the first 4 (AF_INET) or 16 (AF_INET6) octets of `bytes`. IPv4 in IPv6 is written as glibc does:
 * "::ffff:192.0.2.1". RangeError for another family, and for too few octets.
 */
export function inet_ntop(family: number, bytes: Uint8Array): string {
  if (!isBytes(bytes)) throw new TypeError(`bytes must be a Uint8Array, got ${given(bytes)}`)
  const length = lengthOf(family)
  if (bytes.length < length) throw new RangeError(`bytes must have ${length} octets, got ${bytes.length}`)
  if (family === AF_INET) return ipv4Text(read32(bytes, 0))
  const address = new IpAddress(read32(bytes, 0), read32(bytes, 4), read32(bytes, 8), read32(bytes, 12))
  return address.isV4 ? `::ffff:${ipv4Text(address.d)}` : address.toString()
}

function lengthOf(family: number): number {
  if (family === AF_INET) return IN_ADDR_LENGTH
  if (family === AF_INET6) return IN6_ADDR_LENGTH
  throw new RangeError(`family must be AF_INET (2) or AF_INET6 (10), got ${given(family)}`)
}

/**
 * The IPv4 address that `text` writes in any of the old ways: one to four numbers, decimal, octal ("010") or hexadecimal
 * ("0x7f"), of which the last fills what is left: "127.1" is 127.0.0.1. Null where it writes none.
 */
export function inet_aton(text: string): IpAddress | null {
  if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
  const parts = text.split('.')
  if (parts.length > 4) return null
  let bits = 0
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string
    if (!/^(0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,11}|[1-9]\d{0,9})$/.test(part)) return null
    const value = /^0[0-7]/.test(part) ? Number.parseInt(part, 8) : Number(part)
    const last = i === parts.length - 1
    const room = last ? 8 * (4 - i) : 8
    if (value >= 2 ** room) return null
    bits += value * 2 ** (last ? 0 : 8 * (3 - i))
  }
  return IpAddress.v4(bits)
}

/** 16 bits from host to network order: `htons(80)` is 20480. */
export function htons(value: number): number {
  checkInteger('value', value, 0, 0xffff)
  return ((value & 255) << 8) | (value >>> 8)
}

/** 16 bits from network to host order. */
export function ntohs(value: number): number {
  return htons(value)
}

/** 32 bits from host to network order, unsigned. */
export function htonl(value: number): number {
  checkInteger('value', value, 0, 0xffffffff)
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0
}

/** 32 bits from network to host order, unsigned. */
export function ntohl(value: number): number {
  return htonl(value)
}
