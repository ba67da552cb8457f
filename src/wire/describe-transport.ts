// Read first: RFC 9293 section 3.1, RFC 768, tcpdump(1) "TCP Packets".

import { read16, read32 } from '../base/bytes.ts'
import { describeDhcp, dhcpLine, isDhcpPort } from './describe-dhcp.ts'
import { describeDhcp6, dhcp6Line, isDhcp6Port } from './describe-dhcp6.ts'
import { checksumText, type Description } from './describe-layer.ts'
import { type DescribedPacket, endsText, expectedChecksum, portsText } from './describe-packet.ts'
import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, TCP_CHECKSUM_OFFSET, TCP_HEADER_LENGTH, URG } from './tcp.ts'
import {
  OPTION_END,
  OPTION_MSS,
  OPTION_NOP,
  OPTION_SACK,
  OPTION_SACK_PERMITTED,
  OPTION_TIMESTAMPS,
  OPTION_WINDOW_SCALE,
} from './tcp-options.ts'
import { UDP_CHECKSUM_OFFSET, UDP_HEADER_LENGTH } from './udp.ts'

const OPTION_USER_TIMEOUT = 28
const OPTION_FAST_OPEN = 34

/** tcpdump's letters, in its order; '.' is ACK. */
const LETTERS: readonly (readonly [number, string])[] = [
  [FIN, 'F'],
  [SYN, 'S'],
  [RST, 'R'],
  [PSH, 'P'],
  [ACK, '.'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'W'],
  [AE, 'e'],
]

const NAMES: readonly (readonly [number, string])[] = [
  [AE, 'AE'],
  [CWR, 'CWR'],
  [ECE, 'ECE'],
  [URG, 'URG'],
  [ACK, 'ACK'],
  [PSH, 'PSH'],
  [RST, 'RST'],
  [SYN, 'SYN'],
  [FIN, 'FIN'],
]

/** Octets of the TCP header; −1 where it is not all there or too short to be one. */
function tcpHeaderLength(bytes: Uint8Array, packet: DescribedPacket): number {
  const { payload, capturedEnd } = packet
  if (payload + TCP_HEADER_LENGTH > capturedEnd) return -1
  const length = ((bytes[payload + 12] as number) >>> 4) * 4
  return length < TCP_HEADER_LENGTH || payload + length > capturedEnd ? -1 : length
}

function tcpFlags(bytes: Uint8Array, at: number): number {
  return (((bytes[at + 12] as number) & 1) << 8) | (bytes[at + 13] as number)
}

/** "10.0.0.1.4242 > 10.0.0.2.80: Flags [S], seq 1, win 65535, options [mss 1460], length 0", sequence numbers as they are. */
export function tcpLine(bytes: Uint8Array, packet: DescribedPacket): string {
  const at = packet.payload
  if (at + 4 > packet.capturedEnd) return `${endsText(packet)} TCP, cut off`
  const ends = portsText(packet, read16(bytes, at), read16(bytes, at + 2))
  const headerLength = tcpHeaderLength(bytes, packet)
  if (headerLength < 0) return `${ends} TCP, bad or cut-off header`
  const flags = tcpFlags(bytes, at)
  const letters = LETTERS.map(([bit, letter]) => ((flags & bit) === 0 ? '' : letter)).join('')
  const length = packet.end - at - headerLength
  let line = `${ends} Flags [${letters || 'none'}]`
  const seq = read32(bytes, at + 4) >>> 0
  if (length > 0) line += `, seq ${seq}:${(seq + length) >>> 0}`
  else if ((flags & (SYN | FIN | RST)) !== 0) line += `, seq ${seq}`
  if ((flags & ACK) !== 0) line += `, ack ${read32(bytes, at + 8) >>> 0}`
  line += `, win ${read16(bytes, at + 14)}`
  if ((flags & URG) !== 0) line += `, urg ${read16(bytes, at + 18)}`
  if (headerLength > TCP_HEADER_LENGTH) {
    const texts: string[] = []
    eachOption(bytes, at + TCP_HEADER_LENGTH, at + headerLength, (kind, start, end) => {
      texts.push(optionText(bytes, kind, start, end))
    })
    line += `, options [${texts.join(',')}]`
  }
  return `${line}, length ${length}`
}

export function describeTcp(into: Description, packet: DescribedPacket): void {
  const { bytes } = into
  const at = packet.payload
  const headerLength = tcpHeaderLength(bytes, packet)
  if (at + 8 > packet.capturedEnd) {
    into.cutOff('TCP', at, packet.capturedEnd)
    return
  }
  // Eight octets are what an ICMP error must quote.
  into.layer('TCP', at, headerLength < 0 ? at + 8 : at + headerLength)
  into.field('source port', read16(bytes, at), at, at + 2)
  into.field('destination port', read16(bytes, at + 2), at + 2, at + 4)
  into.field('sequence number', read32(bytes, at + 4) >>> 0, at + 4, at + 8)
  if (headerLength < 0) {
    into.cutOff('rest of TCP', at + 8, packet.capturedEnd)
    return
  }
  into.field('acknowledgment number', read32(bytes, at + 8) >>> 0, at + 8, at + 12)
  into.field('data offset', `${headerLength} octets`, at + 12, at + 13)
  const flags = tcpFlags(bytes, at)
  const names = NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
  into.field('flags', names.join(' ') || 'none', at + 12, at + 14)
  into.field('window', read16(bytes, at + 14), at + 14, at + 16)
  const expected = expectedChecksum(bytes, packet, at + TCP_CHECKSUM_OFFSET, true)
  into.field('checksum', checksumText(read16(bytes, at + 16), expected), at + 16, at + 18)
  into.field('urgent pointer', read16(bytes, at + 18), at + 18, at + 20)
  eachOption(bytes, at + TCP_HEADER_LENGTH, at + headerLength, (kind, start, end) => {
    into.field('option', optionText(bytes, kind, start, end), start, end)
  })
  into.data(at + headerLength, packet.capturedEnd)
}

