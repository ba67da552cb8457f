// Read first: proc(5) on /proc/net/route and /proc/net/arp, net/ipv6/route.c on /proc/net/ipv6_route.

import { IpAddress } from '../base/ip-address.ts'
import type { NeighbourListing } from '../base/netstat-listing.ts'
import { parseAddress } from './proc-net.ts'

// Flags of a route.
const RTF_UP = 0x0001
const RTF_GATEWAY = 0x0002
const RTF_REJECT = 0x0200
const RTF_CACHE = 0x01000000
const RTF_ANYCAST = 0x00100000
const RTF_LOCAL = 0x80000000

/** ATF_COM: the neighbour's address is known. */
const COMPLETE = 0x2

export interface ProcRoute {
  readonly six: boolean
  readonly prefix: IpAddress
  readonly length: number
  readonly gateway: IpAddress | null
  /** The interface. */
  readonly name: string
  readonly metric: number
  readonly source: IpAddress | null
}

/** Lines of /proc/net/route: IPv4. A line that is none is passed over. */
export function parseRouteTable(text: string): ProcRoute[] {
  const routes: ProcRoute[] = []
  for (const line of text.split('\n')) {
    const [name = '', prefix = '', gateway = '', flagText = '', , , metric = '', mask = ''] = line.trim().split(/\s+/)
    const flags = Number.parseInt(flagText, 16)
    if (![prefix, gateway, mask].every((one) => /^[0-9A-F]{8}$/.test(one))) continue
    if ((flags & RTF_UP) === 0 || (flags & RTF_REJECT) !== 0) continue
    routes.push({
      six: false,
      prefix: parseAddress(prefix),
      length: Math.clz32(~parseAddress(mask).d),
      gateway: (flags & RTF_GATEWAY) === 0 ? null : parseAddress(gateway),
      name,
      metric: Number(metric),
      source: null,
    })
  }
  return routes
}

/** Lines of /proc/net/ipv6_route. It has all tables in one: what is the machine's own and groups' is left out. */
export function parseRouteTable6(text: string): ProcRoute[] {
  const routes: ProcRoute[] = []
  for (const line of text.split('\n')) {
    const [prefix = '', length = '', , , gateway = '', metric = '', , , flagText = '', name = ''] = line
      .trim()
      .split(/\s+/)
    if (![prefix, gateway].every((one) => /^[0-9a-f]{32}$/.test(one)) || name === '') continue
    const flags = Number.parseInt(flagText, 16)
    if ((flags & RTF_UP) === 0 || (flags & (RTF_REJECT | RTF_CACHE | RTF_ANYCAST | RTF_LOCAL)) !== 0) continue
    const address = parseAddress6(prefix)
    if (address.isMulticast) continue
    routes.push({
      six: true,
      prefix: address,
      length: Number.parseInt(length, 16),
      gateway: (flags & RTF_GATEWAY) === 0 ? null : parseAddress6(gateway),
      name,
      metric: Number.parseInt(metric, 16),
      source: null,
    })
  }
  return routes
}

/** Lines of /proc/net/arp. */
export function parseArpTable(text: string): NeighbourListing[] {
  const neighbours: NeighbourListing[] = []
  for (const line of text.split('\n').slice(1)) {
    const [address = '', , flags = '', hardwareAddress = '', , name = ''] = line.trim().split(/\s+/)
    if (name === '' || IpAddress.parse(address) === null) continue
    const known = (Number(flags) & COMPLETE) !== 0
    // How sure it is of that is not told.
    const state = known ? 'REACHABLE' : 'INCOMPLETE'
    neighbours.push({ address, interface: name, hardwareAddress: known ? hardwareAddress : null, state })
  }
  return neighbours
}

// In network order, unlike the addresses of sockets.
function parseAddress6(hex: string): IpAddress {
  const word = (at: number) => Number.parseInt(hex.slice(at, at + 8), 16)
  return new IpAddress(word(0), word(8), word(16), word(24))
}
