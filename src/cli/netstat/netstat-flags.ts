import type { NetstatEntry } from '../../base/netstat-entry.ts'
import type { RouteListing } from '../../base/netstat-listing.ts'
import type { OsSocketKind } from '../../os/os-netstat.ts'
import { LONGEST_PATH } from '../../platform/private-server.ts'
import { UsageError } from '../usage-error.ts'

export interface NetstatFlags {
  readonly all?: boolean
  readonly listening?: boolean
  readonly tcp?: boolean
  readonly udp?: boolean
  readonly raw?: boolean
  readonly unix?: boolean
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly numeric?: boolean
  readonly processes?: boolean
  readonly timers?: boolean
  readonly details?: boolean
  /** What stands behind -c; true: nothing does. */
  readonly continuous?: string | boolean
  readonly plain?: boolean
  readonly route?: boolean
  readonly interfaces?: boolean
  readonly neighbours?: boolean
  readonly statistics?: boolean
  readonly os?: boolean
  readonly userspace?: boolean
  readonly json?: boolean
}

/** What is to be listed. */
export type View = 'sockets' | 'routes' | 'interfaces' | 'neighbours' | 'counters'

/** What the flags ask for: sockets, unless they name a table. */
export function viewOf(flags: NetstatFlags): View {
  if (flags.route === true) return 'routes'
  if (flags.interfaces === true) return 'interfaces'
  if (flags.neighbours === true) return 'neighbours'
  return flags.statistics === true ? 'counters' : 'sockets'
}

/** Throws a UsageError for a path that can be none, and for flags that exclude each other. */
export function checkFlags(path: string | undefined, flags: NetstatFlags): void {
  if (flags.all === true && flags.listening === true) throw new UsageError('-a and -l exclude each other; write one')
  if (path !== undefined && (path === '' || Buffer.byteLength(path) > LONGEST_PATH)) {
    throw new UsageError(`${JSON.stringify(path)} must be a path of 1 to ${LONGEST_PATH} octets`)
  }
  const everyone = flags.os === true ? '--os' : flags.userspace === true ? '--userspace' : null
  if (path !== undefined && everyone !== null) {
    throw new UsageError(
      `${everyone} is for a list of all, and ${JSON.stringify(path)} is one program; write one of them`,
    )
  }
}

/** The letters that may stand behind -c without a blank, as in "netstat -ct". */
const LETTERS: Readonly<Record<string, keyof NetstatFlags>> = {
  a: 'all',
  l: 'listening',
  t: 'tcp',
  u: 'udp',
  w: 'raw',
  x: 'unix',
  4: 'ipv4',
  6: 'ipv6',
  n: 'numeric',
  p: 'processes',
  o: 'timers',
  e: 'details',
  r: 'route',
  i: 'interfaces',
  s: 'statistics',
}

/** The most that one can wait: a day. */
const LONGEST = 86_400

export interface Repeat {
  readonly path: string | undefined
  readonly flags: NetstatFlags
  /** Milliseconds between two listings; null: there is one. */
  readonly interval: number | null
}

/** What is meant by -c: what stands behind it may be seconds, further flags, or the path. Throws a UsageError for what is none. */
export function readRepeat(path: string | undefined, flags: NetstatFlags): Repeat {
  const { continuous } = flags
  if (typeof continuous !== 'string') return { path, flags, interval: continuous === true ? 1000 : null }
  const seconds = Number(continuous)
  if (/^\d+(\.\d+)?$|^\.\d+$/.test(continuous) && seconds > 0 && seconds <= LONGEST) {
    return { path, flags, interval: seconds * 1000 }
  }
  const further = [...continuous].map((letter) => LETTERS[letter])
  if (/^[a-z][a-z46]*$/.test(continuous) && further.every((flag) => flag !== undefined)) {
    const more = Object.fromEntries(further.map((flag) => [flag, true]))
    return { path, flags: { ...flags, ...more }, interval: 1000 }
  }
  if (path === undefined && /^[a-z]|\//i.test(continuous) && !continuous.includes('\0'))
    return { path: continuous, flags, interval: 1000 }
  throw new UsageError(`-c ${JSON.stringify(continuous)} must be a number of seconds, above 0 and at most ${LONGEST}`)
}

/** What the operating system is to be asked for. */
export function kindsOf({ tcp, udp, raw, unix, ipv4, ipv6 }: NetstatFlags): OsSocketKind[] {
  const any = tcp !== true && udp !== true && raw !== true && unix !== true
  const kinds: OsSocketKind[] = []
  if (any || tcp === true) kinds.push('tcp')
  if (any || udp === true) kinds.push('udp')
  if (any || raw === true) kinds.push('raw', 'icmp')
  if ((any || unix === true) && ipv4 === ipv6) kinds.push('unix')
  return kinds
}

/** The sockets that the flags ask for: as netstat(8), without -a or -l those alone that have a peer. */
export function chooseSockets(sockets: readonly NetstatEntry[], flags: NetstatFlags): NetstatEntry[] {
  const { tcp, udp, raw, unix, ipv4, ipv6 } = flags
  const anyKind = tcp !== true && udp !== true && raw !== true && unix !== true
  const wanted: Record<string, boolean | undefined> = { tcp, udp, raw, icmp: raw, unix }
  const anyFamily = ipv4 === ipv6
  return sockets.filter(({ protocol, state }) => {
    const kind = protocol.startsWith('unix') ? 'unix' : protocol.replace('6', '')
    const family = anyFamily || (kind !== 'unix' && protocol.endsWith('6') === (ipv6 === true))
    if (!family || !(anyKind || wanted[kind] === true)) return false
    // A datagram socket without a peer takes from everybody: it listens, as ss(8) has it.
    const waits = state === 'LISTEN' || state === ''
    return flags.all === true || waits === (flags.listening === true)
  })
}

export function chooseRoutes(routes: readonly RouteListing[], { ipv4, ipv6 }: NetstatFlags): RouteListing[] {
  return routes.filter(({ family }) => ipv4 === ipv6 || (family === 'IPv6') === (ipv6 === true))
}
