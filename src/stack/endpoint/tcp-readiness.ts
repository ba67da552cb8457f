// Read first: poll(2), tcp(7). As tcp_poll of Linux has it.

import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP } from '../../base/constants.ts'
import { type Connection, URGENT_HERE } from '../../tcp/connection.ts'
import { FO_DEFERRED } from '../../tcp/fast-open.ts'
import { hasRoomToWrite } from '../../tcp/send-buffer.ts'
import { CLOSED, ESTABLISHED, FIN_WAIT_2, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from '../../tcp/state.ts'
import { urgentSkip } from '../../tcp/urgent.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

/** The POLL… bits that hold. */
export function tcpReadiness(endpoint: TcpEndpoint): number {
  const { listener, connection: c } = endpoint
  if (listener !== null) return listener.queued > 0 ? POLLIN : 0
  const told = endpoint.errors === null || endpoint.errors.empty ? 0 : POLLERR
  if (c === null) {
    const shut = endpoint.readShut ? POLLIN | POLLRDHUP : 0
    return POLLOUT | POLLHUP | shut | told | (endpoint.pendingError === 0 ? 0 : POLLERR)
  }
  if (endpoint.closed) return isDelivered(c) ? POLLHUP : 0
  const over = c.state === CLOSED || c.state === TIME_WAIT
  const readEnded = c.finReceived || c.readShut || over
  const writeEnded = c.finQueued || over
  let bits = told
  if (readEnded) bits |= POLLIN | POLLRDHUP
  if (readEnded && writeEnded) bits |= POLLHUP
  if (c.error !== 0) bits |= POLLERR
  if (c.state === SYN_SENT) return (c.fastOpen & FO_DEFERRED) === 0 ? bits : bits | POLLOUT
  if (c.state === SYN_RECEIVED && c.request === null) return bits
  // The urgent octet, where it is next, is not part of what can be read: tcp_poll.
  const unread = c.readable - urgentSkip(c)
  if (unread > 0 && unread >= c.readableFrom) bits |= POLLIN
  if (writeEnded || hasRoomToWrite(c)) bits |= POLLOUT
  // Only who has found no room is told of room: tcp_poll sets SOCK_NOSPACE.
  else c.noSpace = true
  if (c.urgentState === URGENT_HERE) bits |= POLLPRI
  return bits
}

/** Whether recv would surely say EAGAIN: an open connection of which all that came has been read, and nothing is to be told. */
export function nothingToRead({ connection: c, closed }: TcpEndpoint): boolean {
  if (c === null || closed || c.state !== ESTABLISHED) return false
  return c.receiveRing.length === 0 && c.error === 0 && !c.readShut
}

/** Whether all that was sent, the FIN too, has been acknowledged or given up. */
export function isDelivered(c: Connection): boolean {
  return c.state === CLOSED || c.state === FIN_WAIT_2 || c.state === TIME_WAIT
}
