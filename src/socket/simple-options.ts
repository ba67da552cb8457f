// Read first: socket(7), tcp(7), udp(7). The kinds of the options that any stack has, which are those of option-rows.ts (a test compares them).

import {
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_V6ONLY,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_BSDCOMPAT,
  SO_COOKIE,
  SO_DEBUG,
  SO_DONTROUTE,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MARK,
  SO_MAX_PACING_RATE,
  SO_MEMINFO,
  SO_NO_CHECK,
  SO_OOBINLINE,
  SO_RCVMARK,
  SO_RCVTIMEO,
  SO_RCVTIMEO_NEW,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_RXQ_OVFL,
  SO_SNDTIMEO,
  SO_SNDTIMEO_NEW,
  SO_TIMESTAMP,
  SO_TIMESTAMPING,
  SO_TIMESTAMPNS,
  SO_ZEROCOPY,
  SOL_SOCKET,
  TCP_CC_INFO,
  TCP_CONGESTION,
  TCP_CORK,
  TCP_INQ,
  TCP_NODELAY,
  TCP_QUICKACK,
  UDP_CORK,
  UDP_GRO,
  UDP_NO_CHECK6_RX,
  UDP_NO_CHECK6_TX,
} from '../base/constants.ts'
import type { SimpleKind } from './simple-values.ts'

/** Those that are no int, by level. */
const KINDS: Readonly<Record<number, { readonly [Kind in SimpleKind]?: readonly number[] }>> = {
  [SOL_SOCKET]: {
    boolean: [
      SO_DEBUG,
      SO_REUSEADDR,
      SO_DONTROUTE,
      SO_BROADCAST,
      SO_KEEPALIVE,
      SO_OOBINLINE,
      SO_NO_CHECK,
      SO_BSDCOMPAT,
      SO_REUSEPORT,
      SO_TIMESTAMP,
      SO_TIMESTAMPNS,
      SO_ACCEPTCONN,
      SO_RXQ_OVFL,
      SO_RCVMARK,
      SO_ZEROCOPY,
    ],
    linger: [SO_LINGER],
    timeval: [SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW],
    string: [SO_BINDTODEVICE],
    uint: [SO_MARK],
    u64: [SO_COOKIE, SO_MAX_PACING_RATE],
    bytes: [SO_MEMINFO, SO_TIMESTAMPING],
  },
  [IPPROTO_TCP]: {
    boolean: [TCP_NODELAY, TCP_CORK, TCP_QUICKACK, TCP_INQ],
    string: [TCP_CONGESTION],
    bytes: [TCP_CC_INFO],
  },
  [IPPROTO_UDP]: { boolean: [UDP_CORK, UDP_NO_CHECK6_TX, UDP_NO_CHECK6_RX, UDP_GRO] },
  [IPPROTO_IPV6]: { boolean: [IPV6_V6ONLY] },
}

/** Of a level that is not among them, the octets. */
export function simpleKind(level: number, name: number): SimpleKind {
  const kinds = KINDS[level]
  if (kinds === undefined) return 'bytes'
  for (const kind in kinds) if (kinds[kind as SimpleKind]?.includes(name)) return kind as SimpleKind
  return 'int'
}
