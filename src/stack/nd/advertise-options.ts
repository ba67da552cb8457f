// Read first: RFC 4861 sections 6.2.1 and 10, RFC 4191 section 2, RFC 8106 section 5.

import { checkBoolean, checkInteger, checkOptions, given } from '../../base/argument.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { IPV6_MTU_MIN } from '../../wire/ipv6.ts'
import { writeDnsSearchList } from '../../wire/ndp-dns-options.ts'
import { NDP_LIFETIME_INFINITE } from '../../wire/ndp-options.ts'
import type { RouterPreference } from '../../wire/ndp-preference.ts'
import { parseAddress, parsePrefix } from '../ip/prefix-text.ts'
import { maskedPrefix } from './masked-prefix.ts'

/** A prefix that a router advertises; lifetimes in seconds, Infinity is for ever. */
export interface AdvertisedPrefix {
  /** "2001:db8:1::/64" */
  readonly prefix: string
  /** Addresses with it are on the link. Default true. */
  readonly onLink?: boolean
  /** Hosts may form addresses with it, where it has 64 bits. Default true. */
  readonly autonomous?: boolean
  /** Default 30 days, and 7 days (RFC 4861 section 6.2.1). */
  readonly validLifetime?: number
  readonly preferredLifetime?: number
}

/** A way beyond the router that it advertises; its lifetime in seconds, default that of the resolvers. */
export interface AdvertisedRoute {
  readonly prefix: string
  readonly preference?: 'low' | 'medium' | 'high'
  readonly lifetime?: number
}

/** What a router tells the hosts of a link. All times are seconds, except where they say otherwise. */
export interface AdvertiseOptions {
  /** Prefixes of the link: as text, where the defaults are right. */
  readonly prefixes?: readonly (string | AdvertisedPrefix)[]
  /** How long the router serves as default router, 0 to 65535; 0: it is none. Default three times the interval. */
  readonly lifetime?: number
  /** Among several default routers. Default 'medium'. */
  readonly preference?: 'low' | 'medium' | 'high'
  /** The longest time between two advertisements, 4 to 1800, and the shortest is a third of it. Default 600. */
  readonly interval?: number
  /** The hop limit for hosts to use; 0: none is named. Default 64. */
  readonly hopLimit?: number
  /** The MTU for hosts to use; none is named by default. */
  readonly mtu?: number
  /** Milliseconds that hosts take each other to be reachable, and wait between solicitations; 0, the default: none is named. */
  readonly reachableTime?: number
  readonly retransmitTime?: number
  /** Addresses, or other configuration, are to be had by DHCPv6. Default false. */
  readonly managed?: boolean
  readonly other?: boolean
  readonly routes?: readonly AdvertisedRoute[]
  /** Addresses of resolvers, and domains to search. */
  readonly nameServers?: readonly string[]
  readonly searchDomains?: readonly string[]
}

/** The same, read. Times are seconds as they go into the fields. */
export interface AdvertiseSettings {
  readonly prefixes: readonly {
    readonly prefix: IpAddress
    readonly length: number
    readonly onLink: boolean
    readonly autonomous: boolean
    readonly validLifetime: number
    readonly preferredLifetime: number
  }[]
  readonly routes: readonly {
    readonly prefix: IpAddress
    readonly length: number
    readonly preference: RouterPreference
    readonly lifetime: number
  }[]
  readonly lifetime: number
  readonly preference: RouterPreference
  readonly interval: number
  readonly hopLimit: number
  readonly mtu: number | null
  readonly reachableTime: number
  readonly retransmitTime: number
  readonly managed: boolean
  readonly other: boolean
  readonly nameServers: readonly IpAddress[]
  readonly searchDomains: readonly string[]
  /** Of the resolvers and domains: RFC 8106 section 5.1. */
  readonly nameLifetime: number
}

const KEYS: readonly (keyof AdvertiseOptions)[] = [
  'prefixes',
  'lifetime',
  'preference',
  'interval',
  'hopLimit',
  'mtu',
  'reachableTime',
  'retransmitTime',
  'managed',
  'other',
  'routes',
  'nameServers',
  'searchDomains',
]
const PREFIX_KEYS: readonly (keyof AdvertisedPrefix)[] = [
  'prefix',
  'onLink',
  'autonomous',
  'validLifetime',
  'preferredLifetime',
]
const ROUTE_KEYS: readonly (keyof AdvertisedRoute)[] = ['prefix', 'preference', 'lifetime']

const PREFERENCES = new Map<unknown, RouterPreference>([
  ['low', -1],
  ['medium', 0],
  ['high', 1],
])

/** Seconds: RFC 4861 sections 6.2.1 and 10. */
const INTERVAL_DEFAULT = 600
const VALID_DEFAULT = 2_592_000
const PREFERRED_DEFAULT = 604_800

