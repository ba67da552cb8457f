// Read first: RFC 792, RFC 1191 section 4, RFC 4443, RFC 4861 section 4.

import { read16 } from '../base/bytes.ts'
import { type DescribedPacket, expectedChecksum, ipv6At, protocolText, readPacket } from './describe-ip.ts'
import { checksumText, type Description, ipv4At } from './describe-layer.ts'

const ICMP_HEADER_LENGTH = 8

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

const TYPES6 = new Map([
  [1, 'destination unreachable'],
  [2, 'packet too big'],
  [3, 'time exceeded'],
  [4, 'parameter problem'],
  [128, 'echo request'],
  [129, 'echo reply'],
  [130, 'multicast listener query'],
  [131, 'multicast listener report'],
  [133, 'router solicitation'],
  [134, 'router advertisement'],
  [135, 'neighbor solicitation'],
  [136, 'neighbor advertisement'],
  [137, 'redirect'],
  [143, 'multicast listener report v2'],
])

function typeName(packet: DescribedPacket, type: number): string {
  return (packet.version === 4 ? TYPES : TYPES6).get(type) ?? `type ${type}`
}

function isEcho(packet: DescribedPacket, type: number): boolean {
  return packet.version === 4 ? type === 8 || type === 0 : type === 128 || type === 129
}

/** Whether what follows the 8 octets of the header is the packet that caused the message. */
export function quotes(packet: DescribedPacket, type: number): boolean {
  return packet.version === 4
    ? type === 3 || type === 4 || type === 5 || type === 11 || type === 12
    : type >= 1 && type <= 4
}

/** "10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64" */
export function icmpLine(bytes: Uint8Array, packet: DescribedPacket): string {
  const at = packet.payload
  const name = packet.version === 4 ? 'ICMP' : 'ICMP6,'
  const begin = `${packet.source} > ${packet.destination}: ${name}`
  if (at + ICMP_HEADER_LENGTH > packet.capturedEnd) return `${begin} cut off`
  const type = bytes[at] as number
  const text = packet.version === 4 ? icmp4Text(bytes, packet, type) : icmp6Text(bytes, packet, type)
  return `${begin} ${text}, length ${packet.end - at}`
}

function icmp4Text(bytes: Uint8Array, packet: DescribedPacket, type: number): string {
  const at = packet.payload
  const code = bytes[at + 1] as number
  if (isEcho(packet, type)) return echoText(bytes, packet, type)
  const quoted = quotes(packet, type) ? readPacket(bytes, at + ICMP_HEADER_LENGTH, packet.capturedEnd) : null
  if (type === 3) return unreachableText(bytes, quoted, code, read16(bytes, at + 6))
  if (type === 11) return code === 1 ? 'ip reassembly time exceeded' : 'time exceeded in-transit'
  if (type === 12) return `parameter problem - octet ${bytes[at + 4]}`
  if (type === 5)
    return `redirect ${quoted?.destination ?? '?'} to ${code === 0 ? 'net' : 'host'} ${ipv4At(bytes, at + 4)}`
  return code === 0 ? typeName(packet, type) : `${typeName(packet, type)}, code ${code}`
}

function echoText(bytes: Uint8Array, packet: DescribedPacket, type: number): string {
  const at = packet.payload
  return `${typeName(packet, type)}, id ${read16(bytes, at + 4)}, seq ${read16(bytes, at + 6)}`
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

function icmp6Text(bytes: Uint8Array, packet: DescribedPacket, type: number): string {
  const at = packet.payload
  if (isEcho(packet, type)) return echoText(bytes, packet, type)
  const whole = at + 24 <= packet.capturedEnd
  if (type === 135 && whole) return `neighbor solicitation, who has ${ipv6At(bytes, at + 8)}`
  if (type === 136 && whole) return `neighbor advertisement, tgt is ${ipv6At(bytes, at + 8)}`
  if (type === 2) return `packet too big, mtu ${read16(bytes, at + 6)}`
  const code = bytes[at + 1] as number
  return code === 0 ? typeName(packet, type) : `${typeName(packet, type)}, code ${code}`
}

/** Describes the header; returns where a packet that it quotes begins, or −1 where it quotes none. */
export function describeIcmp(into: Description, packet: DescribedPacket): number {
  const { bytes } = into
  const at = packet.payload
  const name = packet.version === 4 ? 'ICMP' : 'ICMPv6'
  if (at + ICMP_HEADER_LENGTH > packet.capturedEnd) {
    into.cutOff(name, at, packet.capturedEnd)
    return -1
  }
  const type = bytes[at] as number
  into.layer(name, at, at + ICMP_HEADER_LENGTH)
  into.field('type', `${type} (${typeName(packet, type)})`, at, at + 1)
  into.field('code', bytes[at + 1] as number, at + 1, at + 2)
  const expected = expectedChecksum(bytes, packet, at + 2, packet.version === 6)
  into.field('checksum', checksumText(read16(bytes, at + 2), expected), at + 2, at + 4)
  if (isEcho(packet, type)) {
    into.field('identifier', read16(bytes, at + 4), at + 4, at + 6)
    into.field('sequence number', read16(bytes, at + 6), at + 6, at + 8)
  } else if ((packet.version === 4 && type === 3 && bytes[at + 1] === 4) || (packet.version === 6 && type === 2)) {
    into.field('MTU', read16(bytes, at + 6), at + 6, at + 8)
  } else if (packet.version === 4 && type === 5) {
    into.field('gateway', ipv4At(bytes, at + 4), at + 4, at + 8)
  } else if (packet.version === 4 && type === 12) {
    into.field('pointer', bytes[at + 4] as number, at + 4, at + 5)
  } else if (packet.version === 6 && (type === 135 || type === 136) && at + 24 <= packet.capturedEnd) {
    into.field('target address', ipv6At(bytes, at + 8), at + 8, at + 24)
  }
  if (quotes(packet, type)) return at + ICMP_HEADER_LENGTH
  into.data(at + ICMP_HEADER_LENGTH, packet.capturedEnd)
  return -1
}
