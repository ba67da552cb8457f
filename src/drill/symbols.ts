// Read first: the manual pages of the calls that take them. Numbers are Linux's, as everywhere.

import * as constants from '../base/constants.ts'
import * as constantsOfControl from '../base/constants-control.ts'
import * as constantsOfOptions from '../base/constants-options.ts'
import { errnoNumber } from '../base/errno.ts'
import * as tcpInfo from '../base/tcp-info.ts'
import type { Expression } from './script.ts'

// What scripts name and sockets of our own have no other use for.
const OTHERS: Readonly<Record<string, number>> = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_NONBLOCK: 0o4000,
  F_GETFL: 3,
  F_SETFL: 4,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  SOL_IP: 0,
  SOL_TCP: 6,
  SOL_UDP: 17,
  SOL_IPV6: 41,
  IP_RECVERR: 11,
  IPV6_RECVERR: 25,
  IPV6_TCLASS: 67,
  IPV6_V6ONLY: 26,
  MSG_CONFIRM: 0x800,
  MSG_FASTOPEN: 0x20000000,
  MSG_ZEROCOPY: 0x4000000,
  SO_TIMESTAMPING: 37,
  SO_MARK: 36,
  SO_BUSY_POLL: 46,
  SO_MAX_PACING_RATE: 47,
  SO_MEMINFO: 55,
  SO_ZEROCOPY: 60,
  SO_TXTIME: 61,
  TCP_MD5SIG: 14,
  TCP_THIN_LINEAR_TIMEOUTS: 16,
  TCP_THIN_DUPACK: 17,
  TCP_FASTOPEN: 23,
  TCP_TIMESTAMP: 24,
  TCP_CC_INFO: 26,
  TCP_SAVE_SYN: 27,
  TCP_SAVED_SYN: 28,
  TCP_FASTOPEN_CONNECT: 30,
  TCP_FASTOPEN_KEY: 33,
  TCP_ZEROCOPY_RECEIVE: 35,
  TCP_INQ: 36,
  TCP_CM_INQ: 36,
  POLLRDNORM: 0x040,
  POLLRDBAND: 0x080,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
  POLLMSG: 0x400,
  NULL: 0,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_CLOEXEC: 0o2000000,
  O_DIRECT: 0o40000,
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  FD_CLOEXEC: 1,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
  EPOLL_CLOEXEC: 0o2000000,
  EPOLLIN: 0x001,
  EPOLLPRI: 0x002,
  EPOLLOUT: 0x004,
  EPOLLERR: 0x008,
  EPOLLHUP: 0x010,
  EPOLLRDNORM: 0x040,
  EPOLLRDBAND: 0x080,
  EPOLLWRNORM: 0x100,
  EPOLLWRBAND: 0x200,
  EPOLLMSG: 0x400,
  EPOLLRDHUP: 0x2000,
  EPOLLEXCLUSIVE: 1 << 28,
  EPOLLWAKEUP: 1 << 29,
  EPOLLONESHOT: 1 << 30,
  EPOLLET: 1 << 31,
  SIOCOUTQNSD: 0x894b,
  SPLICE_F_MOVE: 1,
  SPLICE_F_NONBLOCK: 2,
  SPLICE_F_MORE: 4,
  SPLICE_F_GIFT: 8,
  SEEK_SET: 0,
  SEEK_CUR: 1,
  SEEK_END: 2,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_IPC_LOCK: 14,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_EFFECTIVE: 0,
  CAP_PERMITTED: 1,
  CAP_INHERITABLE: 2,
  CAP_CLEAR: 0,
  CAP_SET: 1,
  ICMP_ECHOREPLY: 0,
  ICMP_DEST_UNREACH: 3,
  ICMP_SOURCE_QUENCH: 4,
  ICMP_REDIRECT: 5,
  ICMP_ECHO: 8,
  ICMP_TIME_EXCEEDED: 11,
  ICMP_PARAMETERPROB: 12,
  ICMP_NET_UNREACH: 0,
  ICMP_HOST_UNREACH: 1,
  ICMP_PROT_UNREACH: 2,
  ICMP_PORT_UNREACH: 3,
  ICMP_FRAG_NEEDED: 4,
  ICMPV6_DEST_UNREACH: 1,
  ICMPV6_PKT_TOOBIG: 2,
  ICMPV6_TIME_EXCEED: 3,
  ICMPV6_PARAMPROB: 4,
  TCP_ULP: 31,
  TCP_MD5SIG_EXT: 32,
  TCP_FASTOPEN_NO_COOKIE: 34,
  TCP_TX_DELAY: 37,
}

function tableOf(...sources: readonly object[]): Map<string, number> {
  const table = new Map<string, number>()
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) if (typeof value === 'number') table.set(name, value)
  }
  return table
}

/** TCP_… states, TCP_CA_… and TCPI_OPT_…: what code blocks may name. */
export const INFO_SYMBOLS: ReadonlyMap<string, number> = tableOf(tcpInfo)

const SYMBOLS = tableOf(OTHERS, constants, constantsOfControl, constantsOfOptions, tcpInfo)

/** The value of a constant or an errno, or undefined for a name that is none. */
export function symbolValue(name: string): number | undefined {
  return SYMBOLS.get(name) ?? errnoNumber(name)
}

/** The number that an expression of numbers, names and | stands for; null for any other. */
export function numberOf(expression: Expression): number | null {
  if (expression.kind === 'number') return expression.value
  if (expression.kind === 'word') return symbolValue(expression.name) ?? null
  if (expression.kind !== 'or') return null
  const left = numberOf(expression.left)
  const right = numberOf(expression.right)
  return left === null || right === null ? null : left | right
}
