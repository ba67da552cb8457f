// Read first: RFC 9293 sections 3.7.4, 3.8.6 and appendix A.3 (Minshall), RFC 5681 section 3.1, RFC 6675 section 4.

import { ENOBUFS } from '../base/errno.ts'
import { ACK, FIN, PSH } from '../wire/tcp.ts'
import { LIMITED_BY_RECEIVER, startChronograph, stopChronograph } from './chronograph.ts'
import { LIMIT_CONGESTION, LIMIT_NONE, LIMIT_RECEIVER, packetsAtOnce, partialWaits, shouldDefer } from './chunk.ts'
import { EVENT_START, event } from './congestion.ts'
import { type Connection, TIMER_PERSIST, TIMER_REORDER, TIMER_RETRANSMIT } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { ENDS_CHUNK, type Flight, LOST, PUSHED, RESENT, SACKED } from './flight.ts'
import { forgetProbe, probeLength, probeSent } from './mtu-search.ts'
import { paced, pacingHolds } from './pacing.ts'
import type { Repair } from './repair.ts'
import { currentRto } from './rtt.ts'
import { sendSegment, varyingLength } from './segment-writer.ts'
import { after } from './seq.ts'
import { CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, LAST_ACK, SYN_RECEIVED } from './state.ts'
import { scheduleTailProbe } from './tail-probe-timer.ts'
import { armTransmit, rearmRetransmit } from './transmit-timer.ts'
import { isReducing } from './window-reduction.ts'
import { noteWindowUsage, restartAfterIdle } from './window-usage.ts'

/**
 * A corked or half-filled segment waits a time-out for more, but at the most so long (RFC 9293 section 3.8.6.2.1, item 4). Linux: a
 * time-out, whatever tcp(7) says of 200 ms.
 */
const OVERRIDE_MAX = 1000

/** Beside a LIMIT_…: something is left that no acknowledgement in flight will release. */
const WAITS = 4
/** The bits of a LIMIT_… */
const LIMITS = 3

/** Sends all that may be sent now: first what was lost, then what is new. Sets the timers that answer for it. */
export function output(c: Connection): void {
  if (!mayTransmit(c) || c.awaitingRoom) return
  // The MSS is that of the way as it is now: a segment too large for it would be lost.
  if (c.path === null || c.path.stale) c.host.findPath(c)
  const repairs = c.repair
  if (repairs !== null) {
    if (repairs.newDue) sendNewFirst(c, repairs)
    if (repairs.resendDue) resendLost(c, repairs)
  }
  const waiting = sendNew(c, false, false)
  if (c.flight !== null) {
    disarm(c, TIMER_PERSIST)
  } else if (waiting && (c.armed & TIMER_PERSIST) === 0) {
    // Nothing is in flight whose acknowledgement would let it go.
    c.unansweredSince = c.host.time.now
    c.retries = 0
    c.backoff = 0
    arm(c, TIMER_PERSIST, windowIsOpen(c) ? Math.min(currentRto(c), OVERRIDE_MAX) : currentRto(c))
  }
}

/** Sends one chunk of what a write has filled, while it goes on: tcp_push_one. */
export function pushOne(c: Connection): void {
  if (!mayTransmit(c) || c.awaitingRoom) return
  if (c.path === null || c.path.stale) c.host.findPath(c)
  sendNew(c, false, true)
  if (c.flight !== null) disarm(c, TIMER_PERSIST)
}

function mayTransmit(c: Connection): boolean {
  switch (c.state) {
    case ESTABLISHED:
    case CLOSE_WAIT:
    case FIN_WAIT_1:
    case CLOSING:
    case LAST_ACK:
      return true
    case SYN_RECEIVED:
      // RFC 7413 section 4.2: a server may answer before the handshake is over.
      return c.request !== null
    default:
      return false
  }
}

/** Octets of window not yet used; negative after the peer has shrunk it (MUST-34). */
function usableWindow(c: Connection): number {
  return (c.sndUna + c.sndWnd - c.sndNxt) | 0
}

