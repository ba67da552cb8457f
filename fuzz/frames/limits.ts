// What must hold of a stack between any two frames: every table is within its cap, and the work of a frame is bounded.

import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import type { GroupTable } from '../../src/stack/multicast/group-table.ts'
import type { Stack } from '../../src/stack/stack.ts'
import type { StackLimits } from '../../src/stack/stack-limits.ts'

/** Small ones, so that they are reached all the time. */
export const SMALL_LIMITS: Partial<StackLimits> = {
  neighbours: 8,
  neighbourPackets: 4,
  neighbourBytes: 8192,
  defaultRouters: 2,
  advertisedPrefixes: 3,
  advertisedRoutes: 3,
  advertisedNames: 2,
  advertisedAddresses: 4,
  redirects: 3,
  routes: 16,
  groupSources: 8,
  pathMtus: 4,
  reassemblyDatagrams: 4,
  reassemblyBytes: 20_000,
  reassemblyFragments: 40,
  icmpDestinations: 4,
}

export interface Bounds {
  /** What the fuzzed stack's TCP buffers may hold together, and what each connection may beyond. */
  readonly tcpMemory: number
  readonly tcpSlack: number
  /** Half-open connections of all listeners, whole ones of the programs, those in TIME-WAIT and without an owner. */
  readonly connections: number
}

/** Throws an error that says which bound does not hold. */
export function checkLimits(stack: Stack, bounds: Bounds): void {
  const { limits } = stack
  const within = (what: string, size: number, limit: number): void => {
    if (size > limit) throw new Error(`${what}: ${size}, and the limit is ${limit}`)
    if (size < 0) throw new Error(`${what}: ${size}`)
  }
  within('datagrams under reassembly', stack.reassembly.size, limits.reassemblyDatagrams)
  within('octets under reassembly', stack.reassembly.bytes, limits.reassemblyBytes)
  within('path MTUs', stack.pathMtus.size, limits.pathMtus)
  within('connections', stack.tcp.connections.count, bounds.connections)
  within('octets of TCP', stack.tcp.memory.used, bounds.tcpMemory + bounds.tcpSlack * stack.tcp.connections.count)
  // No more than some timers for each thing that is remembered.
  within('timers', stack.time.count, 60 + 2 * stack.tcp.connections.count + remembered(stack))
  for (const link of stack.interfaces) checkInterface(link, limits, within)
}

function checkInterface(
  link: NetworkInterface,
  limits: StackLimits,
  within: (what: string, size: number, limit: number) => void,
): void {
  // An interface's own addresses and groups, and few from outside.
  within(`addresses of ${link.name}`, link.addresses.length, 8 + 2 * limits.advertisedAddresses)
  if (link.neighbours !== null) within(`neighbours of ${link.name}`, link.neighbours.size, limits.neighbours)
  const { ipv6 } = link
  if (ipv6 === null) return
  within(`redirects of ${link.name}`, ipv6.redirects?.size ?? 0, limits.redirects)
  within(`formed addresses of ${link.name}`, ipv6.formedAddresses, limits.advertisedAddresses)
  within(`resolvers of ${link.name}`, ipv6.nameServers.length, limits.advertisedNames)
  within(`domains of ${link.name}`, ipv6.searchDomains.length, limits.advertisedNames)
  if (ipv6.discovery === null) return
  within(`routers of ${link.name}`, ipv6.discovery.routers.size, limits.defaultRouters)
  within(`prefixes of ${link.name}`, ipv6.discovery.prefixes.size, limits.advertisedPrefixes)
  within(`routes of ${link.name}`, ipv6.discovery.routes.size, limits.advertisedRoutes)
}

function remembered(stack: Stack): number {
  let count = stack.reassembly.size
  for (const link of stack.interfaces) {
    count += (link.neighbours?.size ?? 0) + 4 * link.addresses.length + 2 * (link.groups as GroupTable).size
  }
  return count
}
