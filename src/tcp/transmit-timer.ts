// Read first: RFC 6298 section 5, RFC 8985 sections 6.3 and 7.2.
//
// One timer answers for what is in flight: the retransmission time-out, the wait for what may only be late, or the tail loss
// probe. Each gives way to the next, and the time-out counts from when the oldest segment was sent last.

import { type Connection, TIMER_PERSIST, TIMER_PROBE, TIMER_REORDER, TIMER_RETRANSMIT } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { currentRto } from './rtt.ts'

/** Sets one of the timers, in milliseconds, in place of the others. */
export function armTransmit(c: Connection, timer: number, delay: number): void {
  disarm(c, TIMER_RETRANSMIT | TIMER_PROBE | TIMER_REORDER | TIMER_PERSIST)
  arm(c, timer, delay)
}

/** The retransmission time-out begins anew; after one of the other timers it counts from when the oldest segment was sent. */
export function rearmRetransmit(c: Connection): void {
  // While a SYN-ACK of Fast Open is unanswered the timer is its.
  if (c.request !== null) return
  const flight = c.flight
  if (flight === null || flight.count === 0) {
    disarm(c, TIMER_RETRANSMIT | TIMER_PROBE | TIMER_REORDER)
    return
  }
  if ((c.armed & (TIMER_REORDER | TIMER_PROBE)) !== 0) resumeRetransmit(c)
  else armTransmit(c, TIMER_RETRANSMIT, currentRto(c))
}

/** One of the other timers has passed and sent nothing: the time-out counts on from when the oldest segment was sent. */
export function resumeRetransmit(c: Connection): void {
  if (c.request !== null || c.flight === null || c.flight.count === 0) return
  armTransmit(c, TIMER_RETRANSMIT, Math.max(untilRetransmit(c), 1))
}

/** Milliseconds until the time-out of the oldest segment, counted from when that was sent last. */
export function untilRetransmit(c: Connection): number {
  const flight = c.flight
  const rto = currentRto(c)
  if (flight === null || flight.count === 0) return rto
  const age = (c.host.time.nowMicros - flight.sentAt(0)) | 0
  return Math.ceil((rto * 1000 - age) / 1000)
}

/** `delay`, or what is left of the user's time-out: that is kept to the millisecond, not to the next doubled retransmission. */
export function untilUserTimeout(c: Connection, delay: number): number {
  if (c.userTimeout === 0) return delay
  const left = (c.unansweredSince + c.userTimeout - c.host.time.now) | 0
  return Math.min(delay, Math.max(left, 1))
}
