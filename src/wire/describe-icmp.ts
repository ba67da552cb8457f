// Read first: RFC 792, RFC 1191 section 4, tcpdump(1).

import { read16 } from '../base/bytes.ts'
import { readPacket } from './describe-ip.ts'
import { checksumText, type Description, ipv4At } from './describe-layer.ts'
import { type DescribedPacket, endsText, expectedChecksum, protocolText } from './describe-packet.ts'
import {
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER_LENGTH,
  ICMP_PARAMETER_PROBLEM,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  isIcmpError,
} from './icmpv4.ts'

const TYPES = new Map([
  [0, 'echo reply'],
  [3, 'destination unreachable'],
  [4, 'source quench'],
  [5, 'redirect'],
  [8, 'echo request'],
  [9, 'router advertisement'],
  [10, 'router solicitation'],
  [11, 'time exceeded'],
  [12, 'parameter problem'],
  [13, 'timestamp request'],
  [14, 'timestamp reply'],
])

function typeName(type: number): string {
  return TYPES.get(type) ?? `type ${type}`
}

function isEcho(type: number): boolean {
  return type === ICMP_ECHO_REQUEST || type === ICMP_ECHO_REPLY
}

/** "10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64" */
export function icmpLine(bytes: Uint8Array, packet: DescribedPacket): string {
  const at = packet.payload
  if (at + ICMP_HEADER_LENGTH > packet.capturedEnd) return `${endsText(packet)} ICMP cut off`
  return `${endsText(packet)} ICMP ${icmpText(bytes, packet, bytes[at] as number)}, length ${packet.end - at}`
}

function icmpText(bytes: Uint8Array, packet: DescribedPacket, type: number): string {
  const at = packet.payload
  const code = bytes[at + 1] as number
  if (isEcho(type)) return `${typeName(type)}, id ${read16(bytes, at + 4)}, seq ${read16(bytes, at + 6)}`
  const quoted = isIcmpError(type) ? readPacket(bytes, at + ICMP_HEADER_LENGTH, packet.capturedEnd) : null
  if (type === ICMP_UNREACHABLE) return unreachableText(bytes, quoted, code, read16(bytes, at + 6))
  if (type === ICMP_TIME_EXCEEDED) return code === 1 ? 'ip reassembly time exceeded' : 'time exceeded in-transit'
  if (type === ICMP_PARAMETER_PROBLEM) return `parameter problem - octet ${bytes[at + 4]}`
  if (type === ICMP_REDIRECT)
    return `redirect ${quoted?.destination ?? '?'} to ${code === 0 ? 'net' : 'host'} ${ipv4At(bytes, at + 4)}`
  return code === 0 ? typeName(type) : `${typeName(type)}, code ${code}`
}

function unreachableText(bytes: Uint8Array, quoted: DescribedPacket | null, code: number, mtu: number): string {
  const destination = quoted?.destination ?? '?'
  switch (code) {
    case 0:
      return `net ${destination} unreachable`
    case 1:
      return `host ${destination} unreachable`
    case 2:
      return `${destination} protocol ${quoted?.protocol ?? '?'} unreachable`
    case 3: {
      if (quoted === null || quoted.payload + 4 > quoted.capturedEnd) return `${destination} port ? unreachable`
      const protocol = protocolText(quoted.protocol).toLowerCase()
      return `${destination} ${protocol} port ${read16(bytes, quoted.payload + 2)} unreachable`
    }
    case 4:
      return `${destination} unreachable - need to frag (mtu ${mtu})`
    case 5:
      return `${destination} unreachable - source route failed`
    case 9:
    case 10:
    case 13:
      return `${destination} unreachable - admin prohibited`
    default:
      return `${destination} unreachable - code ${code}`
  }
}

/** Describes the header; returns where a packet that it quotes begins, or −1 where it quotes none. */
export function describeIcmp(into: Description, packet: DescribedPacket): number {
  const { bytes } = into
  const at = packet.payload
  if (at + ICMP_HEADER_LENGTH > packet.capturedEnd) {
    into.cutOff('ICMP', at, packet.capturedEnd)
    return -1
  }
  const type = bytes[at] as number
  into.layer('ICMP', at, at + ICMP_HEADER_LENGTH)
  into.field('type', `${type} (${typeName(type)})`, at, at + 1)
  into.field('code', bytes[at + 1] as number, at + 1, at + 2)
  const expected = expectedChecksum(bytes, packet, at + 2, false)
  into.field('checksum', checksumText(read16(bytes, at + 2), expected), at + 2, at + 4)
  if (isEcho(type)) {
    into.field('identifier', read16(bytes, at + 4), at + 4, at + 6)
    into.field('sequence number', read16(bytes, at + 6), at + 6, at + 8)
  } else if (type === ICMP_UNREACHABLE && bytes[at + 1] === ICMP_FRAGMENTATION_NEEDED) {
    into.field('MTU', read16(bytes, at + 6), at + 6, at + 8)
  } else if (type === ICMP_REDIRECT) {
    into.field('gateway', ipv4At(bytes, at + 4), at + 4, at + 8)
  } else if (type === ICMP_PARAMETER_PROBLEM) {
    into.field('pointer', bytes[at + 4] as number, at + 4, at + 5)
  }
  if (isIcmpError(type)) return at + ICMP_HEADER_LENGTH
  into.data(at + ICMP_HEADER_LENGTH, packet.capturedEnd)
  return -1
}
