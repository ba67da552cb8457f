// Read first: RFC 4443, tcpdump(1).

import { read16, read32 } from '../base/bytes.ts'
import { describeMld, mldHeadEnd, mldText } from './describe-group.ts'
import { readPacket } from './describe-ip.ts'
import { checksumText, type Description } from './describe-layer.ts'
import { describeNdp, isNdp, ndpHeadLength, ndpText } from './describe-ndp.ts'
import { type DescribedPacket, endsText, expectedChecksum } from './describe-packet.ts'
import {
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_MLD_DONE,
  ICMPV6_MLD_QUERY,
  ICMPV6_MLD_REPORT_V1,
  ICMPV6_MLD_REPORT_V2,
  ICMPV6_NEIGHBOUR_ADVERTISEMENT,
  ICMPV6_NEIGHBOUR_SOLICITATION,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_PORT_UNREACHABLE,
  ICMPV6_REASSEMBLY_TIME_EXCEEDED,
  ICMPV6_REDIRECT,
  ICMPV6_ROUTER_ADVERTISEMENT,
  ICMPV6_ROUTER_SOLICITATION,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
} from './icmpv6.ts'

const TYPES = new Map([
  [ICMPV6_UNREACHABLE, 'destination unreachable'],
  [ICMPV6_PACKET_TOO_BIG, 'packet too big'],
  [ICMPV6_TIME_EXCEEDED, 'time exceeded'],
  [ICMPV6_PARAMETER_PROBLEM, 'parameter problem'],
  [ICMPV6_ECHO_REQUEST, 'echo request'],
  [ICMPV6_ECHO_REPLY, 'echo reply'],
  [ICMPV6_MLD_QUERY, 'multicast listener query'],
  [ICMPV6_MLD_REPORT_V1, 'multicast listener report'],
  [ICMPV6_MLD_DONE, 'multicast listener done'],
  [ICMPV6_ROUTER_SOLICITATION, 'router solicitation'],
  [ICMPV6_ROUTER_ADVERTISEMENT, 'router advertisement'],
  [ICMPV6_NEIGHBOUR_SOLICITATION, 'neighbor solicitation'],
  [ICMPV6_NEIGHBOUR_ADVERTISEMENT, 'neighbor advertisement'],
  [ICMPV6_REDIRECT, 'redirect'],
  [ICMPV6_MLD_REPORT_V2, 'multicast listener report v2'],
])

const UNREACHABLE = [
  'unreachable route',
  'unreachable prohibited',
  'beyond scope',
  'unreachable address',
  'unreachable port,',
  'source address failed policy',
  'reject route',
]

const PROBLEMS = ['erroneous', 'next header', 'option', 'incomplete header chain']

function typeName(type: number): string {
  return TYPES.get(type) ?? `type ${type}`
}

function isEcho(type: number): boolean {
  return type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY
}

function isMld(type: number): boolean {
  return (type >= ICMPV6_MLD_QUERY && type <= ICMPV6_MLD_DONE) || type === ICMPV6_MLD_REPORT_V2
}

/** The four errors whose form is known. */
function quotes(type: number): boolean {
  return type >= ICMPV6_UNREACHABLE && type <= ICMPV6_PARAMETER_PROBLEM
}

/** "fe80::1 > ff02::1: ICMP6, router advertisement, length 56" */
export function icmpv6Line(bytes: Uint8Array, packet: DescribedPacket): string {
  const at = packet.payload
  const begin = `${endsText(packet)} ICMP6,`
  if (at + ICMPV6_HEADER_LENGTH > packet.capturedEnd) return `${begin} cut off`
  const type = bytes[at] as number
  return `${begin} ${typeName(type)}${messageText(bytes, packet, type)}, length ${packet.end - at}`
}

function messageText(bytes: Uint8Array, packet: DescribedPacket, type: number): string {
  const at = packet.payload
  const end = packet.capturedEnd
  if (isEcho(type)) return `, id ${read16(bytes, at + 4)}, seq ${read16(bytes, at + 6)}`
  if (isNdp(type)) return ndpText(bytes, type, at, end)
  if (isMld(type)) return mldText(bytes, type, at, packet.end, end)
  const code = bytes[at + 1] as number
  const word = read32(bytes, at + 4) >>> 0
  if (!quotes(type)) return code === 0 ? '' : `, code ${code}`
  if (type === ICMPV6_PACKET_TOO_BIG) return `, mtu ${word}`
  if (type === ICMPV6_PARAMETER_PROBLEM) return `, ${PROBLEMS[code] ?? `code ${code}`} - octet ${word}`
  const quoted = readPacket(bytes, at + ICMPV6_HEADER_LENGTH, end)
  const destination = quoted?.destination ?? '?'
  if (type === ICMPV6_TIME_EXCEEDED) {
    if (code > ICMPV6_REASSEMBLY_TIME_EXCEEDED) return ` in-transit, code ${code}`
    return code === ICMPV6_REASSEMBLY_TIME_EXCEEDED ? ' in-transit (reassembly)' : ` in-transit for ${destination}`
  }
  let text = `, ${UNREACHABLE[code] ?? `code ${code}`} ${destination}`
  if (code === ICMPV6_PORT_UNREACHABLE && quoted !== null) text += portText(bytes, quoted)
  return code === 2 && quoted !== null ? `${text}, source address ${quoted.source}` : text
}

function portText(bytes: Uint8Array, quoted: DescribedPacket): string {
  if (quoted.payload + 4 > quoted.capturedEnd || quoted.fragmentOffset > 0) return ''
  const name = quoted.protocol === 6 ? 'tcp' : quoted.protocol === 17 ? 'udp' : `protocol ${quoted.protocol}`
  return ` ${name} port ${read16(bytes, quoted.payload + 2)}`
}

/** Describes the message; returns where a packet that it quotes begins, or −1 where it quotes none. */
export function describeIcmpv6(into: Description, packet: DescribedPacket): number {
  const { bytes } = into
  const at = packet.payload
  const end = packet.capturedEnd
  if (at + ICMPV6_HEADER_LENGTH > end) {
    into.cutOff('ICMPv6', at, end)
    return -1
  }
  const type = bytes[at] as number
  const headEnd = isMld(type) ? mldHeadEnd(type, at, packet.end, end) : at + ndpHeadLength(type)
  into.layer('ICMPv6', at, Math.min(headEnd, end))
  into.field('type', `${type} (${typeName(type)})`, at, at + 1)
  into.field('code', bytes[at + 1] as number, at + 1, at + 2)
  const expected = expectedChecksum(bytes, packet, at + 2, true)
  into.field('checksum', checksumText(read16(bytes, at + 2), expected), at + 2, at + 4)
  if (quotes(type)) {
    const word = read32(bytes, at + 4) >>> 0
    if (type === ICMPV6_PACKET_TOO_BIG) into.field('MTU', word, at + 4, at + 8)
    if (type === ICMPV6_PARAMETER_PROBLEM) into.field('pointer', word, at + 4, at + 8)
    return at + ICMPV6_HEADER_LENGTH
  }
  if (isNdp(type)) {
    describeNdp(into, type, at, end)
  } else if (isMld(type)) {
    describeMld(into, type, at, packet.end, end)
  } else {
    if (isEcho(type)) {
      into.field('identifier', read16(bytes, at + 4), at + 4, at + 6)
      into.field('sequence number', read16(bytes, at + 6), at + 6, at + 8)
    }
    into.data(at + ICMPV6_HEADER_LENGTH, end)
  }
  return -1
}