function windowIsOpen(c: Connection): boolean {
  const usable = usableWindow(c)
  return usable >= c.mss || usable * 2 >= c.maxSndWnd
}

/** F-RTO: new data instead of what may be lost (RFC 5682 section 2.1 step 2b); where none can go, what is lost. */
function sendNewFirst(c: Connection, repairs: Repair): void {
  repairs.newDue = false
  sendNew(c, true, false)
  if (after(c.sndNxt, c.recoveryPoint)) return
  repairs.frto = false
  repairs.resendDue = true
}

/**
 * Sends new data as far as windows and the rules against small segments allow; `override` sends a small segment regardless,
 * `one` sends one chunk at most. Returns whether something is left that no acknowledgement in flight will release.
 */
function sendNew(c: Connection, override: boolean, one: boolean): boolean {
  const next = c.sndNxt
  const first = c.flight === null || c.flight.count === 0
  const left = sendWhatMay(c, override, one)
  const limit = left & LIMITS
  const sent = c.sndNxt !== next
  // A window that is just full limits, too.
  const full = limit === LIMIT_CONGESTION || c.packetsInNetwork >= c.cwnd
  if (sent || full) noteWindowUsage(c, full)
  if (limit === LIMIT_RECEIVER) startChronograph(c, LIMITED_BY_RECEIVER)
  else stopChronograph(c, LIMITED_BY_RECEIVER)
  // RFC 6298 section 5.1: the time-out, where no probe comes before it.
  if (sent && !scheduleTailProbe(c, false)) {
    if (first || (c.armed & (TIMER_RETRANSMIT | TIMER_REORDER)) === 0) rearmRetransmit(c)
  }
  return (left & WAITS) !== 0
}

/** What held back the data that was not sent, a LIMIT_…, and perhaps WAITS. */
function sendWhatMay(c: Connection, override: boolean, one: boolean): number {
  // After most acknowledgements there is nothing to send.
  if (c.finSent || (c.writeSeq === c.sndNxt && !c.finQueued)) return LIMIT_NONE
  const mss = c.mss - varyingLength(c)
  for (;;) {
    const available = (c.writeSeq - c.sndNxt) | 0
    if (available === 0 && !c.finQueued) return LIMIT_NONE
    if (c.flight === null) restartAfterIdle(c)
    const room = c.cwnd - c.packetsInNetwork
    if (room <= 0) return LIMIT_CONGESTION | WAITS
    if (c.pacing !== null && pacingHolds(c)) return LIMIT_NONE
    const usable = usableWindow(c)
    const waiting = c.recordEnds === null ? available : untilRecordEnds(c, available)
    const last = waiting === available
    if (usable < Math.min(waiting, mss) || usable <= 0) {
      // Silly window: wait until a full segment or half of the largest window fits (MUST-38).
      if (usable <= 0 || (!override && usable * 2 < c.maxSndWnd)) return LIMIT_RECEIVER | WAITS
    }
    const probe = c.mtuSearch === null || override ? 0 : probeLength(c, available, usable)
    if (probe < 0) return LIMIT_CONGESTION
    if (probe > 0) {
      if (!sendProbeOf(c, probe)) return WAITS
      continue
    }
    const length = chunkLength(c, mss, room, usable, waiting, last, override || one)
    if (length < 0) return ~length | WAITS
    const fin = c.finQueued && length === available && usable > length
    // The FIN alone waits for the window.
    if (length === 0 && !fin) return WAITS
    if (!sendChunk(c, mss, length, fin)) return WAITS
    if (fin || one) return LIMIT_NONE
  }
}

/** Sends `length` new octets, more than the MSS, as one segment: to learn whether the way carries it. False: it was not sent. */
function sendProbeOf(c: Connection, length: number): boolean {
  const seq = c.sndNxt
  const { mss } = c
  c.mss = length
  const sent = sendFresh(c, length, endsPush(c, seq, (seq + length) | 0), true, false)
  c.mss = mss
  if (sent) probeSent(c, seq, length)
  return sent
}

