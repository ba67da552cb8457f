// Read first: RFC 791 section 3.2 on the fragmentation of options.

import { EMSGSIZE } from '../../base/errno.ts'
import { CHECKSUM_PARTIAL, Offload } from '../../device/device.ts'
import { IPV4_HEADER_LENGTH, IPV4_LENGTH_MAX, writeIpv4 } from '../../wire/ipv4.ts'
import { IPV4_OPTIONS_LENGTH_MAX } from '../../wire/ipv4-options.ts'
import { completePartialChecksum } from '../../wire/partial-checksum.ts'
import type { Route } from '../ip/route.ts'
import { sendDown } from '../ip/send-down.ts'
import type { LeanStack } from '../lean-stack.ts'
import { keepCopied, recordSender } from './recorded-options.ts'

const NOTHING = new Offload()
const sent = new Uint8Array(IPV4_OPTIONS_LENGTH_MAX)

/** Sends the packet in `stack.frame` from `start` to `end` with the IP_OPTIONS of a socket, ourselves entered as its sender. */
export function ipOutputOfSocket(
  stack: LeanStack,
  route: Route,
  protocol: number,
  ttl: number,
  tos: number,
  dontFragment: boolean,
  options: Uint8Array,
  start: number,
  end: number,
  offload: Offload,
): number {
  const { length } = options
  for (let i = 0; i < length; i++) sent[i] = options[i] as number
  recordSender(stack, sent, 0, length, route.source.d)
  return ipOutputWithOptions(
    stack,
    route,
    protocol,
    ttl,
    tos,
    dontFragment,
    sent,
    length,
    stack.frame,
    start,
    end,
    offload,
  )
}

/**
 * `ipOutput` with the first `optionsLength` octets of `options`, a multiple of 4, in the header. They are overwritten where the
 * packet must be cut. A way of its own: hardly a packet has options, and the others shall not pay for them.
 */
export function ipOutputWithOptions(
  stack: LeanStack,
  route: Route,
  protocol: number,
  ttl: number,
  tos: number,
  dontFragment: boolean,
  options: Uint8Array,
  optionsLength: number,
  bytes: Uint8Array,
  payloadStart: number,
  payloadEnd: number,
  offload: Offload,
): number {
  const { source, destination } = route
  const { counters, identification } = stack
  let headerLength = IPV4_HEADER_LENGTH + optionsLength
  const length = headerLength + payloadEnd - payloadStart
  if (length > IPV4_LENGTH_MAX) return -EMSGSIZE
  counters.outRequests++
  const cut = length > route.mtu
  if (cut) {
    if (dontFragment) {
      counters.fragmentFailures++
      return -EMSGSIZE
    }
    counters.fragmented++
    if (offload.checksum === CHECKSUM_PARTIAL) {
      completePartialChecksum(bytes, payloadStart + offload.checksumStart, offload.checksumOffset, payloadEnd)
    }
  }
  const id = dontFragment
    ? identification.atomic(source, destination, 1)
    : identification.next(source, destination, protocol)
  let at = payloadStart
  do {
    const end = cut ? Math.min(at + ((route.mtu - headerLength) & ~7), payloadEnd) : payloadEnd
    const start = at - headerLength
    for (let i = IPV4_HEADER_LENGTH; i < headerLength; i++) {
      bytes[start + i] = options[i - IPV4_HEADER_LENGTH] as number
    }
    writeIpv4(
      bytes,
      start,
      headerLength,
      tos,
      headerLength + end - at,
      id,
      dontFragment,
      end < payloadEnd,
      at - payloadStart,
      ttl,
      protocol,
      source.d,
      destination.d,
    )
    const result = sendDown(stack, route, bytes, start, end, headerLength, cut ? NOTHING : offload)
    if (result < 0) {
      if (cut) counters.fragmentFailures++
      return result
    }
    if (cut) {
      counters.fragmentsCreated++
      headerLength = IPV4_HEADER_LENGTH + keepCopied(options, headerLength - IPV4_HEADER_LENGTH)
    }
    at = end
  } while (at < payloadEnd)
  return 0
}
