// Read first: socket(7), ip(7), ipv6(7), tcp(7), udp(7), raw(7). Every option that has a name here, in one table: for the values that getsockopt
// and setsockopt speak of, and for those who print them.

import * as constants from '../base/constants.ts'
import type { OptionKind, OptionKinds, OptionValue } from './option-values.ts'

const SOCKET = constants.SOL_SOCKET
const IP = constants.IPPROTO_IP
const TCP = constants.IPPROTO_TCP
const UDP = constants.IPPROTO_UDP
const IPV6 = constants.IPPROTO_IPV6
const ICMPV6 = constants.SOL_ICMPV6
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
  [SOCKET, constants.SO_PASSCRED, 'SO_PASSCRED', 'boolean'],
  [SOCKET, constants.SO_PEERCRED, 'SO_PEERCRED', 'ucred'],
  [SOCKET, constants.SO_RCVLOWAT, 'SO_RCVLOWAT', 'int'],
  [SOCKET, constants.SO_SNDLOWAT, 'SO_SNDLOWAT', 'int'],
  [SOCKET, constants.SO_RCVTIMEO, 'SO_RCVTIMEO', 'timeval'],
  [SOCKET, constants.SO_SNDTIMEO, 'SO_SNDTIMEO', 'timeval'],
  [SOCKET, constants.SO_BINDTODEVICE, 'SO_BINDTODEVICE', 'string'],
  [SOCKET, constants.SO_TIMESTAMP, 'SO_TIMESTAMP', 'boolean'],
  [SOCKET, constants.SO_ACCEPTCONN, 'SO_ACCEPTCONN', 'boolean'],
  [SOCKET, constants.SO_PROTOCOL, 'SO_PROTOCOL', 'int'],
  [SOCKET, constants.SO_DOMAIN, 'SO_DOMAIN', 'int'],
  [SOCKET, constants.SO_PEEK_OFF, 'SO_PEEK_OFF', 'int'],
  [SOCKET, constants.SO_NO_CHECK, 'SO_NO_CHECK', 'boolean'],
  [SOCKET, constants.SO_SNDBUFFORCE, 'SO_SNDBUFFORCE', 'int'],
  [SOCKET, constants.SO_RCVBUFFORCE, 'SO_RCVBUFFORCE', 'int'],
  [SOCKET, constants.SO_TIMESTAMPNS, 'SO_TIMESTAMPNS', 'boolean'],
  [SOCKET, constants.SO_MARK, 'SO_MARK', 'int'],
  [SOCKET, constants.SO_RXQ_OVFL, 'SO_RXQ_OVFL', 'boolean'],
  [SOCKET, constants.SO_BINDTOIFINDEX, 'SO_BINDTOIFINDEX', 'int'],
  [SOCKET, constants.SO_RCVMARK, 'SO_RCVMARK', 'boolean'],
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
  [IP, constants.IP_RETOPTS, 'IP_RETOPTS', 'boolean'],
  [IP, constants.IP_FREEBIND, 'IP_FREEBIND', 'boolean'],
  [IP, constants.IP_TRANSPARENT, 'IP_TRANSPARENT', 'boolean'],
  [IP, constants.IP_RECVORIGDSTADDR, 'IP_RECVORIGDSTADDR', 'boolean'],
  [IP, constants.IP_MINTTL, 'IP_MINTTL', 'int'],
  [IP, constants.IP_BIND_ADDRESS_NO_PORT, 'IP_BIND_ADDRESS_NO_PORT', 'boolean'],
  [IP, constants.IP_MULTICAST_IF, 'IP_MULTICAST_IF', 'ip_interface'],
  [IP, constants.IP_MULTICAST_TTL, 'IP_MULTICAST_TTL', 'int'],
  [IP, constants.IP_MULTICAST_LOOP, 'IP_MULTICAST_LOOP', 'boolean'],
  [IP, constants.IP_ADD_MEMBERSHIP, 'IP_ADD_MEMBERSHIP', 'ip_mreqn'],
  [IP, constants.IP_DROP_MEMBERSHIP, 'IP_DROP_MEMBERSHIP', 'ip_mreqn'],
  [IP, constants.IP_UNBLOCK_SOURCE, 'IP_UNBLOCK_SOURCE', 'ip_mreq_source'],
  [IP, constants.IP_BLOCK_SOURCE, 'IP_BLOCK_SOURCE', 'ip_mreq_source'],
  [IP, constants.IP_ADD_SOURCE_MEMBERSHIP, 'IP_ADD_SOURCE_MEMBERSHIP', 'ip_mreq_source'],
  [IP, constants.IP_DROP_SOURCE_MEMBERSHIP, 'IP_DROP_SOURCE_MEMBERSHIP', 'ip_mreq_source'],
  [IP, constants.IP_MSFILTER, 'IP_MSFILTER', 'ip_msfilter'],
  [IP, constants.IP_MULTICAST_ALL, 'IP_MULTICAST_ALL', 'boolean'],
  [IP, constants.IP_UNICAST_IF, 'IP_UNICAST_IF', 'network_int'],
  [IP, constants.IP_LOCAL_PORT_RANGE, 'IP_LOCAL_PORT_RANGE', 'port_range'],
  [IP, constants.MCAST_JOIN_GROUP, 'MCAST_JOIN_GROUP', 'group_req'],
  [IP, constants.MCAST_BLOCK_SOURCE, 'MCAST_BLOCK_SOURCE', 'group_source_req'],
  [IP, constants.MCAST_UNBLOCK_SOURCE, 'MCAST_UNBLOCK_SOURCE', 'group_source_req'],
  [IP, constants.MCAST_LEAVE_GROUP, 'MCAST_LEAVE_GROUP', 'group_req'],
  [IP, constants.MCAST_JOIN_SOURCE_GROUP, 'MCAST_JOIN_SOURCE_GROUP', 'group_source_req'],
  [IP, constants.MCAST_LEAVE_SOURCE_GROUP, 'MCAST_LEAVE_SOURCE_GROUP', 'group_source_req'],
  [IP, constants.MCAST_MSFILTER, 'MCAST_MSFILTER', 'group_filter'],
  [IPV6, constants.IPV6_ADDRFORM, 'IPV6_ADDRFORM', 'int'],
  [IPV6, constants.IPV6_CHECKSUM, 'IPV6_CHECKSUM', 'int'],
  [IPV6, constants.IPV6_UNICAST_HOPS, 'IPV6_UNICAST_HOPS', 'int'],
  [IPV6, constants.IPV6_MULTICAST_IF, 'IPV6_MULTICAST_IF', 'int'],
  [IPV6, constants.IPV6_MULTICAST_HOPS, 'IPV6_MULTICAST_HOPS', 'int'],
  [IPV6, constants.IPV6_MULTICAST_LOOP, 'IPV6_MULTICAST_LOOP', 'boolean'],
  [IPV6, constants.IPV6_JOIN_GROUP, 'IPV6_JOIN_GROUP', 'ipv6_mreq'],
  [IPV6, constants.IPV6_LEAVE_GROUP, 'IPV6_LEAVE_GROUP', 'ipv6_mreq'],
  [IPV6, constants.IPV6_MTU_DISCOVER, 'IPV6_MTU_DISCOVER', 'int'],
  [IPV6, constants.IPV6_MTU, 'IPV6_MTU', 'int'],
  [IPV6, constants.IPV6_RECVERR, 'IPV6_RECVERR', 'boolean'],
  [IPV6, constants.IPV6_V6ONLY, 'IPV6_V6ONLY', 'boolean'],
  [IPV6, constants.IPV6_MULTICAST_ALL, 'IPV6_MULTICAST_ALL', 'boolean'],
  [IPV6, constants.IPV6_FLOWINFO, 'IPV6_FLOWINFO', 'boolean'],
  [IPV6, constants.IPV6_FLOWINFO_SEND, 'IPV6_FLOWINFO_SEND', 'boolean'],
  [IPV6, constants.IPV6_HDRINCL, 'IPV6_HDRINCL', 'boolean'],
  [IPV6, constants.IPV6_RECVPKTINFO, 'IPV6_RECVPKTINFO', 'boolean'],
  [IPV6, constants.IPV6_PKTINFO, 'IPV6_PKTINFO', 'in6_pktinfo'],
  [IPV6, constants.IPV6_RECVHOPLIMIT, 'IPV6_RECVHOPLIMIT', 'boolean'],
  [IPV6, constants.IPV6_RECVHOPOPTS, 'IPV6_RECVHOPOPTS', 'boolean'],
  [IPV6, constants.IPV6_HOPOPTS, 'IPV6_HOPOPTS', 'bytes'],
  [IPV6, constants.IPV6_RTHDRDSTOPTS, 'IPV6_RTHDRDSTOPTS', 'bytes'],
  [IPV6, constants.IPV6_RECVRTHDR, 'IPV6_RECVRTHDR', 'boolean'],
  [IPV6, constants.IPV6_RTHDR, 'IPV6_RTHDR', 'bytes'],
  [IPV6, constants.IPV6_RECVDSTOPTS, 'IPV6_RECVDSTOPTS', 'boolean'],
  [IPV6, constants.IPV6_DSTOPTS, 'IPV6_DSTOPTS', 'bytes'],
  [IPV6, constants.IPV6_PATHMTU, 'IPV6_PATHMTU', 'bytes'],
  [IPV6, constants.IPV6_DONTFRAG, 'IPV6_DONTFRAG', 'boolean'],
  [IPV6, constants.IPV6_RECVTCLASS, 'IPV6_RECVTCLASS', 'boolean'],
  [IPV6, constants.IPV6_TCLASS, 'IPV6_TCLASS', 'int'],
  [IPV6, constants.IPV6_AUTOFLOWLABEL, 'IPV6_AUTOFLOWLABEL', 'boolean'],
  [IPV6, constants.IPV6_MINHOPCOUNT, 'IPV6_MINHOPCOUNT', 'int'],
  [IPV6, constants.IPV6_RECVORIGDSTADDR, 'IPV6_RECVORIGDSTADDR', 'boolean'],
  [IPV6, constants.IPV6_TRANSPARENT, 'IPV6_TRANSPARENT', 'boolean'],
  [IPV6, constants.IPV6_UNICAST_IF, 'IPV6_UNICAST_IF', 'network_int'],
  [IPV6, constants.IPV6_FREEBIND, 'IPV6_FREEBIND', 'boolean'],
  [IPV6, constants.MCAST_JOIN_GROUP, 'MCAST_JOIN_GROUP', 'group_req'],
  [IPV6, constants.MCAST_BLOCK_SOURCE, 'MCAST_BLOCK_SOURCE', 'group_source_req'],
  [IPV6, constants.MCAST_UNBLOCK_SOURCE, 'MCAST_UNBLOCK_SOURCE', 'group_source_req'],
  [IPV6, constants.MCAST_LEAVE_GROUP, 'MCAST_LEAVE_GROUP', 'group_req'],
  [IPV6, constants.MCAST_JOIN_SOURCE_GROUP, 'MCAST_JOIN_SOURCE_GROUP', 'group_source_req'],
  [IPV6, constants.MCAST_LEAVE_SOURCE_GROUP, 'MCAST_LEAVE_SOURCE_GROUP', 'group_source_req'],
  [IPV6, constants.MCAST_MSFILTER, 'MCAST_MSFILTER', 'group_filter'],
  [RAW, constants.ICMP_FILTER, 'ICMP_FILTER', 'int'],
  [ICMPV6, constants.ICMP6_FILTER, 'ICMP6_FILTER', 'bytes'],
  [UDP, constants.UDP_CORK, 'UDP_CORK', 'boolean'],
  [UDP, constants.UDP_NO_CHECK6_TX, 'UDP_NO_CHECK6_TX', 'boolean'],
  [UDP, constants.UDP_NO_CHECK6_RX, 'UDP_NO_CHECK6_RX', 'boolean'],
  [UDP, constants.UDP_SEGMENT, 'UDP_SEGMENT', 'int'],
  [UDP, constants.UDP_GRO, 'UDP_GRO', 'boolean'],
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
  [IPV6, 'SOL_IPV6'],
  [UDP, 'SOL_UDP'],
  [ICMPV6, 'SOL_ICMPV6'],
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
