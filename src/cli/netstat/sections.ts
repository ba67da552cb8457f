import type { NetstatEntry } from '../../base/netstat-entry.ts'
import type { CounterListing, InterfaceListing, NeighbourListing, RouteListing } from '../../base/netstat-listing.ts'
import { osCounters } from '../../os/os-counters.ts'
import { osNetstat } from '../../os/os-netstat.ts'
import { osInterfaces, osNeighbours, osRoutes } from '../../os/os-tables.ts'
import { folderFault, removeLeft, shownFolders, shownPaths } from '../../platform/shown-folder.ts'
import type { StackSnapshot } from '../../platform/stack-snapshot.ts'
import { askSnapshot, NobodyError } from './ask.ts'
import { chooseRoutes, chooseSockets, kindsOf, type NetstatFlags, type View } from './netstat-flags.ts'

/** What there is to be listed of one system: those of its tables that were asked for. */
export interface Section {
  readonly provider: 'os' | 'userspace'
  /** Whose stack it is; null: the operating system. */
  readonly program: { readonly pid: number; readonly name: string } | null
  readonly sockets: readonly NetstatEntry[]
  readonly routes: readonly RouteListing[]
  readonly interfaces: readonly InterfaceListing[]
  readonly neighbours: readonly NeighbourListing[]
  readonly counters: CounterListing
}

const NOTHING = { sockets: [], routes: [], interfaces: [], neighbours: [], counters: {} } as const

/** The operating system, and every stack that a program of this user shows. `warn` is told of those that did not answer. */
export async function allSections(view: View, flags: NetstatFlags, warn: (text: string) => void): Promise<Section[]> {
  const sections: Section[] = []
  const either = flags.os !== true && flags.userspace !== true
  // Elsewhere than on Linux the operating system's are missed by those alone who ask for them.
  if (flags.os === true || (either && process.platform === 'linux')) sections.push(await osSection(view, flags))
  if (flags.userspace === true || either) sections.push(...(await shownSections(flags, warn)))
  return sections
}

/** One program's, that listens at `path`. */
export async function programSection(path: string, flags: NetstatFlags): Promise<Section> {
  return sectionOf(await askSnapshot(path), flags)
}

async function osSection(view: View, flags: NetstatFlags): Promise<Section> {
  const nothing = { provider: 'os', program: null, ...NOTHING } as const
  if (view === 'routes') return { ...nothing, routes: chooseRoutes(await osRoutes(), flags) }
  if (view === 'interfaces') return { ...nothing, interfaces: await osInterfaces() }
  if (view === 'neighbours') return { ...nothing, neighbours: await osNeighbours() }
  if (view === 'counters') return { ...nothing, counters: osCounters() }
  const { details, processes } = flags
  const sockets = await osNetstat({ kinds: kindsOf(flags), details, processes })
  return { ...nothing, sockets: chooseSockets(sockets, flags) }
}

async function shownSections(flags: NetstatFlags, warn: (text: string) => void): Promise<Section[]> {
  const sections: Section[] = []
  for (const folder of shownFolders()) {
    const fault = folderFault(folder)
    if (fault !== null) {
      warn(`${folder} ${fault}: what is in it is not believed`)
      continue
    }
    // All are asked at once: one that does not answer holds up none.
    const paths = shownPaths(folder)
    const answers = await Promise.allSettled(paths.map((path) => askSnapshot(path)))
    answers.forEach((answer, i) => {
      if (answer.status === 'fulfilled') sections.push(sectionOf(answer.value, flags))
      else if (answer.reason instanceof NobodyError) removeLeft(paths[i] as string)
      else warn((answer.reason as Error).message)
    })
  }
  return sections
}

function sectionOf(snapshot: StackSnapshot, flags: NetstatFlags): Section {
  const { pid, name, sockets, routes, interfaces, neighbours, counters } = snapshot
  return {
    provider: 'userspace',
    program: { pid, name },
    sockets: chooseSockets(sockets, flags),
    routes: chooseRoutes(routes, flags),
    interfaces,
    neighbours,
    counters,
  }
}
