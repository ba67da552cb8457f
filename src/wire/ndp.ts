// Read first: RFC 4861 sections 4.1 to 4.5, 6.1, 7.1 and 8.1; RFC 4191 section 2.2 for the preference of a router.
//
// Each message is an ICMPv6 header (type · code 0 · checksum), then
//    router solicitation      reserved (32)
//    router advertisement     hop limit (8) · M O H preference (2) … · router lifetime (16)
//                             reachable time (32)
//                             retransmission timer (32)
//    neighbour solicitation   reserved (32), target (128)
//    neighbour advertisement  R S O … (32), target (128)
//    redirect                 reserved (32), target (128), destination (128)
// and options (ndp-options.ts).
//
// The readers make those of the RFC's checks that the octets of the message alone decide: code 0, its length, every option with
// a length that is not 0 and fits. The checksum, the hop limit of 255 and what hangs on the packet's addresses are the caller's.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { IpAddress } from '../base/ip-address.ts'
import {
  ICMPV6_HEADER_LENGTH,
  ICMPV6_NEIGHBOUR_ADVERTISEMENT,
  ICMPV6_NEIGHBOUR_SOLICITATION,
  ICMPV6_REDIRECT,
  ICMPV6_ROUTER_ADVERTISEMENT,
  ICMPV6_ROUTER_SOLICITATION,
  writeIcmpv6,
} from './icmpv6.ts'
import { readIpv6Address, writeIpv6Address } from './ipv6.ts'
import { ndpOptionsFit } from './ndp-options.ts'
import { preferenceBits, preferenceOf, type RouterPreference } from './ndp-preference.ts'

/** Every packet of Neighbour Discovery is sent with this hop limit, so that one that was forwarded is told by it. */
export const NDP_HOP_LIMIT = 255

export const ROUTER_SOLICITATION_LENGTH = ICMPV6_HEADER_LENGTH
export const ROUTER_ADVERTISEMENT_LENGTH = 16
/** Solicitation and advertisement alike. */
export const NEIGHBOUR_MESSAGE_LENGTH = 24
export const REDIRECT_LENGTH = 40

const MANAGED = 0x80
const OTHER = 0x40
const ROUTER = 1 << 31
const SOLICITED = 1 << 30
const OVERRIDE = 1 << 29

/** The fields of a router advertisement, read into one reused object. */
export class RouterAdvertisement {
  /** For the packets that a host sends; 0: the router does not say. */
  hopLimit = 0
  /** M: addresses are to be had by DHCPv6. */
  managed = false
  /** O: other configuration is to be had by DHCPv6. */
  other = false
  preference: RouterPreference = 0
  /** Seconds that the router serves as default router; 0: it is none. */
  lifetime = 0
  /** Milliseconds; 0: the router does not say. */
  reachableTime = 0
  /** Milliseconds between retransmitted solicitations; 0: the router does not say. */
  retransmitTime = 0
  /** Where the options begin. */
  options = 0
}

/** The fields of a neighbour solicitation or advertisement, read into one reused object. */
export class NeighbourMessage {
  readonly target: IpAddress = new IpAddress()
  /** R: the sender is a router. Of an advertisement, as the next two. */
  router = false
  /** S: sent in answer to a solicitation. */
  solicited = false
  /** O: to replace a hardware address that is known already. */
  override = false
  /** Where the options begin. */
  options = 0
}

/** The fields of a redirect, read into one reused object. */
export class RedirectMessage {
  /** The better first hop; the destination itself where that is on the link. */
  readonly target: IpAddress = new IpAddress()
  readonly destination: IpAddress = new IpAddress()
  /** Where the options begin. */
  options = 0
}

/** Whether `bytes[start, end)` holds a router solicitation whose options fit; these begin behind its 8 octets. */
export function readRouterSolicitation(bytes: Uint8Array, start: number, end: number): boolean {
  return isMessage(bytes, start, end, ROUTER_SOLICITATION_LENGTH)
}

/** Reads the router advertisement in `bytes[start, end)`. False where it is malformed. */
export function readRouterAdvertisement(
  message: RouterAdvertisement,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (!isMessage(bytes, start, end, ROUTER_ADVERTISEMENT_LENGTH)) return false
  const flags = bytes[start + 5] as number
  message.hopLimit = bytes[start + 4] as number
  message.managed = (flags & MANAGED) !== 0
  message.other = (flags & OTHER) !== 0
  message.lifetime = read16(bytes, start + 6)
  // RFC 4191 section 2.2: the reserved value is read as medium, and so is any of a router that is no default router.
  message.preference = message.lifetime === 0 ? 0 : (preferenceOf(flags) ?? 0)
  message.reachableTime = read32(bytes, start + 8) >>> 0
  message.retransmitTime = read32(bytes, start + 12) >>> 0
  message.options = start + ROUTER_ADVERTISEMENT_LENGTH
  return true
}

