// Read first: RFC 791 section 3.1, RFC 8200 sections 3 and 4.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { internetChecksum, internetSum } from '../base/checksum.ts'
import {
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_ROUTING,
} from '../base/constants.ts'
import { IpAddress } from '../base/ip-address.ts'
import { readIpv6Address, writeIpv6Address } from '../wire/ipv6.ts'
import { MalformedPacket } from './malformed-packet.ts'
import type { IpFields } from './script.ts'

const IPV4_HEADER = 20
const IPV6_HEADER = 40
const DONT_FRAGMENT = 0x4000
/** Of what the script sends: far from any limit, so that only a stack that looks at it would mind. */
const TTL = 255

/** Of a packet whose header says nothing of note. */
export const NO_IP_FIELDS: IpFields = { ecn: null, tos: null, ttl: null, flowLabel: null }

/** What the header of a packet says, with extension headers left out. */
export interface IpHeader {
  readonly source: IpAddress
  readonly destination: IpAddress
  /** Type of service, traffic class. */
  readonly tos: number
  /** Time to live, hop limit. */
  readonly ttl: number
  /** 0 in IPv4. */
  readonly flowLabel: number
  readonly protocol: number
  /** Where the transport's header begins. */
  readonly start: number
}

/** Octets of the header that `writeIpHeader` writes between addresses such as this. */
export function ipHeaderLength(address: IpAddress): number {
  return address.isV4 ? IPV4_HEADER : IPV6_HEADER
}

/** The protocol number of ICMP between addresses such as this. */
export function icmpProtocol(address: IpAddress): number {
  return address.isV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
}

/** Writes the header of a packet of `length` octets, of the family of its addresses. */
export function writeIpHeader(
  bytes: Uint8Array,
  length: number,
  protocol: number,
  source: IpAddress,
  destination: IpAddress,
  ip: IpFields,
): void {
  const ecn = ip.ecn === 'ect0' ? 2 : ip.ecn === 'ect1' ? 1 : ip.ecn === 'ce' ? 3 : 0
  const tos = ip.tos ?? ecn
  if (!source.isV4) {
    write32(bytes, 0, (6 << 28) | (tos << 20) | (ip.flowLabel ?? 0))
    write16(bytes, 4, length - IPV6_HEADER)
    bytes[6] = protocol
    bytes[7] = ip.ttl ?? TTL
    writeIpv6Address(bytes, 8, source)
    writeIpv6Address(bytes, 24, destination)
    return
  }
  bytes[0] = 0x45
  bytes[1] = tos
  write16(bytes, 2, length)
  write16(bytes, 6, DONT_FRAGMENT)
  bytes[8] = ip.ttl ?? TTL
  bytes[9] = protocol
  write32(bytes, 12, source.d)
  write32(bytes, 16, destination.d)
  write16(bytes, 10, internetChecksum(bytes, 0, IPV4_HEADER))
}

/** Reads the header of a packet that the stack sent. Throws a MalformedPacket for one that no stack may send. */
export function readIpHeader(bytes: Uint8Array): IpHeader {
  const version = (bytes[0] as number) >>> 4
  if (version === 4 && bytes.length >= IPV4_HEADER) return readIpv4Header(bytes)
  if (version === 6 && bytes.length >= IPV6_HEADER) return readIpv6Header(bytes)
  throw new MalformedPacket('no IP header')
}

function readIpv4Header(bytes: Uint8Array): IpHeader {
  const start = ((bytes[0] as number) & 15) * 4
  const total = read16(bytes, 2)
  if (start < IPV4_HEADER || start > bytes.length) throw new MalformedPacket(`IP header length ${start}`)
  if (total !== bytes.length) throw new MalformedPacket(`IP total length ${total} of ${bytes.length} octets`)
  if (internetSum(bytes, 0, start) !== 0xffff) throw new MalformedPacket('wrong IP header checksum')
  if ((read16(bytes, 6) & 0x3fff) !== 0) throw new MalformedPacket('a fragment')
  return {
    source: IpAddress.v4(read32(bytes, 12)),
    destination: IpAddress.v4(read32(bytes, 16)),
    tos: bytes[1] as number,
    ttl: bytes[8] as number,
    flowLabel: 0,
    protocol: bytes[9] as number,
    start,
  }
}

function readIpv6Header(bytes: Uint8Array): IpHeader {
  const first = read32(bytes, 0)
  const payload = read16(bytes, 4)
  if (payload !== bytes.length - IPV6_HEADER) {
    throw new MalformedPacket(`IPv6 payload length ${payload} of ${bytes.length - IPV6_HEADER} octets`)
  }
  const source = new IpAddress()
  const destination = new IpAddress()
  readIpv6Address(source, bytes, 8)
  readIpv6Address(destination, bytes, 24)
  let protocol = bytes[6] as number
  let start = IPV6_HEADER
  while (protocol === IPPROTO_HOPOPTS || protocol === IPPROTO_ROUTING || protocol === IPPROTO_DSTOPTS) {
    if (start + 8 > bytes.length) throw new MalformedPacket('an extension header cut short')
    protocol = bytes[start] as number
    start += 8 * ((bytes[start + 1] as number) + 1)
    if (start > bytes.length) throw new MalformedPacket('an extension header cut short')
  }
  if (protocol === IPPROTO_FRAGMENT) throw new MalformedPacket('a fragment')
  return {
    source,
    destination,
    tos: (first >>> 20) & 0xff,
    ttl: bytes[7] as number,
    flowLabel: first & 0xfffff,
    protocol,
    start,
  }
}
