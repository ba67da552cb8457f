// Read first: RFC 9293 section 3.10.7.4, RFC 7323 section 5.3, RFC 5961 sections 3.2 and 4.2.
//
// A segment for a connection in a synchronised state, step by step in the RFC's order. SYN-SENT and a listener's SYN-RECEIVED
// are in active-open and passive-open.

import { ECONNRESET, EPIPE } from '../base/errno.ts'
import { ACK, FIN, RST, SYN, type TcpSegment, URG } from '../wire/tcp.ts'
import { acknowledge } from './ack.ts'
import { acknowledgeInTime } from './ack-policy.ts'
import { established, segmentInSynSent, synReceivedAck } from './active-open.ts'
import { answerUnacceptable, challengeAck } from './challenge.ts'
import { closeConnection, enterFinWait2, enterTimeWait } from './close.ts'
import { type Connection, TIMER_LONG } from './connection.ts'
import { arm } from './deadlines.ts'
import { reportOld, reportUnacceptable } from './duplicates.ts'
import { packetsOf } from './flight.ts'
import { receiveData, receiveFin } from './receive.ts'
import { ownMss } from './receive-window.ts'
import { replyReset } from './reset.ts'
import { after, before } from './seq.ts'
import {
  CLOSE_WAIT,
  CLOSED,
  CLOSING,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  LAST_ACK,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from './state.ts'
import { urgentArrives } from './urgent.ts'

/** RFC 7323 section 5.5: TS.Recent is not to be trusted after 24 days; in milliseconds. */
const TS_RECENT_AGE_MAX = 24 * 86_400_000

/** SEGMENT ARRIVES, for a connection that exists. */
export function segmentArrives(c: Connection, segment: TcpSegment): void {
  c.segmentsIn++
  if (segment.payloadLength > 0) c.dataSegmentsIn += packetsOf(segment.payloadLength, ownMss(c))
  if (c.state === SYN_SENT) {
    segmentInSynSent(c, segment)
    return
  }
  if (c.request !== null && !c.host.fastOpen?.calls.requestAllows(c, c.request, segment)) return
  // Without ACK, RST and SYN nothing follows from it, not even an answer.
  if ((segment.flags & (ACK | RST | SYN)) === 0) return
  if (!timestampAcceptable(c, segment)) return
  if (!sequenceAcceptable(c, segment)) return
  const flags = segment.flags
  if ((flags & RST) !== 0) {
    resetArrives(c, segment)
    return
  }
  if ((flags & SYN) !== 0) {
    synArrives(c, segment)
    return
  }
  if ((flags & ACK) === 0) return
  if (!ackArrives(c, segment)) return
  takeTimestamp(c, segment)
  if ((flags & URG) !== 0) urgentArrives(c, segment)
  if (segment.payloadEnd > segment.payloadStart) {
    if (refusesData(c, segment)) return
    receiveData(c, segment)
  }
  if ((flags & FIN) !== 0) receiveFin(c, segment)
  if (c.ackPending) acknowledgeInTime(c)
}

/** PAWS (RFC 7323 section 5.3, R1): before the sequence test, never for a RST. */
function timestampAcceptable(c: Connection, segment: TcpSegment): boolean {
  if (!c.timestamps || (segment.flags & RST) !== 0) return true
  const options = segment.options
  // RFC 7323 section 3.2 (SHOULD): dropped without a word.
  if (!options.hasTimestamps) return !c.host.config.timestampsRequired
  if (((options.tsVal - c.tsRecent) | 0) >= 0) return true
  if (tsRecentIsStale(c)) return true
  // A SYN may come from a peer that has restarted its clock: it is answered below, in its turn.
  if ((segment.flags & SYN) !== 0) return true
  c.host.counters.pawsRejected++
  reportUnacceptable(c, segment)
  answerUnacceptable(c, segment.payloadEnd > segment.payloadStart)
  return false
}

/** R3: TS.Recent follows segments that span the last acknowledgement sent. */
function takeTimestamp(c: Connection, segment: TcpSegment): void {
  if (!c.timestamps || !segment.options.hasTimestamps) return
  if (after(segment.seq, c.lastAckSent)) return
  if (((segment.options.tsVal - c.tsRecent) | 0) < 0 && !tsRecentIsStale(c)) return
  c.tsRecent = segment.options.tsVal
  c.tsRecentAt = c.host.time.now
}

function tsRecentIsStale(c: Connection): boolean {
  return (c.host.time.now - c.tsRecentAt) >>> 0 > TS_RECENT_AGE_MAX
}

/**
 * First step. What lies wholly outside the window is answered by an ACK and dropped, but a RST is dropped silently (RFC 5961
 * section 3.2). A segment right at the edge of the window gets through, as in Linux: with the window closed its ACK, RST and
 * URG still count (MUST-66), and its data is cut off later.
 */
function sequenceAcceptable(c: Connection, segment: TcpSegment): boolean {
  const edge = (c.rcvNxt + c.receiveWindow) | 0
  const end = (segment.seq + segment.length) | 0
  if (!before(end, c.lastAckSent) && !after(segment.seq, edge)) {
    // What reaches beyond the edge is taken whole by a reader that has read all (tcp_sequence in Linux), else not at all.
    if (segment.payloadLength === 0 || c.receiveRing.length === 0) return true
    if (!after((segment.seq + segment.payloadLength) | 0, edge)) return true
  }
  if ((segment.flags & RST) !== 0) return false
  if ((segment.flags & SYN) !== 0 && c.state !== TIME_WAIT) {
    // RFC 5961 section 4.2: a SYN is challenged whatever its sequence number.
    challengeAck(c)
    return false
  }
  reportUnacceptable(c, segment)
  answerUnacceptable(c, segment.payloadEnd > segment.payloadStart)
  return false
}

/** Second step. Only a RST exactly at RCV.NXT counts; another inside the window is challenged (RFC 5961 section 3.2). */
function resetArrives(c: Connection, segment: TcpSegment): void {
  if (segment.seq !== c.rcvNxt) {
    c.host.fastOpen?.calls.fastOpenMissesData(c)
    challengeAck(c)
    return
  }
  switch (c.state) {
    case SYN_RECEIVED:
      c.host.counters.attemptFails++
      c.aborted = true
      // We differ: RFC 9293 section 3.10.7.4 calls it refused where the open was active (then both were). Linux: reset.
      closeConnection(c, ECONNRESET)
      return
    case TIME_WAIT:
      if (!c.host.config.rfc1337) closeConnection(c, 0)
      return
    case LAST_ACK:
    case CLOSING:
      // Who has not closed yet hears of it (Linux: tcp_reset): the peer may not have had all.
      c.aborted = true
      closeConnection(c, ECONNRESET)
      return
    default:
      c.host.counters.establishedResets++
      c.aborted = true
      // Linux: a reader that had seen the end gets EPIPE, not ECONNRESET.
      closeConnection(c, c.state === CLOSE_WAIT ? EPIPE : ECONNRESET)
  }
}

/** Fourth step (RFC 5961 section 4.2). In SYN-RECEIVED from a simultaneous open the peer's SYN comes again with its ACK. */
function synArrives(c: Connection, segment: TcpSegment): void {
  if (c.state === SYN_RECEIVED && segment.seq === c.irs && (segment.flags & ACK) !== 0) {
    if (segment.ack === c.sndNxt && segment.length === 1) {
      established(c, segment)
      // As any ACK that ends SYN-RECEIVED; and the peer's SYN has come twice.
      c.delivered = 2
      reportOld(c, segment.seq, 1)
      c.host.acknowledgeSoon(c)
      return
    }
  }
  challengeAck(c)
}

/** Fifth step. False: the segment is dropped. */
function ackArrives(c: Connection, segment: TcpSegment): boolean {
  const { request } = c
  if (c.state === SYN_RECEIVED) {
    const acceptable =
      request === null ? synReceivedAck(c, segment) : c.host.fastOpen?.calls.requestAcknowledged(c, segment)
    if (!acceptable) return false
  }
  if (c.state === TIME_WAIT) {
    return timeWaitAllows(c, segment)
  }
  if (!acknowledge(c, segment)) return false
  if (request !== null) c.host.fastOpen?.calls.requestOver(c, request, segment)
  // FIN-WAIT-1, CLOSING, LAST-ACK: has our FIN been acknowledged?
  if (c.finSent && c.sndUna === c.sndNxt && c.sendRing.length === 0) {
    if (c.state === FIN_WAIT_1 && c.orphan && c.finWait2Timeout < 0) {
      // TCP_LINGER2 below zero: nobody waits for the peer's FIN (Linux: tcp_rcv_state_process).
      replyReset(c.host, c, segment)
      c.aborted = true
      closeConnection(c, 0)
      return false
    }
    if (c.state === FIN_WAIT_1) {
      enterFinWait2(c)
    } else if (c.state === CLOSING) {
      enterTimeWait(c)
    } else if (c.state === LAST_ACK) {
      closeConnection(c, 0)
      return false
    }
  }
  return c.state !== CLOSED
}

/**
 * TIME-WAIT. The peer repeats its FIN, having missed our ACK: the wait begins anew (eighth step). What is neither that nor a mere
 * acknowledgement is answered as what is unacceptable (RFC 9293 section 3.10.7.4 has its text ignored; the answer is Linux's).
 */
function timeWaitAllows(c: Connection, segment: TcpSegment): boolean {
  if ((segment.flags & FIN) !== 0) {
    arm(c, TIMER_LONG, c.host.config.timeWait)
    return true
  }
  if (segment.payloadLength === 0 && segment.seq === c.rcvNxt) return true
  answerUnacceptable(c, segment.payloadLength > 0)
  return false
}

/**
 * Seventh step, states without a reader. After CLOSE-WAIT no data may come: it is ignored. Data for an application that has
 * closed altogether, or shut down both ways, is answered by a RST (RFC 1122 4.2.2.13, SHLD-3): it will never be read.
 */
function refusesData(c: Connection, segment: TcpSegment): boolean {
  if (c.state === ESTABLISHED) return false
  if (c.state === FIN_WAIT_1 || c.state === FIN_WAIT_2) {
    if (!c.orphan && !c.readShut) return false
    if (!after((segment.seq + segment.payloadLength) | 0, c.rcvNxt)) return false
    c.host.counters.establishedResets++
    replyReset(c.host, c, segment)
    c.aborted = true
    closeConnection(c, c.orphan ? 0 : ECONNRESET)
    return true
  }
  return false
}

/**
 * Whether a SYN may open a new connection in place of one in TIME-WAIT: its sequence number, or its timestamp, is newer than
 * all the old one saw (RFC 9293 section 3.6.1 MAY-2, RFC 6191 section 2).
 */
export function timeWaitMayReopen(c: Connection, segment: TcpSegment): boolean {
  if ((segment.flags & (SYN | ACK | RST)) !== SYN) return false
  if (c.timestamps && segment.options.hasTimestamps) {
    const newer = (segment.options.tsVal - c.tsRecent) | 0
    if (newer > 0) return true
    if (newer < 0) return false
  }
  return after(segment.seq, c.rcvNxt)
}
