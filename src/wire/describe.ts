// Frames in words, for people: the one file that walks through all layers. What cannot be read is said to be so; nothing throws.

import { read16 } from '../base/bytes.ts'
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../base/constants.ts'
import { describeIcmp, icmpLine } from './describe-icmp.ts'
import { type DescribedPacket, describeIp, fragmentText, protocolText, readPacket } from './describe-ip.ts'
import { type DescribedLayer, Description } from './describe-layer.ts'
import { arpLine, describeArp, describeEthernet, ethernetLength, etherTypeText } from './describe-link.ts'
import { describeTcp, describeUdp, tcpLine, udpLine } from './describe-transport.ts'
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from './ethernet.ts'

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
    if (type !== ETHERTYPE_IPV4 && type !== ETHERTYPE_IPV6) {
      return `ethertype ${etherTypeText(type)}, length ${end - start}`
    }
  }
  const packet = readPacket(bytes, at, end)
  if (packet === null) return `IP, bad or cut-off header, length ${end - at}`
  const name = packet.version === 4 ? 'IP' : 'IP6'
  const fragment = fragmentText(packet)
  return `${name} ${payloadLine(bytes, packet)}${fragment === '' ? '' : ` ${fragment}`}`
}

function payloadLine(bytes: Uint8Array, packet: DescribedPacket): string {
  const ends = `${packet.source} > ${packet.destination}:`
  if (packet.fragmentOffset > 0) return `${ends} ${protocolText(packet.protocol)}`
  if (packet.protocol === IPPROTO_TCP) return tcpLine(bytes, packet)
  if (packet.protocol === IPPROTO_UDP) return udpLine(bytes, packet)
  if (isIcmp(packet)) return icmpLine(bytes, packet)
  return `${ends} ${protocolText(packet.protocol)}, length ${packet.end - packet.payload}`
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

function describePacket(into: Description, start: number, end: number): void {
  const packet = readPacket(into.bytes, start, end)
  if (packet === null) {
    into.cutOff('IP', start, end)
    return
  }
  describeIp(into, packet, start)
  if (packet.fragmentOffset > 0) {
    into.data(packet.payload, packet.capturedEnd)
  } else if (packet.protocol === IPPROTO_TCP) {
    describeTcp(into, packet)
  } else if (packet.protocol === IPPROTO_UDP) {
    describeUdp(into, packet)
  } else if (isIcmp(packet)) {
    const quoted = describeIcmp(into, packet)
    // An error never quotes an error (RFC 1122 section 3.2.2); one that does is not followed.
    if (quoted >= 0 && into.prefix === '') {
      into.prefix = 'quoted '
      describePacket(into, quoted, packet.capturedEnd)
      into.prefix = ''
    } else if (quoted >= 0) {
      into.data(quoted, packet.capturedEnd)
    }
  } else {
    into.data(packet.payload, packet.capturedEnd)
  }
}

function isIcmp(packet: DescribedPacket): boolean {
  return packet.protocol === (packet.version === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)
}
