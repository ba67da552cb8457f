// Read first: RFC 8415 sections 14.2, 21.6 and 21.23, RFC 3646.
//
// What the hosts of a link are given. What a program writes of that is read here, and wrong words are refused.

import { checkInteger, checkOptions, given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { uint32Octets } from '../../wire/dhcp-values.ts'
import * as OPTION from '../../wire/dhcp6-options.ts'
import { DHCP6_INFINITE, ipv6AddressOctets } from '../../wire/dhcp6-values.ts'
import { Address6Pool, type Link6 } from './address6-pool.ts'
import { writtenDuidKey } from './duid.ts'
import { LeaseTable } from './lease-table.ts'
import { addOthers, addSearch, type OptionOctets } from './written-options.ts'

const LEASE_TIME = 3600
/** Of the valid lifetime, where the preferred one is not said. */
const PREFERRED_SHARE = 0.75
const REFRESH_LEAST = 600

/** Options that the server says itself, or that only clients say. */
const OWN: readonly number[] = [
  OPTION.DHCP6_CLIENTID,
  OPTION.DHCP6_SERVERID,
  OPTION.DHCP6_IA_NA,
  OPTION.DHCP6_IA_TA,
  OPTION.DHCP6_IAADDR,
  OPTION.DHCP6_ORO,
  OPTION.DHCP6_PREFERENCE,
  OPTION.DHCP6_ELAPSED_TIME,
  OPTION.DHCP6_RELAY_MSG,
  OPTION.DHCP6_UNICAST,
  OPTION.DHCP6_STATUS_CODE,
  OPTION.DHCP6_RAPID_COMMIT,
  OPTION.DHCP6_IA_PD,
  OPTION.DHCP6_IAPREFIX,
]

/** An address that one client gets, and nobody else. */
export interface Dhcp6Reservation {
  /** The octets of its identifier (DUID), or the hardware address that it was made of, "02:00:00:00:00:01". */
  readonly client: string | Uint8Array
  readonly address: string
}

export interface Dhcp6ScopeOptions {
  /** The server's own address with the prefix of the link, "2001:db8:1::1/64"; needed where there are addresses to hand out. */
  readonly address?: string
  /** Addresses to hand out: "2001:db8:1::100-2001:db8:1::1ff", one alone, or several of these. At most 65,536; default none. */
  readonly pool?: string | readonly string[]
  readonly reservations?: readonly Dhcp6Reservation[]
  /** Seconds that an address is had for; Infinity: for ever. Default 3600. */
  readonly leaseTime?: number
  /** Seconds that it begins something new; default three quarters of that. */
  readonly preferredTime?: number
  readonly nameServers?: readonly string[]
  readonly search?: readonly string[]
  /** Seconds after which who has no address from here asks again what there is to be known, at least 600. Default: it is not said (a day). */
  readonly refreshTime?: number
  /** Any other option by its number. */
  readonly options?: Readonly<Record<number, Uint8Array>>
}

export const SCOPE6_KEYS: readonly (keyof Dhcp6ScopeOptions)[] = [
  'address',
  'pool',
  'reservations',
  'leaseTime',
  'preferredTime',
  'nameServers',
  'search',
  'refreshTime',
  'options',
]

export class Dhcp6Scope {
  /** null: nothing is known of addresses. */
  readonly link: Link6 | null
  readonly pool = new Address6Pool()
  /** By numbers of the pool. */
  readonly leases: LeaseTable
  /** Seconds, as messages have them. */
  readonly valid: number
  readonly preferred: number
  /** What is told to who asks for it. */
  readonly options: ReadonlyMap<number, Uint8Array<ArrayBuffer>>

  constructor(options: Dhcp6ScopeOptions) {
    const { leaseTime = LEASE_TIME, pool = [], reservations = [] } = options
    this.valid = seconds('leaseTime', leaseTime)
    this.preferred = seconds(
      'preferredTime',
      options.preferredTime ??
        (leaseTime === Number.POSITIVE_INFINITY ? leaseTime : Math.max(1, Math.floor(leaseTime * PREFERRED_SHARE))),
    )
    if (this.preferred > this.valid) {
      throw new RangeError(
        `options.preferredTime must be at most the lease time ${leaseTime}, got ${options.preferredTime}`,
      )
    }
    this.link = options.address === undefined ? null : readLink(options.address)
    const texts = typeof pool === 'string' ? [pool] : pool
    if (!Array.isArray(texts)) {
      throw new TypeError(`options.pool must be a range of addresses or an array of them, got ${given(pool)}`)
    }
    if (!Array.isArray(reservations)) {
      throw new TypeError(`options.reservations must be an array, got ${given(reservations)}`)
    }
    const { link } = this
    if (link === null && (texts.length > 0 || reservations.length > 0)) {
      throw new TypeError('options.address must be the own address with the prefix of the link where there is a pool')
    }
    const own = (number: number) => link?.address.equals(this.pool.addressOf(number)) ?? false
    const numbers = texts.flatMap((text) => this.pool.add('options.pool', text, link as Link6))
    const reserved = this.#readReservations(reservations as readonly Dhcp6Reservation[])
    this.leases = new LeaseTable(
      numbers.filter((number) => !own(number)),
      reserved,
    )
    this.options = readOptions(options)
  }

  #readReservations(list: readonly Dhcp6Reservation[]): Map<string, number> {
    const reserved = new Map<string, number>()
    list.forEach((one, i) => {
      const name = `options.reservations[${i}]`
      checkOptions(name, one, ['client', 'address'])
      const address = typeof one.address === 'string' ? IpAddress.parse(one.address) : null
      if (address === null) throw new RangeError(`${name}.address must be an IPv6 address, got ${given(one.address)}`)
      if (this.pool.numberOf(address) < 0) this.pool.add(`${name}.address`, one.address, this.link as Link6)
      const number = this.pool.numberOf(address)
      if ([...reserved.values()].includes(number)) {
        throw new RangeError(`${name}.address must be one client's, got ${one.address} again`)
      }
      reserved.set(writtenDuidKey(`${name}.client`, one.client), number)
    })
    return reserved
  }
}

