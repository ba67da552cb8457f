// Read first: netstat(8) on --route, --interfaces and --statistics, ip-neighbour(8).

import type { IpAddress } from '../base/ip-address.ts'
import type { CounterListing, InterfaceListing, NeighbourListing, RouteListing } from '../base/netstat-listing.ts'
import { wordMask } from '../base/prefix.ts'
import type { LeanStack } from './lean-stack.ts'
import {
  NEIGHBOUR_DELAY,
  NEIGHBOUR_FAILED,
  NEIGHBOUR_INCOMPLETE,
  NEIGHBOUR_NONE,
  NEIGHBOUR_PROBE,
  NEIGHBOUR_REACHABLE,
  NEIGHBOUR_STALE,
} from './link/neighbour.ts'

export type { CounterListing, InterfaceListing, NeighbourListing, RouteListing } from '../base/netstat-listing.ts'

const neighbourStates: Readonly<Record<number, string>> = {
  [NEIGHBOUR_NONE]: 'NONE',
  [NEIGHBOUR_INCOMPLETE]: 'INCOMPLETE',
  [NEIGHBOUR_REACHABLE]: 'REACHABLE',
  [NEIGHBOUR_STALE]: 'STALE',
  [NEIGHBOUR_DELAY]: 'DELAY',
  [NEIGHBOUR_PROBE]: 'PROBE',
  [NEIGHBOUR_FAILED]: 'FAILED',
}

/** What names of the stack's counters begin with; those that begin otherwise are IP's. */
const COUNTERS = ['link', 'arp', 'neighbour', 'nd', 'icmp', 'igmp', 'mld', 'udp', 'raw'] as const

/** The routing table, in the order in which it is searched. */
export function listRoutes(stack: LeanStack): RouteListing[] {
  return stack.routes.entries.map((entry) => ({
    destination: prefixText(entry.prefix, entry.length),
    family: entry.prefix.isV4 ? 'IPv4' : 'IPv6',
    gateway: entry.gateway?.toString() ?? null,
    interface: entry.interface.name,
    metric: entry.metric,
    source: entry.source?.toString() ?? null,
  }))
}

export function listInterfaces(stack: LeanStack): InterfaceListing[] {
  return stack.interfaces.map(({ name, index, mtu, device, addresses }) => ({
    name,
    index,
    medium: device.medium,
    mtu,
    hardwareAddress: device.hardwareAddress === null ? null : hardwareText(device.hardwareAddress),
    addresses: addresses.map(({ address, prefixLength }) => `${address}/${ownLength(address, prefixLength)}`),
  }))
}

/** Who is known on the links, by ARP and by neighbour discovery. */
export function listNeighbours(stack: LeanStack): NeighbourListing[] {
  const found: NeighbourListing[] = []
  for (const { name, neighbours } of stack.interfaces) {
    neighbours?.forEach(({ address, state, hardwareHigh, hardwareLow }) => {
      const known = state !== NEIGHBOUR_NONE && state !== NEIGHBOUR_INCOMPLETE && state !== NEIGHBOUR_FAILED
      found.push({
        address: address.toString(),
        interface: name,
        hardwareAddress: known ? hardwareText(hardwareOctets(hardwareHigh, hardwareLow)) : null,
        state: neighbourStates[state] ?? String(state),
      })
    })
  }
  return found
}

/** What the stack has counted since it was made. */
export function listCounters(stack: LeanStack): CounterListing {
  const listing: CounterListing = { ip: {} }
  for (const [name, value] of Object.entries(stack.counters)) {
    if (typeof value !== 'number') continue
    const group = COUNTERS.find((start) => name.startsWith(start)) ?? 'ip'
    listing[group] ??= {}
    ;(listing[group] as Record<string, number>)[name] = value
  }
  listing['tcp'] = Object.fromEntries(
    Object.entries(stack.tcp.counters).filter(([, value]) => typeof value === 'number'),
  )
  return listing
}

function prefixText(prefix: IpAddress, length: number): string {
  const own = ownLength(prefix, length)
  if (own === 0) return 'default'
  // What is kept may be the whole address that the route was made for.
  const network = prefix.copy()
  network.a &= wordMask(length)
  network.b &= wordMask(length - 32)
  network.c &= wordMask(length - 64)
  network.d &= wordMask(length - 96)
  return `${network}/${own}`
}

// Lengths count within 128 bits.
function ownLength(address: IpAddress, length: number): number {
  return address.isV4 ? length - 96 : length
}

function hardwareOctets(high: number, low: number): Uint8Array {
  const octets = new Uint8Array(6)
  const view = new DataView(octets.buffer)
  view.setUint16(0, high)
  view.setInt32(2, low)
  return octets
}

function hardwareText(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':')
}
