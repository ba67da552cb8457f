// Read first: socket(7) and tcp(7) of Linux (SO_MAX_PACING_RATE, tcp_pacing_ss_ratio); RFC 5681 section 4.1 on bursts.
//
// What may be sent is spread over time instead of going at once. As in Linux only where it is asked for: a window that follows
// its acknowledgements is spread already.

import { type Connection, TIMER_PACE } from './connection.ts'
import { arm } from './deadlines.ts'

/** No limit: what Linux has as all ones. */
export const UNLIMITED = 2 ** 64

/** The first packets go as they come, as Linux's queueing discipline has it. */
const UNPACED = 10
/** How late a timer may be without that the rate suffers, in milliseconds: they run in whole ones. */
const CREDIT = 1
/** However low the rate: a wait ends, and is looked at again, after so many milliseconds. */
const WAIT_MAX = 60_000

/** The pacing of a connection, made when it is asked for. */
export class Pacing {
  /** SO_MAX_PACING_RATE, octets a second. */
  limit = UNLIMITED
  /** When the next may go, milliseconds of the clock. */
  nextAt = 0
}

/** Octets a second: twice the rate of the window in slow start, six fifths of it later, which no more grows than it needs to. */
function windowRate(c: Connection, mss: number): number {
  if (c.srtt8 === 0) return UNLIMITED
  const { pacingSlowStart, pacingAvoidance } = c.host.config
  const ratio = (c.cwnd < c.ssthresh >> 1 ? pacingSlowStart : pacingAvoidance) / 100
  const packets = Math.max(c.cwnd, c.flight === null ? 0 : c.flight.packetsOut)
  return (ratio * packets * mss * 8_000_000) / c.srtt8
}

/** The rate that the connection sends at most at, where it is paced: TCP_INFO's tcpi_pacing_rate. */
export function pacingRate(c: Connection, mss: number): number {
  const rate = windowRate(c, mss)
  return c.pacing === null ? rate : Math.min(rate, c.pacing.limit)
}

/** Whether the next has to wait for its time; then a timer calls output. */
export function pacingHolds(c: Connection): boolean {
  if (c.pacing === null) return false
  const wait = c.pacing.nextAt - c.host.time.clock.now()
  if (wait <= 0) return false
  if ((c.armed & TIMER_PACE) === 0) arm(c, TIMER_PACE, Math.ceil(Math.min(wait, WAIT_MAX)))
  return true
}

/** `length` octets of data went out. */
export function paced(c: Connection, length: number): void {
  const { pacing } = c
  if (pacing === null || length === 0 || c.dataSegmentsOut < UNPACED) return
  const rate = pacingRate(c, c.mss)
  if (rate >= UNLIMITED) return
  const took = (length * 1000) / Math.max(rate, 1)
  pacing.nextAt = Math.max(pacing.nextAt, c.host.time.clock.now() - Math.max(CREDIT, took / 2)) + took
}
