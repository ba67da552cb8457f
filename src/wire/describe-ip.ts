// Read first: RFC 791 section 3.1, RFC 2474, RFC 3168 section 5, RFC 8200 sections 3 and 4.

import { read16, read32 } from '../base/bytes.ts'
import { internetChecksum, internetSum, pseudoHeaderSum } from '../base/checksum.ts'
import { IpAddress } from '../base/ip-address.ts'
import { checksumText, type Description, hexNumber, ipv4At } from './describe-layer.ts'

const PROTOCOLS = new Map([
  [1, 'ICMP'],
  [2, 'IGMP'],
  [6, 'TCP'],
  [17, 'UDP'],
  [41, 'IPv6'],
  [58, 'ICMPv6'],
])

const ECN = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE']

export function protocolText(protocol: number): string {
  return PROTOCOLS.get(protocol) ?? `protocol ${protocol}`
}

/** What the layers above need to know of the packet around them. */
export interface DescribedPacket {
  readonly version: 4 | 6
  readonly protocol: number
  readonly source: string
  readonly destination: string
  /** Where the transport header begins. */
  readonly payload: number
  /** Where the packet ends by its own account, which may be behind what is there. */
  readonly end: number
  /** The octets that are there end here. */
  readonly capturedEnd: number
  /** Octets of the datagram before this fragment, whether more follow, and its identification. */
  readonly fragmentOffset: number
  readonly moreFragments: boolean
  readonly identification: number
  /** The sum of the pseudo-header without the length. */
  readonly pseudoSum: number
}

/** Reads the IP header at `start`; null where it is not all there or contradicts itself. */
export function readPacket(bytes: Uint8Array, start: number, end: number): DescribedPacket | null {
  if (start >= end) return null
  const version = (bytes[start] as number) >>> 4
  if (version === 4) return readIpv4Packet(bytes, start, end)
  return version === 6 ? readIpv6Packet(bytes, start, end) : null
}

function readIpv4Packet(bytes: Uint8Array, start: number, end: number): DescribedPacket | null {
  if (start + 20 > end) return null
  const headerLength = ((bytes[start] as number) & 15) * 4
  const totalLength = read16(bytes, start + 2)
  if (headerLength < 20 || start + headerLength > end || totalLength < headerLength) return null
  const fragment = read16(bytes, start + 6)
  return {
    version: 4,
    protocol: bytes[start + 9] as number,
    source: ipv4At(bytes, start + 12),
    destination: ipv4At(bytes, start + 16),
    payload: start + headerLength,
    end: start + totalLength,
    capturedEnd: Math.min(end, start + totalLength),
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & 0x2000) !== 0,
    identification: read16(bytes, start + 4),
    pseudoSum: internetSum(bytes, start + 12, start + 20, bytes[start + 9] as number),
  }
}

function readIpv6Packet(bytes: Uint8Array, start: number, end: number): DescribedPacket | null {
  if (start + 40 > end) return null
  const packetEnd = start + 40 + read16(bytes, start + 4)
  let protocol = bytes[start + 6] as number
  let at = start + 40
  let fragmentOffset = 0
  let moreFragments = false
  let identification = 0
  // Hop-by-hop options, routing, fragment, destination options; behind the head of a later fragment there is only data.
  while ((protocol === 0 || protocol === 43 || protocol === 44 || protocol === 60) && fragmentOffset === 0) {
    if (at + 8 > end) return null
    const next = bytes[at] as number
    if (protocol === 44) {
      fragmentOffset = read16(bytes, at + 2) & 0xfff8
      moreFragments = ((bytes[at + 3] as number) & 1) === 1
      identification = read32(bytes, at + 4) >>> 0
      at += 8
    } else {
      at += 8 + (bytes[at + 1] as number) * 8
    }
    protocol = next
  }
  if (at > end || at > packetEnd) return null
  return {
    version: 6,
    protocol,
    source: ipv6At(bytes, start + 8),
    destination: ipv6At(bytes, start + 24),
    payload: at,
    end: packetEnd,
    capturedEnd: Math.min(end, packetEnd),
    fragmentOffset,
    moreFragments,
    identification,
    pseudoSum: internetSum(bytes, start + 8, start + 40, protocol),
  }
}

export function ipv6At(bytes: Uint8Array, at: number): string {
  return new IpAddress(
    read32(bytes, at),
    read32(bytes, at + 4),
    read32(bytes, at + 8),
    read32(bytes, at + 12),
  ).toString()
}

