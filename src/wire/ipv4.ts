// Read first: RFC 791 section 3.1, RFC 6864 section 4, RFC 2474 and RFC 3168 for the octet that was called type of service.
//
//    version (4) · IHL (4) · DSCP and ECN (8) · total length (16)
//    identification (16)                     0 · DF · MF · fragment offset (13)
//    time to live (8) · protocol (8) · header checksum (16)
//    source (32)
//    destination (32)
//    options

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { foldSum } from '../base/checksum.ts'

export const IPV4_HEADER_LENGTH = 20
/** IHL has 4 bits: 15 words. */
export const IPV4_HEADER_LENGTH_MAX = 60
/** Total length has 16 bits. */
export const IPV4_LENGTH_MAX = 65535
/** Every link carries packets of this length: RFC 791 section 3.2. */
export const IPV4_MTU_MIN = 68

const DONT_FRAGMENT = 0x4000
const MORE_FRAGMENTS = 0x2000

/** The fields of a header, read into one reused object. Addresses are int32. */
export class Ipv4Header {
  headerLength = 0
  /** The whole octet: DSCP and ECN. */
  tos = 0
  totalLength = 0
  identification = 0
  dontFragment = false
  moreFragments = false
  /** In octets. */
  fragmentOffset = 0
  ttl = 0
  protocol = 0
  source = 0
  destination = 0
}

/**
 * Reads the header of the packet in `bytes[start, end)`. False where the version is not 4, the header does not fit in the
 * total length, or the total length not in the bytes. The checksum is not looked at.
 */
export function readIpv4(header: Ipv4Header, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < IPV4_HEADER_LENGTH) return false
  const first = bytes[start] as number
  const headerLength = (first & 15) << 2
  const totalLength = read16(bytes, start + 2)
  if (first >>> 4 !== 4 || headerLength < IPV4_HEADER_LENGTH) return false
  if (totalLength < headerLength || totalLength > end - start) return false
  const fragment = read16(bytes, start + 6)
  header.headerLength = headerLength
  header.tos = bytes[start + 1] as number
  header.totalLength = totalLength
  header.identification = read16(bytes, start + 4)
  header.dontFragment = (fragment & DONT_FRAGMENT) !== 0
  header.moreFragments = (fragment & MORE_FRAGMENTS) !== 0
  header.fragmentOffset = (fragment & 0x1fff) << 3
  header.ttl = bytes[start + 8] as number
  header.protocol = bytes[start + 9] as number
  header.source = read32(bytes, start + 12)
  header.destination = read32(bytes, start + 16)
  return true
}

/**
 * Writes the first 20 octets of a header at `at`, its checksum included; where `headerLength` is more, the options must be
 * in place already, since the checksum covers them.
 */
export function writeIpv4(
  bytes: Uint8Array,
  at: number,
  headerLength: number,
  tos: number,
  totalLength: number,
  identification: number,
  dontFragment: boolean,
  moreFragments: boolean,
  fragmentOffset: number,
  ttl: number,
  protocol: number,
  source: number,
  destination: number,
): void {
  const first = ((0x40 | (headerLength >>> 2)) << 8) | tos
  const fragment =
    (dontFragment ? DONT_FRAGMENT : 0) | (moreFragments ? MORE_FRAGMENTS : 0) | ((fragmentOffset >>> 3) & 0x1fff)
  const ttlProtocol = (ttl << 8) | protocol
  write16(bytes, at, first)
  write16(bytes, at + 2, totalLength)
  write16(bytes, at + 4, identification)
  write16(bytes, at + 6, fragment)
  write16(bytes, at + 8, ttlProtocol)
  write32(bytes, at + 12, source)
  write32(bytes, at + 16, destination)
  // The fields are at hand: summing them costs less than reading them back.
  let sum =
    first +
    totalLength +
    identification +
    fragment +
    ttlProtocol +
    (source >>> 16) +
    (source & 0xffff) +
    (destination >>> 16) +
    (destination & 0xffff)
  for (let i = IPV4_HEADER_LENGTH; i < headerLength; i += 2) sum += read16(bytes, at + i)
  write16(bytes, at + 10, ~foldSum(sum))
}

/** Whether the header checksum at `at` is right. */
export function ipv4ChecksumRight(bytes: Uint8Array, at: number, headerLength: number): boolean {
  let sum = 0
  for (let i = 0; i < headerLength; i += 2) sum += read16(bytes, at + i)
  return foldSum(sum) === 0xffff
}
