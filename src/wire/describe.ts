// Frames in words, for people: the one file that walks through all layers. What cannot be read is said to be so; nothing throws.

import { read16, read32 } from '../base/bytes.ts'
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IGMP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
} from '../base/constants.ts'
import { describeIgmp, igmpLine } from './describe-group.ts'
import { describeIcmp, icmpLine } from './describe-icmp.ts'
import { describeIcmpv6, icmpv6Line } from './describe-icmpv6.ts'
import { describeIp, fragmentText, readPacket } from './describe-ip.ts'
import { type DescribedLayer, Description, hexNumber } from './describe-layer.ts'
import { arpLine, describeArp, describeEthernet, ethernetLength, etherTypeText } from './describe-link.ts'
import { type DescribedPacket, endsText, protocolText } from './describe-packet.ts'
import { describeTcp, describeUdp, tcpLine, udpLine } from './describe-transport.ts'
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './ethernet.ts'
import { IPV6_NO_NEXT_HEADER } from './ipv6-extension.ts'

/** What is less is the length of an IEEE 802.3 frame. */
const ETHERTYPE_MIN = 0x0600
/** IPv4 in IP: RFC 2003. */
const IPPROTO_IPIP = 4
/** Encapsulating security payload: RFC 4303. */
const IPPROTO_ESP = 50

/** Packets in packets are followed this far. */
const TUNNELS_MAX = 3

/**
 * The frame in `bytes[start, end)` in one line, as tcpdump would print it, sequence numbers as they are. `medium` says whether it
 * begins with an Ethernet header or an IP header. Whatever the octets, there is a line.
 *
 * ```ts
 * describeLine(frame, 0, frame.length, 'ethernet')
 * // 'IP 10.0.0.1.4242 > 10.0.0.2.80: Flags [S], seq 1, win 65535, options [mss 1460], length 0'
 * ```
 */
export function describeLine(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip'): string {
  let at = start
  if (medium === 'ethernet') {
    const length = ethernetLength(bytes, start, end)
    if (length < 0) return `Ethernet, cut off, length ${end - start}`
    at = start + length
    const type = read16(bytes, at - 2)
    if (type === ETHERTYPE_ARP) return arpLine(bytes, at, end)
    if (type < ETHERTYPE_MIN) return `802.3, length ${type}`
    if (type !== ETHERTYPE_IPV4 && type !== ETHERTYPE_IPV6) {
      return `ethertype ${etherTypeText(type)}, length ${end - start}`
    }
  }
  return packetLine(bytes, at, end, 0)
}

function packetLine(bytes: Uint8Array, start: number, end: number, tunnels: number): string {
  const packet = readPacket(bytes, start, end)
  if (packet === null) return `IP, bad or cut-off header, length ${end - start}`
  const name = packet.version === 4 ? 'IP' : 'IP6'
  const fragment = fragmentText(packet)
  return `${name} ${payloadLine(bytes, packet, tunnels)}${fragment === '' ? '' : ` ${fragment}`}`
}

function payloadLine(bytes: Uint8Array, packet: DescribedPacket, tunnels: number): string {
  const ends = endsText(packet)
  const { version, protocol, payload } = packet
  if (packet.fragmentOffset > 0) return version === 4 ? `${ends} ${protocolText(protocol)}` : ends
  if (protocol === IPPROTO_TCP) return tcpLine(bytes, packet)
  if (protocol === IPPROTO_UDP) return udpLine(bytes, packet)
  if (version === 4 && protocol === IPPROTO_ICMP) return icmpLine(bytes, packet)
  if (version === 4 && protocol === IPPROTO_IGMP) return igmpLine(bytes, packet)
  if (version === 6 && protocol === IPPROTO_ICMPV6) return icmpv6Line(bytes, packet)
  if (isTunnel(packet, tunnels)) return `${ends} ${packetLine(bytes, payload, packet.capturedEnd, tunnels + 1)}`
  if (version === 6 && protocol === IPV6_NO_NEXT_HEADER) return `${ends} no next header`
  const length = packet.end - payload
  if (protocol === IPPROTO_ESP && payload + 8 <= packet.capturedEnd) {
    const sequence = hexNumber(read32(bytes, payload + 4), 1)
    return `${ends} ESP(spi=${hexNumber(read32(bytes, payload), 8)},seq=${sequence}), length ${length}`
  }
  return `${ends} ${protocolText(protocol)}, length ${length}`
}

function isTunnel({ protocol }: DescribedPacket, tunnels: number): boolean {
  return (protocol === IPPROTO_IPIP || protocol === IPPROTO_IPV6) && tunnels < TUNNELS_MAX
}

/**
 * The frame in `bytes[start, end)` layer by layer, each with its fields in words and the octets that they were read from. A
 * packet that an ICMP error quotes follows as further layers.
 */
export function describeLayers(
  bytes: Uint8Array,
  start: number,
  end: number,
  medium: 'ethernet' | 'ip',
): DescribedLayer[] {
  const into = new Description(bytes)
  if (medium === 'ip') {
    describePacket(into, start, end)
    return into.layers
  }
  const length = ethernetLength(bytes, start, end)
  if (length < 0) {
    into.cutOff('Ethernet', start, end)
    return into.layers
  }
  const at = start + length
  describeEthernet(into, start, at)
  const type = read16(bytes, at - 2)
  if (type === ETHERTYPE_ARP) describeArp(into, at, end)
  else if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) describePacket(into, at, end)
  else into.data(at, end)
  const covered = into.layers.at(-1)?.end ?? end
  if (covered < end) {
    into.layer('padding', covered, end)
    into.field('padding', `${end - covered} octets`, covered, end)
  }
  return into.layers
}

function describePacket(into: Description, start: number, end: number, tunnels = 0): void {
  const packet = readPacket(into.bytes, start, end)
  if (packet === null) {
    into.cutOff('IP', start, end)
    return
  }
  describeIp(into, packet, start)
  const { version, protocol, payload, capturedEnd } = packet
  if (packet.fragmentOffset > 0) into.data(payload, capturedEnd)
  else if (protocol === IPPROTO_TCP) describeTcp(into, packet)
  else if (protocol === IPPROTO_UDP) describeUdp(into, packet)
  else if (version === 4 && protocol === IPPROTO_ICMP) describeQuoted(into, describeIcmp(into, packet), capturedEnd)
  else if (version === 4 && protocol === IPPROTO_IGMP) describeIgmp(into, packet)
  else if (version === 6 && protocol === IPPROTO_ICMPV6) describeQuoted(into, describeIcmpv6(into, packet), capturedEnd)
  else if (isTunnel(packet, tunnels)) describePacket(into, payload, capturedEnd, tunnels + 1)
  else into.data(payload, capturedEnd)
}

/** Describes the packet that an error quotes from `start` on; −1: it quotes none. */
function describeQuoted(into: Description, start: number, end: number): void {
  if (start < 0) return
  // An error never quotes an error (RFC 1122 section 3.2.2); one that does is not followed.
  if (into.prefix !== '') {
    into.data(start, end)
    return
  }
  into.prefix = 'quoted '
  describePacket(into, start, end)
  into.prefix = ''
}
