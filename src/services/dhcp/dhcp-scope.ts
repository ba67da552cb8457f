// Read first: RFC 2131 sections 2.2 and 4.3.1, RFC 3442 for routes.
//
// What the hosts of one subnet are given. What a program writes of that is read here, and wrong words are refused.

import { checkInteger, checkOptions, given } from '../../base/argument.ts'
import { wordMask } from '../../base/prefix.ts'
import * as OPTION from '../../wire/dhcp-options.ts'
import { addressOctets, routesOctets, textOctets, uint16Octets, uint32Octets } from '../../wire/dhcp-values.ts'
import {
  inSubnet,
  isHostOf,
  parseAddress,
  parseAddresses,
  parseRoute,
  parseSubnet,
  type Subnet,
  textOfAddress,
} from './address-text.ts'
import { writtenKey } from './client-key.ts'
import { LeaseTable } from './lease-table.ts'
import { addOthers, addSearch, checkDomain, type OptionOctets } from './written-options.ts'

/** Addresses that are handed out at most: a /16. */
const POOL_MAX = 65_536
const LEASE_TIME = 3600
/** What 32 bits say is for ever: RFC 2131 section 3.3. */
export const INFINITE_TIME = 0xffffffff
const MTU_LEAST = 68

/** Options that the server says itself, or that only clients say. */
const OWN: readonly number[] = [
  0,
  OPTION.DHCP_SUBNET_MASK,
  OPTION.DHCP_REQUESTED_ADDRESS,
  OPTION.DHCP_LEASE_TIME,
  OPTION.DHCP_OVERLOAD,
  OPTION.DHCP_MESSAGE_TYPE,
  OPTION.DHCP_SERVER_IDENTIFIER,
  OPTION.DHCP_PARAMETER_LIST,
  OPTION.DHCP_ERROR_TEXT,
  OPTION.DHCP_MESSAGE_SIZE,
  OPTION.DHCP_RENEWAL_TIME,
  OPTION.DHCP_REBINDING_TIME,
  OPTION.DHCP_CLIENT_IDENTIFIER,
  OPTION.DHCP_RELAY_INFORMATION,
]

/** An address that one client gets, and nobody else. */
export interface DhcpReservation {
  /** Its hardware address, "02:00:00:00:00:01", or the octets of its identifier. */
  readonly client: string | Uint8Array
  readonly address: string
}

export interface DhcpScopeOptions {
  /** Addresses to hand out: "192.0.2.100-192.0.2.199", one alone, or several of these. At most 65,536. */
  readonly pool?: string | readonly string[]
  readonly reservations?: readonly DhcpReservation[]
  /** Seconds that an address is had for; Infinity: for ever. Default 3600. Who asks for less gets that. */
  readonly leaseTime?: number
  readonly routers?: readonly string[]
  /** Routes, each "10.0.0.0/8" or "default" and the router; without one it is on the link. Who knows them forgets `routers` (RFC 3442). */
  readonly routes?: readonly { readonly to: string; readonly via?: string }[]
  readonly nameServers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly mtu?: number
  /** Any other option by its number. */
  readonly options?: Readonly<Record<number, Uint8Array>>
}

export const SCOPE_KEYS: readonly (keyof DhcpScopeOptions)[] = [
  'pool',
  'reservations',
  'leaseTime',
  'routers',
  'routes',
  'nameServers',
  'domain',
  'search',
  'mtu',
  'options',
]

export class DhcpScope {
  readonly subnet: Subnet
  readonly leases: LeaseTable
  /** Seconds. */
  readonly leaseTime: number
  /** What is told to who asks for it. */
  readonly options: ReadonlyMap<number, Uint8Array<ArrayBuffer>>

  /** `name` is how errors call the options; `server` is the server's own address, which it does not hand out. */
  constructor(name: string, subnet: Subnet, server: number, options: DhcpScopeOptions) {
    const { leaseTime = LEASE_TIME } = options
    if (leaseTime !== Number.POSITIVE_INFINITY) checkInteger(`${name}.leaseTime`, leaseTime, 1, INFINITE_TIME - 1)
    this.subnet = subnet
    this.leaseTime = Math.min(leaseTime, INFINITE_TIME)
    const pool = readPool(`${name}.pool`, options.pool ?? [], subnet).filter((address) => address !== server)
    this.leases = new LeaseTable(pool, readReservations(`${name}.reservations`, options.reservations ?? [], subnet))
    this.options = readOptions(name, options, subnet)
  }

  contains(address: number): boolean {
    return inSubnet(this.subnet, address)
  }
}

