// Read first: RFC 9293 section 3.10.7.4 (fifth step, ESTABLISHED), RFC 5961 section 5, RFC 2018, RFC 5681 section 2 (duplicate).

import { POLLOUT } from '../base/constants.ts'
import { FIN, type TcpSegment } from '../wire/tcp.ts'
import { challengeAck } from './challenge.ts'
import { announce } from './close.ts'
import { CA_DISORDER, CA_LOSS, CA_OPEN, type Connection, TIMER_PERSIST, TIMER_RETRANSMIT } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { takeEcho } from './ecn.ts'
import { EVER_RESENT, type Flight, SACKED } from './flight.ts'
import { updateRack } from './rack.ts'
import { acknowledgedInOrder, acknowledgedInRecovery, duplicateAck, findLosses } from './recovery.ts'
import { currentRto, takeRttSample } from './rtt.ts'
import { after, before } from './seq.ts'
import { scheduleTailProbe, tailProbeAcknowledged } from './tail-loss.ts'

/** A timestamp echo older than this is not believed as a round trip, in milliseconds. */
const ECHO_AGE_MAX = 120_000

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
  takeEcho(c, segment)
  const window = segment.window << c.sndWndShift
  const windowChanged = updateWindow(c, segment, window)
  if (c.sndWnd === 0 && !c.orphan) {
    // What is sent into a window that was closed meanwhile is a probe, and answered: the peer lives (MUST-37).
    c.retries = 0
  }
  const flight = c.flight
  flight?.beginDelivery()
  const newlySacked = flight !== null && segment.options.sackCount > 0 ? takeSack(c, flight, segment) : 0
  c.delivered += newlySacked
  const una = c.sndUna
  if (after(ack, una)) {
    advance(c, segment)
  } else if (flight !== null && ack === c.sndUna) {
    // RFC 5681 section 2: a duplicate carries nothing and moves no window; RFC 6675: or it brings new SACK information.
    const duplicate = segment.payloadLength === 0 && (segment.flags & FIN) === 0 && !windowChanged
    if (duplicate && !c.sackPermitted) duplicateAck(c)
    c.host.touch(c)
  }
  if (c.tailProbe) tailProbeAcknowledged(c, segment, ack === una)
  if (ack !== una) scheduleTailProbe(c)
  if (c.sackPermitted && c.flight !== null && (newlySacked > 0 || c.flight.delivered)) {
    updateRack(c, c.flight)
    findLosses(c)
    c.host.touch(c)
  }
  return true
}

/** SND.WND from the segment that is newest by sequence and acknowledgement. Returns whether the window changed. */
function updateWindow(c: Connection, segment: TcpSegment, window: number): boolean {
  if (before(segment.ack, c.sndUna)) return false
  const newer =
    after(segment.ack, c.sndUna) ||
    after(segment.seq, c.sndWl1) ||
    (segment.seq === c.sndWl1 && window > c.sndWnd) ||
    (segment.seq === c.sndWl1 && !before(segment.ack, c.sndWl2))
  if (!newer) return false
  c.sndWl1 = segment.seq
  c.sndWl2 = segment.ack
  if (c.armed & TIMER_PERSIST) {
    // MUST-37: a probe was answered; the peer lives, however long it keeps its window closed. TCP_USER_TIMEOUT goes on
    // counting: it bounds how long data may wait, for whatever reason (tcp(7)).
    c.retries = 0
  }
  if (window === c.sndWnd) return false
  const opened = window > c.sndWnd
  c.sndWnd = window
  if (window > c.maxSndWnd) c.maxSndWnd = window
  if (opened && (c.armed & TIMER_PERSIST) !== 0) {
    c.backoff = 0
    disarm(c, TIMER_PERSIST)
    // Still too small to be used, perhaps: output decides, and sets the timer again.
  }
  c.host.touch(c)
  return true
}

/** Enters SACK blocks into the scoreboard. Returns how many packets they newly report. */
function takeSack(c: Connection, flight: Flight, segment: TcpSegment): number {
  const options = segment.options
  if (!c.sackPermitted) return 0
  let reported = 0
  for (let i = 0; i < options.sackCount; i++) {
    const left = options.sack[2 * i] as number
    const right = options.sack[2 * i + 1] as number
    // A block below SND.UNA reports a duplicate (RFC 2883); one beyond SND.NXT or turned round is nonsense.
    if (!before(left, right) || after(right, c.sndNxt) || !after(right, c.sndUna)) continue
    reported += flight.sack(after(left, c.sndUna) ? left : c.sndUna, right)
  }
  return reported
}