/**
 * Reads the neighbour solicitation or advertisement in `bytes[start, end)`, whichever its type says. False where it is malformed,
 * or its target a multicast address (RFC 4861 sections 7.1.1 and 7.1.2).
 */
export function readNeighbourMessage(
  message: NeighbourMessage,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (!isMessage(bytes, start, end, NEIGHBOUR_MESSAGE_LENGTH)) return false
  if (bytes[start + 8] === 0xff) return false
  const flags = bytes[start] === ICMPV6_NEIGHBOUR_ADVERTISEMENT ? read32(bytes, start + 4) : 0
  message.router = (flags & ROUTER) !== 0
  message.solicited = (flags & SOLICITED) !== 0
  message.override = (flags & OVERRIDE) !== 0
  readIpv6Address(message.target, bytes, start + 8)
  message.options = start + NEIGHBOUR_MESSAGE_LENGTH
  return true
}

/**
 * Reads the redirect in `bytes[start, end)`. False where it is malformed, is about a multicast address, or its target is neither
 * a link-local address nor the destination (RFC 4861 section 8.1).
 */
export function readRedirect(message: RedirectMessage, bytes: Uint8Array, start: number, end: number): boolean {
  if (!isMessage(bytes, start, end, REDIRECT_LENGTH)) return false
  readIpv6Address(message.target, bytes, start + 8)
  readIpv6Address(message.destination, bytes, start + 24)
  message.options = start + REDIRECT_LENGTH
  if (message.destination.isMulticast) return false
  // fe80::/10
  return message.target.a >>> 22 === 0x3fa || message.target.equals(message.destination)
}

/** What all five have in common: code 0, at least `length` octets, options that fit. */
function isMessage(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  return end - start >= length && bytes[start + 1] === 0 && ndpOptionsFit(bytes, start + length, end)
}

/** Each of these writes a message at `at`, the checksum field zero, and returns where its options go. */
export function writeRouterSolicitation(bytes: Uint8Array, at: number): number {
  writeIcmpv6(bytes, at, ICMPV6_ROUTER_SOLICITATION, 0, 0)
  return at + ROUTER_SOLICITATION_LENGTH
}

/** Writes a router advertisement; units are those of the class RouterAdvertisement. */
export function writeRouterAdvertisement(
  bytes: Uint8Array,
  at: number,
  hopLimit: number,
  managed: boolean,
  other: boolean,
  preference: RouterPreference,
  lifetime: number,
  reachableTime: number,
  retransmitTime: number,
): number {
  writeIcmpv6(bytes, at, ICMPV6_ROUTER_ADVERTISEMENT, 0, 0)
  bytes[at + 4] = hopLimit
  bytes[at + 5] = (managed ? MANAGED : 0) | (other ? OTHER : 0) | preferenceBits(preference)
  write16(bytes, at + 6, lifetime)
  write32(bytes, at + 8, reachableTime)
  write32(bytes, at + 12, retransmitTime)
  return at + ROUTER_ADVERTISEMENT_LENGTH
}

/** Writes a neighbour solicitation. */
export function writeNeighbourSolicitation(bytes: Uint8Array, at: number, target: IpAddress): number {
  writeIcmpv6(bytes, at, ICMPV6_NEIGHBOUR_SOLICITATION, 0, 0)
  writeIpv6Address(bytes, at + 8, target)
  return at + NEIGHBOUR_MESSAGE_LENGTH
}

/** Writes a neighbour advertisement. */
export function writeNeighbourAdvertisement(
  bytes: Uint8Array,
  at: number,
  router: boolean,
  solicited: boolean,
  override: boolean,
  target: IpAddress,
): number {
  const flags = (router ? ROUTER : 0) | (solicited ? SOLICITED : 0) | (override ? OVERRIDE : 0)
  writeIcmpv6(bytes, at, ICMPV6_NEIGHBOUR_ADVERTISEMENT, 0, flags)
  writeIpv6Address(bytes, at + 8, target)
  return at + NEIGHBOUR_MESSAGE_LENGTH
}

/** Writes a redirect. */
export function writeRedirect(bytes: Uint8Array, at: number, target: IpAddress, destination: IpAddress): number {
  writeIcmpv6(bytes, at, ICMPV6_REDIRECT, 0, 0)
  writeIpv6Address(bytes, at + 8, target)
  writeIpv6Address(bytes, at + 24, destination)
  return at + REDIRECT_LENGTH
}
