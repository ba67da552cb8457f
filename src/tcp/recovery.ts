// Read first: RFC 5681 section 3.2, RFC 6582, RFC 6675 section 5, RFC 8985 section 6, RFC 9937.
//
// Open: all is well. Disorder: something arrived out of order, or was sent again, and nothing is known to be lost. CWR: the window
// shrinks though nothing is lost. Recovery: losses are mended, and the window shrinks. Loss: after a time-out.

import {
  type AckNews,
  NEWS_ADVANCED,
  NEWS_CONGESTION,
  NEWS_RENEGED,
  NEWS_RESENT_LOST,
  NEWS_SET_TIMER,
  SEND_LOST,
  SEND_NOTHING,
} from './ack-news.ts'
import { setCaState } from './congestion.ts'
import { CA_CWR, CA_DISORDER, CA_LOSS, CA_OPEN, CA_RECOVERY, type Connection, TIMER_RETRANSMIT } from './connection.ts'
import { SACKED } from './flight.ts'
import { acknowledgedInLoss } from './loss.ts'
import { probeWasLost } from './mtu-search.ts'
import { addDuplicates, forgetDuplicates, markOldestLost } from './new-reno.ts'
import { detectLoss, detectLossNow } from './rack.ts'
import { before } from './seq.ts'
import { armTransmit, rearmRetransmit } from './transmit-timer.ts'
import { beginUndo, clearStamp, keepOpen, tryUndoByDuplicates, tryUndoPartial, tryUndoRecovery } from './undo.ts'
import {
  beginReduction,
  currentThreshold,
  endReduction,
  enterCwr,
  isReducing,
  reduceAgain,
  reduceWindow,
} from './window-reduction.ts'

/** A peer that went back on what it reported is given half a round trip to take it up again, at least so many milliseconds. */
const RENEGED_WAIT = 10

/**
 * An acknowledgement that tells of disorder, or came while not all is well. `una` is SND.UNA before it, `duplicates` 1 for a
 * duplicate acknowledgement. Returns what may be sent for it.
 */
export function alert(c: Connection, news: AckNews, una: number, duplicates: number): number {
  const flight = c.flight
  if (flight !== null && flight.packetsOut === 0) flight.sackedOut = 0
  if ((news.flags & NEWS_CONGESTION) !== 0) c.repairs.priorThreshold = 0
  if ((news.flags & NEWS_RENEGED) !== 0) {
    // RFC 2018 section 8: what it reported is kept in mind until the time-out, which comes soon.
    armTransmit(c, TIMER_RETRANSMIT, Math.max(Math.ceil(c.srtt / 2000), RENEGED_WAIT))
    news.flags &= ~NEWS_SET_TIMER
    return SEND_NOTHING
  }
  if (c.caState === CA_OPEN) {
    if (c.repair !== null) c.repair.stamped = false
  } else if (!before(c.sndUna, c.recoveryPoint)) {
    if (c.caState === CA_CWR) {
      // Something above the point is acknowledged, else a CWR of one window would end too early.
      if (c.sndUna !== c.recoveryPoint) {
        endReduction(c)
        setCaState(c, CA_OPEN)
      }
    } else if (c.caState === CA_RECOVERY) {
      if (!c.sackPermitted && flight !== null) forgetDuplicates(flight)
      if (tryUndoRecovery(c, news)) return SEND_NOTHING
      endReduction(c)
    }
  }
  switch (c.caState) {
    case CA_RECOVERY:
      return alertInRecovery(c, news, una, duplicates)
    case CA_LOSS: {
      const send = acknowledgedInLoss(c, news, duplicates)
      findLosses(c, news)
      // acknowledgedInLoss may have found the time-out spurious.
      const state: number = c.caState
      if (state !== CA_OPEN && (news.flags & NEWS_RESENT_LOST) === 0) return send
      // The time-out was spurious, and yet something is lost; or what was sent again is lost again.
      return alertInOrder(c, news, duplicates, send)
    }
    default:
      return alertInOrder(c, news, duplicates, SEND_NOTHING)
  }
}