/**
 * What the checksum at `field` of the transport should be; −1 where that cannot be told, since octets or fragments of it are
 * missing. `pseudo` says that it covers the pseudo-header.
 */
export function expectedChecksum(bytes: Uint8Array, packet: DescribedPacket, field: number, pseudo: boolean): number {
  const { payload, end } = packet
  if (packet.capturedEnd < end || packet.fragmentOffset > 0 || packet.moreFragments || field + 2 > end) return -1
  const around = pseudo ? packet.pseudoSum + pseudoHeaderSum(0, 0, 0, end - payload) : 0
  // Without the field itself.
  const before = internetSum(bytes, payload, field)
  const after = internetSum(bytes, field + 2, end)
  let sum = around + before + after
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

export function describeIp(into: Description, packet: DescribedPacket, start: number): void {
  if (packet.version === 4) describeIpv4(into, packet, start)
  else describeIpv6(into, packet, start)
}

function describeIpv4(into: Description, packet: DescribedPacket, start: number): void {
  const { bytes } = into
  const headerLength = packet.payload - start
  into.layer('IPv4', start, packet.payload)
  into.field('version', 4, start, start + 1)
  into.field('header length', headerLength, start, start + 1)
  describeTrafficClass(into, bytes[start + 1] as number, start + 1, start + 2)
  into.field('total length', packet.end - start, start + 2, start + 4)
  into.field('identification', hexNumber(packet.identification, 4), start + 4, start + 6)
  const fragment = read16(bytes, start + 6)
  const flags = [fragment & 0x8000 ? 'reserved' : '', fragment & 0x4000 ? 'DF' : '', fragment & 0x2000 ? 'MF' : '']
  into.field('flags', flags.filter((flag) => flag !== '').join(' ') || 'none', start + 6, start + 7)
  into.field('fragment offset', packet.fragmentOffset, start + 6, start + 8)
  into.field('time to live', bytes[start + 8] as number, start + 8, start + 9)
  into.field('protocol', `${packet.protocol} (${protocolText(packet.protocol)})`, start + 9, start + 10)
  const found = read16(bytes, start + 10)
  const expected = internetChecksum(bytes, start + 12, packet.payload, internetSum(bytes, start, start + 10))
  into.field('header checksum', checksumText(found, expected), start + 10, start + 12)
  into.field('source address', packet.source, start + 12, start + 16)
  into.field('destination address', packet.destination, start + 16, start + 20)
  if (headerLength > 20) into.field('options', `${headerLength - 20} octets`, start + 20, packet.payload)
}

function describeIpv6(into: Description, packet: DescribedPacket, start: number): void {
  const { bytes } = into
  into.layer('IPv6', start, packet.payload)
  const first = read32(bytes, start)
  into.field('version', 6, start, start + 1)
  describeTrafficClass(into, (first >>> 20) & 255, start, start + 2)
  into.field('flow label', hexNumber(first & 0xfffff, 5), start + 1, start + 4)
  into.field('payload length', read16(bytes, start + 4), start + 4, start + 6)
  const next = bytes[start + 6] as number
  into.field('next header', `${next} (${protocolText(next)})`, start + 6, start + 7)
  into.field('hop limit', bytes[start + 7] as number, start + 7, start + 8)
  into.field('source address', packet.source, start + 8, start + 24)
  into.field('destination address', packet.destination, start + 24, start + 40)
  if (packet.payload > start + 40) {
    into.field('extension headers', `${packet.payload - start - 40} octets`, start + 40, packet.payload)
  }
  if (packet.fragmentOffset > 0 || packet.moreFragments) {
    into.field('identification', hexNumber(packet.identification, 8), start + 40, packet.payload)
    into.field('fragment offset', packet.fragmentOffset, start + 40, packet.payload)
    into.field('more fragments', packet.moreFragments ? 'yes' : 'no', start + 40, packet.payload)
  }
}

function describeTrafficClass(into: Description, octet: number, start: number, end: number): void {
  into.field('DSCP', octet >>> 2, start, end)
  into.field('ECN', ECN[octet & 3] as string, start, end)
}

/** "(frag 4660:1480@2960+)", as tcpdump has it; '' for a whole datagram. */
export function fragmentText(packet: DescribedPacket): string {
  if (packet.fragmentOffset === 0 && !packet.moreFragments) return ''
  const more = packet.moreFragments ? '+' : ''
  return `(frag ${packet.identification}:${packet.end - packet.payload}@${packet.fragmentOffset}${more})`
}
