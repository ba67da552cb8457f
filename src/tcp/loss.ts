// Read first: RFC 6298 section 5, RFC 5681 section 3.1, RFC 5682 sections 2 and 3 (F-RTO), RFC 2018 section 8.

import {
  type AckNews,
  NEWS_ADVANCED,
  NEWS_ORIGINAL,
  NEWS_SACKED,
  SEND_LOST,
  SEND_NEW,
  SEND_NOTHING,
} from './ack-news.ts'
import { EVENT_LOSS, event, setCaState } from './congestion.ts'
import { CA_DISORDER, CA_LOSS, CA_RECOVERY, type Connection } from './connection.ts'
import { tellCwr } from './ecn.ts'
import { type Flight, SACKED } from './flight.ts'
import { addDuplicates, forgetDuplicates } from './new-reno.ts'
import { REORDERING_INITIAL } from './repair.ts'
import { after, before } from './seq.ts'
import { beginUndo, tryUndoLoss, tryUndoRecovery } from './undo.ts'
import { currentThreshold } from './window-reduction.ts'

/** A time-out: one packet more than is in flight, and all that is not reported received, or quite new, is lost. */
export function enterLoss(c: Connection): void {
  const flight = c.flight as Flight // a time-out is of something in flight
  const repairs = c.repairs
  const fresh = c.caState < CA_RECOVERY
  const sackedBefore = flight.sackedOut
  // The peer has gone back on what it reported if it reported the very next octet (RFC 2018 section 8).
  const reneged = c.sackPermitted && flight.count > 0 && (flight.flags(0) & SACKED) !== 0
  if (reneged) repairs.reneged = true
  if (!c.sackPermitted) forgetDuplicates(flight)
  flight.markTimedOut(reneged, c.rackRtt, c.host.time.nowMicros)
  // Only once for what was in flight at the time; and not again for a retransmission that times out (RFC 5681 section 3.1).
  if (c.caState <= CA_DISORDER || !after(c.recoveryPoint, c.sndUna) || (c.caState === CA_LOSS && c.retries === 0)) {
    repairs.priorThreshold = currentThreshold(c)
    repairs.priorWindow = c.cwnd
    c.ssthresh = c.control.thresholdAfterLoss(c)
    event(c, EVENT_LOSS)
    beginUndo(c)
  }
  c.cwnd = flight.inNetwork + 1
  c.cwndCount = 0
  // It came though many packets were reported above a hole: we have overrated reordering.
  if (c.caState <= CA_DISORDER && sackedBefore >= REORDERING_INITIAL) {
    repairs.reordering = Math.min(repairs.reordering, REORDERING_INITIAL)
  }
  // RFC 5682 section 2.1 step 1; not while an earlier recovery goes on.
  repairs.frto = c.host.config.frto && (fresh || c.retries > 0)
  setCaState(c, CA_LOSS)
  c.recoveryPoint = c.sndNxt
  repairs.probe = false
  tellCwr(c)
}

/**
 * An acknowledgement after a time-out. Returns what may be sent for it.
 */
export function acknowledgedInLoss(c: Connection, news: AckNews, duplicates: number): number {
  const repairs = c.repairs
  const recovered = !before(c.sndUna, c.recoveryPoint)
  // The end of a handshake by Fast Open tells as much as an advance.
  const told = (news.flags & NEWS_ADVANCED) !== 0 || c.request !== null
  if (told && tryUndoLoss(c, news, false)) return SEND_NOTHING
  if (repairs.frto) {
    // Section 3.1 step 3b: something that was never sent again has arrived.
    if ((news.flags & NEWS_ORIGINAL) !== 0 && tryUndoLoss(c, news, true)) return SEND_NOTHING
    if (after(c.sndNxt, c.recoveryPoint)) {
      // Step 3a: only the new data is reported; the loss was real.
      if ((news.flags & NEWS_SACKED) !== 0 || duplicates > 0) repairs.frto = false
    } else if ((news.flags & NEWS_ADVANCED) !== 0 && !recovered) {
      c.recoveryPoint = c.sndNxt
      // Step 2b: new data, if there is any and the window takes it.
      if (after(c.writeSeq, c.sndNxt) && after((c.sndUna + c.sndWnd) | 0, c.sndNxt)) return SEND_NEW
      repairs.frto = false
    }
  }
  if (recovered) {
    tryUndoRecovery(c, news)
    return SEND_NOTHING
  }
  if (!c.sackPermitted && c.flight !== null) {
    // A duplicate stands for new data of step 2b that has arrived.
    if (after(c.sndNxt, c.recoveryPoint)) addDuplicates(c, c.flight, duplicates)
    else if ((news.flags & NEWS_ADVANCED) !== 0) forgetDuplicates(c.flight)
  }
  return SEND_LOST
}
