// Read first: RFC 4861 section 4.6; RFC 4191 section 2.3 (routes), RFC 3971 section 5.3.2 (nonce).
//
//    type (8) · length (8) in units of 8 octets, these two included · …
//    1, 2   link-layer address of the source, of the target: 6 octets on Ethernet
//    3      prefix length (8) · L A … (8), valid lifetime (32), preferred lifetime (32), reserved (32), prefix (128)
//    4      reserved (48), the packet that a redirect is about, cut to a multiple of 8 octets
//    5      reserved (16), MTU (32)
//    14     nonce, 6 octets or more
//    24     prefix length (8) · preference (2) … (8), lifetime (32), prefix (0, 64 or 128)
//    25, 31 DNS servers and domains: ndp-dns-options.ts
//
// Lifetimes are seconds, 0xffffffff is for ever.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { IpAddress } from '../base/ip-address.ts'
import { readIpv6Address, writeIpv6Address } from './ipv6.ts'
import { preferenceBits, preferenceOf, type RouterPreference } from './ndp-preference.ts'

export const NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS = 1
export const NDP_OPTION_TARGET_LINK_LAYER_ADDRESS = 2
export const NDP_OPTION_PREFIX_INFORMATION = 3
export const NDP_OPTION_REDIRECTED_HEADER = 4
export const NDP_OPTION_MTU = 5
export const NDP_OPTION_NONCE = 14
export const NDP_OPTION_ROUTE_INFORMATION = 24
export const NDP_OPTION_RDNSS = 25
export const NDP_OPTION_DNSSL = 31

/** A lifetime that never ends. */
export const NDP_LIFETIME_INFINITE = 0xffffffff

/** Octets of an option that carries a hardware address, an MTU, or a nonce of six octets. */
export const NDP_SHORT_OPTION_LENGTH = 8
export const NDP_PREFIX_INFORMATION_LENGTH = 32
/** Octets before the packet in a redirected header option. */
export const NDP_REDIRECTED_HEADER_LENGTH = 8

const ON_LINK = 0x80
const AUTONOMOUS = 0x40

/**
 * A walk over the options of a message:
 * `option.begin(message.options, end)`, then `while (option.next(bytes)) …`, each option being `bytes[option.start, option.end)`.
 */
export class NdpOption {
  type = 0
  start = 0
  end = 0
  /** Where the message ends. */
  limit = 0

  /** Begins a walk over the options that lie from `start` to `end`. */
  begin(start: number, end: number): void {
    this.start = start
    this.end = start
    this.limit = end
  }

  /** Goes to the next option; false behind the last, and where one does not fit. */
  next(bytes: Uint8Array): boolean {
    const at = this.end
    if (at + 2 > this.limit) return false
    const length = (bytes[at + 1] as number) << 3
    if (length === 0 || at + length > this.limit) return false
    this.type = bytes[at] as number
    this.start = at
    this.end = at + length
    return true
  }
}

/** Whether `bytes[start, end)` is a row of options, none of length 0 (RFC 4861 section 4.6), that ends where it should. */
export function ndpOptionsFit(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at + 2 <= end) {
    const length = (bytes[at + 1] as number) << 3
    if (length === 0) return false
    at += length
  }
  return at === end
}

/** Six octets, read into one reused object: a hardware address as in ethernet.ts, or a nonce. */
export class NdpSixOctets {
  high = 0
  low = 0
}

/**
 * Reads the address in the source or target link-layer address option in `bytes[start, end)`, or the nonce in a nonce option.
 * False where it is not six octets: a longer nonce is none of ours, and cannot be one that came back.
 */
export function readNdpSixOctets(octets: NdpSixOctets, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== NDP_SHORT_OPTION_LENGTH) return false
  octets.high = read16(bytes, start + 2)
  octets.low = read32(bytes, start + 4)
  return true
}

/** Writes option `type` with six octets at `at` and returns where the next one goes. */
export function writeNdpSixOctets(bytes: Uint8Array, at: number, type: number, high: number, low: number): number {
  bytes[at] = type
  bytes[at + 1] = 1
  write16(bytes, at + 2, high)
  write32(bytes, at + 4, low)
  return at + NDP_SHORT_OPTION_LENGTH
}

/** The MTU in the MTU option in `bytes[start, end)`; −1 where its length is not 8. */
export function readNdpMtu(bytes: Uint8Array, start: number, end: number): number {
  return end - start === NDP_SHORT_OPTION_LENGTH ? read32(bytes, start + 4) >>> 0 : -1
}

/** Writes an MTU option at `at` and returns where the next one goes. */
export function writeNdpMtu(bytes: Uint8Array, at: number, mtu: number): number {
  bytes[at] = NDP_OPTION_MTU
  bytes[at + 1] = 1
  write16(bytes, at + 2, 0)
  write32(bytes, at + 4, mtu)
  return at + NDP_SHORT_OPTION_LENGTH
}

