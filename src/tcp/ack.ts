// Read first: RFC 9293 section 3.10.7.4 (fifth step, ESTABLISHED), RFC 5961 section 5, RFC 5681 section 2 (duplicate).
//
// Each acknowledgement goes the same way: what it tells is gathered (AckNews), what it acknowledges is forgotten, recovery draws its
// conclusions, the timers are set, congestion control grows or shrinks the window; what may be sent goes out at the end of the
// burst.

import { FIN, type TcpSegment } from '../wire/tcp.ts'
import { marksTold } from './accurate-ecn.ts'
import {
  AckNews,
  NEWS_ACKED,
  NEWS_ADVANCED,
  NEWS_ALERT,
  NEWS_CONGESTION,
  NEWS_DATA,
  NEWS_DUPLICATE,
  NEWS_NO_DUPLICATE,
  NEWS_ORIGINAL,
  NEWS_PROGRESS,
  NEWS_RENEGED,
  NEWS_RESENT_ACKED,
  NEWS_SET_TIMER,
  NEWS_WINDOW,
  SEND_LOST,
  SEND_NEW,
  SEND_NOTHING,
} from './ack-news.ts'
import { challengeAck } from './challenge.ts'
import { BUSY, stopChronograph } from './chronograph.ts'
import { CA_OPEN, type Connection, TIMER_PERSIST } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { echoesMark } from './ecn.ts'
import { type Flight, SACKED } from './flight.ts'
import { windowGrew } from './mss.ts'
import { probeMayBeAcknowledged } from './mtu-search.ts'
import { removeDuplicates } from './new-reno.ts'
import { adaptReorderingWindow, advanceRack } from './rack.ts'
import { alert, sendLostSoon } from './recovery.ts'
import { REORDERING_INITIAL } from './repair.ts'
import { currentRto, takeRttSample } from './rtt.ts'
import { noteReordering, takeSack } from './sack.ts'
import { after, before } from './seq.ts'
import { tailProbeAcknowledged } from './tail-loss.ts'
import { setTransmitTimer } from './tail-probe-timer.ts'
import { untilUserTimeout } from './transmit-timer.ts'
import { isReducing, reduceWindow } from './window-reduction.ts'
import { windowWasUsed } from './window-usage.ts'

/** A timestamp echo older than this is not believed as a round trip, in milliseconds. */
const ECHO_AGE_MAX = 120_000

/** Of the acknowledgement that is being taken. */
const news = new AckNews()

/** Takes the acknowledgement of a segment. False: the segment is to be dropped. */
export function acknowledge(c: Connection, segment: TcpSegment): boolean {
  const ack = segment.ack
  if (after(ack, c.sndNxt)) {
    // It acknowledges what was never sent: answer, within the limit, and drop (RFC 5961 section 5.2).
    challengeAck(c)
    return false
  }
  if (before(ack, (c.sndUna - c.maxSndWnd) | 0)) {
    // RFC 5961 section 5.2: too old to come from the peer.
    challengeAck(c)
    return false
  }
  const una = c.sndUna
  const options = segment.options
  news.begin(c.host.time.nowMicros, c.tsNow, c.recoveryPoint, c.sndNxt, c.minRtt)
  if (c.timestamps && options.hasTimestamps && options.tsEcr !== 0) {
    news.hasEcho = true
    news.echo = options.tsEcr
  }
  const flight = c.flight
  const lost = flight === null ? 0 : flight.lostEver
  const delivered = c.delivered
  if (before(ack, una)) {
    oldAcknowledgement(c, segment, delivered, lost)
    return true
  }
  c.lastReceivedAt = c.host.time.now
  if (c.keepAliveSent !== 0) c.keepAliveSent = 0
  if (after(ack, una)) {
    news.flags |= NEWS_ADVANCED
    if (c.retries !== 0) c.retries = 0
  }
  if (segment.payloadLength > 0 || (segment.flags & FIN) !== 0) news.flags |= NEWS_DATA
  if (echoesMark(c, segment)) news.flags |= NEWS_CONGESTION
  updateWindow(c, segment, segment.window << c.sndWndShift)
  if (c.sndWnd === 0 && !c.orphan) {
    // What is sent into a window that was closed meanwhile is a probe, and answered: the peer lives (MUST-37).
    c.retries = 0
  }
  const highestSacked = flight !== null && flight.sackedOut > 0 && c.sackPermitted ? flight.highestSacked : una
  if (c.sackPermitted && options.sackCount > 0) takeSack(c, segment, news)
  if (c.softError !== 0) c.softError = 0
  if (flight === null) {
    // tcp_ack_probe: whatever shows that the peer lives puts the next probe off.
    if ((c.armed & TIMER_PERSIST) !== 0) arm(c, TIMER_PERSIST, untilUserTimeout(c, currentRto(c)))
    // A duplicate may still tell that the last recovery was needless.
    if ((news.flags & NEWS_DUPLICATE) !== 0) alert(c, news, una, 0)
    tailProbeAcknowledged(c, news, ack)
    return true
  }
  const packets = advance(c, flight, ack, highestSacked)
  if (c.accurateEcn !== null) takeMarks(c, segment, c.delivered - delivered)
  if (c.repair !== null) {
    adaptReorderingWindow(c, news.priorDelivered)
    tailProbeAcknowledged(c, news, ack)
  }
  let send = SEND_NOTHING
  if ((news.flags & NEWS_NO_DUPLICATE) === 0 || (news.flags & NEWS_ALERT) !== 0 || c.caState !== CA_OPEN) {
    const duplicate = (news.flags & (NEWS_ADVANCED | NEWS_NO_DUPLICATE | NEWS_DUPLICATE)) === 0
    send = alert(c, news, una, duplicate ? 1 : 0)
  }
  if ((news.flags & NEWS_SET_TIMER) !== 0) setTransmitTimer(c)
  // RFC 4861 section 7.3.1: progress of a connection proves that the next hop is there.
  if ((news.flags & NEWS_PROGRESS) !== 0) c.host.confirmPath(c)
  if (news.rtt >= 0) c.control.sampled?.(c, packets, news.rtt)
  if ((news.flags & NEWS_CONGESTION) !== 0 && c.accurateEcn === null) c.deliveredMarked += c.delivered - delivered
  controlWindow(c, c.delivered - delivered, flight.lostEver - lost)
  afterwards(c, send)
  if (flight.count === 0) c.land()
  return true
}

