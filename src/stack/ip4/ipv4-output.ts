// Read first: RFC 791 section 3.2, RFC 1122 section 3.3.3, RFC 6864.

import { EMSGSIZE } from '../../base/errno.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_NONE } from '../../device/device.ts'
import { IPV4_HEADER_LENGTH, IPV4_LENGTH_MAX, writeIpv4 } from '../../wire/ipv4.ts'
import { completePartialChecksum } from '../../wire/partial-checksum.ts'
import type { Route } from '../ip/route.ts'
import { sendDown } from '../ip/send-down.ts'
import type { LeanStack } from '../lean-stack.ts'

/** What a fragment leaves to a device: nothing. */
const NOTHING = new Offload()

/** ipOutput for IPv4. */
export function ipv4Output(
  stack: LeanStack,
  route: Route,
  protocol: number,
  ttl: number,
  tos: number,
  dontFragment: boolean,
  bytes: Uint8Array,
  payloadStart: number,
  payloadEnd: number,
  offload: Offload,
): number {
  const length = IPV4_HEADER_LENGTH + payloadEnd - payloadStart
  if (length > IPV4_LENGTH_MAX) return -EMSGSIZE
  const { source, destination } = route
  stack.counters.outRequests++
  let packets = 1
  if (offload.segment !== SEGMENT_NONE) {
    // It is cut before it meets the link: what counts is the length of the pieces.
    if (IPV4_HEADER_LENGTH + offload.headerLength + offload.segmentSize > route.mtu) return tooBig(stack)
    packets = Math.ceil((payloadEnd - payloadStart - offload.headerLength) / offload.segmentSize)
  } else if (length > route.mtu) {
    if (dontFragment) return tooBig(stack)
    return sendFragments(stack, route, protocol, ttl, tos, bytes, payloadStart, payloadEnd, offload)
  }
  const start = payloadStart - IPV4_HEADER_LENGTH
  const id = dontFragment
    ? stack.identification.atomic(source, destination, packets)
    : stack.identification.next(source, destination, protocol)
  writeIpv4(
    bytes,
    start,
    IPV4_HEADER_LENGTH,
    tos,
    length,
    id,
    dontFragment,
    false,
    0,
    ttl,
    protocol,
    source.d,
    destination.d,
  )
  return sendDown(stack, route, bytes, start, payloadEnd, IPV4_HEADER_LENGTH, offload)
}

function tooBig(stack: LeanStack): number {
  stack.counters.fragmentFailures++
  return -EMSGSIZE
}

// In place: the header of each fragment overwrites the end of the one before, which has been sent.
function sendFragments(
  stack: LeanStack,
  route: Route,
  protocol: number,
  ttl: number,
  tos: number,
  bytes: Uint8Array,
  payloadStart: number,
  payloadEnd: number,
  offload: Offload,
): number {
  offload.join(bytes, payloadEnd)
  if (offload.checksum === CHECKSUM_PARTIAL) {
    completePartialChecksum(bytes, payloadStart + offload.checksumStart, offload.checksumOffset, payloadEnd)
  }
  const { source, destination } = route
  const id = stack.identification.next(source, destination, protocol)
  const size = (route.mtu - IPV4_HEADER_LENGTH) & ~7
  stack.counters.fragmented++
  for (let at = payloadStart; at < payloadEnd; at += size) {
    const end = Math.min(at + size, payloadEnd)
    const start = at - IPV4_HEADER_LENGTH
    writeIpv4(
      bytes,
      start,
      IPV4_HEADER_LENGTH,
      tos,
      IPV4_HEADER_LENGTH + end - at,
      id,
      false,
      end < payloadEnd,
      at - payloadStart,
      ttl,
      protocol,
      source.d,
      destination.d,
    )
    const result = sendDown(stack, route, bytes, start, end, IPV4_HEADER_LENGTH, NOTHING)
    // Without one of them the others are worth nothing.
    if (result < 0) {
      stack.counters.fragmentFailures++
      return result
    }
    stack.counters.fragmentsCreated++
  }
  return 0
}
