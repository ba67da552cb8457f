// Read first: RFC 9293 sections 3.7.4, 3.8.6 and appendix A.3 (Minshall), RFC 5681 section 3.1, RFC 6675 section 4.

import { ENOBUFS } from '../base/errno.ts'
import { ACK, FIN, PSH } from '../wire/tcp.ts'
import { type Connection, TIMER_PERSIST, TIMER_RETRANSMIT } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { type Flight, LOST, RESENT, SACKED } from './flight.ts'
import { currentRto } from './rtt.ts'
import { sackLength, sendSegment } from './segment-writer.ts'
import { after } from './seq.ts'
import { CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, LAST_ACK } from './state.ts'
import { scheduleTailProbe } from './tail-loss.ts'

/** How long a corked or half-filled segment waits at most for more (RFC 9293 section 3.8.6.2.1, item 4; Linux: 200 ms). */
const OVERRIDE = 200

/** Sends all that may be sent now: first what was lost, then what is new. Sets the timers that answer for it. */
export function output(c: Connection): void {
  if (!mayTransmit(c) || c.awaitingRoom) return
  if (c.flight !== null && c.flight.toResend > 0) resendLost(c)
  const sentBefore = c.sndNxt
  const waiting = sendNew(c, false)
  if (c.flight !== null) {
    disarm(c, TIMER_PERSIST)
    if ((c.armed & TIMER_RETRANSMIT) === 0) arm(c, TIMER_RETRANSMIT, currentRto(c))
    if (c.sndNxt !== sentBefore) scheduleTailProbe(c)
  } else if (waiting && (c.armed & TIMER_PERSIST) === 0) {
    // Nothing is in flight whose acknowledgement would let it go.
    c.unansweredSince = c.host.time.now
    c.retries = 0
    c.backoff = 0
    arm(c, TIMER_PERSIST, windowIsOpen(c) ? OVERRIDE : currentRto(c))
  }
}