/** Octets of the next chunk, or the complement of a LIMIT_…: none goes now. A FIN alone is a chunk of 0. */
function chunkLength(
  c: Connection,
  mss: number,
  room: number,
  usable: number,
  waiting: number,
  last: boolean,
  override: boolean,
): number {
  const urgent = c.sendUrgent && after(c.sndUp, c.sndUna)
  if (waiting <= mss) {
    if (waiting < mss && last && !override && !c.finQueued && !urgent && partialWaits(c)) return ~LIMIT_NONE
    return Math.min(waiting, usable)
  }
  const chunk = packetsAtOnce(c, mss)
  // At least two chunks in flight, so that their acknowledgements keep coming.
  const most = Math.min(room, Math.max(c.cwnd >> 1, 1), chunk)
  if (!override) {
    const why = shouldDefer(c, mss, chunk, room * mss, usable, waiting, last)
    if (why !== LIMIT_NONE) return ~why
  }
  // One urgent pointer counts from one segment.
  if (urgent) return Math.min(mss, usable)
  const whole = Math.min(most * mss, 0x3fffffff)
  const needed = Math.min(waiting, usable)
  if (whole <= needed) return whole
  // Full-sized segments only, while there is more to come (SHLD-28).
  const partial = needed % mss
  return partial !== 0 && needed > mss && !override && partialWaits(c) ? needed - partial : needed
}

/** Octets up to where a record ends that is not to be joined with the next (MSG_EOR); at most `available`. */
function untilRecordEnds(c: Connection, available: number): number {
  const ends = c.recordEnds
  if (ends === null) return available
  while (ends.length > 0 && !after(ends[0] as number, c.sndNxt)) ends.shift()
  if (ends.length === 0) {
    c.recordEnds = null
    return available
  }
  return Math.min(available, ((ends[0] as number) - c.sndNxt) | 0)
}

/** PSH where what the application gave ends (MUST-61); of several such places only the last counts (SHLD-27). */
function endsPush(c: Connection, seq: number, end: number): boolean {
  if (c.recordEnds !== null && c.recordEnds[0] === end) return true
  return after(c.pushAt, seq) && !after(c.pushAt, end)
}

/** Sends `length` new octets, and the FIN, in as many segments as the device wants them. False: something is not sent. */
function sendChunk(c: Connection, mss: number, length: number, fin: boolean): boolean {
  const end = (c.sndNxt + length) | 0
  // With the last packet of several PSH goes in any case (Linux, for receivers that join them).
  const push = length > mss || endsPush(c, c.sndNxt, end)
  // SACK blocks make a header longer: fewer packets of large segments fit, and segmentMax is a multiple of the full MSS.
  // The flags of accurate ECN count in each segment, and a device that cuts takes CWR for RFC 3168's.
  const piece = c.sendUrgent || c.accurateEcn !== null ? mss : Math.max(Math.floor(c.segmentMax / c.mss), 1) * mss
  for (;;) {
    const left = (end - c.sndNxt) | 0
    if (left <= piece) {
      if (!sendFresh(c, left, push, true, fin)) return false
      if (c.pacing !== null) paced(c, length)
      return true
    }
    if (!sendFresh(c, piece, false, false, false)) return false
  }
}

/** Sends `length` new octets as one segment. False: the device had no room, or there is no way. */
function sendFresh(c: Connection, length: number, push: boolean, endsChunk: boolean, fin: boolean): boolean {
  const seq = c.sndNxt
  const dataEnd = (seq + length) | 0
  const flags = ACK | (push ? PSH : 0) | (fin ? FIN : 0)
  // Before it goes: what is sent acknowledges, and with holes in what we received its packets are shorter.
  const size = c.mss - varyingLength(c)
  if (!send(c, seq, length, flags)) return false
  const time = c.host.time
  const end = fin ? (dataEnd + 1) | 0 : dataEnd
  const flight = c.flying
  const first = flight.count === 0
  if (first) c.unansweredSince = time.now
  if (flight.inNetwork <= 0) event(c, EVENT_START)
  const packetsBefore = flight.packetsOut
  const marks = (endsPush(c, seq, dataEnd) ? PUSHED : 0) | (endsChunk ? ENDS_CHUNK : 0)
  flight.push(seq, end, time.nowMicros, length, size, c.delivered, marks)
  const ends = c.recordEnds
  if (ends !== null && ends[0] === dataEnd) flight.endRecord()
  if (c.repair !== null && isReducing(c)) c.repair.prrOut += flight.packetsOut - packetsBefore
  c.sndNxt = end
  if (fin) c.finSent = true
  if (length % size !== 0) c.sndSml = dataEnd
  c.lastSentMicros = time.nowMicros
  if (length > 0) {
    c.lastSentAt = time.now
  }
  return true
}