/** SND.UNA moves: forgets what is acknowledged, takes round trips, grows the window, restarts the timer. */
function advance(c: Connection, segment: TcpSegment): void {
  const ack = segment.ack
  const time = c.host.time
  const flight = c.flight
  let acknowledged = 0
  if (flight !== null) {
    let sample = -1
    // When what was sent twice was sent last; −1: nothing of it was.
    let resentFor = -1
    const sackedBefore = flight.sackedOut
    const packetsBefore = flight.packetsOut
    while (flight.count > 0 && !after(flight.end(0), ack)) {
      const flags = flight.flags(0)
      if ((flags & EVER_RESENT) !== 0) resentFor = Math.max((time.nowMicros - flight.sentAt(0)) | 0, 0)
      // The oldest segment sent once: RFC 6298 section 3, and what a delayed acknowledgement adds is part of the round trip.
      else if (sample < 0 && (flags & SACKED) === 0) sample = (time.nowMicros - flight.sentAt(0)) | 0
      flight.shift()
    }
    if (flight.count > 0 && after(ack, flight.seq(0))) flight.trim(ack)
    acknowledged = packetsBefore - flight.packetsOut
    // Those that SACK reported before were counted then.
    c.delivered += acknowledged - (c.sackPermitted ? sackedBefore - flight.sackedOut : 0)
    // Duplicates counted for packets of a peer without SACK cannot outnumber the packets.
    if (!c.sackPermitted) flight.sackedOut = Math.min(sackedBefore, flight.packetsOut)
    takeSample(c, segment, sample, resentFor)
  }
  if ((ack - c.iss) >>> 0 < (c.sndUna - c.iss) >>> 0) c.ackedWraps++
  c.sndUna = ack
  if (c.watcher !== null) c.watcher.acknowledged(ack)
  const dropped = dropAcknowledged(c)
  // The back-off goes only when a round trip is measured (RFC 6298 section 5): takeRttSample sees to it.
  c.retries = 0
  c.unansweredSince = time.now
  c.softError = 0
  // RFC 4861 section 7.3.1: progress of a connection proves that the next hop is there.
  c.host.confirmPath(c)
  if (c.caState === CA_OPEN || c.caState === CA_DISORDER) {
    acknowledgedInOrder(c)
    if (acknowledged > 0 && windowWasUsed(c)) c.control.acknowledged(c, acknowledged)
  } else {
    const slowStart = c.caState === CA_LOSS
    acknowledgedInRecovery(c, acknowledged)
    // After a time-out slow start goes on while the losses are mended (RFC 5681 section 3.1).
    if (slowStart && acknowledged > 0) c.control.acknowledged(c, acknowledged)
  }
  if (flight !== null && flight.count === 0) {
    // RFC 6298 section 5.2
    disarm(c, TIMER_RETRANSMIT)
    c.land()
  } else if (flight !== null) {
    // RFC 6298 section 5.3
    arm(c, TIMER_RETRANSMIT, currentRto(c))
  }
  c.host.touch(c)
  // Linux wakes a writer when a third of the buffer is free, so that it does not run for every segment.
  if (dropped > 0 && c.sendRing.length <= Math.floor((c.sendLimit * 2) / 3)) announce(c, POLLOUT)
}

/**
 * A round trip, unless Karn's algorithm forbids. With something sent twice, timestamps can tell which one was answered (RFC 7323
 * section 4), but not always: if all acknowledgements were lost, the answer to the retransmission still echoes the original, and
 * its age is our own time-out. It counts only if it echoes the retransmission, or came too soon to be an answer to that.
 */
function takeSample(c: Connection, segment: TcpSegment, sample: number, resentFor: number): void {
  if (resentFor < 0) {
    if (sample >= 0) takeRttSample(c, sample)
    return
  }
  if (!c.timestamps || !segment.options.hasTimestamps || segment.options.tsEcr === 0) return
  const age = (c.tsNow - segment.options.tsEcr) | 0
  if (age < 0 || age >= ECHO_AGE_MAX) return
  if (age * 1000 > resentFor + 1000 && resentFor >= c.minRtt) return
  takeRttSample(c, Math.max(age, 1) * 1000)
}

/** Gives acknowledged data back to the ring; our SYN and FIN lie outside of it. Returns the octets given back. */
function dropAcknowledged(c: Connection): number {
  let dropped = (c.sndUna - c.ringSeq) | 0
  if (dropped > c.sendRing.length) dropped = c.sendRing.length
  if (dropped > 0) {
    c.sendRing.drop(dropped)
    c.ringSeq = (c.ringSeq + dropped) | 0
  }
  if (c.sendUrgent && !after(c.sndUp, c.sndUna)) c.sendUrgent = false
  return dropped
}

/** A window that was not full says nothing about a larger one (Linux: tcp_is_cwnd_limited). */
function windowWasUsed(c: Connection): boolean {
  if (c.cwnd < c.ssthresh) return c.cwnd < 2 * c.maxPacketsOut || c.cwndLimited
  return c.cwndLimited
}
