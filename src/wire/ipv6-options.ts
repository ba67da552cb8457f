// Read first: RFC 8200 section 4.2, RFC 2711 (router alert), RFC 2675 section 2 (jumbo payload), RFC 8504 section 5.3.
//
// In a hop-by-hop or destination options header, behind its first two octets:
//    type (8): action if unknown (2) · may change on the way (1) · … (5)
//    length (8) of the data, data
// Pad1 is one octet, a type without a length.

import { read16, read32, write16 } from '../base/bytes.ts'
import { EXTENSION_LENGTH_MIN } from './ipv6-extension.ts'

export const IPV6_OPTION_PAD1 = 0
export const IPV6_OPTION_PADN = 1
export const IPV6_OPTION_ROUTER_ALERT = 0x05
export const IPV6_OPTION_JUMBO_PAYLOAD = 0xc2

// What to do with the packet: the two bits of the first option that is not known and may not be skipped.
/** Go on: every option is known, or may be skipped. */
export const OPTIONS_ACCEPT = 0
/** Drop the packet and say nothing. */
export const OPTIONS_DISCARD = 1
/** Drop it and send a parameter problem, code 2, whatever the destination. */
export const OPTIONS_REPORT = 2
/** Drop it and send a parameter problem, code 2, unless the destination is a multicast address. */
export const OPTIONS_REPORT_UNICAST = 3

/** In a router alert: the packet carries Multicast Listener Discovery. */
export const ROUTER_ALERT_MLD = 0

/** What a walk over the options of a header found, in one reused object. */
export class Ipv6Options {
  /** One of the four above. */
  action: number = OPTIONS_ACCEPT
  /** Where in `bytes` the option lies that asks for it, or that is malformed; −1: none does. */
  pointer = -1
  /** The value of the router alert; −1: none came. */
  routerAlert = -1
  /** Those that are no padding, up to and including the one that asks for an action. */
  count = 0
  /** The length that a jumbo payload option says; 0: none came. */
  jumboPayload = 0
}

/**
 * Walks the options of the header in `bytes[start, end)`, its first two octets included. False where one does not fit in it or has not
 * the length of its type, and `pointer` says where; then the packet is to be dropped (Linux says nothing to the sender).
 *
 * We differ: a jumbo payload is reported, and asks for what an unknown option of its type would. RFC 2675 lets a node do so that is on
 * no link with packets of more than 65,575 octets.
 */
export function readIpv6Options(options: Ipv6Options, bytes: Uint8Array, start: number, end: number): boolean {
  options.action = OPTIONS_ACCEPT
  options.pointer = -1
  options.routerAlert = -1
  options.jumboPayload = 0
  options.count = 0
  let at = start + 2
  while (at < end) {
    const type = bytes[at] as number
    if (type === IPV6_OPTION_PAD1) {
      at++
      continue
    }
    const next = at + 1 < end ? at + 2 + (bytes[at + 1] as number) : end + 1
    if (next > end || !readOption(options, bytes, type, at, next)) {
      options.pointer = at
      return false
    }
    // Strictly in their order: what stands behind an option that the packet is dropped for is not looked at.
    if (options.action !== OPTIONS_ACCEPT) {
      options.pointer = at
      return true
    }
    at = next
  }
  return at === end
}

/** False where an option of a known type has another length than it should. */
function readOption(options: Ipv6Options, bytes: Uint8Array, type: number, at: number, next: number): boolean {
  if (type === IPV6_OPTION_PADN) return true
  options.count++
  if (type === IPV6_OPTION_ROUTER_ALERT) {
    if (next - at !== 4) return false
    options.routerAlert = read16(bytes, at + 2)
    return true
  }
  if (type === IPV6_OPTION_JUMBO_PAYLOAD) {
    if (next - at !== 6) return false
    options.jumboPayload = read32(bytes, at + 2) >>> 0
  }
  options.action = type >>> 6
  return true
}

/** Writes `count` octets of padding at `at`: Pad1 or PadN. */
export function writeIpv6Padding(bytes: Uint8Array, at: number, count: number): void {
  if (count <= 0) return
  bytes[at] = count === 1 ? IPV6_OPTION_PAD1 : IPV6_OPTION_PADN
  if (count > 1) bytes[at + 1] = count - 2
  for (let i = 2; i < count; i++) bytes[at + i] = 0
}

/** Octets of a hop-by-hop options header with a router alert. */
export const ROUTER_ALERT_HEADER_LENGTH = EXTENSION_LENGTH_MIN

/** Writes a hop-by-hop options header with a router alert and nothing else at `at`. */
export function writeRouterAlertHeader(bytes: Uint8Array, at: number, nextHeader: number, value: number): void {
  bytes[at] = nextHeader
  bytes[at + 1] = 0
  bytes[at + 2] = IPV6_OPTION_ROUTER_ALERT
  bytes[at + 3] = 2
  write16(bytes, at + 4, value)
  writeIpv6Padding(bytes, at + 6, 2)
}
