// Read first: RFC 8200 sections 3, 4.5 and 5, RFC 6437 section 3 (flow label), RFC 8201.

import { copyBytes } from '../../base/byte-ring.ts'
import { read32 } from '../../base/bytes.ts'
import { IPPROTO_TCP, IPPROTO_UDP } from '../../base/constants.ts'
import { EMSGSIZE } from '../../base/errno.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_NONE } from '../../device/device.ts'
import { IPV6_HEADER_LENGTH, IPV6_PAYLOAD_MAX, writeIpv6 } from '../../wire/ipv6.ts'
import { FRAGMENT_HEADER_LENGTH, IPV6_FRAGMENT, writeFragment } from '../../wire/ipv6-extension.ts'
import { completePartialChecksum } from '../../wire/partial-checksum.ts'
import type { Route } from '../ip/route.ts'
import { sendDown } from '../ip/send-down.ts'
import type { LeanStack } from '../lean-stack.ts'
import { type ExtensionChain, NO_EXTENSIONS } from './extension-chain.ts'

/** What a fragment leaves to a device: nothing. */
const NOTHING = new Offload()

/** The hop limit of packets that ask for no other is the interface's: RFC 4861 section 6.3.2. */
export const HOP_LIMIT_OF_INTERFACE = -1
/** The flow label is a hash of the flow. */
export const FLOW_LABEL_AUTOMATIC = -1

/** ipOutput for IPv6. */
export function ipv6Output(
  stack: LeanStack,
  route: Route,
  protocol: number,
  hopLimit: number,
  trafficClass: number,
  dontFragment: boolean,
  bytes: Uint8Array,
  payloadStart: number,
  payloadEnd: number,
  offload: Offload,
): number {
  const length = payloadEnd - payloadStart
  const pieces = offload.segment === SEGMENT_NONE ? length : offload.headerLength + offload.segmentSize
  if (length > IPV6_PAYLOAD_MAX || IPV6_HEADER_LENGTH + pieces > route.mtu) {
    return ipv6OutputWithHeaders(
      stack,
      route,
      protocol,
      hopLimit,
      trafficClass,
      FLOW_LABEL_AUTOMATIC,
      dontFragment,
      NO_EXTENSIONS,
      bytes,
      payloadStart,
      payloadEnd,
      offload,
    )
  }
  const { source, destination } = route
  const start = payloadStart - IPV6_HEADER_LENGTH
  const label = flowLabel(stack, route, protocol, bytes, payloadStart, length)
  const limit = hopLimit === HOP_LIMIT_OF_INTERFACE ? hopLimitOf(route) : hopLimit
  stack.counters.outRequests++
  writeIpv6(bytes, start, trafficClass, label, length, protocol, limit, source, destination)
  return sendDown(stack, route, bytes, start, payloadEnd, IPV6_HEADER_LENGTH, offload)
}

/**
 * `ipv6Output` with extension headers and a flow label of the caller's choice. A way of its own, like that for packets too long
 * for the path: hardly any has these, and the others shall not pay for them.
 */
export function ipv6OutputWithHeaders(
  stack: LeanStack,
  route: Route,
  protocol: number,
  hopLimit: number,
  trafficClass: number,
  label: number,
  dontFragment: boolean,
  chain: ExtensionChain,
  bytes: Uint8Array,
  payloadStart: number,
  payloadEnd: number,
  offload: Offload,
): number {
  const { counters } = stack
  const { source, destination } = route
  const headers = chain.bytes.length
  const length = headers + payloadEnd - payloadStart
  if (length > IPV6_PAYLOAD_MAX) return -EMSGSIZE
  counters.outRequests++
  const limit = hopLimit === HOP_LIMIT_OF_INTERFACE ? hopLimitOf(route) : hopLimit
  const flow =
    label === FLOW_LABEL_AUTOMATIC
      ? flowLabel(stack, route, protocol, bytes, payloadStart, payloadEnd - payloadStart)
      : label
  const whole = offload.segment === SEGMENT_NONE
  const longest = whole ? length : headers + offload.headerLength + offload.segmentSize
  if (IPV6_HEADER_LENGTH + longest > route.mtu) {
    if (dontFragment || !whole) {
      counters.fragmentFailures++
      return -EMSGSIZE
    }
    return sendFragments(
      stack,
      route,
      protocol,
      limit,
      trafficClass,
      flow,
      chain,
      bytes,
      payloadStart,
      payloadEnd,
      offload,
    )
  }
  const start = payloadStart - headers - IPV6_HEADER_LENGTH
  copyBytes(chain.bytes, 0, headers, bytes, payloadStart - headers)
  if (headers > 0) bytes[payloadStart - headers + chain.last] = protocol
  const next = headers > 0 ? chain.first : protocol
  writeIpv6(bytes, start, trafficClass, flow, length, next, limit, source, destination)
  return sendDown(stack, route, bytes, start, payloadEnd, IPV6_HEADER_LENGTH + headers, offload)
}

