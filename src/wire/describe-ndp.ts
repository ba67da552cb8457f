// Read first: RFC 4861 section 4, RFC 4191 section 2, RFC 8106 section 5, tcpdump(1).

import { read16, read32 } from '../base/bytes.ts'
import { type Description, hardwareAddressText, ipv6At } from './describe-layer.ts'
import {
  ICMPV6_HEADER_LENGTH,
  ICMPV6_NEIGHBOUR_ADVERTISEMENT,
  ICMPV6_NEIGHBOUR_SOLICITATION,
  ICMPV6_REDIRECT,
  ICMPV6_ROUTER_ADVERTISEMENT,
  ICMPV6_ROUTER_SOLICITATION,
} from './icmpv6.ts'
import { NEIGHBOUR_MESSAGE_LENGTH, REDIRECT_LENGTH, ROUTER_ADVERTISEMENT_LENGTH } from './ndp.ts'
import { DnsSearchList, DnsServers, readDnsSearchList, readDnsServers } from './ndp-dns-options.ts'
import {
  NDP_OPTION_DNSSL,
  NDP_OPTION_MTU,
  NDP_OPTION_NONCE,
  NDP_OPTION_PREFIX_INFORMATION,
  NDP_OPTION_RDNSS,
  NDP_OPTION_REDIRECTED_HEADER,
  NDP_OPTION_ROUTE_INFORMATION,
  NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS,
  NDP_OPTION_TARGET_LINK_LAYER_ADDRESS,
  NDP_REDIRECTED_HEADER_LENGTH,
  NdpOption,
  PrefixInformation,
  RouteInformation,
  readNdpMtu,
  readPrefixInformation,
  readRouteInformation,
} from './ndp-options.ts'
import { preferenceOf, type RouterPreference } from './ndp-preference.ts'

const OPTIONS = new Map([
  [NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS, 'source link-address'],
  [NDP_OPTION_TARGET_LINK_LAYER_ADDRESS, 'destination link-address'],
  [NDP_OPTION_PREFIX_INFORMATION, 'prefix info'],
  [NDP_OPTION_REDIRECTED_HEADER, 'redirected header'],
  [NDP_OPTION_MTU, 'mtu'],
  [NDP_OPTION_NONCE, 'nonce'],
  [NDP_OPTION_ROUTE_INFORMATION, 'route info'],
  [NDP_OPTION_RDNSS, 'rdnss'],
  [NDP_OPTION_DNSSL, 'dnssl'],
])

export function isNdp(type: number): boolean {
  return type >= ICMPV6_ROUTER_SOLICITATION && type <= ICMPV6_REDIRECT
}

function isNeighbour(type: number): boolean {
  return type === ICMPV6_NEIGHBOUR_SOLICITATION || type === ICMPV6_NEIGHBOUR_ADVERTISEMENT
}

/** What a line says of the message at `at` behind its name: ", who has 2001:db8::1" */
export function ndpText(bytes: Uint8Array, type: number, at: number, end: number): string {
  if (isNeighbour(type) && at + NEIGHBOUR_MESSAGE_LENGTH <= end) {
    const target = ipv6At(bytes, at + 8)
    return type === ICMPV6_NEIGHBOUR_SOLICITATION ? `, who has ${target}` : `, tgt is ${target}`
  }
  if (type === ICMPV6_REDIRECT && at + REDIRECT_LENGTH <= end) {
    return `, ${ipv6At(bytes, at + 24)} to ${ipv6At(bytes, at + 8)}`
  }
  return ''
}

/** Octets of a message in front of its options; the header's of any that has none. */
export function ndpHeadLength(type: number): number {
  if (type === ICMPV6_ROUTER_ADVERTISEMENT) return ROUTER_ADVERTISEMENT_LENGTH
  if (type === ICMPV6_REDIRECT) return REDIRECT_LENGTH
  return isNeighbour(type) ? NEIGHBOUR_MESSAGE_LENGTH : ICMPV6_HEADER_LENGTH
}

/** Adds the fields of the message at `at` to its layer, and a layer for each of its options. */
export function describeNdp(into: Description, type: number, at: number, end: number): void {
  const { bytes } = into
  const options = at + ndpHeadLength(type)
  if (options > end) return
  if (type === ICMPV6_ROUTER_ADVERTISEMENT) describeRouterAdvertisement(into, at)
  if (type === ICMPV6_NEIGHBOUR_ADVERTISEMENT) {
    const octet = bytes[at + 4] as number
    into.field('flags', flagsText(octet, ['router', 'solicited', 'override']), at + 4, at + 5)
  }
  if (isNeighbour(type) || type === ICMPV6_REDIRECT) {
    into.field('target address', ipv6At(bytes, at + 8), at + 8, at + 24)
  }
  if (type === ICMPV6_REDIRECT) into.field('destination address', ipv6At(bytes, at + 24), at + 24, at + 40)
  describeOptions(into, options, end)
}

