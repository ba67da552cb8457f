// Read first: RFC 8200 section 4, RFC 4302 section 2 (authentication header), RFC 6564 (why others look alike).
//
//    next header (8) · length (8), in units of 8 octets and not counting the first 8 · …
//    routing:  … · routing type (8) · segments left (8) · …
//    fragment: next header (8) · reserved (8) · fragment offset (13) · 0 (2) · M (1)
//              identification (32)
//    authentication: its length counts units of 4 octets, less 2
//
// What follows an encapsulating security payload cannot be read; that, mobility (RFC 6275) and the experiments are to us upper-layer
// protocols that nobody knows, and draw the answer that these draw (RFC 8200 section 4).

import { read16, read32, write16, write32 } from '../base/bytes.ts'

export const IPV6_HOP_BY_HOP = 0
export const IPV6_ROUTING = 43
export const IPV6_FRAGMENT = 44
export const IPV6_AUTHENTICATION = 51
/** Nothing follows: octets behind it are to be ignored (RFC 8200 section 4.7). */
export const IPV6_NO_NEXT_HEADER = 59
export const IPV6_DESTINATION_OPTIONS = 60

/** The least that any of them takes. */
export const EXTENSION_LENGTH_MIN = 8
export const FRAGMENT_HEADER_LENGTH = 8

/** One extension header, found by readExtension: `bytes[start, end)`. */
export class ExtensionHeader {
  type = 0
  nextHeader = 0
  start = 0
  end = 0
}

/** Whether a next header of this value is an extension header that readExtension reads. */
export function isExtensionHeader(type: number): boolean {
  return (
    type === IPV6_HOP_BY_HOP ||
    type === IPV6_ROUTING ||
    type === IPV6_FRAGMENT ||
    type === IPV6_DESTINATION_OPTIONS ||
    type === IPV6_AUTHENTICATION
  )
}

/**
 * Finds the extent of the extension header of this type that begins at `start`, and what follows it. False where the type is none of
 * the five, or the header is not all in `bytes[start, end)`. A walk: `while (isExtensionHeader(type)) …`, from `header.end` with
 * `header.nextHeader`.
 */
export function readExtension(
  header: ExtensionHeader,
  type: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (!isExtensionHeader(type) || end - start < EXTENSION_LENGTH_MIN) return false
  const length = extensionLength(type, bytes[start + 1] as number)
  if (start + length > end) return false
  header.type = type
  header.nextHeader = bytes[start] as number
  header.start = start
  header.end = start + length
  return true
}

function extensionLength(type: number, length: number): number {
  // What other headers have their length in is reserved here, and to be ignored: RFC 8200 section 4.5.
  if (type === IPV6_FRAGMENT) return FRAGMENT_HEADER_LENGTH
  return type === IPV6_AUTHENTICATION ? (length + 2) << 2 : (length + 1) << 3
}

/** The fields of a fragment header, read into one reused object. */
export class FragmentHeader {
  nextHeader = 0
  /** In octets. */
  offset = 0
  more = false
  /** An int32. */
  identification = 0
}

/** Reads the fragment header in `bytes[start, end)`. False where it is not all there. */
export function readFragment(header: FragmentHeader, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < FRAGMENT_HEADER_LENGTH) return false
  const offset = read16(bytes, start + 2)
  header.nextHeader = bytes[start] as number
  header.offset = offset & 0xfff8
  header.more = (offset & 1) === 1
  header.identification = read32(bytes, start + 4)
  return true
}

/** Writes a fragment header at `at`; `offset` in octets, a multiple of 8. */
export function writeFragment(
  bytes: Uint8Array,
  at: number,
  nextHeader: number,
  offset: number,
  more: boolean,
  identification: number,
): void {
  bytes[at] = nextHeader
  bytes[at + 1] = 0
  write16(bytes, at + 2, (offset & 0xfff8) | (more ? 1 : 0))
  write32(bytes, at + 4, identification)
}

/** The fields that every routing header has, read into one reused object. */
export class RoutingHeader {
  /** Whose way of routing it is; 0 is forbidden (RFC 5095). */
  routingType = 0
  /** Nodes still to be visited; 0: the header is to be ignored, whatever its type (RFC 8200 section 4.4). */
  segmentsLeft = 0
}

/** Reads the routing header in `bytes[start, end)`. False where it is not all there. */
export function readRouting(header: RoutingHeader, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < EXTENSION_LENGTH_MIN) return false
  header.routingType = bytes[start + 2] as number
  header.segmentsLeft = bytes[start + 3] as number
  return true
}