/** One that another has overtaken can still bring SACK blocks. */
function oldAcknowledgement(c: Connection, segment: TcpSegment, delivered: number, lost: number): void {
  const flight = c.flight
  if (flight === null || !c.sackPermitted || segment.options.sackCount === 0) return
  takeSack(c, segment, news)
  c.delivered += news.delivered
  advanceRack(c, news)
  const send = alert(c, news, c.sndUna, 0)
  if (isReducing(c)) reduceWindow(c, c.delivered - delivered, flight.lostEver - lost, false)
  afterwards(c, send)
}

/** Accurate ECN. An acknowledgement that acknowledges nothing may be an old one: its count tells nothing. */
function takeMarks(c: Connection, segment: TcpSegment, packets: number): void {
  if (packets <= 0 && (news.flags & NEWS_ADVANCED) === 0) return
  const marks = marksTold(c, segment, packets)
  if (marks === 0) return
  c.deliveredMarked += marks
  news.flags |= NEWS_CONGESTION
}

function afterwards(c: Connection, send: number): void {
  if (send === SEND_LOST) {
    sendLostSoon(c)
  } else if (send === SEND_NEW) {
    c.repairs.newDue = true
  }
  c.host.touch(c)
}

/** Congestion control's part: the window shrinks in proportion, or grows where it was the limit. */
function controlWindow(c: Connection, delivered: number, lost: number): void {
  const advanced = (news.flags & NEWS_ADVANCED) !== 0
  if (isReducing(c)) {
    reduceWindow(c, delivered, lost, advanced)
    return
  }
  // Where packets come out of order, what is reported counts as what is acknowledged (Linux: tcp_may_raise_cwnd).
  const reordering = c.repair !== null && c.repair.reordering > REORDERING_INITIAL
  if ((news.flags & (reordering ? NEWS_PROGRESS : NEWS_ACKED)) === 0 || delivered <= 0) return
  if (windowWasUsed(c)) c.control.acknowledged(c, delivered)
}

/** SND.WND from the segment that is newest by sequence and acknowledgement. */
function updateWindow(c: Connection, segment: TcpSegment, window: number): void {
  const newer =
    after(segment.ack, c.sndUna) ||
    after(segment.seq, c.sndWl1) ||
    // We differ, as Linux: of segments with the same numbers the larger window counts, for they may have changed places. A closed
    // one is believed.
    (segment.seq === c.sndWl1 && (window > c.sndWnd || window === 0))
  if (!newer) return
  news.flags |= NEWS_WINDOW
  c.sndWl1 = segment.seq
  c.sndWl2 = segment.ack
  if (c.armed & TIMER_PERSIST) {
    // MUST-37: a probe was answered; the peer lives, however long it keeps its window closed. TCP_USER_TIMEOUT goes on
    // counting: it bounds how long data may wait, for whatever reason (tcp(7)).
    c.retries = 0
  }
  if (window !== c.sndWnd) windowMoved(c, window)
}

