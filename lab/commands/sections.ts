// In place of the systems and programs that netstat asks: the one stack of the host.

import { chooseRoutes, chooseSockets, type NetstatFlags, type View } from '../../src/cli/netstat/netstat-flags.ts'
import type { Section } from '../../src/cli/netstat/sections.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { listCounters, listInterfaces, listNeighbours, listRoutes } from '../../src/stack/netstat-tables.ts'
import { machine } from './machine.ts'

export async function allSections(_view: View, flags: NetstatFlags): Promise<Section[]> {
  const { stack } = machine
  return [
    {
      provider: 'userspace',
      program: null,
      sockets: chooseSockets(machine.sockets(), flags),
      routes: chooseRoutes(listRoutes(stack), flags),
      interfaces: listInterfaces(stack),
      neighbours: listNeighbours(stack),
      counters: listCounters(stack),
    },
  ]
}

export async function programSection(path: string): Promise<Section> {
  throw new UsageError(`${JSON.stringify(path)} cannot be asked: netstat lists what is open on ${machine.name} alone`)
}
