import type { NetstatEntry } from '../base/netstat-entry.ts'
import type { CounterListing, InterfaceListing, NeighbourListing, RouteListing } from '../base/netstat-listing.ts'
import { netstat } from '../stack/netstat.ts'
import { listCounters, listInterfaces, listNeighbours, listRoutes } from '../stack/netstat-tables.ts'
import type { Stack } from '../stack/stack.ts'

/** Everything that a running program tells of a stack: what `jackfield netstat` reads. */
export interface StackSnapshot {
  readonly pid: number
  /** What the program calls itself, or this stack. */
  readonly name: string
  readonly sockets: readonly NetstatEntry[]
  readonly routes: readonly RouteListing[]
  readonly interfaces: readonly InterfaceListing[]
  readonly neighbours: readonly NeighbourListing[]
  readonly counters: CounterListing
}

export function snapshotOf(stack: Stack, name: string): StackSnapshot {
  return {
    pid: process.pid,
    name,
    sockets: netstat(stack, { pid: process.pid, details: true }),
    routes: listRoutes(stack),
    interfaces: listInterfaces(stack),
    neighbours: listNeighbours(stack),
    counters: listCounters(stack),
  }
}
