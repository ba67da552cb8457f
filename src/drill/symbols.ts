// Read first: the manual pages of the calls that take them. Numbers are Linux's, as everywhere.

import * as constants from '../base/constants.ts'
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
  TCP_TX_DELAY: 37,
  POLLRDNORM: 0x040,
  POLLRDBAND: 0x080,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
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

const SYMBOLS = tableOf(OTHERS, constants, tcpInfo)

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
