// Read first: RFC 8200 section 4, RFC 7112, RFC 8504 section 5.3.

import { IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../base/constants.ts'
import { ICMPV6_HEADER_LENGTH } from '../../wire/icmpv6.ts'
import { IPV6_HEADER_LENGTH, IPV6_NEXT_HEADER_OFFSET } from '../../wire/ipv6.ts'
import {
  ExtensionHeader,
  FragmentHeader,
  IPV6_FRAGMENT,
  isExtensionHeader,
  readExtension,
  readFragment,
} from '../../wire/ipv6-extension.ts'
import { TCP_HEADER_LENGTH } from '../../wire/tcp.ts'
import { UDP_HEADER_LENGTH } from '../../wire/udp.ts'

/** Of one packet, those of its fragments counted in: each kind once, but options twice, makes 7 (RFC 8200 section 4.1). */
export const EXTENSION_HEADERS_MAX = 8

const extension = new ExtensionHeader()
const fragment = new FragmentHeader()

/** Where the extension headers of a packet end, and what stands behind them. */
export class UpperLayer {
  protocol = 0
  start = 0
}

/**
 * Finds what the IPv6 packet in `bytes[start, end)` carries behind its extension headers. False where that is not there: the packet
 * was cut off before, it is a fragment other than the first, or there are more headers than we read.
 */
export function findUpperLayer(upper: UpperLayer, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < IPV6_HEADER_LENGTH) return false
  let protocol = bytes[start + IPV6_NEXT_HEADER_OFFSET] as number
  let at = start + IPV6_HEADER_LENGTH
  for (let headers = 0; isExtensionHeader(protocol); headers++) {
    if (headers === EXTENSION_HEADERS_MAX) return false
    if (!readExtension(extension, protocol, bytes, at, end)) return false
    if (protocol === IPV6_FRAGMENT) {
      if (!readFragment(fragment, bytes, at, end) || fragment.offset !== 0) return false
    }
    protocol = extension.nextHeader
    at = extension.end
  }
  upper.protocol = protocol
  upper.start = at
  return true
}

/** Octets of the header of `protocol` that a first fragment must hold, all of it (RFC 7112 section 3); 0: we do not know it. */
export function upperHeaderLength(protocol: number): number {
  if (protocol === IPPROTO_TCP) return TCP_HEADER_LENGTH
  if (protocol === IPPROTO_UDP) return UDP_HEADER_LENGTH
  return protocol === IPPROTO_ICMPV6 ? ICMPV6_HEADER_LENGTH : 0
}
