// Read first: RFC 8200 section 3, RFC 6437 (flow label), RFC 2474 and RFC 3168 for the traffic class.
//
//    version (4) · traffic class (8) · flow label (20)
//    payload length (16) · next header (8) · hop limit (8)
//    source (128)
//    destination (128)
//
// There is no checksum: what follows has one of its own, which covers the addresses (section 8.1).

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { IpAddress } from '../base/ip-address.ts'

export const IPV6_HEADER_LENGTH = 40
/** Payload length has 16 bits; jumbograms (RFC 2675) are not for links like ours. */
export const IPV6_PAYLOAD_MAX = 65535
/** Every link carries packets of this length: RFC 8200 section 5. */
export const IPV6_MTU_MIN = 1280
/** Where the next header field of the fixed header lies. */
export const IPV6_NEXT_HEADER_OFFSET = 6

/** The fields of a header, read into one reused object. */
export class Ipv6Header {
  /** The whole octet: DSCP and ECN. */
  trafficClass = 0
  flowLabel = 0
  payloadLength = 0
  nextHeader = 0
  hopLimit = 0
  readonly source: IpAddress = new IpAddress()
  readonly destination: IpAddress = new IpAddress()
}

/** Reads the header of the packet in `bytes[start, end)`. False where the version is not 6 or the payload is not all there. */
export function readIpv6(header: Ipv6Header, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < IPV6_HEADER_LENGTH) return false
  const first = read32(bytes, start)
  if (first >>> 28 !== 6) return false
  const payloadLength = read16(bytes, start + 4)
  if (payloadLength > end - start - IPV6_HEADER_LENGTH) return false
  header.trafficClass = (first >>> 20) & 0xff
  header.flowLabel = first & 0xfffff
  header.payloadLength = payloadLength
  header.nextHeader = bytes[start + IPV6_NEXT_HEADER_OFFSET] as number
  header.hopLimit = bytes[start + 7] as number
  readIpv6Address(header.source, bytes, start + 8)
  readIpv6Address(header.destination, bytes, start + 24)
  return true
}

/** Writes a header at `at`. */
export function writeIpv6(
  bytes: Uint8Array,
  at: number,
  trafficClass: number,
  flowLabel: number,
  payloadLength: number,
  nextHeader: number,
  hopLimit: number,
  source: IpAddress,
  destination: IpAddress,
): void {
  write32(bytes, at, (6 << 28) | (trafficClass << 20) | flowLabel)
  write16(bytes, at + 4, payloadLength)
  bytes[at + IPV6_NEXT_HEADER_OFFSET] = nextHeader
  bytes[at + 7] = hopLimit
  writeIpv6Address(bytes, at + 8, source)
  writeIpv6Address(bytes, at + 24, destination)
}

/** Reads the 16 octets at `at`. */
export function readIpv6Address(address: IpAddress, bytes: Uint8Array, at: number): void {
  address.a = read32(bytes, at)
  address.b = read32(bytes, at + 4)
  address.c = read32(bytes, at + 8)
  address.d = read32(bytes, at + 12)
}

/** Writes an address as 16 octets at `at`. */
export function writeIpv6Address(bytes: Uint8Array, at: number, address: IpAddress): void {
  write32(bytes, at, address.a)
  write32(bytes, at + 4, address.b)
  write32(bytes, at + 8, address.c)
  write32(bytes, at + 12, address.d)
}
