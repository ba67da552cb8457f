import { checkInteger, checkOptions } from '../base/argument.ts'

/** Caps on what a stack remembers: every table has one, and a full table gives up its oldest entry. */
export interface StackLimits {
  /** Sockets open at once. */
  readonly descriptors: number
  /** Neighbours of one interface. */
  readonly neighbours: number
  /** Packets, and octets of them, that wait for one neighbour's hardware address (RFC 1122 section 2.3.2.2: at least one). */
  readonly neighbourPackets: number
  readonly neighbourBytes: number
  /** Of one interface: default routers, prefixes on the link, routes beyond, and resolvers (and domains) that routers advertise. */
  readonly defaultRouters: number
  readonly advertisedPrefixes: number
  readonly advertisedRoutes: number
  readonly advertisedNames: number
  /** Addresses of one interface that are formed with prefixes of routers: a full table takes no more. */
  readonly advertisedAddresses: number
  /** Destinations of one interface with a better first hop, as routers have told. */
  readonly redirects: number
  /** Ways to destinations that are kept. */
  readonly routes: number
  /** Multicast groups of one interface, of either family. */
  readonly groups: number
  /** Groups that one socket can be a member of, for IPv4 (Linux: igmp_max_memberships) and for IPv6. */
  readonly groupsPerSocket: number
  readonly groupsPerSocketV6: number
  /**
   * Sources in the filter of one socket for a group: Linux's igmp_max_msf and mld_max_msf. We differ, as Linux does, for IPv4: RFC
   * 3376 section 2 lets no limit be below 64.
   */
  readonly filterSources: number
  readonly filterSourcesV6: number
  /** Sources that are remembered of a group on one interface, all its members' and those that are asked for. */
  readonly groupSources: number
  readonly pathMtus: number
  /** Datagrams under reassembly, octets of memory for them all, and fragments of one. */
  readonly reassemblyDatagrams: number
  readonly reassemblyBytes: number
  readonly reassemblyFragments: number
  /** Octets of broadcast and multicast packets of our own that are on their way back to ourselves. */
  readonly copyBytes: number
  /** ICMP errors a second, and at once, to everybody together. */
  readonly icmpRate: number
  readonly icmpBurst: number
  /** Milliseconds between ICMP errors to one destination, how many at once, and how many destinations are remembered. */
  readonly icmpInterval: number
  readonly icmpDestinationBurst: number
  readonly icmpDestinations: number
  /** What SO_RCVBUF and SO_SNDBUF can ask for (Linux: net.core.rmem_max, wmem_max), before they are doubled. */
  readonly receiveBufferMax: number
  readonly sendBufferMax: number
}

export const DEFAULT_STACK_LIMITS: StackLimits = {
  descriptors: 1 << 20,
  neighbours: 1024,
  neighbourPackets: 101,
  neighbourBytes: 212_992,
  defaultRouters: 16,
  advertisedPrefixes: 16,
  advertisedRoutes: 32,
  advertisedNames: 8,
  advertisedAddresses: 16,
  redirects: 64,
  routes: 4096,
  groups: 1024,
  groupsPerSocket: 20,
  groupsPerSocketV6: 256,
  filterSources: 10,
  filterSourcesV6: 64,
  groupSources: 1024,
  pathMtus: 1024,
  reassemblyDatagrams: 1024,
  reassemblyBytes: 4 << 20,
  reassemblyFragments: 256,
  copyBytes: 4 << 20,
  icmpRate: 1000,
  icmpBurst: 50,
  icmpInterval: 1000,
  icmpDestinationBurst: 6,
  icmpDestinations: 1024,
  receiveBufferMax: 4 << 20,
  sendBufferMax: 4 << 20,
}

/** Of these there can be none: then no fragment is kept, or no ICMP error sent. */
const MAY_BE_ZERO: readonly (keyof StackLimits)[] = [
  'neighbourBytes',
  'reassemblyDatagrams',
  'reassemblyBytes',
  'reassemblyFragments',
  'icmpRate',
  'icmpBurst',
  'icmpDestinationBurst',
]

/** Throws a TypeError or RangeError that names the limit that is none or cannot be. */
export function checkStackLimits(limits: Partial<StackLimits>): void {
  const keys = Object.keys(DEFAULT_STACK_LIMITS) as (keyof StackLimits)[]
  checkOptions('options.limits', limits, keys)
  for (const key of keys) {
    const value = limits[key]
    if (value !== undefined) checkInteger(`options.limits.${key}`, value, MAY_BE_ZERO.includes(key) ? 0 : 1)
  }
}
