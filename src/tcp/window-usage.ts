// Read first: RFC 5681 section 4.1, RFC 7661.
//
// The window says something of the path only as far as it is used. We differ from RFC 7661, which is experimental, as Linux: a
// window that was not the limit is not grown, shrinks by the half of what was not used for each time-out that this lasts, and is
// halved for each time-out of silence.

import { LIMITED_BY_BUFFER, startChronograph } from './chronograph.ts'
import { EVENT_RESTART, event } from './congestion.ts'
import { CA_OPEN, type Connection } from './connection.ts'
import { currentRto } from './rtt.ts'
import { after } from './seq.ts'
import { currentThreshold } from './window-reduction.ts'

/** Something was sent, or the congestion window (`full`) did not let it. */
export function noteWindowUsage(c: Connection, full: boolean): void {
  const packetsOut = c.flight === null ? 0 : c.flight.packetsOut
  // The strongest sign of use in each window's worth of data counts.
  if (!after(c.cwndUsageSeq, c.sndUna) || full || (!c.cwndLimited && packetsOut > c.maxPacketsOut)) {
    c.cwndLimited = full
    c.maxPacketsOut = packetsOut
    c.cwndUsageSeq = c.sndNxt
  }
  const now = c.host.time.now
  if (windowWasUsed(c)) {
    c.cwndUsed = 0
    c.cwndUsedAt = now
    return
  }
  if (packetsOut > c.cwndUsed) c.cwndUsed = packetsOut
  if (c.host.config.slowStartAfterIdle && (now - c.cwndUsedAt) >>> 0 >= currentRto(c)) shrinkUnused(c)
  if (c.noSpace && c.sndNxt === c.writeSeq) startChronograph(c, LIMITED_BY_BUFFER)
}

/** A window that was not full says nothing about a larger one. */
export function windowWasUsed(c: Connection): boolean {
  if (c.cwndLimited) return true
  return c.cwnd < c.ssthresh && c.cwnd < 2 * c.maxPacketsOut
}

function shrinkUnused(c: Connection): void {
  if (c.caState === CA_OPEN && !c.noSpace) {
    const used = Math.max(c.cwndUsed, c.initialWindow)
    if (used < c.cwnd) {
      c.ssthresh = currentThreshold(c)
      c.cwnd = (c.cwnd + used) >> 1
    }
    c.cwndUsed = 0
  }
  c.cwndUsedAt = c.host.time.now
}

/** RFC 5681 section 4.1: after an idle time longer than the time-out the old window says less of the path, the longer it was. */
export function restartAfterIdle(c: Connection): void {
  if (!c.host.config.slowStartAfterIdle || c.lastSentAt === 0) return
  const rto = currentRto(c)
  let idle = (c.host.time.now - c.lastSentAt) >>> 0
  if (idle <= rto) return
  event(c, EVENT_RESTART)
  c.ssthresh = currentThreshold(c)
  const least = Math.min(c.initialWindow, c.cwnd)
  for (idle -= rto; idle > 0 && c.cwnd > least; idle -= rto) c.cwnd >>= 1
  c.cwnd = Math.max(c.cwnd, least)
  c.cwndUsedAt = c.host.time.now
  c.cwndUsed = 0
}