function describeRouterAdvertisement(into: Description, at: number): void {
  const { bytes } = into
  const flags = bytes[at + 5] as number
  into.field('hop limit', bytes[at + 4] as number, at + 4, at + 5)
  into.field('flags', flagsText(flags, ['managed', 'other']), at + 5, at + 6)
  into.field('preference', preferenceText(preferenceOf(flags)), at + 5, at + 6)
  into.field('router lifetime', `${read16(bytes, at + 6)} s`, at + 6, at + 8)
  into.field('reachable time', `${read32(bytes, at + 8) >>> 0} ms`, at + 8, at + 12)
  into.field('retransmission timer', `${read32(bytes, at + 12) >>> 0} ms`, at + 12, at + 16)
}

/** The names of the bits that are set, from the highest. */
function flagsText(octet: number, names: readonly string[]): string {
  return names.filter((_name, i) => (octet & (0x80 >>> i)) !== 0).join(' ') || 'none'
}

function preferenceText(preference: RouterPreference | null): string {
  if (preference === null) return 'reserved'
  return preference === 0 ? 'medium' : preference > 0 ? 'high' : 'low'
}

function describeOptions(into: Description, start: number, end: number): void {
  const option = new NdpOption()
  option.begin(start, end)
  while (option.next(into.bytes)) {
    into.layer('NDP option', option.start, option.end)
    const name = OPTIONS.get(option.type)
    into.field('type', `${option.type} (${name ?? 'unknown'})`, option.start, option.start + 1)
    into.field('length', `${option.end - option.start} octets`, option.start + 1, option.start + 2)
    const text = optionText(into.bytes, option)
    if (option.end - option.start > 2) into.field(name ?? 'data', text, option.start + 2, option.end)
  }
  if (option.end < end) into.cutOff('NDP option', option.end, end)
}

function lifetimeText(seconds: number): string {
  return seconds === 0xffffffff ? 'infinity' : `${seconds} s`
}

function optionText(bytes: Uint8Array, { type, start, end }: NdpOption): string {
  const isAddress = type === NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS || type === NDP_OPTION_TARGET_LINK_LAYER_ADDRESS
  if (isAddress && end - start === 8) return hardwareAddressText(bytes, start + 2)
  if (type === NDP_OPTION_NONCE && end - start === 8) return hardwareAddressText(bytes, start + 2).replaceAll(':', '')
  if (type === NDP_OPTION_MTU && end - start === 8) return `${readNdpMtu(bytes, start, end)}`
  const prefix = new PrefixInformation()
  if (type === NDP_OPTION_PREFIX_INFORMATION && readPrefixInformation(prefix, bytes, start, end)) {
    const flags = flagsText(bytes[start + 3] as number, ['on-link', 'autonomous'])
    const times = `valid ${lifetimeText(prefix.validLifetime)}, preferred ${lifetimeText(prefix.preferredLifetime)}`
    return `${ipv6At(bytes, start + 16)}/${prefix.prefixLength}, ${flags}, ${times}`
  }
  const route = new RouteInformation()
  if (type === NDP_OPTION_ROUTE_INFORMATION && readRouteInformation(route, bytes, start, end)) {
    const preference = preferenceText(route.preference)
    return `${route.prefix}/${route.prefixLength}, ${preference}, ${lifetimeText(route.lifetime)}`
  }
  const servers = new DnsServers()
  if (type === NDP_OPTION_RDNSS && readDnsServers(servers, bytes, start, end)) {
    const addresses = Array.from({ length: servers.count }, (_, i) => ipv6At(bytes, start + 8 + 16 * i))
    return `${addresses.join(' ')}, ${lifetimeText(servers.lifetime)}`
  }
  const search = new DnsSearchList()
  if (type === NDP_OPTION_DNSSL && readDnsSearchList(search, bytes, start, end)) {
    return `${search.names.join(' ')}, ${lifetimeText(search.lifetime)}`
  }
  if (type === NDP_OPTION_REDIRECTED_HEADER) return `${end - start - NDP_REDIRECTED_HEADER_LENGTH} octets`
  return OPTIONS.has(type) ? 'malformed' : `${end - start - 2} octets`
}
