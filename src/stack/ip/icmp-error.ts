// Errors that both versions of ICMP have a word for.

import {
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HOST_UNREACHABLE,
  ICMP_NET_UNREACHABLE,
  ICMP_PORT_UNREACHABLE,
  ICMP_PROTOCOL_UNREACHABLE,
  ICMP_REASSEMBLY_TIME_EXCEEDED,
  ICMP_TIME_EXCEEDED,
  ICMP_TTL_EXCEEDED,
  ICMP_UNREACHABLE,
} from '../../wire/icmpv4.ts'
import {
  ICMPV6_ADDRESS_UNREACHABLE,
  ICMPV6_BEYOND_SCOPE,
  ICMPV6_HOP_LIMIT_EXCEEDED,
  ICMPV6_NO_ROUTE,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_PORT_UNREACHABLE,
  ICMPV6_REASSEMBLY_TIME_EXCEEDED,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNKNOWN_NEXT_HEADER,
  ICMPV6_UNREACHABLE,
} from '../../wire/icmpv6.ts'
import { sendIcmpError } from '../ip4/icmpv4-output.ts'
import { sendIcmpv6Error } from '../ip6/icmpv6-output.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { IpPacket } from './ip-packet.ts'

/** Nobody listens at the port that `packet` is for (RFC 1122 section 4.1.3.1, RFC 4443 section 3.1). */
export function sendPortUnreachable(stack: LeanStack, packet: IpPacket): void {
  if (packet.version === 4) sendIcmpError(stack, packet, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, 0, 0)
  else sendIcmpv6Error(stack, packet, ICMPV6_UNREACHABLE, ICMPV6_PORT_UNREACHABLE, 0)
}

/** Nobody here has the protocol of `packet` (RFC 1122 section 3.2.2.1, RFC 8200 section 4: IPv6 says where it stands). */
export function sendProtocolUnreachable(stack: LeanStack, packet: IpPacket): void {
  if (packet.version === 4) {
    sendIcmpError(stack, packet, ICMP_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, 0, 0)
    return
  }
  const pointer = packet.protocolAt - packet.start
  sendIcmpv6Error(stack, packet, ICMPV6_PARAMETER_PROBLEM, ICMPV6_UNKNOWN_NEXT_HEADER, pointer)
}

/** Fragments of `packet`, the first of which it is, did not come in time (RFC 1122 section 3.3.2, RFC 8200 section 4.5). */
export function sendReassemblyTimeExceeded(stack: LeanStack, packet: IpPacket): void {
  if (packet.version === 4) sendIcmpError(stack, packet, ICMP_TIME_EXCEEDED, ICMP_REASSEMBLY_TIME_EXCEEDED, 0, 0)
  else sendIcmpv6Error(stack, packet, ICMPV6_TIME_EXCEEDED, ICMPV6_REASSEMBLY_TIME_EXCEEDED, 0)
}

// Those of a router

/** `packet` has gone far enough (RFC 1812 section 5.3.1, RFC 4443 section 3.3). */
export function sendTtlExceeded(stack: LeanStack, packet: IpPacket): void {
  if (packet.version === 4) sendIcmpError(stack, packet, ICMP_TIME_EXCEEDED, ICMP_TTL_EXCEEDED, 0, 0)
  else sendIcmpv6Error(stack, packet, ICMPV6_TIME_EXCEEDED, ICMPV6_HOP_LIMIT_EXCEEDED, 0)
}

/** There is no way to where `packet` goes (RFC 1812 section 5.2.7.1, RFC 4443 section 3.1). */
export function sendNetUnreachable(stack: LeanStack, packet: IpPacket): void {
  if (packet.version === 4) sendIcmpError(stack, packet, ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE, 0, 0)
  else sendIcmpv6Error(stack, packet, ICMPV6_UNREACHABLE, ICMPV6_NO_ROUTE, 0)
}

/** The host that `packet` is for, or the router to it, does not answer on its link. */
export function sendHostUnreachable(stack: LeanStack, packet: IpPacket): void {
  if (packet.version === 4) sendIcmpError(stack, packet, ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE, 0, 0)
  else sendIcmpv6Error(stack, packet, ICMPV6_UNREACHABLE, ICMPV6_ADDRESS_UNREACHABLE, 0)
}

/** The IPv6 packet would leave the link that its source is an address of (RFC 4007 section 9). */
export function sendBeyondScope(stack: LeanStack, packet: IpPacket): void {
  sendIcmpv6Error(stack, packet, ICMPV6_UNREACHABLE, ICMPV6_BEYOND_SCOPE, 0)
}

/** The next link carries no more than `mtu` octets (RFC 1191 section 4, RFC 4443 section 3.2). */
export function sendTooBig(stack: LeanStack, packet: IpPacket, mtu: number): void {
  if (packet.version === 4) sendIcmpError(stack, packet, ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, 0, mtu)
  else sendIcmpv6Error(stack, packet, ICMPV6_PACKET_TOO_BIG, 0, mtu)
}
