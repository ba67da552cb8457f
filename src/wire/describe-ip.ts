// Read first: RFC 791 section 3.1, RFC 2474, RFC 3168 section 5.

import { read16 } from '../base/bytes.ts'
import { internetChecksum, internetSum } from '../base/checksum.ts'
import { describeIpv6, readIpv6Packet } from './describe-ipv6.ts'
import { checksumText, type Description, describeTrafficClass, hexNumber, ipv4At } from './describe-layer.ts'
import { type DescribedPacket, protocolText } from './describe-packet.ts'

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
    extensions: '',
    payload: start + headerLength,
    end: start + totalLength,
    capturedEnd: Math.min(end, start + totalLength),
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & 0x2000) !== 0,
    identification: read16(bytes, start + 4),
    pseudoSum: internetSum(bytes, start + 12, start + 20, bytes[start + 9] as number),
  }
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

/**
 * "(frag 4660:1480@2960+)", as tcpdump had it before version 4.99, which tells fragments of IPv4 only with -v; '' for a whole
 * datagram, and for IPv6, where the fragment header is among the others.
 */
export function fragmentText(packet: DescribedPacket): string {
  if (packet.version === 6 || (packet.fragmentOffset === 0 && !packet.moreFragments)) return ''
  const more = packet.moreFragments ? '+' : ''
  return `(frag ${packet.identification}:${packet.end - packet.payload}@${packet.fragmentOffset}${more})`
}
