// Read first: RFC 3522 and RFC 4015 (Eifel: by timestamps), RFC 3708 (by duplicates that the peer reports), RFC 5682 (F-RTO).
//
// What was taken for lost was late: the windows go back to what they were.

import type { AckNews } from './ack-news.ts'
import { setCaState, undone } from './congestion.ts'
import { CA_DISORDER, CA_OPEN, type Connection } from './connection.ts'
import { withdrawCwr } from './ecn.ts'
import { noteReordering } from './sack.ts'
import { before } from './seq.ts'

/** RFC 8985 section 6.2 step 4: recoveries for which a widened reordering window is kept. */
export const PERSIST = 16

/** From here on it is counted what was sent again, so that it can be told whether it had to be. */
export function beginUndo(c: Connection): void {
  const repairs = c.repairs
  repairs.undoable = true
  repairs.undoMarker = c.sndUna
  repairs.undoResent = c.flight === null ? 0 : c.flight.resentOut
  // A probe that is out is a retransmission too.
  if (repairs.probe && repairs.probeResent) repairs.undoResent++
  if (repairs.undoResent === 0) repairs.undoResent = -1
}

/** Whether the original arrived: the peer echoes a timestamp from before the first retransmission, or there was none. */
function wasDelayed(c: Connection, news: AckNews): boolean {
  const repairs = c.repairs
  // Nothing was sent again yet; but without SACK the stamp is given up at the recovery point, whatever was (holdsState).
  if (!repairs.stamped) return c.sackPermitted || before(c.sndUna, c.recoveryPoint)
  return news.hasEcho && ((news.echo - repairs.stamp) | 0) < 0
}

function mayUndo(c: Connection, news: AckNews): boolean {
  const repairs = c.repairs
  return repairs.undoable && (repairs.undoResent === 0 || wasDelayed(c, news))
}

function undo(c: Connection, unmark: boolean): void {
  const repairs = c.repairs
  if (unmark) c.flight?.unmarkLost()
  if (repairs.priorThreshold !== 0) {
    c.cwnd = undone(c)
    if (repairs.priorThreshold > c.ssthresh) {
      c.ssthresh = repairs.priorThreshold
      withdrawCwr(c)
    }
  }
  repairs.undoable = false
  c.rackAdvanced = true
  c.host.counters.undone++
}

/** Nothing that was sent again in this episode is in flight: another begins with its first retransmission. */
export function clearStamp(c: Connection): void {
  if (c.flight === null || !c.flight.anyResent) c.repairs.stamped = false
}

/**
 * Without SACK, a duplicate of what lies just above the recovery point tells nothing: the old state holds until that is
 * acknowledged (RFC 6582 section 3.2 step 1).
 */
function holdsState(c: Connection): boolean {
  if (c.sndUna !== c.recoveryPoint || c.sackPermitted) return false
  clearStamp(c)
  return true
}

/** The recovery point is reached. True: the state holds nevertheless. */
export function tryUndoRecovery(c: Connection, news: AckNews): boolean {
  const repairs = c.repairs
  if (mayUndo(c, news)) undo(c, false)
  else if (repairs.persist > 0) repairs.persist--
  if (holdsState(c)) return true
  setCaState(c, CA_OPEN)
  repairs.reneged = false
  return false
}

/** The peer has reported all that was sent again as duplicate. */
export function tryUndoByDuplicates(c: Connection): boolean {
  const repairs = c.repair
  if (repairs === null || !repairs.undoable || repairs.undoResent !== 0) return false
  repairs.persist = Math.min(repairs.persist + 1, PERSIST)
  undo(c, false)
  return true
}

/** A time-out was spurious: F-RTO says so, or timestamps, or duplicates. */
export function tryUndoLoss(c: Connection, news: AckNews, frto: boolean): boolean {
  if (!frto && !mayUndo(c, news)) return false
  undo(c, true)
  if (frto) c.host.counters.spuriousTimeouts++
  c.retries = 0
  if (holdsState(c)) return true
  if (frto || c.sackPermitted) {
    setCaState(c, CA_OPEN)
    c.repairs.reneged = false
  }
  return true
}

/**
 * A hole was filled by the original, not by the retransmission. True: retransmissions are still out, and nothing more is to be
 * taken for lost until they are answered.
 */
export function tryUndoPartial(c: Connection, news: AckNews, una: number): boolean {
  const flight = c.flight
  if (flight === null || !c.repairs.undoable || !wasDelayed(c, news)) return false
  if (c.sackPermitted) noteReordering(c, flight, una)
  if (flight.resentOut > 0) return true
  clearStamp(c)
  undo(c, true)
  keepOpen(c)
  return false
}

/** Open, or Disorder while something is out of order or was sent again. */
export function keepOpen(c: Connection): void {
  const flight = c.flight
  const disorder = flight !== null && (flight.sackedOut + flight.lostOut > 0 || flight.anyResent)
  const state = disorder ? CA_DISORDER : CA_OPEN
  if (c.caState === state) return
  setCaState(c, state)
  c.recoveryPoint = c.sndNxt
}
