// Read first: RFC 8985 sections 5 and 6 (RACK). The tail loss probe of section 7 is not here.
//
// What was sent before something that has arrived, and has had time enough since, is lost: by the time it was sent, not by its
// sequence number. A retransmission that is lost again is found as well, where counting duplicates would wait for a time-out.

import { CA_LOSS, CA_RECOVERY, type Connection, TIMER_REORDER } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { EVER_RESENT, type Flight, LOST, RESENT, SACKED, sentAfter } from './flight.ts'
import { before } from './seq.ts'

/** DupThresh: as many packets reported above a hole are sign enough where no reordering was seen (section 6.2 step 4). */
const DUPLICATES = 3

/** Section 6.2 steps 1 to 3: what the acknowledgement just taken tells of the latest segment to arrive, and of reordering. */
export function updateRack(c: Connection, flight: Flight): void {
  if (!flight.delivered) return
  if (flight.reordered) c.reorderingSeen = true
  const rtt = (c.host.time.nowMicros - flight.deliveredSentAt) | 0
  // An answer sooner than ever cannot be to the retransmission: it was the original that arrived.
  if (flight.deliveredResent && rtt < c.minRtt) return
  c.rackRtt = rtt
  if (c.rackValid && !sentAfter(flight.deliveredSentAt, flight.deliveredEnd, c.rackSentAt, c.rackEnd)) return
  c.rackValid = true
  c.rackSentAt = flight.deliveredSentAt
  c.rackEnd = flight.deliveredEnd
}

/** Step 4: how long a segment may be late, in microseconds. */
function reorderingWindow(c: Connection, flight: Flight): number {
  if (!c.reorderingSeen) {
    if (c.caState === CA_RECOVERY || c.caState === CA_LOSS || flight.sackedOut >= DUPLICATES) return 0
  }
  return Math.min(c.minRtt >> 2, c.srtt)
}

/** What `detectLoss` has found. */
export const NOTHING_LOST = 0
export const SEGMENTS_LOST = 1
/** Among them one that had been sent again. */
export const RETRANSMISSION_LOST = 2

/**
 * Step 5: marks what is lost, and sets the timer for what may still come. A walk over what is in flight; it ends at the first
 * segment sent after the latest that arrived, since but for retransmissions they lie in the order of sending.
 */
export function detectLoss(c: Connection, flight: Flight): number {
  disarm(c, TIMER_REORDER)
  if (!c.rackValid) return NOTHING_LOST
  const window = reorderingWindow(c, flight)
  const now = c.host.time.nowMicros
  let result = NOTHING_LOST
  let wait = 0
  for (let i = 0; i < flight.count; i++) {
    const flags = flight.flags(i)
    if ((flags & SACKED) !== 0 || (flags & (LOST | RESENT)) === LOST) continue
    const sentAt = flight.sentAt(i)
    if (!sentAfter(c.rackSentAt, c.rackEnd, sentAt, flight.end(i))) {
      if ((flags & EVER_RESENT) === 0) break
      continue
    }
    const remaining = (sentAt + c.rackRtt + window - now) | 0
    if (remaining <= 0) {
      result = (flags & RESENT) !== 0 ? RETRANSMISSION_LOST : Math.max(result, SEGMENTS_LOST)
      flight.markLost(i)
    } else if (remaining > wait) {
      wait = remaining
    }
  }
  if (wait > 0) arm(c, TIMER_REORDER, Math.ceil(wait / 1000))
  return result
}

/**
 * A retransmission lost is a second sign of congestion (RFC 5681 section 4.3): the windows shrink again, once a round trip.
 * Returns whether they did.
 */
export function shrinkAgain(c: Connection): boolean {
  if (c.caState !== CA_RECOVERY || before(c.sndUna, c.shrunkAt)) return false
  c.shrunkAt = c.sndNxt
  c.ssthresh = Math.max(c.ssthresh >> 1, 2)
  c.cwnd = Math.min(c.cwnd, c.ssthresh)
  return true
}