function seconds(name: string, value: number): number {
  if (value !== Number.POSITIVE_INFINITY) checkInteger(`options.${name}`, value, 1, DHCP6_INFINITE - 1)
  return Math.min(value, DHCP6_INFINITE)
}

function readLink(text: unknown): Link6 {
  const [, first, length] = typeof text === 'string' ? (/^([^/]*)\/(\d{1,3})$/.exec(text) ?? []) : []
  const address = first === undefined ? null : IpAddress.parse(first)
  if (address === null || address.isV4 || address.isMulticast || Number(length) > 128) {
    throw new RangeError(
      `options.address must be an IPv6 address with its prefix, such as 2001:db8:1::1/64, got ${given(text)}`,
    )
  }
  return { address, length: Number(length) }
}

function readOptions(options: Dhcp6ScopeOptions): OptionOctets {
  const { nameServers = [], search = [], refreshTime, options: others = {} } = options
  const all: OptionOctets = new Map()
  if (!Array.isArray(nameServers)) {
    throw new TypeError(`options.nameServers must be an array of IPv6 addresses, got ${given(nameServers)}`)
  }
  const servers = nameServers.map((text: unknown, i) => {
    const address = typeof text === 'string' ? IpAddress.parse(text) : null
    if (address !== null && !address.isV4 && !address.isMulticast) return address
    throw new RangeError(`options.nameServers[${i}] must be an IPv6 address such as 2001:db8::53, got ${given(text)}`)
  })
  if (servers.length > 0) all.set(OPTION.DHCP6_DNS_SERVERS, ipv6AddressOctets(...servers))
  addSearch(all, OPTION.DHCP6_DOMAIN_LIST, 'options.search', search)
  if (refreshTime !== undefined) {
    if (refreshTime !== Number.POSITIVE_INFINITY) {
      checkInteger('options.refreshTime', refreshTime, REFRESH_LEAST, DHCP6_INFINITE - 1)
    }
    all.set(OPTION.DHCP6_INFORMATION_REFRESH_TIME, uint32Octets(Math.min(refreshTime, DHCP6_INFINITE)))
  }
  addOthers(all, 'options.options', others, 0xffff, OWN)
  return all
}
