// The timers of a connection are deadlines in its own fields, of which the host's wheel knows the earliest. One that is put off
// stays where it is in the wheel: on expiry (timers) it is seen which are due, and the wheel is set anew.

import {
  type Connection,
  TIMER_ACK,
  TIMER_LONG,
  TIMER_PERSIST,
  TIMER_PROBE,
  TIMER_REORDER,
  TIMER_RETRANSMIT,
} from './connection.ts'
import { CLOSE_WAIT, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2 } from './state.ts'

/** Has the wheel call at `at`, or sooner where it would anyway. */
export function schedule(c: Connection, at: number): void {
  if (c.timerSlot < 0 || ((at - c.timerAt) | 0) < 0) c.host.time.setAt(c, at)
}

function deadline(c: Connection, delay: number): number {
  return c.host.time.after(delay)
}

export function armRetransmit(c: Connection, delay: number): void {
  c.retransmitAt = deadline(c, delay)
  c.armed |= TIMER_RETRANSMIT
  schedule(c, c.retransmitAt)
}

export function armPersist(c: Connection, delay: number): void {
  c.persistAt = deadline(c, delay)
  c.armed |= TIMER_PERSIST
  schedule(c, c.persistAt)
}

export function armAck(c: Connection, delay: number): void {
  c.ackAt = deadline(c, delay)
  c.armed |= TIMER_ACK
  schedule(c, c.ackAt)
}

export function armLong(c: Connection, delay: number): void {
  c.longAt = deadline(c, delay)
  c.armed |= TIMER_LONG
  schedule(c, c.longAt)
}

export function armReorder(c: Connection, delay: number): void {
  c.reorderAt = deadline(c, delay)
  c.armed |= TIMER_REORDER
  schedule(c, c.reorderAt)
}

export function armProbe(c: Connection, delay: number): void {
  c.probeAt = deadline(c, delay)
  c.armed |= TIMER_PROBE
  schedule(c, c.probeAt)
}

export function disarm(c: Connection, timers: number): void {
  c.armed &= ~timers
}

/** Keep-alive as the application has set it: RFC 9293 section 3.8.4. */
export function updateKeepAlive(c: Connection): void {
  if (!mayKeepAlive(c)) return
  if (c.keepAlive) armLong(c, c.keepAliveTime)
  else disarm(c, TIMER_LONG)
}

/** Whether there is an application that wants to know of the peer's death. */
export function mayKeepAlive(c: Connection): boolean {
  if (c.orphan) return false
  return c.state === ESTABLISHED || c.state === CLOSE_WAIT || c.state === FIN_WAIT_1 || c.state === FIN_WAIT_2
}
