// Read first: RFC 9293 sections 3.6 and 3.10.4 to 3.10.6.

import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from '../base/constants.ts'
import { type Connection, TIMER_ACK, TIMER_LONG, TIMER_PERSIST, TIMER_RETRANSMIT } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { CLOSED, FIN_WAIT_2, TIME_WAIT } from './state.ts'

/**
 * The end of a connection: out of the tables, no timers, no buffers but what can still be read. `error` is what the next call
 * of the application gives, 0 for an orderly end.
 */
export function closeConnection(c: Connection, error: number): void {
  if (c.state === CLOSED) return
  c.state = CLOSED
  c.error = error
  c.armed = 0
  const { request } = c
  if (request !== null) request.listener.fastOpenOver(request, 0)
  c.request = null
  c.host.fastOpen?.calls.fastOpenEnds(c)
  c.host.time.clear(c)
  c.host.remove(c)
  c.ackPending = false
  c.ackAtFlush = false
  c.freeSendRing()
  c.watcher?.ended()
  c.ringSeq = c.sndNxt
  c.land()
  c.reassembly = null
  if (c.orphan) c.freeReceiveRing()
  const listener = c.listener
  if (listener !== null && error === 0) listener.forget(c)
  announce(c, POLLIN | POLLOUT | POLLHUP | POLLRDHUP | (error === 0 ? 0 : POLLERR))
}

/** 2 MSL of quiet (MUST-13), in which a lost last ACK can be repeated. Sending and receiving are over: buffers go. */
export function enterTimeWait(c: Connection): void {
  c.state = TIME_WAIT
  // The answer to the peer's FIN may still wait for a device that was full.
  disarm(c, TIMER_RETRANSMIT | TIMER_PERSIST | (c.ackPending ? 0 : TIMER_ACK))
  c.freeSendRing()
  c.land()
  c.reassembly = null
  arm(c, TIMER_LONG, c.host.config.timeWait)
  c.host.enterTimeWait(c)
  announce(c, POLLHUP | POLLIN | POLLOUT | POLLRDHUP)
}

/** Our FIN is acknowledged and the peer's has not come. Only an orphan stops waiting for it (Linux: tcp_fin_timeout). */
export function enterFinWait2(c: Connection): void {
  c.state = FIN_WAIT_2
  if (c.orphan) armFinWait2(c)
  announce(c, POLLHUP)
}

export function armFinWait2(c: Connection): void {
  arm(c, TIMER_LONG, c.finWait2Timeout)
}

/** Tells whoever holds the connection. */
export function announce(c: Connection, events: number): void {
  if (c.owner !== null) c.owner.connectionReady(events)
}
