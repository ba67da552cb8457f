// The timers of a connection are deadlines in its own fields, of which the host's wheel knows the earliest. One that is put off
// stays where it is in the wheel: on expiry (timers) it is seen which are due, and the wheel is set anew.

import {
  type Connection,
  TIMER_ACK,
  TIMER_LONG,
  TIMER_PACE,
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

/** Sets one of the timers (a TIMER_ bit) to `delay` milliseconds from now, or moves it there. */
export function arm(c: Connection, timer: number, delay: number): void {
  const at = c.host.time.after(delay)
  switch (timer) {
    case TIMER_RETRANSMIT:
      c.retransmitAt = at
      break
    case TIMER_PERSIST:
      c.persistAt = at
      break
    case TIMER_ACK:
      c.ackAt = at
      break
    case TIMER_LONG:
      c.longAt = at
      break
    case TIMER_REORDER:
      c.reorderAt = at
      break
    case TIMER_PROBE:
      c.probeAt = at
      break
    case TIMER_PACE:
      c.paceAt = at
      break
  }
  c.enarm(timer)
  schedule(c, at)
}

export function disarm(c: Connection, timers: number): void {
  c.disarm(timers)
}

/** Keep-alive as the application has set it: RFC 9293 section 3.8.4. */
export function updateKeepAlive(c: Connection): void {
  if (!mayKeepAlive(c)) return
  if (c.keepAlive) arm(c, TIMER_LONG, c.keepAliveTime)
  else disarm(c, TIMER_LONG)
}

/** Whether there is an application that wants to know of the peer's death. */
export function mayKeepAlive(c: Connection): boolean {
  if (c.orphan) return false
  return c.state === ESTABLISHED || c.state === CLOSE_WAIT || c.state === FIN_WAIT_1 || c.state === FIN_WAIT_2
}