/** A prefix of the link, read into one reused object. */
export class PrefixInformation {
  prefixLength = 0
  /** L: addresses with this prefix are on the link. */
  onLink = false
  /** A: a host may form an address with it. */
  autonomous = false
  validLifetime = 0
  preferredLifetime = 0
  /** As sent: bits behind the prefix are to be ignored. */
  readonly prefix: IpAddress = new IpAddress()
}

/** Reads the prefix information option in `bytes[start, end)`. False where its length or the prefix's cannot be. */
export function readPrefixInformation(
  option: PrefixInformation,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (end - start !== NDP_PREFIX_INFORMATION_LENGTH) return false
  const prefixLength = bytes[start + 2] as number
  if (prefixLength > 128) return false
  const flags = bytes[start + 3] as number
  option.prefixLength = prefixLength
  option.onLink = (flags & ON_LINK) !== 0
  option.autonomous = (flags & AUTONOMOUS) !== 0
  option.validLifetime = read32(bytes, start + 4) >>> 0
  option.preferredLifetime = read32(bytes, start + 8) >>> 0
  readIpv6Address(option.prefix, bytes, start + 16)
  return true
}

/** Writes a prefix information option at `at` and returns where the next one goes. */
export function writePrefixInformation(
  bytes: Uint8Array,
  at: number,
  prefix: IpAddress,
  prefixLength: number,
  onLink: boolean,
  autonomous: boolean,
  validLifetime: number,
  preferredLifetime: number,
): number {
  bytes[at] = NDP_OPTION_PREFIX_INFORMATION
  bytes[at + 1] = NDP_PREFIX_INFORMATION_LENGTH >>> 3
  bytes[at + 2] = prefixLength
  bytes[at + 3] = (onLink ? ON_LINK : 0) | (autonomous ? AUTONOMOUS : 0)
  write32(bytes, at + 4, validLifetime)
  write32(bytes, at + 8, preferredLifetime)
  write32(bytes, at + 12, 0)
  writeIpv6Address(bytes, at + 16, prefix)
  return at + NDP_PREFIX_INFORMATION_LENGTH
}

/**
 * Writes a redirected header option at `at`, with as much of `packet[start, end)` as fits before `limit` in whole units of 8
 * octets, and returns where the next one goes; `at` itself where nothing fits.
 */
export function writeRedirectedHeader(
  bytes: Uint8Array,
  at: number,
  limit: number,
  packet: Uint8Array,
  start: number,
  end: number,
): number {
  const room = Math.min(limit - at, 255 * 8) - NDP_REDIRECTED_HEADER_LENGTH
  const length = Math.min(end - start, room) & ~7
  if (length <= 0) return at
  bytes[at] = NDP_OPTION_REDIRECTED_HEADER
  bytes[at + 1] = (NDP_REDIRECTED_HEADER_LENGTH + length) >>> 3
  write16(bytes, at + 2, 0)
  write32(bytes, at + 4, 0)
  const to = at + NDP_REDIRECTED_HEADER_LENGTH
  for (let i = 0; i < length; i++) bytes[to + i] = packet[start + i] as number
  return to + length
}

/** A route by way of the router that advertises it, read into one reused object. */
export class RouteInformation {
  prefixLength = 0
  preference: RouterPreference = 0
  lifetime = 0
  /** Octets that were not sent are zero; bits behind the prefix are to be ignored. */
  readonly prefix: IpAddress = new IpAddress()
}

/**
 * Reads the route information option in `bytes[start, end)`. False where the prefix does not fit in it, or the preference is the
 * reserved one: RFC 4191 section 2.3 has both ignored.
 */
export function readRouteInformation(option: RouteInformation, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length < 8 || length > 24) return false
  const prefixLength = bytes[start + 2] as number
  const preference = preferenceOf(bytes[start + 3] as number)
  if (prefixLength > (length - 8) * 8 || preference === null) return false
  option.prefixLength = prefixLength
  option.preference = preference
  option.lifetime = read32(bytes, start + 4) >>> 0
  const { prefix } = option
  prefix.a = length >= 16 ? read32(bytes, start + 8) : 0
  prefix.b = length >= 16 ? read32(bytes, start + 12) : 0
  prefix.c = length >= 24 ? read32(bytes, start + 16) : 0
  prefix.d = length >= 24 ? read32(bytes, start + 20) : 0
  return true
}

/** Writes a route information option at `at`, as short as the prefix allows, and returns where the next one goes. */
export function writeRouteInformation(
  bytes: Uint8Array,
  at: number,
  prefix: IpAddress,
  prefixLength: number,
  preference: RouterPreference,
  lifetime: number,
): number {
  const units = prefixLength === 0 ? 1 : prefixLength <= 64 ? 2 : 3
  bytes[at] = NDP_OPTION_ROUTE_INFORMATION
  bytes[at + 1] = units
  bytes[at + 2] = prefixLength
  bytes[at + 3] = preferenceBits(preference)
  write32(bytes, at + 4, lifetime)
  if (units >= 2) {
    write32(bytes, at + 8, prefix.a)
    write32(bytes, at + 12, prefix.b)
  }
  if (units === 3) {
    write32(bytes, at + 16, prefix.c)
    write32(bytes, at + 20, prefix.d)
  }
  return at + units * 8
}
