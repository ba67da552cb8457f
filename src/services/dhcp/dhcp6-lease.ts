// Read first: RFC 8415 sections 14.2, 18.2.9, 18.2.10 and 21.4, RFC 3646. What a server says is believed as far as it can be.

import type { IpAddress } from '../../base/ip-address.ts'
import { uint32Of } from '../../wire/dhcp-values.ts'
import type { Dhcp6Message } from '../../wire/dhcp6.ts'
import * as OPTION from '../../wire/dhcp6-options.ts'
import {
  associationOf,
  DHCP6_INFINITE,
  domainListOf,
  type IdentityAssociation,
  ipv6AddressesOf,
  STATUS_NO_ADDRS_AVAIL,
  STATUS_SUCCESS,
  statusOf,
} from '../../wire/dhcp6-values.ts'

/** Of a list no more is taken; and of addresses, since one was asked for. */
const LIST_MAX = 16
const ADDRESSES_MAX = 4
/** Section 14.2: of the shortest preferred lifetime, where the server leaves it to us. */
const RENEWAL_SHARE = 0.5
const REBINDING_SHARE = 0.8
/** Section 21.23, in seconds: IRT_DEFAULT and IRT_MINIMUM. */
const REFRESH_TIME = 86_400
const REFRESH_LEAST = 600

/** Instants are milliseconds of the provider's clock; Infinity: never. */
export interface Dhcp6Address {
  readonly address: string
  /** After that it begins nothing new. */
  readonly preferredUntil: number
  readonly validUntil: number
}

/** Addresses for a while, and what a server says besides; what says nothing of addresses has none. */
export interface Dhcp6Lease {
  readonly addresses: readonly Dhcp6Address[]
  /** By what the server is known: its DUID. */
  readonly server: Uint8Array
  /** Those of the link are written with it: "fe80::1%eth0". */
  readonly nameServers: readonly string[]
  readonly search: readonly string[]
  /** When the server is asked again, when all are, and when the last address is over. */
  readonly renewAt: number
  readonly rebindAt: number
  readonly expiresAt: number
  /** The first of each kind as it came, by number. */
  readonly options: ReadonlyMap<number, Uint8Array>
}

/** What an answer says of addresses: a lease, or the number of a status, why there is none. null: it cannot be believed. */
export function leaseOf6(
  message: Dhcp6Message,
  iaid: number,
  askedAt: number,
  interfaceName: string,
): Dhcp6Lease | number | null {
  const status = statusOf(message.options)
  if (status !== STATUS_SUCCESS) return status
  const ia = ownAssociation(message, iaid)
  if (ia === null) return null
  if (ia.status !== STATUS_SUCCESS) return ia.status
  const usable = ia.addresses.filter(({ address, valid }) => valid > 0 && isHost(address))
  if (usable.length === 0) return STATUS_NO_ADDRS_AVAIL
  const addresses = usable.slice(0, ADDRESSES_MAX).map(({ address, preferred, valid }) => ({
    address: address.toString(),
    preferredUntil: instant(askedAt, preferred),
    validUntil: instant(askedAt, valid),
  }))
  return { addresses, ...restOf(message, interfaceName), ...timesOf(ia, addresses, askedAt) }
}

/** What an answer says besides addresses, which is asked for again when its time is over; null: it cannot be believed. */
export function informationOf(message: Dhcp6Message, askedAt: number, interfaceName: string): Dhcp6Lease | null {
  if (statusOf(message.options) !== STATUS_SUCCESS) return null
  const told = uint32Of(OPTION.dhcp6Value(message.options, OPTION.DHCP6_INFORMATION_REFRESH_TIME) ?? new Uint8Array())
  const seconds = Math.max(REFRESH_LEAST, told ?? REFRESH_TIME)
  return {
    addresses: [],
    ...restOf(message, interfaceName),
    renewAt: instant(askedAt, seconds),
    rebindAt: Number.POSITIVE_INFINITY,
    expiresAt: Number.POSITIVE_INFINITY,
  }
}

/** Section 21.4: one that is to be renewed after it was to be rebound is none. */
function ownAssociation({ options }: Dhcp6Message, iaid: number): IdentityAssociation | null {
  for (const { code, value } of options) {
    const ia = code === OPTION.DHCP6_IA_NA ? associationOf(value) : null
    if (ia?.iaid !== iaid) continue
    return ia.t1 > ia.t2 && ia.t2 > 0 ? null : ia
  }
  return null
}

function restOf({ options }: Dhcp6Message, interfaceName: string) {
  const read = <T>(code: number, reader: (value: Uint8Array) => T | null): T | null => {
    const value = OPTION.dhcp6Value(options, code)
    return value === null ? null : reader(value)
  }
  const first = new Map<number, Uint8Array>()
  for (const { code, value } of options) if (!first.has(code)) first.set(code, value)
  const nameServers = (read(OPTION.DHCP6_DNS_SERVERS, ipv6AddressesOf) ?? []).filter(isServer)
  return {
    server: first.get(OPTION.DHCP6_SERVERID) ?? new Uint8Array(),
    nameServers: nameServers
      .slice(0, LIST_MAX)
      .map((address) => `${address}${address.isLinkLocal ? `%${interfaceName}` : ''}`),
    search: (read(OPTION.DHCP6_DOMAIN_LIST, domainListOf) ?? []).slice(0, LIST_MAX),
    options: first,
  }
}

function timesOf({ t1, t2 }: IdentityAssociation, addresses: readonly Dhcp6Address[], askedAt: number) {
  const expiresAt = Math.max(...addresses.map(({ validUntil }) => validUntil))
  const preferred = addresses.map(({ preferredUntil }) => preferredUntil).filter((at) => at > askedAt)
  const shortest = (preferred.length === 0 ? expiresAt : Math.min(...preferred)) - askedAt
  const rebindAt = Math.min(expiresAt, t2 === 0 ? askedAt + shortest * REBINDING_SHARE : instant(askedAt, t2))
  const renewAt = Math.min(rebindAt, t1 === 0 ? askedAt + shortest * RENEWAL_SHARE : instant(askedAt, t1))
  return { renewAt, rebindAt, expiresAt }
}

/** Whether a host on any link can have it from a server. */
function isHost(address: IpAddress): boolean {
  return isServer(address) && !address.isLinkLocal
}

function isServer(address: IpAddress): boolean {
  return !address.isUnspecified && !address.isMulticast && !address.isLoopback && !address.isV4
}

function instant(from: number, seconds: number): number {
  return seconds === DHCP6_INFINITE ? Number.POSITIVE_INFINITY : from + seconds * 1000
}
