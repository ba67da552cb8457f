// Read first: RFC 792, RFC 1122 section 3.2.2, RFC 1191 section 4.
//
//    type (8) · code (8) · checksum (16)
//    rest of the header (32): identifier and sequence number, a pointer, an MTU, or unused
//    data, or the IP header and the first octets of the packet an error is about

import { read16, write16 } from '../base/bytes.ts'

export const ICMP_HEADER_LENGTH = 8

export const ICMP_ECHO_REPLY = 0
export const ICMP_UNREACHABLE = 3
export const ICMP_SOURCE_QUENCH = 4
export const ICMP_REDIRECT = 5
export const ICMP_ECHO_REQUEST = 8
export const ICMP_TIME_EXCEEDED = 11
export const ICMP_PARAMETER_PROBLEM = 12
export const ICMP_TIMESTAMP_REQUEST = 13
export const ICMP_TIMESTAMP_REPLY = 14

// Codes of "destination unreachable"
export const ICMP_NET_UNREACHABLE = 0
export const ICMP_HOST_UNREACHABLE = 1
export const ICMP_PROTOCOL_UNREACHABLE = 2
export const ICMP_PORT_UNREACHABLE = 3
export const ICMP_FRAGMENTATION_NEEDED = 4

// Codes of "time exceeded"
export const ICMP_TTL_EXCEEDED = 0
export const ICMP_REASSEMBLY_TIME_EXCEEDED = 1

/** The header of a message, read into one reused object. */
export class IcmpHeader {
  type = 0
  code = 0
  /** The 5th and 6th octet: identifier; the pointer is its high-order octet. */
  high = 0
  /** The 7th and 8th octet: sequence number, MTU of the next hop. */
  low = 0
}

/** Reads the header of the message in `bytes[start, end)`. False where it does not fit. The checksum is not looked at. */
export function readIcmp(header: IcmpHeader, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < ICMP_HEADER_LENGTH) return false
  header.type = bytes[start] as number
  header.code = bytes[start + 1] as number
  header.high = read16(bytes, start + 4)
  header.low = read16(bytes, start + 6)
  return true
}

/** Writes the 8 octets of a header at `at`, the checksum field zero. */
export function writeIcmp(bytes: Uint8Array, at: number, type: number, code: number, high: number, low: number): void {
  bytes[at] = type
  bytes[at + 1] = code
  write16(bytes, at + 2, 0)
  write16(bytes, at + 4, high)
  write16(bytes, at + 6, low)
}

/** Whether a message of this type is an error about another packet: no error is ever sent about one of these. */
export function isIcmpError(type: number): boolean {
  return (
    type === ICMP_UNREACHABLE ||
    type === ICMP_SOURCE_QUENCH ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETER_PROBLEM
  )
}
