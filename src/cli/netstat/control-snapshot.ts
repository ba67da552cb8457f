import type { NetstatEntry } from '../../stack/netstat.ts'
import { netstat } from '../../stack/netstat.ts'
import {
  type CounterListing,
  type InterfaceListing,
  listCounters,
  listInterfaces,
  listNeighbours,
  listRoutes,
  type NeighbourListing,
  type RouteListing,
} from '../../stack/netstat-tables.ts'
import type { Stack } from '../../stack/stack.ts'

/** Everything that a running command tells of its stack: what `jackfield netstat` reads. */
export interface ControlSnapshot {
  readonly pid: number
  readonly sockets: readonly NetstatEntry[]
  readonly routes: readonly RouteListing[]
  readonly interfaces: readonly InterfaceListing[]
  readonly neighbours: readonly NeighbourListing[]
  readonly counters: CounterListing
}

export function snapshotOf(stack: Stack): ControlSnapshot {
  return {
    pid: process.pid,
    sockets: netstat(stack, { pid: process.pid, details: true }),
    routes: listRoutes(stack),
    interfaces: listInterfaces(stack),
    neighbours: listNeighbours(stack),
    counters: listCounters(stack),
  }
}