/** False: the segment was not sent. A full device gives word when it has room; a lost way may come back, and a timer asks. */
function send(c: Connection, seq: number, length: number, flags: number): boolean {
  const sent = sendSegment(c, seq, length, flags)
  if (sent === -ENOBUFS) c.host.awaitRoom(c)
  return sent >= 0
}

/** RFC 6675 section 4, NextSeg rule 1: what was lost and not yet sent again, oldest first, as the window allows. */
function resendLost(c: Connection, repairs: Repair): void {
  const flight = c.flight
  repairs.resendDue = false
  if (flight === null) return
  let oldest = false
  // Packets in a row sent again together: the last of several has PSH, as when they were new.
  let row = 0
  for (let i = flight.nextToResend(); i >= 0; i = flight.nextToResend()) {
    const room = c.cwnd - flight.inNetwork
    if (room <= 0) break
    if (pacingHolds(c)) {
      repairs.resendDue = true
      break
    }
    joinSmall(c, flight, i)
    row++
    const ends = !goesOn(c, flight, i, room, row)
    const push = ends && row > 1
    if (ends) row = 0
    if (!resend(c, flight, i, room, push)) {
      repairs.resendDue = true
      break
    }
    if (isReducing(c)) repairs.prrOut += flight.packets(i)
    if (i === 0) oldest = true
  }
  if (oldest && (c.armed & TIMER_REORDER) === 0) armTransmit(c, TIMER_RETRANSMIT, currentRto(c))
}

/** Whether the record behind `i` goes out together with it. */
function goesOn(c: Connection, flight: Flight, i: number, room: number, row: number): boolean {
  if ((flight.flags(i) & ENDS_CHUNK) !== 0 || room <= 1 || i + 1 >= flight.count) return false
  return (flight.flags(i + 1) & (LOST | RESENT)) === LOST && row < packetsAtOnce(c, c.mss)
}

/** Sends the oldest unacknowledged segment again after a time-out, whatever the windows say. */
export function resendOldest(c: Connection): void {
  const flight = c.flight
  if (flight === null || flight.count === 0) return
  joinSmall(c, flight, 0)
  resend(c, flight, 0, 1, false)
}

/** Small segments that follow on each other go again as one, as far as it fits (RFC 9293 section 3.7.1 and Linux: tcp_retrans_collapse). */
function joinSmall(c: Connection, flight: Flight, i: number): void {
  const mss = c.mss - varyingLength(c)
  if (c.sendUrgent || flight.packets(i) > 1) return
  while (i + 1 < flight.count && flight.packets(i + 1) === 1) {
    const end = flight.end(i + 1)
    // A FIN is sent again as it was.
    if (c.finSent && end === c.sndNxt) return
    if (((end - flight.seq(i)) | 0) > mss || after(end, (c.sndUna + c.sndWnd) | 0) || !flight.join(i)) return
    // Duplicates of a peer without SACK stand for packets, of which there is one less.
    if (!c.sackPermitted && flight.sackedOut > 0) flight.sackedOut--
  }
}

/**
 * A tail loss probe: a segment of new data if there is some and the peer's window takes it, whatever the congestion window
 * says, else the last segment again. False: there was nothing to send, or no room.
 */
