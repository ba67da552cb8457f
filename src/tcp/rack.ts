// Read first: RFC 8985 sections 5 and 6 (RACK).
//
// What was sent before something that has arrived, and has had time enough since, is lost: by the time it was sent, not by its
// sequence number. A retransmission that is lost again is found as well, where counting duplicates would wait for a time-out.

import { type AckNews, sentAfter } from './ack-news.ts'
import { CA_RECOVERY, type Connection, TIMER_REORDER } from './connection.ts'
import { EVER_RESENT, type Flight, LOST, RESENT, SACKED } from './flight.ts'
import { REORDERING_INITIAL } from './repair.ts'
import { before } from './seq.ts'
import { armTransmit } from './transmit-timer.ts'
import { PERSIST } from './undo.ts'

const STEPS_MAX = 255
/** For the granularity of timers, microseconds (Linux: TCP_TIMEOUT_MIN_US): what is rounded down comes out of it. */
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
  if (wait > 0) armTransmit(c, TIMER_REORDER, Math.floor((wait + SLACK) / 1000))
  return wait > 0
}

/** Marks what is lost by now. Returns how long to wait for the rest, in microseconds. */
export function detectLossNow(c: Connection, flight: Flight): number {
  if (!c.rackValid) return 0
  const patience = c.rackRtt + reorderingWindow(c, flight)
  return detectLost(flight, c.rackSentAt, c.rackEnd, patience, c.host.time.nowMicros)
}

/**
 * RFC 8985 section 6.2 step 5: deems lost what was sent before the segment that RACK names, longer ago than `patience`
 * microseconds. Returns how long the last of the others may still take; 0: there is none.
 */
function detectLost(flight: Flight, sentAt: number, end: number, patience: number, now: number): number {
  let wait = 0
  let settled = true
  for (let i = flight.unsettled; i < flight.count; ) {
    flight.looks++
    const flags = flight.flags(i)
    if ((flags & (SACKED | LOST | EVER_RESENT)) !== 0) {
      i = Math.max(flight.afterSacked(i), i + 1)
      if (settled) flight.unsettled = i
      continue
    }
    const at = flight.sentAt(i)
    if (!sentAfter(sentAt, end, at, flight.end(i))) break
    const remaining = (at + patience - now) | 0
    if (remaining <= 0) {
      flight.markLost(i)
      if (settled) flight.unsettled = i + 1
    } else {
      settled = false
      if (remaining > wait) wait = remaining
    }
    i++
  }
  return Math.max(wait, detectLostAgain(flight, sentAt, end, patience, now))
}

/** The same of what was sent again. */
function detectLostAgain(flight: Flight, sentAt: number, end: number, patience: number, now: number): number {
  const resends = flight.resends
  let wait = 0
  for (let k = 0; k < resends.count; k++) {
    const at = resends.sentAt(k)
    if (!sentAfter(sentAt, end, at, resends.end(k))) break
    const remaining = (at + patience - now) | 0
    let open = false
    for (let i = flight.find(resends.seq(k)); i < flight.count && before(flight.seq(i), resends.end(k)); i++) {
      flight.looks++
      const flags = flight.flags(i)
      if ((flags & EVER_RESENT) === 0 || (flags & SACKED) !== 0 || (flags & (LOST | RESENT)) === LOST) continue
      if (flight.sentAt(i) !== at) continue
      if (remaining <= 0) flight.markLost(i)
      else open = true
    }
    if (open) {
      if (remaining > wait) wait = remaining
    } else if (k === 0) {
      resends.shift()
      k--
    }
  }
  return wait
}