function mayTransmit(c: Connection): boolean {
  switch (c.state) {
    case ESTABLISHED:
    case CLOSE_WAIT:
    case FIN_WAIT_1:
    case CLOSING:
    case LAST_ACK:
      return true
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

/**
 * Sends new data as far as windows and the rules against small segments allow; `override` sends a small segment regardless.
 * Returns whether something is left that no acknowledgement in flight will release.
 */
function sendNew(c: Connection, override: boolean): boolean {
  if (c.finSent) return false
  const sackOctets = sackLength(c)
  const mss = c.mss - sackOctets
  // SACK blocks make a header longer: fewer packets of large segments fit, and segmentMax is a multiple of the full MSS.
  // One urgent pointer counts from one segment: a large one would be cut into many that all carry it.
  const large = c.sendUrgent ? 1 : Math.max(Math.floor(c.segmentMax / c.mss), 1)
  const segmentMax = large * mss
  for (;;) {
    const available = (c.writeSeq - c.sndNxt) | 0
    if (available === 0 && !c.finQueued) return false
    if (c.flight === null) restartAfterIdle(c)
    const inNetwork = c.packetsInNetwork
    const room = c.cwnd - inNetwork
    noteUsage(c, room <= 0)
    if (room <= 0) return true
    const usable = usableWindow(c)
    if (usable <= 0) return true
    const limit = Math.min(usable, room >= 4096 ? 0x7fffffff : room * mss)
    let length = Math.min(available, limit, segmentMax)
    if (length < available) {
      if (length >= mss) {
        // Full-sized segments only, while there is more to come (SHLD-28).
        length -= length % mss
        if (length < segmentMax && inNetwork > 0 && deferLarge(c, limit, segmentMax)) return true
      } else if (!override && length * 2 < c.maxSndWnd) {
        // Silly window: wait until a full segment or half of the largest window fits (MUST-38).
        return true
      }
    } else if (!override && !c.finQueued) {
      const tail = length % mss
      if (tail !== 0 && !tailMayGo(c)) {
        length -= tail
        if (length === 0) return true
      }
    }
    const all = length === available
    const fin = c.finQueued && all && usable > length
    if (c.finQueued && all && !fin && length === 0) return true
    if (!sendFresh(c, length, fin)) return true
    if (fin) return false
  }
}

/** PSH where what the application gave ends (MUST-61); of several such places only the last counts (SHLD-27). */
function endsPush(c: Connection, seq: number, end: number): boolean {
  return after(c.pushSeq, seq) && !after(c.pushSeq, end)
}

/** Sends `length` new octets, and the FIN. False: the device had no room, or there is no way. */
function sendFresh(c: Connection, length: number, fin: boolean): boolean {
  const seq = c.sndNxt
  const dataEnd = (seq + length) | 0
  let flags = ACK
  if (endsPush(c, seq, dataEnd)) flags |= PSH
  if (fin) flags |= FIN
  // Before it goes: what is sent acknowledges, and with holes in what we received its packets are shorter.
  const size = c.mss - sackLength(c)
  if (!send(c, seq, length, flags)) return false
  const time = c.host.time
  const end = fin ? (dataEnd + 1) | 0 : dataEnd
  const flight = c.flying
  if (flight.count === 0) c.unansweredSince = time.now
  flight.push(seq, end, time.nowMicros, length, size)
  c.sndNxt = end
  c.finSent = fin
  if (length % c.mss !== 0) c.sndSml = dataEnd
  if (length > 0) {
    // Data that follows soon on data received is an answer: acknowledgements can wait for answers (Linux: pingpong).
    if (((time.now - c.lastDataAt) | 0) < c.host.config.delayedAck) c.interactive = true
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

/** Nagle's algorithm as Minshall amended it (RFC 9293 appendix A.3): one small segment at a time may be unacknowledged. */
function tailMayGo(c: Connection): boolean {
  if (c.cork || c.more) return false
  if (c.noDelay || c.flight === null) return true
  if (c.sendUrgent && after(c.sndUp, c.sndNxt)) return true
  return !after(c.sndSml, c.sndUna) || after(c.sndSml, c.sndNxt)
}

/**
 * Whether to wait for an acknowledgement rather than send a large segment that the windows have cut short: it costs as much as
 * a full one. Linux's tcp_tso_should_defer, without its clock.
 */
function deferLarge(c: Connection, limit: number, segmentMax: number): boolean {
  if (c.segmentMax === c.mss || c.finQueued) return false
  const window = Math.min(c.sndWnd, c.cwnd * c.mss)
  return limit < segmentMax && limit < Math.floor(window / 3)
}

/** RFC 5681 section 4.1: after an idle time longer than the time-out the old window says nothing of the path. */
function restartAfterIdle(c: Connection): void {
  if (!c.host.config.slowStartAfterIdle || c.lastSentAt === 0) return
  if ((c.host.time.now - c.lastSentAt) >>> 0 <= c.rto) return
  const restart = c.initialWindow
  if (c.cwnd > restart) {
    c.cwnd = restart
    c.cwndCount = 0
  }
}

/** RFC 7661's concern, in Linux's way: a window that was not used is not grown. */
function noteUsage(c: Connection, full: boolean): void {
  const packetsOut = c.flight === null ? 0 : c.flight.packetsOut
  if (!after(c.cwndUsageSeq, c.sndUna) || full || (!c.cwndLimited && packetsOut > c.maxPacketsOut)) {
    c.cwndLimited = full
    c.maxPacketsOut = packetsOut
    c.cwndUsageSeq = c.sndNxt
  }
}

/** RFC 6675 section 4, NextSeg rule 1: what was lost and not yet sent again, oldest first, as the window allows. */
function resendLost(c: Connection): void {
  const flight = c.flying
  for (let i = 0; i < flight.count && flight.toResend > 0; i++) {
    const flags = flight.flags(i)
    if ((flags & LOST) === 0 || (flags & RESENT) !== 0) continue
    const room = c.cwnd - flight.inNetwork
    if (room <= 0) return
    if (!resend(c, flight, i, room)) return
  }
}

/** Sends the oldest unacknowledged segment again, whatever the windows say (a time-out, or the first of recovery). */
export function resendOldest(c: Connection): void {
  const flight = c.flight
  if (flight === null || flight.count === 0) return
  resend(c, flight, 0, 1)
}

/** Sends the first of what is lost again, whatever the windows say. */
export function resendFirstLost(c: Connection): void {
  const flight = c.flying
  for (let i = 0; i < flight.count; i++) {
    if ((flight.flags(i) & (LOST | RESENT)) !== LOST) continue
    resend(c, flight, i, 1)
    return
  }
}

/**
 * A tail loss probe: a segment of new data if there is some and the peer's window takes it, whatever the congestion window
 * says, else the last segment again. False: there was nothing to send, or no room.
 */
export function sendProbeSegment(c: Connection): boolean {
  const available = (c.writeSeq - c.sndNxt) | 0
  if (available > 0 && !c.finSent) {
    const length = Math.min(available, usableWindow(c), c.mss - sackLength(c))
    if (length > 0) return sendFresh(c, length, false)
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
  return resend(c, flight, flight.count - 1, 1)
}

/** Sends record `i` again, at most `room` packets of it. False: it could not be sent. */
function resend(c: Connection, flight: Flight, i: number, room: number): boolean {
  const mss = c.mss - sackLength(c)
  const seq = flight.seq(i)
  // As in sendNew: SACK blocks make a header longer, and segmentMax is a multiple of the full MSS.
  const large = c.sendUrgent ? 1 : Math.max(Math.floor(c.segmentMax / c.mss), 1)
  const most = Math.min(room, large) * mss
  if (((flight.end(i) - seq) | 0) > most) flight.split(i, (seq + most) | 0)
  const end = flight.end(i)
  const fin = c.finSent && end === c.sndNxt
  const length = (end - seq - (fin ? 1 : 0)) | 0
  let flags = ACK
  if (fin) flags |= FIN
  if (endsPush(c, seq, (seq + length) | 0)) flags |= PSH
  if (!send(c, seq, length, flags)) return false
  flight.resent(i, c.host.time.nowMicros, mss)
  c.totalRetransmits += flight.packets(i)
  c.retransmittedOctets = (c.retransmittedOctets + length) | 0
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
    sendNew(c, true)
    if (c.sndNxt !== sent) {
      arm(c, TIMER_RETRANSMIT, currentRto(c))
      return false
    }
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