/** Reads what a router shall advertise on a link of `mtu` octets. TypeError and RangeError name the option that cannot be. */
export function readAdvertiseOptions(options: AdvertiseOptions, mtu: number): AdvertiseSettings {
  checkOptions('options', options, KEYS)
  const interval = integer('interval', options.interval, INTERVAL_DEFAULT, 4, 1800)
  const nameLifetime = 3 * interval
  if (options.mtu !== undefined) checkInteger('mtu', options.mtu, IPV6_MTU_MIN, mtu)
  checkBoolean('managed', options.managed)
  checkBoolean('other', options.other)
  const settings: AdvertiseSettings = {
    prefixes: list('prefixes', options.prefixes).map(readPrefix),
    routes: list('routes', options.routes).map((route, i) => readRoute(route, i, nameLifetime)),
    lifetime: integer('lifetime', options.lifetime, 3 * interval, 0, 65535),
    preference: preferenceNamed('preference', options.preference),
    interval,
    hopLimit: integer('hopLimit', options.hopLimit, 64, 0, 255),
    mtu: options.mtu ?? null,
    reachableTime: integer('reachableTime', options.reachableTime, 0, 0, 3_600_000),
    retransmitTime: integer('retransmitTime', options.retransmitTime, 0, 0, 3_600_000),
    managed: options.managed ?? false,
    other: options.other ?? false,
    nameServers: list('nameServers', options.nameServers).map((text, i) => v6Address(text, `nameServers[${i}]`)),
    searchDomains: list('searchDomains', options.searchDomains).map(domain),
    nameLifetime,
  }
  if (settings.nameServers.length > 127) {
    throw new RangeError(`nameServers must be at most 127, got ${settings.nameServers.length}`)
  }
  if (
    settings.searchDomains.length > 0 &&
    writeDnsSearchList(new Uint8Array(2048), 0, 0, settings.searchDomains) === 0
  ) {
    throw new RangeError('searchDomains must fit in 2032 octets')
  }
  return settings
}

function readPrefix(given: string | AdvertisedPrefix, i: number): AdvertiseSettings['prefixes'][number] {
  const option: AdvertisedPrefix = typeof given === 'string' ? { prefix: given } : given
  const name = `prefixes[${i}]`
  checkOptions(name, option, PREFIX_KEYS)
  checkBoolean(`${name}.onLink`, option.onLink)
  checkBoolean(`${name}.autonomous`, option.autonomous)
  const validLifetime = lifetime(`${name}.validLifetime`, option.validLifetime, VALID_DEFAULT)
  const preferredDefault = Math.min(PREFERRED_DEFAULT, validLifetime)
  const preferredLifetime = lifetime(`${name}.preferredLifetime`, option.preferredLifetime, preferredDefault)
  if (preferredLifetime > validLifetime) {
    throw new RangeError(
      `${name}.preferredLifetime must be at most the valid lifetime ${validLifetime}, got ${preferredLifetime}`,
    )
  }
  const { onLink = true, autonomous = true } = option
  return { ...v6Prefix(option.prefix, `${name}.prefix`), onLink, autonomous, validLifetime, preferredLifetime }
}

function readRoute(option: AdvertisedRoute, i: number, standard: number): AdvertiseSettings['routes'][number] {
  const name = `routes[${i}]`
  checkOptions(name, option, ROUTE_KEYS)
  return {
    ...v6Prefix(option.prefix, `${name}.prefix`),
    preference: preferenceNamed(`${name}.preference`, option.preference),
    lifetime: lifetime(`${name}.lifetime`, option.lifetime, standard),
  }
}

function v6Prefix(text: string, name: string): { readonly prefix: IpAddress; readonly length: number } {
  const { address, length } = parsePrefix(text, name)
  if (address.isV4 || address.isLinkLocal || address.isMulticast) {
    throw new RangeError(`${name} must be an IPv6 prefix beyond the link, got ${given(text)}`)
  }
  return { prefix: maskedPrefix(address, length), length }
}

function v6Address(text: string, name: string): IpAddress {
  const address = parseAddress(text, name)
  if (address.isV4 || address.isMulticast || address.isUnspecified) {
    throw new RangeError(`${name} must be an IPv6 address of a host, got ${given(text)}`)
  }
  return address
}

function domain(text: string, i: number): string {
  // The writer knows what a name is.
  if (typeof text === 'string' && writeDnsSearchList(new Uint8Array(512), 0, 0, [text]) > 0) return text
  throw new TypeError(`searchDomains[${i}] must be a domain name, got ${given(text)}`)
}

function list<T>(name: string, value: readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array, got ${given(value)}`)
  return value
}

function integer(name: string, value: number | undefined, standard: number, low: number, high: number): number {
  if (value === undefined) return standard
  checkInteger(name, value, low, high)
  return value
}

function lifetime(name: string, value: number | undefined, standard: number): number {
  return value === Number.POSITIVE_INFINITY
    ? NDP_LIFETIME_INFINITE
    : integer(name, value, standard, 0, NDP_LIFETIME_INFINITE)
}

function preferenceNamed(name: string, value: unknown): RouterPreference {
  const preference = PREFERENCES.get(value ?? 'medium')
  if (preference === undefined) throw new TypeError(`${name} must be 'low', 'medium' or 'high', got ${given(value)}`)
  return preference
}
