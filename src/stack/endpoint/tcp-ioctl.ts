// Read first: tcp(7) "Ioctls".

import { SIOCATMARK, SIOCINQ, SIOCOUTQ, SIOCOUTQNSD } from '../../base/constants.ts'
import { EINVAL, ENOTTY } from '../../base/errno.ts'
import type { Connection } from '../../tcp/connection.ts'
import { SYN_RECEIVED, SYN_SENT } from '../../tcp/state.ts'
import { atMark, unreadBeforeUrgent } from '../../tcp/urgent.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

/** What an ioctl(2) answers. A listener has nothing to be read, and nothing to be sent. */
export function tcpIoctl({ connection: c, listener }: TcpEndpoint, request: number): number {
  switch (request) {
    case SIOCINQ:
      if (listener !== null) return -EINVAL
      return c === null || isOpening(c) ? 0 : unreadBeforeUrgent(c)
    case SIOCOUTQ:
      if (listener !== null) return -EINVAL
      return c === null || isOpening(c) ? 0 : c.sendRing.length
    case SIOCOUTQNSD:
      if (listener !== null) return -EINVAL
      return c === null ? 0 : Math.max((c.writeSeq - c.sndNxt) | 0, 0)
    case SIOCATMARK:
      return c !== null && atMark(c) ? 1 : 0
    default:
      return -ENOTTY
  }
}

/** As in Linux nothing counts before the handshake is over, what came and went with the SYN by Fast Open neither. */
function isOpening({ state }: Connection): boolean {
  return state === SYN_SENT || state === SYN_RECEIVED
}
