// Read first: RFC 792, RFC 1122 section 3.2.2, RFC 1812 sections 4.3.2.3 to 4.3.2.8.

import { copyBytes } from '../../base/byte-ring.ts'
import { read16, write16 } from '../../base/bytes.ts'
import { internetChecksum } from '../../base/checksum.ts'
import { IPPROTO_ICMP } from '../../base/constants.ts'
import { Offload } from '../../device/device.ts'
import { ICMP_HEADER_LENGTH, ICMP_PARAMETER_PROBLEM, isIcmpError, writeIcmp } from '../../wire/icmpv4.ts'
import { IPV4_HEADER_LENGTH } from '../../wire/ipv4.ts'
import { IPV4_OPTIONS_LENGTH_MAX } from '../../wire/ipv4-options.ts'
import { FRAME_HEADROOM, ipOutput } from '../ip/ip-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { LeanStack } from '../lean-stack.ts'
import { ipOutputWithOptions } from './ip-output-with-options.ts'
import { returnedOptions } from './recorded-options.ts'

/** RFC 1812 section 4.3.2.3: as much of the packet as fits in 576 octets in all. */
const ERROR_LENGTH_MAX = 576
const DEFAULT_TTL = 64
const OFFSET_MASK = 0x1fff
/** RFC 1812 section 4.3.2.5: errors go with precedence 6, internetwork control, as Linux sends them. */
const ERROR_TOS = 0xc0
const NOTHING = new Offload()
const options = new Uint8Array(IPV4_OPTIONS_LENGTH_MAX)

/**
 * Sends an ICMP error about `packet` to its source, `high` and `low` in the second word of the header. Not where RFC 1122
 * section 3.2.2 forbids it: about an ICMP error, a packet to many, a fragment other than the first, or one whose source is not a
 * single host; nor more than the rate limits allow.
 */
export function sendIcmpError(
  stack: LeanStack,
  packet: IpPacket,
  type: number,
  code: number,
  high: number,
  low: number,
): void {
  const { source, destination } = packet
  if (packet.toMany || source.isUnspecified || source.isMulticast || source.isLimitedBroadcast) return
  if (packet.interface?.isBroadcast(source)) return
  if ((read16(packet.bytes, packet.start + 6) & OFFSET_MASK) !== 0) return
  if (packet.protocol === IPPROTO_ICMP) {
    // An error we cannot see the type of might be one: too short for a type.
    if (packet.payloadEnd <= packet.payloadStart) return
    if (isIcmpError(packet.bytes[packet.payloadStart] as number)) return
  }
  const route = stack.routeTo(source, stack.isOwnAddress(destination) ? destination : null, null)
  if (typeof route === 'number') return
  if (!stack.icmpRateLimit.allow(source)) {
    stack.counters.icmpRateLimited++
    return
  }
  const quoted = Math.min(packet.payloadEnd - packet.start, ERROR_LENGTH_MAX - IPV4_HEADER_LENGTH - ICMP_HEADER_LENGTH)
  const { frame } = stack
  const data = FRAME_HEADROOM + ICMP_HEADER_LENGTH
  copyBytes(packet.bytes, packet.start, packet.start + quoted, frame, data)
  writeIcmp(frame, FRAME_HEADROOM, type, code, high, low)
  const end = data + quoted
  write16(frame, FRAME_HEADROOM + 2, internetChecksum(frame, FRAME_HEADROOM, end))
  stack.counters.icmpSent++
  ipOutput(
    stack,
    route,
    IPPROTO_ICMP,
    DEFAULT_TTL,
    (packet.tos & 0x1e) | ERROR_TOS,
    false,
    frame,
    FRAME_HEADROOM,
    end,
    NOTHING,
  )
}

/**
 * Answers the echo request in `packet`: same data, from the address that was asked, with the route and the times that it
 * has recorded (RFC 1122 section 3.2.2.6).
 */
export function sendEchoReply(stack: LeanStack, packet: IpPacket, high: number, low: number, replyType: number): void {
  const route = stack.routeTo(packet.source, packet.destination, null)
  if (typeof route === 'number') return
  let optionsLength = 0
  if (packet.payloadStart - packet.start > IPV4_HEADER_LENGTH) {
    optionsLength = returnedOptions(stack, packet, options)
    if (optionsLength < 0) {
      stack.counters.badOptions++
      sendIcmpError(stack, packet, ICMP_PARAMETER_PROBLEM, 0, (IPV4_HEADER_LENGTH - 1 - optionsLength) << 8, 0)
      return
    }
  }
  const { frame } = stack
  const end = FRAME_HEADROOM + packet.payloadEnd - packet.payloadStart
  copyBytes(packet.bytes, packet.payloadStart, packet.payloadEnd, frame, FRAME_HEADROOM)
  writeIcmp(frame, FRAME_HEADROOM, replyType, 0, high, low)
  write16(frame, FRAME_HEADROOM + 2, internetChecksum(frame, FRAME_HEADROOM, end))
  stack.counters.icmpSent++
  if (optionsLength === 0) {
    ipOutput(stack, route, IPPROTO_ICMP, DEFAULT_TTL, packet.tos, false, frame, FRAME_HEADROOM, end, NOTHING)
    return
  }
  ipOutputWithOptions(
    stack,
    route,
    IPPROTO_ICMP,
    DEFAULT_TTL,
    packet.tos,
    false,
    options,
    optionsLength,
    frame,
    FRAME_HEADROOM,
    end,
    NOTHING,
  )
}
