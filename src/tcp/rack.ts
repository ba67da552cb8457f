// Read first: RFC 8985 sections 5 and 6 (RACK).
//
// What was sent before something that has arrived, and has had time enough since, is lost: by the time it was sent, not by its
// sequence number. A retransmission that is lost again is found as well, where counting duplicates would wait for a time-out.

import { type AckNews, sentAfter } from './ack-news.ts'
import { CA_RECOVERY, type Connection, TIMER_REORDER } from './connection.ts'
import type { Flight } from './flight.ts'
import { REORDERING_INITIAL } from './repair.ts'
import { before } from './seq.ts'
import { armTransmit } from './transmit-timer.ts'
import { PERSIST } from './undo.ts'

const STEPS_MAX = 255
/** For the granularity of timers, microseconds (Linux: TCP_TIMEOUT_MIN_US). */
const SLACK = 2000

/** Section 6.2 steps 1 and 2: the latest segment to arrive. */
export function advanceRack(c: Connection, news: AckNews): void {
  if (!news.rackAdvanced) return
  c.rackAdvanced = true
  c.rackRtt = news.rackRtt
  if (c.rackValid && !sentAfter(news.rackSentAt, news.rackEnd, c.rackSentAt, c.rackEnd)) return
  c.rackValid = true
  c.rackSentAt = news.rackSentAt
  c.rackEnd = news.rackEnd
}

/** Step 4: how long a segment may be late, in microseconds. */
function reorderingWindow(c: Connection, flight: Flight): number {
  const repairs = c.repair
  if (repairs === null || repairs.reorderingSeen === 0) {
    if (c.caState >= CA_RECOVERY) return 0
    if (flight.sackedOut >= (repairs === null ? REORDERING_INITIAL : repairs.reordering)) return 0
  }
  return Math.min((c.minRtt >> 2) * (repairs === null ? 1 : repairs.steps), c.srtt)
}

/** Step 4, its end: wider by a quarter of min_rtt for each round trip with duplicates, and back again after 16 recoveries. */
export function adaptReorderingWindow(c: Connection, priorDelivered: number): void {
  const repairs = c.repair
  if (repairs === null || priorDelivered < 0) return
  if (before(priorDelivered, repairs.widenedAt)) repairs.duplicateSeen = false
  if (repairs.duplicateSeen) {
    repairs.steps = Math.min(repairs.steps + 1, STEPS_MAX)
    repairs.duplicateSeen = false
    repairs.widenedAt = c.delivered
    repairs.persist = PERSIST
  } else if (repairs.persist === 0) {
    repairs.steps = 1
  }
}

/** Step 5. Sets the timer for what may still come, and returns whether it did. */
export function detectLoss(c: Connection, flight: Flight): boolean {
  if (!c.rackAdvanced) return false
  c.rackAdvanced = false
  const wait = detectLossNow(c, flight)
  if (wait > 0) armTransmit(c, TIMER_REORDER, Math.ceil((wait + SLACK) / 1000))
  return wait > 0
}

/** Marks what is lost by now. Returns how long to wait for the rest, in microseconds. */
export function detectLossNow(c: Connection, flight: Flight): number {
  if (!c.rackValid) return 0
  const patience = c.rackRtt + reorderingWindow(c, flight)
  return flight.detectLost(c.rackSentAt, c.rackEnd, patience, c.host.time.nowMicros)
}