function readPool(name: string, pool: unknown, subnet: Subnet): number[] {
  const texts = typeof pool === 'string' ? [pool] : pool
  if (!Array.isArray(texts))
    throw new TypeError(`${name} must be a range of addresses or an array of them, got ${given(pool)}`)
  const addresses = new Set<number>()
  for (const text of texts as unknown[]) {
    if (typeof text !== 'string') throw new TypeError(`${name} must be a range of addresses, got ${given(text)}`)
    const [first = '', last = first, ...more] = text.split('-')
    if (more.length > 0)
      throw new RangeError(`${name} must be a range such as 192.0.2.100-192.0.2.199, got ${given(text)}`)
    const from = parseAddress(name, first.trim()) >>> 0
    const to = parseAddress(name, last.trim()) >>> 0
    if (to < from) throw new RangeError(`${name} must begin with its lowest address, got ${given(text)}`)
    if (!isHostOf(subnet, from | 0) || !isHostOf(subnet, to | 0)) {
      throw new RangeError(`${name} must lie within ${subnetText(subnet)}, got ${given(text)}`)
    }
    if (to - from >= POOL_MAX)
      throw new RangeError(`${name} must have at most ${POOL_MAX} addresses, got ${given(text)}`)
    for (let address = from; address <= to; address++) addresses.add(address | 0)
  }
  if (addresses.size > POOL_MAX)
    throw new RangeError(`${name} must have at most ${POOL_MAX} addresses, got ${addresses.size}`)
  return [...addresses]
}

function readReservations(name: string, list: unknown, subnet: Subnet): Map<string, number> {
  if (!Array.isArray(list)) throw new TypeError(`${name} must be an array, got ${given(list)}`)
  const reserved = new Map<string, number>()
  list.forEach((one: DhcpReservation, i) => {
    checkOptions(`${name}[${i}]`, one, ['client', 'address'])
    const address = parseAddress(`${name}[${i}].address`, one.address)
    if (!isHostOf(subnet, address)) {
      throw new RangeError(`${name}[${i}].address must lie within ${subnetText(subnet)}, got ${one.address}`)
    }
    if ([...reserved.values()].includes(address)) {
      throw new RangeError(`${name}[${i}].address must be one client's, got ${one.address} again`)
    }
    reserved.set(writtenKey(`${name}[${i}].client`, one.client), address)
  })
  return reserved
}

function readOptions(name: string, options: DhcpScopeOptions, subnet: Subnet): OptionOctets {
  const { routers, routes, nameServers, domain, search, mtu, options: others = {} } = options
  const all: OptionOctets = new Map()
  const mask = wordMask(subnet.length)
  all.set(OPTION.DHCP_SUBNET_MASK, uint32Octets(mask))
  // Before the routers: who knows both takes these (RFC 3442), and what comes first has room.
  if (routes !== undefined) {
    if (!Array.isArray(routes)) throw new TypeError(`${name}.routes must be an array, got ${given(routes)}`)
    const list = routes.map((route, i) => {
      checkOptions(`${name}.routes[${i}]`, route, ['to', 'via'])
      return parseRoute(`${name}.routes[${i}]`, route.to, route.via)
    })
    if (list.length > 0) all.set(OPTION.DHCP_CLASSLESS_ROUTES, routesOctets(list))
  }
  const lists = [
    [OPTION.DHCP_ROUTER, 'routers', routers],
    [OPTION.DHCP_DOMAIN_NAME_SERVER, 'nameServers', nameServers],
  ] as const
  for (const [code, key, list] of lists) {
    const addresses = list === undefined ? [] : parseAddresses(`${name}.${key}`, list)
    if (addresses.length > 0) all.set(code, addressOctets(...addresses))
  }
  if (domain !== undefined) {
    checkDomain(`${name}.domain`, domain)
    all.set(OPTION.DHCP_DOMAIN_NAME, textOctets(domain))
  }
  if (search !== undefined) addSearch(all, OPTION.DHCP_DOMAIN_SEARCH, `${name}.search`, search)
  if (mtu !== undefined) {
    checkInteger(`${name}.mtu`, mtu, MTU_LEAST, 65_535)
    all.set(OPTION.DHCP_INTERFACE_MTU, uint16Octets(mtu))
  }
  if (subnet.length < 31) {
    all.set(OPTION.DHCP_BROADCAST_ADDRESS, uint32Octets((subnet.address & mask) | ~mask))
  }
  addOthers(all, `${name}.options`, others, 254, OWN)
  return all
}

function subnetText({ address, length }: Subnet): string {
  return `${textOfAddress(address & wordMask(length))}/${length}`
}

/** A subnet that is reached by a relay: "192.0.2.0/24". */
export function parseNetwork(name: string, text: unknown): Subnet {
  const { address, length } = parseSubnet(name, text)
  return { address: address & wordMask(length), length }
}
