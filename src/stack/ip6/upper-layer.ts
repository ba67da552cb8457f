// Read first: RFC 8200 section 4, RFC 7112.

import { IPV6_HEADER_LENGTH, IPV6_NEXT_HEADER_OFFSET } from '../../wire/ipv6.ts'
import {
  ExtensionHeader,
  FragmentHeader,
  IPV6_FRAGMENT,
  isExtensionHeader,
  readExtension,
  readFragment,
} from '../../wire/ipv6-extension.ts'

const extension = new ExtensionHeader()
const fragment = new FragmentHeader()

/** Where the extension headers of a packet end, and what stands behind them. */
export class UpperLayer {
  protocol = 0
  start = 0
}

/**
 * Finds what the IPv6 packet in `bytes[start, end)` carries behind its extension headers. False where that is not there: the packet
 * was cut off before, or it is a fragment other than the first.
 */
export function findUpperLayer(upper: UpperLayer, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < IPV6_HEADER_LENGTH) return false
  let protocol = bytes[start + IPV6_NEXT_HEADER_OFFSET] as number
  let at = start + IPV6_HEADER_LENGTH
  while (isExtensionHeader(protocol)) {
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
