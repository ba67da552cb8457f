// The names of constants, for those who print them: taken from the modules that define the constants, so that no name is written
// twice and a constant that is added there has its name here.

import * as constants from './constants.ts'
import * as controlConstants from './constants-control.ts'
import * as linkConstants from './constants-link.ts'
import * as tcpInfo from './tcp-info.ts'

/** What names begin with. A name belongs to the longest of these that it begins with: IP_PMTUDISC_DO is no option of ip(7). */
const PREFIXES = [
  'AF_',
  'SOCK_',
  'IPPROTO_',
  'SOL_',
  'SO_',
  'SO_EE_ORIGIN_',
  'SO_EE_CODE_',
  'SO_VM_SOCKETS_',
  'SCM_',
  'SCM_TSTAMP_',
  'SOF_TIMESTAMPING_',
  'TP_STATUS_',
  'IP_',
  'IP_PMTUDISC_',
  'IPV6_',
  'IPV6_PMTUDISC_',
  'MCAST_',
  'ICMP_',
  'ICMPV6_',
  'ICMP6_',
  'TCP_',
  'UDP_',
  'MSG_',
  'SHUT_',
  'POLL',
  'FION',
  'SIOC',
  'ETH_P_',
  'ARPHRD_',
  'VMADDR_CID_',
] as const

/** What a set of constants is called: the start of their names. */
export type ConstantPrefix = (typeof PREFIXES)[number]

/** Of constants with the same value, the one to print where it is not the first of the alphabet. */
const preferred: ReadonlySet<string> = new Set([
  'AF_UNIX',
  'IPPROTO_IP',
  'IP_RETOPTS',
  'SO_DETACH_FILTER',
  'SO_VM_SOCKETS_CONNECT_TIMEOUT',
])

function gather(module: object, prefixes: readonly string[]): Map<string, Map<number, string>> {
  const longestFirst = [...prefixes].sort((a, b) => b.length - a.length)
  const groups = new Map<string, Map<number, string>>(prefixes.map((prefix) => [prefix, new Map()]))
  // The names of a module come in alphabetical order, which says who comes first.
  for (const [name, value] of Object.entries(module)) {
    const prefix = longestFirst.find((start) => name.startsWith(start))
    if (prefix === undefined || typeof value !== 'number') continue
    const names = groups.get(prefix) as Map<number, string>
    if (!names.has(value) || preferred.has(name)) names.set(value, name)
  }
  return groups
}

// Made when somebody prints: a program that does not need not wait for it (it was 3 of 35 ms of `import 'jackfield'`), nor carry
// all names to a browser.
let groups: Map<string, Map<number, string>> | null = null
let tcpGroups: Map<string, Map<number, string>> | null = null

function namesOf(prefix: ConstantPrefix): Map<number, string> {
  groups ??= gather({ ...constants, ...linkConstants, ...controlConstants }, PREFIXES)
  return groups.get(prefix) as Map<number, string>
}

function tcpNamesOf(prefix: 'TCP_' | 'TCP_CA_' | 'TCPI_OPT_'): Map<number, string> {
  tcpGroups ??= gather(tcpInfo, ['TCP_', 'TCP_CA_', 'TCPI_OPT_', 'TCP_INFO_'])
  return tcpGroups.get(prefix) as Map<number, string>
}

/** The name of the constant of this value; undefined where there is none. */
export function constantName(prefix: ConstantPrefix, value: number): string | undefined {
  return namesOf(prefix).get(value)
}

/** The name of a state that TCP_INFO gives (TCP_ESTABLISHED), or of its tcpi_ca_state (TCP_CA_Open). */
export function tcpInfoName(prefix: 'TCP_' | 'TCP_CA_', value: number): string | undefined {
  return tcpNamesOf(prefix).get(value)
}

/** The names of the bits that are set, lowest first, and what is left of the value that has no names. */
export function flagNames(prefix: ConstantPrefix, value: number): { names: string[]; rest: number } {
  return flagsIn(namesOf(prefix), value)
}

/** The same for tcpi_options. */
export function tcpInfoOptionNames(value: number): { names: string[]; rest: number } {
  return flagsIn(tcpNamesOf('TCPI_OPT_'), value)
}

function flagsIn(table: ReadonlyMap<number, string>, value: number): { names: string[]; rest: number } {
  const names: string[] = []
  let rest = value
  for (let bit = 0; bit < 32; bit++) {
    const name = (value & (1 << bit)) === 0 ? undefined : table.get((1 << bit) >>> 0)
    if (name === undefined) continue
    names.push(name)
    rest &= ~(1 << bit)
  }
  return { names, rest: rest >>> 0 }
}
