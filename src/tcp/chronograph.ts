// Read first: tcp(7) TCP_INFO (tcpi_busy_time, tcpi_rwnd_limited, tcpi_sndbuf_limited).
//
// What the sender's time goes by with, while it has something to send: one of three, the last that it ran into.

import type { Connection } from './connection.ts'
import { after } from './seq.ts'

export const IDLE = 0
export const BUSY = 1
/** The peer's window holds data back. */
export const LIMITED_BY_RECEIVER = 2
/** There would be more to send than the send buffer has room for. */
export const LIMITED_BY_BUFFER = 3

export function startChronograph(c: Connection, what: number): void {
  if (what > c.chronograph) turn(c, what)
}

export function stopChronograph(c: Connection, what: number): void {
  if (c.chronograph === IDLE) return
  if (c.flight === null || c.flight.count === 0) {
    // The FIN counts as data does.
    if (!after(c.writeSeq, c.sndNxt) && (!c.finQueued || c.finSent)) {
      turn(c, IDLE)
      return
    }
  }
  if (what === c.chronograph) turn(c, BUSY)
}

function turn(c: Connection, what: number): void {
  const now = c.host.time.now
  const passed = (now - c.chronographAt) >>> 0
  if (c.chronograph === BUSY) c.busyTime += passed
  else if (c.chronograph === LIMITED_BY_RECEIVER) c.receiverLimitedTime += passed
  else if (c.chronograph === LIMITED_BY_BUFFER) c.bufferLimitedTime += passed
  c.chronographAt = now
  c.chronograph = what
}

/** The milliseconds spent with `what` till now. */
export function timeSpent(c: Connection, what: number): number {
  const running = c.chronograph === what ? (c.host.time.now - c.chronographAt) >>> 0 : 0
  if (what === BUSY) return c.busyTime + running
  return running + (what === LIMITED_BY_RECEIVER ? c.receiverLimitedTime : c.bufferLimitedTime)
}
