// Read first: RFC 4443, RFC 4861 section 4, RFC 3810 section 5.
//
//    type (8) · code (8) · checksum (16), over the IPv6 pseudo-header as well
//    rest of the header (32): identifier and sequence number, a pointer, an MTU, flags, or unused
//    data, or as much of the packet an error is about as fits in 1280 octets

import { read16, read32, write16, write32 } from '../base/bytes.ts'

export const ICMPV6_HEADER_LENGTH = 8
/** Where the checksum field lies in the header. */
export const ICMPV6_CHECKSUM_OFFSET = 2

// Errors: types below 128
export const ICMPV6_UNREACHABLE = 1
export const ICMPV6_PACKET_TOO_BIG = 2
export const ICMPV6_TIME_EXCEEDED = 3
export const ICMPV6_PARAMETER_PROBLEM = 4

// Informational messages
export const ICMPV6_ECHO_REQUEST = 128
export const ICMPV6_ECHO_REPLY = 129
/** RFC 2710 and RFC 3810: both versions of Multicast Listener Discovery ask with this type. */
export const ICMPV6_MLD_QUERY = 130
export const ICMPV6_MLD_REPORT_V1 = 131
export const ICMPV6_MLD_DONE = 132
export const ICMPV6_ROUTER_SOLICITATION = 133
export const ICMPV6_ROUTER_ADVERTISEMENT = 134
export const ICMPV6_NEIGHBOUR_SOLICITATION = 135
export const ICMPV6_NEIGHBOUR_ADVERTISEMENT = 136
export const ICMPV6_REDIRECT = 137
export const ICMPV6_MLD_REPORT_V2 = 143

// Codes of "destination unreachable", RFC 4443 section 3.1
export const ICMPV6_NO_ROUTE = 0
export const ICMPV6_PROHIBITED = 1
export const ICMPV6_BEYOND_SCOPE = 2
export const ICMPV6_ADDRESS_UNREACHABLE = 3
export const ICMPV6_PORT_UNREACHABLE = 4
export const ICMPV6_SOURCE_POLICY = 5
export const ICMPV6_REJECT_ROUTE = 6

// Codes of "time exceeded", section 3.3
export const ICMPV6_HOP_LIMIT_EXCEEDED = 0
export const ICMPV6_REASSEMBLY_TIME_EXCEEDED = 1

// Codes of "parameter problem", section 3.4
export const ICMPV6_ERRONEOUS_FIELD = 0
export const ICMPV6_UNKNOWN_NEXT_HEADER = 1
export const ICMPV6_UNKNOWN_OPTION = 2
/** RFC 7112 section 5: the first fragment holds not the whole chain of headers. */
export const ICMPV6_INCOMPLETE_HEADER_CHAIN = 3

/** The header of a message, read into one reused object. */
export class Icmpv6Header {
  type = 0
  code = 0
  checksum = 0
  /** The 5th and 6th octet: identifier. */
  high = 0
  /** The 7th and 8th octet: sequence number. */
  low = 0
  /** All four: the MTU of "packet too big", the pointer of "parameter problem". An int32. */
  word = 0
}

/** Reads the header of the message in `bytes[start, end)`. False where it does not fit. The checksum is not verified. */
export function readIcmpv6(header: Icmpv6Header, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < ICMPV6_HEADER_LENGTH) return false
  header.type = bytes[start] as number
  header.code = bytes[start + 1] as number
  header.checksum = read16(bytes, start + 2)
  header.high = read16(bytes, start + 4)
  header.low = read16(bytes, start + 6)
  header.word = read32(bytes, start + 4)
  return true
}

/** Writes the 8 octets of a header at `at`, the checksum field zero; `word` is what follows it. */
export function writeIcmpv6(bytes: Uint8Array, at: number, type: number, code: number, word: number): void {
  bytes[at] = type
  bytes[at + 1] = code
  write16(bytes, at + 2, 0)
  write32(bytes, at + 4, word)
}

/** Whether a message of this type is an error about another packet: the high-order bit is 0 (RFC 4443 section 2.1). */
export function isIcmpv6Error(type: number): boolean {
  return type < 128
}
