// Read first: socket(7), ip(7), tcp(7), raw(7). Every option that has a name here, in one table: for the values that getsockopt
// and setsockopt speak of, and for those who print them.

import * as constants from '../base/constants.ts'
import type { OptionKind, OptionKinds, OptionValue } from './option-values.ts'

const SOCKET = constants.SOL_SOCKET
const IP = constants.IPPROTO_IP
const TCP = constants.IPPROTO_TCP
const RAW = constants.SOL_RAW

const options = [
  [SOCKET, constants.SO_DEBUG, 'SO_DEBUG', 'boolean'],
  [SOCKET, constants.SO_REUSEADDR, 'SO_REUSEADDR', 'boolean'],
  [SOCKET, constants.SO_TYPE, 'SO_TYPE', 'int'],
  [SOCKET, constants.SO_ERROR, 'SO_ERROR', 'int'],
  [SOCKET, constants.SO_DONTROUTE, 'SO_DONTROUTE', 'boolean'],
  [SOCKET, constants.SO_BROADCAST, 'SO_BROADCAST', 'boolean'],
  [SOCKET, constants.SO_SNDBUF, 'SO_SNDBUF', 'int'],
  [SOCKET, constants.SO_RCVBUF, 'SO_RCVBUF', 'int'],
  [SOCKET, constants.SO_KEEPALIVE, 'SO_KEEPALIVE', 'boolean'],
  [SOCKET, constants.SO_OOBINLINE, 'SO_OOBINLINE', 'boolean'],
  [SOCKET, constants.SO_PRIORITY, 'SO_PRIORITY', 'int'],
  [SOCKET, constants.SO_LINGER, 'SO_LINGER', 'linger'],
  [SOCKET, constants.SO_REUSEPORT, 'SO_REUSEPORT', 'boolean'],
  [SOCKET, constants.SO_RCVLOWAT, 'SO_RCVLOWAT', 'int'],
  [SOCKET, constants.SO_SNDLOWAT, 'SO_SNDLOWAT', 'int'],
  [SOCKET, constants.SO_RCVTIMEO, 'SO_RCVTIMEO', 'timeval'],
  [SOCKET, constants.SO_SNDTIMEO, 'SO_SNDTIMEO', 'timeval'],
  [SOCKET, constants.SO_BINDTODEVICE, 'SO_BINDTODEVICE', 'string'],
  [SOCKET, constants.SO_TIMESTAMP, 'SO_TIMESTAMP', 'boolean'],
  [SOCKET, constants.SO_ACCEPTCONN, 'SO_ACCEPTCONN', 'boolean'],
  [SOCKET, constants.SO_PROTOCOL, 'SO_PROTOCOL', 'int'],
  [SOCKET, constants.SO_DOMAIN, 'SO_DOMAIN', 'int'],
  [IP, constants.IP_TOS, 'IP_TOS', 'int'],
  [IP, constants.IP_TTL, 'IP_TTL', 'int'],
  [IP, constants.IP_HDRINCL, 'IP_HDRINCL', 'boolean'],
  [IP, constants.IP_OPTIONS, 'IP_OPTIONS', 'bytes'],
  [IP, constants.IP_RECVOPTS, 'IP_RECVOPTS', 'boolean'],
  [IP, constants.IP_PKTINFO, 'IP_PKTINFO', 'boolean'],
  [IP, constants.IP_MTU_DISCOVER, 'IP_MTU_DISCOVER', 'int'],
  [IP, constants.IP_RECVERR, 'IP_RECVERR', 'boolean'],
  [IP, constants.IP_RECVTTL, 'IP_RECVTTL', 'boolean'],
  [IP, constants.IP_RECVTOS, 'IP_RECVTOS', 'boolean'],
  [IP, constants.IP_MTU, 'IP_MTU', 'int'],
  [RAW, constants.ICMP_FILTER, 'ICMP_FILTER', 'int'],
  [TCP, constants.TCP_NODELAY, 'TCP_NODELAY', 'boolean'],
  [TCP, constants.TCP_MAXSEG, 'TCP_MAXSEG', 'int'],
  [TCP, constants.TCP_CORK, 'TCP_CORK', 'boolean'],
  [TCP, constants.TCP_KEEPIDLE, 'TCP_KEEPIDLE', 'int'],
  [TCP, constants.TCP_KEEPINTVL, 'TCP_KEEPINTVL', 'int'],
  [TCP, constants.TCP_KEEPCNT, 'TCP_KEEPCNT', 'int'],
  [TCP, constants.TCP_SYNCNT, 'TCP_SYNCNT', 'int'],
  [TCP, constants.TCP_LINGER2, 'TCP_LINGER2', 'int'],
  [TCP, constants.TCP_DEFER_ACCEPT, 'TCP_DEFER_ACCEPT', 'int'],
  [TCP, constants.TCP_WINDOW_CLAMP, 'TCP_WINDOW_CLAMP', 'int'],
  [TCP, constants.TCP_INFO, 'TCP_INFO', 'tcp_info'],
  [TCP, constants.TCP_QUICKACK, 'TCP_QUICKACK', 'boolean'],
  [TCP, constants.TCP_CONGESTION, 'TCP_CONGESTION', 'string'],
  [TCP, constants.TCP_USER_TIMEOUT, 'TCP_USER_TIMEOUT', 'int'],
  [TCP, constants.TCP_NOTSENT_LOWAT, 'TCP_NOTSENT_LOWAT', 'int'],
] as const

type Entry = (typeof options)[number]

/** What an option is in JavaScript: `boolean` for SO_REUSEADDR; the union of all where the constants are not known. */
export type OptionOf<Level extends number, Name extends number> = [
  Extract<Entry, readonly [Level, Name, string, OptionKind]>,
] extends [never]
  ? OptionValue
  : OptionKinds[Extract<Entry, readonly [Level, Name, string, OptionKind]>[3]]

/** What setsockopt takes: a flag, and an option without a name here, also as an integer; anything as the octets that C has. */
export type OptionInput<Level extends number, Name extends number> =
  | OptionOf<Level, Name>
  | Uint8Array
  | (OptionOf<Level, Name> extends boolean | number ? boolean | number : never)

/** One row of the table. */
export interface OptionEntry {
  readonly level: number
  readonly name: number
  /** The constant's name: 'SO_REUSEADDR'. */
  readonly constant: string
  readonly kind: OptionKind
}

const table = new Map<number, OptionEntry>()
for (const [level, name, constant, kind] of options) table.set(key(level, name), { level, name, constant, kind })

const levels = new Map<number, string>([
  [SOCKET, 'SOL_SOCKET'],
  [IP, 'SOL_IP'],
  [RAW, 'SOL_RAW'],
  [TCP, 'SOL_TCP'],
])

function key(level: number, name: number): number {
  return level * 0x10000 + name
}

/** The row of an option; one of kind 'bytes' with its numbers for a name where the table has none. */
export function optionEntry(level: number, name: number): OptionEntry {
  const entry = table.get(key(level, name))
  if (entry !== undefined && entry.name === name) return entry
  return { level, name, constant: `option ${name} of level ${level}`, kind: 'bytes' }
}

/** 'SOL_SOCKET', or the number. */
export function levelName(level: number): string {
  return levels.get(level) ?? String(level)
}

/** All rows, in order of level and name. */
export function optionEntries(): readonly OptionEntry[] {
  return [...table.values()]
}