// In place: the headers of each fragment overwrite the end of the one before, which has been sent. Only the sender of a packet
// cuts it (RFC 8200 section 4.5).
function sendFragments(
  stack: LeanStack,
  route: Route,
  protocol: number,
  hopLimit: number,
  trafficClass: number,
  label: number,
  chain: ExtensionChain,
  bytes: Uint8Array,
  payloadStart: number,
  payloadEnd: number,
  offload: Offload,
): number {
  const { counters } = stack
  const { source, destination } = route
  offload.join(bytes, payloadEnd)
  if (offload.checksum === CHECKSUM_PARTIAL) {
    completePartialChecksum(bytes, payloadStart + offload.checksumStart, offload.checksumOffset, payloadEnd)
  }
  // Destination options behind the routing header are part of what is cut.
  const { perFragment } = chain
  const rest = chain.bytes.length - perFragment
  const first = payloadStart - rest
  copyBytes(chain.bytes, perFragment, chain.bytes.length, bytes, first)
  if (rest > 0) bytes[first + chain.last - perFragment] = protocol
  const inside = rest > 0 ? nextAfter(chain) : protocol
  const headerLength = IPV6_HEADER_LENGTH + perFragment + FRAGMENT_HEADER_LENGTH
  const size = (route.mtu - headerLength) & ~7
  if (size <= 0) {
    counters.fragmentFailures++
    return -EMSGSIZE
  }
  const identification = stack.identificationV6.next(source, destination)
  counters.fragmented++
  for (let at = first; at < payloadEnd; at += size) {
    const end = Math.min(at + size, payloadEnd)
    const start = at - headerLength
    const fragment = at - FRAGMENT_HEADER_LENGTH
    copyBytes(chain.bytes, 0, perFragment, bytes, start + IPV6_HEADER_LENGTH)
    if (perFragment > 0) bytes[start + IPV6_HEADER_LENGTH + chain.perFragmentLast] = IPV6_FRAGMENT
    writeFragment(bytes, fragment, inside, at - first, end < payloadEnd, identification)
    writeIpv6(
      bytes,
      start,
      trafficClass,
      label,
      end - start - IPV6_HEADER_LENGTH,
      perFragment > 0 ? chain.first : IPV6_FRAGMENT,
      hopLimit,
      source,
      destination,
    )
    const result = sendDown(stack, route, bytes, start, end, headerLength, NOTHING)
    // Without one of them the others are worth nothing.
    if (result < 0) {
      counters.fragmentFailures++
      return result
    }
    counters.fragmentsCreated++
  }
  return 0
}

// The type of the first header that is cut: what the last one in front of it names, or the first of all.
function nextAfter(chain: ExtensionChain): number {
  return chain.perFragment === 0 ? chain.first : (chain.bytes[chain.perFragmentLast] as number)
}

function hopLimitOf(route: Route): number {
  return route.interface.ipv6?.hopLimit ?? 64
}

/**
 * RFC 6437 section 3: the same for every packet of a flow, spread evenly, and nothing to learn from. The first word of the
 * transport header are the ports, where there are some; of ICMP it is type, code and checksum, so only the type counts.
 */
function flowLabel(
  stack: LeanStack,
  route: Route,
  protocol: number,
  bytes: Uint8Array,
  payloadStart: number,
  length: number,
): number {
  const { source, destination } = route
  const hasPorts = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP
  const ports = length < 4 ? 0 : hasPorts ? read32(bytes, payloadStart) : (bytes[payloadStart] as number)
  let hash = Math.imul(ports ^ stack.flowKey, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 15) ^ destination.d, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13) ^ source.d ^ destination.c, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16) ^ protocol ^ destination.a, stack.flowKey)
  return (hash >>> 12) & 0xfffff
}