export function sendProbeSegment(c: Connection): boolean {
  const available = (c.writeSeq - c.sndNxt) | 0
  if (available > 0 && !c.finSent) {
    const length = Math.min(available, usableWindow(c), c.mss - varyingLength(c))
    if (length > 0) return sendFresh(c, length, endsPush(c, c.sndNxt, (c.sndNxt + length) | 0), true, false)
  }
  const flight = c.flight
  if (flight === null || flight.count === 0) return false
  const last = flight.count - 1
  if ((flight.flags(last) & SACKED) !== 0) return false
  const length = (flight.end(last) - flight.seq(last)) | 0
  if (flight.packets(last) > 1) {
    // Of a large segment only its last packet.
    const size = flight.packetSize(last)
    flight.split(last, (flight.seq(last) + length - (length % size || size)) | 0)
  }
  return resendProbe(c, flight, flight.count - 1)
}

/** The first retransmission of an episode is sent, or would be if there was a way. */
export function stampEpisode(c: Connection): void {
  const repairs = c.repairs
  if (repairs.stamped) return
  repairs.stamped = true
  repairs.stamp = c.tsNow
}

/** Sends record `i` again, as a probe: it is not counted as in flight twice. */
function resendProbe(c: Connection, flight: Flight, i: number): boolean {
  return sendAgain(c, flight, i, 1, true, false)
}

/** Sends record `i` again, at most `room` packets of it. False: it could not be sent. */
function resend(c: Connection, flight: Flight, i: number, room: number, push: boolean): boolean {
  if (!sendAgain(c, flight, i, room, false, push)) return false
  const repairs = c.repairs
  stampEpisode(c)
  repairs.undoResent = Math.max(repairs.undoResent, 0) + flight.packets(i)
  return true
}

function sendAgain(c: Connection, flight: Flight, i: number, room: number, probe: boolean, push: boolean): boolean {
  const mss = c.mss - varyingLength(c)
  const seq = flight.seq(i)
  // As in sendNew: SACK blocks make a header longer, and segmentMax is a multiple of the full MSS.
  const large = c.sendUrgent || c.accurateEcn !== null ? 1 : Math.max(Math.floor(c.segmentMax / c.mss), 1)
  const most = Math.min(room, large) * mss
  const whole = (flight.end(i) - seq) | 0
  // The MSS has shrunk: what was one goes as several, the last of which Linux pushes as it does with new data.
  if (whole > mss && whole <= room * mss && flight.packets(i) === 1) flight.markPushed(i)
  if (whole > most) flight.split(i, (seq + most) | 0)
  const end = flight.end(i)
  const fin = c.finSent && end === c.sndNxt
  const length = (end - seq - (fin ? 1 : 0)) | 0
  let flags = ACK
  if (fin) flags |= FIN
  if (push || (flight.flags(i) & PUSHED) !== 0 || length > mss) flags |= PSH
  if (!send(c, seq, length, flags)) return false
  paced(c, length)
  forgetProbe(c)
  flight.resent(i, c.host.time.nowMicros, mss, c.delivered, probe)
  c.totalRetransmits += flight.packets(i)
  c.retransmittedOctets = (c.retransmittedOctets + length) | 0
  if (length > 0) c.lastSentAt = c.host.time.now
  c.host.counters.retransmits++
  return true
}

/**
 * The persist timer has expired: sends a small segment that has waited long enough if the window has room for it, else a
 * probe. Returns whether a probe was sent, and so whether to wait for another answer.
 */
export function probeWindow(c: Connection): boolean {
  if (!mayTransmit(c) || c.flight !== null) return false
  if (usableWindow(c) > 0) {
    const sent = c.sndNxt
    sendNew(c, true, false)
    if (c.sndNxt !== sent) return false
  }
  if (c.writeSeq === c.sndNxt && !(c.finQueued && !c.finSent)) return false
  c.host.counters.windowProbes++
  sendProbe(c)
  return true
}

/**
 * A segment that the peer must answer: one octet below what it awaits, without data (SHLD-12), as Linux and BSD probe, so
 * that it gives nothing away (RFC 9293 section 3.8.6.1 allows it).
 */
export function sendProbe(c: Connection): void {
  sendSegment(c, (c.sndUna - 1) | 0, 0, ACK)
}