/** Calls `take` for each option; one whose length cannot be right is the last, with `kind` −1. */
function eachOption(
  bytes: Uint8Array,
  start: number,
  end: number,
  take: (kind: number, start: number, end: number) => void,
): void {
  let at = start
  while (at < end) {
    const kind = bytes[at] as number
    if (kind === OPTION_END || kind === OPTION_NOP) {
      take(kind, at, at + 1)
      if (kind === OPTION_END) return
      at++
      continue
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0
    if (length < 2 || at + length > end) {
      take(-1, at, end)
      return
    }
    take(kind, at, at + length)
    at += length
  }
}

function optionText(bytes: Uint8Array, kind: number, start: number, end: number): string {
  const length = end - start
  if (kind === -1) return `bad option ${bytes[start]}`
  if (kind === OPTION_END) return 'eol'
  if (kind === OPTION_NOP) return 'nop'
  if (kind === OPTION_MSS && length === 4) return `mss ${read16(bytes, start + 2)}`
  if (kind === OPTION_WINDOW_SCALE && length === 3) return `wscale ${bytes[start + 2]}`
  if (kind === OPTION_SACK_PERMITTED && length === 2) return 'sackOK'
  if (kind === OPTION_TIMESTAMPS && length === 10) {
    return `TS val ${read32(bytes, start + 2) >>> 0} ecr ${read32(bytes, start + 6) >>> 0}`
  }
  if (kind === OPTION_SACK && length >= 10 && (length - 2) % 8 === 0) {
    let text = `sack ${(length - 2) / 8} `
    for (let at = start + 2; at < end; at += 8) {
      text += `{${read32(bytes, at) >>> 0}:${read32(bytes, at + 4) >>> 0}}`
    }
    return text
  }
  if (kind === OPTION_USER_TIMEOUT && length === 4) {
    const value = read16(bytes, start + 2)
    return `uto ${value & 0x7fff} ${value >>> 15 === 1 ? 'minutes' : 'seconds'}`
  }
  if (kind === OPTION_FAST_OPEN) {
    if (length === 2) return 'tfo cookiereq'
    let cookie = ''
    for (let at = start + 2; at < end; at++) cookie += (bytes[at] as number).toString(16).padStart(2, '0')
    return `tfo cookie ${cookie}`
  }
  return `option ${kind} length ${length}`
}

/** "10.0.0.1.4242 > 10.0.0.2.53: UDP, length 100" */
export function udpLine(bytes: Uint8Array, packet: DescribedPacket): string {
  const at = packet.payload
  if (at + UDP_HEADER_LENGTH > packet.capturedEnd) return `${endsText(packet)} UDP, cut off`
  const ends = portsText(packet, read16(bytes, at), read16(bytes, at + 2))
  const length = read16(bytes, at + 4)
  if (length < UDP_HEADER_LENGTH) return `${ends} UDP, bad length ${length}`
  const payload = at + UDP_HEADER_LENGTH
  if (isDhcp(bytes, packet))
    return `${ends} ${dhcpLine(bytes, payload, dataEnd(packet, length), length - UDP_HEADER_LENGTH)}`
  if (isDhcp6(bytes, packet)) return `${ends} ${dhcp6Line(bytes, payload, dataEnd(packet, length))}`
  return `${ends} UDP, length ${length - UDP_HEADER_LENGTH}`
}

export function describeUdp(into: Description, packet: DescribedPacket): void {
  const { bytes } = into
  const at = packet.payload
  if (at + UDP_HEADER_LENGTH > packet.capturedEnd) {
    into.cutOff('UDP', at, packet.capturedEnd)
    return
  }
  into.layer('UDP', at, at + UDP_HEADER_LENGTH)
  into.field('source port', read16(bytes, at), at, at + 2)
  into.field('destination port', read16(bytes, at + 2), at + 2, at + 4)
  into.field('length', read16(bytes, at + 4), at + 4, at + 6)
  const found = read16(bytes, at + 6)
  const expected = expectedChecksum(bytes, packet, at + UDP_CHECKSUM_OFFSET, true)
  // RFC 768: zero says that there is none, so a computed zero is sent as all ones.
  const text = found === 0 ? '0x0000 (none)' : checksumText(found, expected === 0 ? 0xffff : expected)
  into.field('checksum', text, at + 6, at + 8)
  if (isDhcp(bytes, packet)) describeDhcp(into, at + UDP_HEADER_LENGTH, dataEnd(packet, read16(bytes, at + 4)))
  else if (isDhcp6(bytes, packet)) describeDhcp6(into, at + UDP_HEADER_LENGTH, dataEnd(packet, read16(bytes, at + 4)))
  else into.data(at + UDP_HEADER_LENGTH, packet.capturedEnd)
}

function isDhcp6(bytes: Uint8Array, { version, payload }: DescribedPacket): boolean {
  return version === 6 && isDhcp6Port(read16(bytes, payload), read16(bytes, payload + 2))
}

function isDhcp(bytes: Uint8Array, { version, payload }: DescribedPacket): boolean {
  return version === 4 && isDhcpPort(read16(bytes, payload), read16(bytes, payload + 2))
}

/** Where the data ends of a datagram that says how long it is, and may be cut off. */
function dataEnd({ payload, capturedEnd }: DescribedPacket, length: number): number {
  return Math.max(payload + UDP_HEADER_LENGTH, Math.min(capturedEnd, payload + length))
}