function windowMoved(c: Connection, window: number): void {
  const opened = window > c.sndWnd
  c.sndWnd = window
  if (window > c.maxSndWnd) {
    const largest = c.maxSndWnd
    c.maxSndWnd = window
    windowGrew(c, largest)
  }
  if (opened && (c.armed & TIMER_PERSIST) !== 0) {
    c.backoff = 0
    disarm(c, TIMER_PERSIST)
    // Still too small to be used, perhaps: output decides, and sets the timer again.
  }
  c.host.touch(c)
}

/** Forgets what is acknowledged, and takes round trips. Returns how many packets those were. */
function advance(c: Connection, flight: Flight, ack: number, highestSacked: number): number {
  const time = c.host.time
  const advanced = after(ack, c.sndUna)
  if ((ack - c.iss) >>> 0 < (c.sndUna - c.iss) >>> 0) c.ackedWraps++
  c.sndUna = ack
  let packets = 0
  if (advanced) {
    packets = flight.acknowledge(ack, news, c.sackPermitted)
    c.unansweredSince = time.now
    if (c.watcher !== null) c.watcher.acknowledged(ack)
    dropAcknowledged(c)
    if (c.mtuSearch !== null) probeMayBeAcknowledged(c)
    if (flight.count === 0) stopChronograph(c, BUSY)
  }
  c.delivered += news.delivered
  advanceRack(c, news)
  if (flight.count > 0 && c.sackPermitted && (flight.flags(0) & SACKED) !== 0) news.flags |= NEWS_RENEGED
  const acknowledged = takeSamples(c)
  if (packets > 0) {
    news.flags |= NEWS_ACKED | NEWS_SET_TIMER
    if (c.sackPermitted) {
      // A hole was filled by what was sent once: that is reordering.
      if (before(news.lowest, highestSacked)) noteReordering(c, flight, news.lowest)
    } else {
      removeDuplicates(c, flight, packets)
      // Without SACK nobody knows which of them arrived.
      if ((news.flags & NEWS_RESENT_ACKED) !== 0) news.flags &= ~NEWS_ORIGINAL
    }
  } else if (acknowledged && news.sacked && flight.count > 0) {
    // The time-out begins anew only if what arrived was sent before the oldest was last sent: else it would never come.
    if (((news.firstSackedAt - flight.sentAt(0)) | 0) < 0) news.flags |= NEWS_SET_TIMER
  }
  return packets
}

/**
 * A round trip, unless Karn's algorithm forbids: of what was acknowledged, all sent once; else of what was reported; else by the
 * timestamp, which tells what was answered (RFC 7323 section 4). Returns whether one was taken.
 */
function takeSamples(c: Connection): boolean {
  let sample = -1
  let latest = -1
  if (news.acked && (news.flags & NEWS_RESENT_ACKED) === 0) {
    sample = (news.now - news.firstAckedAt) | 0
    latest = (news.now - news.lastAckedAt) | 0
  }
  if (news.sacked) {
    if (sample < 0) sample = (news.now - news.firstSackedAt) | 0
    latest = (news.now - news.lastSackedAt) | 0
  }
  if (sample < 0 && news.hasEcho && (news.flags & NEWS_ADVANCED) !== 0) {
    const age = (news.stamp - news.echo) | 0
    if (age >= 0 && age < ECHO_AGE_MAX) {
      sample = Math.max(age, 1) * 1000
      latest = sample
    }
  }
  news.rtt = latest
  if (sample < 0) return false
  takeRttSample(c, sample, latest)
  return true
}

/** Gives acknowledged data back to the ring; our SYN and FIN lie outside of it. */
function dropAcknowledged(c: Connection): void {
  let dropped = (c.sndUna - c.ringSeq) | 0
  if (dropped > c.sendRing.length) dropped = c.sendRing.length
  if (dropped > 0) {
    c.dropSent(dropped)
    c.ringSeq = (c.ringSeq + dropped) | 0
  }
  if (c.sendUrgent && !after(c.sndUp, c.sndUna)) c.sendUrgent = false
}