function alertInRecovery(c: Connection, news: AckNews, una: number, duplicates: number): number {
  if ((news.flags & NEWS_ADVANCED) === 0) {
    if (!c.sackPermitted && c.flight !== null) addDuplicates(c, c.flight, duplicates)
  } else if (tryUndoPartial(c, news, una)) {
    return SEND_NOTHING
  }
  if (tryUndoByDuplicates(c)) tryToOpen(c, news)
  findLosses(c, news)
  if ((news.flags & NEWS_RESENT_LOST) !== 0 && c.caState === CA_RECOVERY) reduceAgain(c)
  if (c.caState !== CA_RECOVERY) {
    // Undone; if a loss is evident nevertheless, another recovery begins.
    if (!lossIsEvident(c)) return SEND_NOTHING
    enterRecovery(c, (news.flags & NEWS_CONGESTION) !== 0)
  }
  return SEND_LOST
}

function alertInOrder(c: Connection, news: AckNews, duplicates: number, send: number): number {
  if (!c.sackPermitted && c.flight !== null) {
    if ((news.flags & NEWS_ADVANCED) !== 0) forgetDuplicates(c.flight)
    addDuplicates(c, c.flight, duplicates)
  }
  if (c.caState <= CA_DISORDER) tryUndoByDuplicates(c)
  findLosses(c, news)
  if (!lossIsEvident(c)) {
    tryToOpen(c, news)
    return send
  }
  if (c.caState < CA_CWR && probeWasLost(c)) {
    resendSmaller(c)
    return SEND_NOTHING
  }
  enterRecovery(c, (news.flags & NEWS_CONGESTION) !== 0)
  return SEND_LOST
}

function findLosses(c: Connection, news: AckNews): void {
  const flight = c.flight
  if (flight === null || flight.count === 0) return
  if (!c.sackPermitted) {
    markOldestLost(c, flight, (news.flags & NEWS_ADVANCED) !== 0)
    return
  }
  flight.resentLost = false
  if (detectLoss(c, flight)) news.flags &= ~NEWS_SET_TIMER
  if (flight.resentLost) news.flags |= NEWS_RESENT_LOST
}

function lossIsEvident(c: Connection): boolean {
  return c.flight !== null && c.flight.lostOut > 0
}

function tryToOpen(c: Connection, news: AckNews): void {
  clearStamp(c)
  if ((news.flags & NEWS_CONGESTION) !== 0) enterCwr(c)
  if (c.caState !== CA_CWR) keepOpen(c)
}

function enterRecovery(c: Connection, marked: boolean): void {
  const repairs = c.repairs
  repairs.priorThreshold = 0
  beginUndo(c)
  if (!isReducing(c)) {
    // A mark of congestion cannot be undone: it was no mistake.
    if (!marked) repairs.priorThreshold = currentThreshold(c)
    beginReduction(c)
  }
  setCaState(c, CA_RECOVERY)
  c.host.counters.fastRetransmits++
}

/** RFC 8985 section 6.3: what was only late is lost by now. */
export function reorderingTimeout(c: Connection): void {
  const flight = c.flight
  if (flight === null) return
  const inNetwork = flight.inNetwork
  const lost = flight.lostEver
  detectLossNow(c, flight)
  if (inNetwork !== flight.inNetwork) {
    if (c.caState !== CA_RECOVERY) {
      enterRecovery(c, false)
      reduceWindow(c, 1, flight.lostEver - lost, false)
    }
    sendLostSoon(c)
  }
  if ((c.armed & TIMER_RETRANSMIT) === 0) rearmRetransmit(c)
}

/** What is lost goes out again as far as the window lets it, at the end of the burst. */
export function sendLostSoon(c: Connection): void {
  const repairs = c.repairs
  repairs.resendDue = true
  repairs.newDue = false
  c.host.touch(c)
}

/**
 * What is in flight turned out too large for the path (RFC 1191 section 6.4): that is lost, and goes out again in smaller
 * pieces, and no window is reduced, for it was no congestion.
 */
export function resendSmaller(c: Connection): void {
  const flight = c.flight
  if (flight === null) return
  for (let i = 0; i < flight.count; i++) {
    if ((flight.flags(i) & SACKED) !== 0) continue
    const length = (flight.end(i) - flight.seq(i)) | 0
    if (Math.min(length, flight.packetSize(i)) > c.mss) flight.markLost(i)
  }
  if (flight.lostOut === 0) return
  if (c.caState !== CA_LOSS) {
    const repairs = c.repairs
    c.recoveryPoint = c.sndNxt
    c.ssthresh = currentThreshold(c)
    repairs.priorThreshold = 0
    repairs.undoable = false
    setCaState(c, CA_LOSS)
  }
  sendLostSoon(c)
}
