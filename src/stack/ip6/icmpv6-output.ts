// Read first: RFC 4443 sections 2.2, 2.4 and 4.2.

import { copyBytes } from '../../base/byte-ring.ts'
import { write16 } from '../../base/bytes.ts'
import { internetChecksum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_ICMPV6 } from '../../base/constants.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { Offload } from '../../device/device.ts'
import {
  ICMPV6_CHECKSUM_OFFSET,
  ICMPV6_ECHO_REPLY,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_REDIRECT,
  ICMPV6_UNKNOWN_OPTION,
  isIcmpv6Error,
  writeIcmpv6,
} from '../../wire/icmpv6.ts'
import { IPV6_HEADER_LENGTH, IPV6_MTU_MIN } from '../../wire/ipv6.ts'
import { FRAME_HEADROOM, ipOutput } from '../ip/ip-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import type { LeanStack } from '../lean-stack.ts'
import { HOP_LIMIT_OF_INTERFACE } from './ipv6-output.ts'
import { findUpperLayer, UpperLayer } from './upper-layer.ts'

const NOTHING = new Offload()
const upper = new UpperLayer()

/**
 * Sends an ICMPv6 error about `packet` to its source, `word` behind its checksum. Not where RFC 4443 section 2.4(e) forbids it:
 * about an ICMPv6 error or a redirect, a packet to many (but that it is too big, or has an option we should know), or one whose
 * source is not a single host; nor more than the rate limits allow.
 */
export function sendIcmpv6Error(stack: LeanStack, packet: IpPacket, type: number, code: number, word: number): void {
  const { source } = packet
  if (source.isUnspecified || source.isMulticast) return
  const ofMany = type === ICMPV6_PACKET_TOO_BIG || (type === ICMPV6_PARAMETER_PROBLEM && code === ICMPV6_UNKNOWN_OPTION)
  if (packet.toMany && !ofMany) return
  // What is wrong may stand in front of the message that it must not be about.
  if (findUpperLayer(upper, packet.bytes, packet.start, packet.payloadEnd) && upper.protocol === IPPROTO_ICMPV6) {
    // An error we cannot see the type of might be one.
    if (packet.payloadEnd <= upper.start) return
    const about = packet.bytes[upper.start] as number
    if (isIcmpv6Error(about) || about === ICMPV6_REDIRECT) return
  }
  const route = replyRoute(stack, packet)
  if (typeof route === 'number') return
  if (!stack.icmpRateLimit.allow(source)) {
    stack.counters.icmpRateLimited++
    return
  }
  const room = IPV6_MTU_MIN - IPV6_HEADER_LENGTH - ICMPV6_HEADER_LENGTH
  const quoted = Math.min(packet.payloadEnd - packet.start, room)
  const { frame } = stack
  const data = FRAME_HEADROOM + ICMPV6_HEADER_LENGTH
  copyBytes(packet.bytes, packet.start, packet.start + quoted, frame, data)
  writeIcmpv6(frame, FRAME_HEADROOM, type, code, word)
  finish(stack, route, data + quoted, 0)
}

/** Answers the echo request in `packet`: same data, from the address that was asked (RFC 4443 section 4.2). */
export function sendEchoReplyV6(stack: LeanStack, packet: IpPacket, word: number): void {
  const route = replyRoute(stack, packet)
  if (typeof route === 'number') return
  const { frame } = stack
  const end = FRAME_HEADROOM + packet.payloadEnd - packet.payloadStart
  copyBytes(packet.bytes, packet.payloadStart, packet.payloadEnd, frame, FRAME_HEADROOM)
  writeIcmpv6(frame, FRAME_HEADROOM, ICMPV6_ECHO_REPLY, 0, word)
  finish(stack, route, end, packet.tos)
}

// RFC 4443 section 2.2: from the address the packet was for, if that is one of ours and one host's.
function replyRoute(stack: LeanStack, packet: IpPacket): Route | number {
  const { destination } = packet
  const source: IpAddress | null = stack.isOwnAddress(destination) ? destination : null
  // Who is on the link is reached by it.
  const out = packet.source.isLinkLocal ? packet.interface : null
  return stack.routeTo(packet.source, source, out === stack.loopback ? null : out)
}

function finish(stack: LeanStack, route: Route, end: number, trafficClass: number): void {
  const { frame } = stack
  const pseudo = pseudoSum(route.source, route.destination, IPPROTO_ICMPV6, end - FRAME_HEADROOM)
  write16(frame, FRAME_HEADROOM + ICMPV6_CHECKSUM_OFFSET, internetChecksum(frame, FRAME_HEADROOM, end, pseudo))
  stack.counters.icmpSent++
  ipOutput(
    stack,
    route,
    IPPROTO_ICMPV6,
    HOP_LIMIT_OF_INTERFACE,
    trafficClass,
    false,
    frame,
    FRAME_HEADROOM,
    end,
    NOTHING,
  )
}
