// Read first: RFC 9293 sections 3.5 and 3.10.7.3 (SYN-SENT), RFC 6298 section 5.7, RFC 7323 section 2.

import { POLLOUT } from '../base/constants.ts'
import { ECONNREFUSED } from '../base/errno.ts'
import { ACK, FIN, RST, SYN, type TcpSegment, URG } from '../wire/tcp.ts'
import { WINDOW_SCALE_MAX } from '../wire/tcp-options.ts'
import { acknowledgeInTime, acknowledgeQuickly } from './ack-policy.ts'
import { announce, closeConnection } from './close.ts'
import { timeoutsEnd } from './congestion.ts'
import { ACK_WITH_DATA, type Connection, TIMER_ACK, TIMER_RETRANSMIT } from './connection.ts'
import { arm, disarm, updateKeepAlive } from './deadlines.ts'
import { ecnFlagsOfSyn, offerEcn, takeEcnOfSyn } from './ecn.ts'
import { FO_DATA, FO_DATA_TAKEN, FO_OPTION } from './fast-open.ts'
import type { SynData } from './fast-open-client.ts'
import { PUSHED } from './flight.ts'
import { sequenceAbove } from './isn.ts'
import { advertisedMss, defaultMss, updateMss } from './mss.ts'
import { searchFromStart } from './mtu-search.ts'
import { receiveData, receiveFin } from './receive.ts'
import { initialWindow, openWindow, windowShiftFor, withinRoute } from './receive-window.ts'
import { replyReset } from './reset.ts'
import { handshakeUnmeasured, takeRttSample } from './rtt.ts'
import { NO_FAST_OPEN, type SynOptions, sendSyn } from './segment-writer.ts'
import { growSendBuffer } from './send-buffer.ts'
import { after } from './seq.ts'
import { ESTABLISHED, FIN_WAIT_1, SYN_RECEIVED, SYN_SENT } from './state.ts'
import { rearmRetransmit } from './transmit-timer.ts'
import { urgentArrives } from './urgent.ts'

/** Milliseconds until a SYN goes again that something old stands in the way of: two jiffies (TCP_TIMEOUT_MIN in Linux). */
const SYN_SOON = 2
/** And how long the ACK of a SYN-ACK with a FIN waits for data to ride on (TCP_DELACK_MAX). */
const ANSWER_SOON = 200

const options: SynOptions = {
  mss: 0,
  windowShift: -1,
  sackPermitted: false,
  timestamps: false,
  tsVal: 0,
  tsEcr: 0,
  cookie: NO_FAST_OPEN,
  cookieLength: -1,
  cookieExperimental: false,
  ecnCounters: false,
}

/**
 * OPEN, active: sends the SYN. `floor` is SND.NXT of an earlier connection of this pair, if one gave way; `data` is for Fast Open: the
 * SYN takes of it what it may, and the send ring has that then; null: no Fast Open. 0, or a negated errno: then the connection has
 * not begun.
 */
export function openActive(c: Connection, floor: number | null, data: SynData | null = null): number {
  const host = c.host
  const config = host.config
  c.active = true
  const iss = host.isn.initial(c.local, c.localPort, c.remote, c.remotePort, host.time.instant)
  c.iss = sequenceAbove(iss, floor)
  c.tsOffset = host.isn.offsetOfLast
  c.sndUna = c.iss
  c.sndNxt = c.iss
  c.ringSeq = (c.iss + 1) | 0
  c.startSending(c.iss)
  // The SYN is no data that was pushed.
  c.pushSeq = c.ringSeq
  c.pushAt = c.ringSeq
  // What we offer; what is not taken up is dropped when the SYN-ACK comes.
  // As Linux: no timestamps beside a signature.
  c.timestamps = config.timestamps && c.signatureKey === null
  c.sackPermitted = config.sack
  c.windowScaling = config.windowScaling
  c.rcvWndShift = config.windowScaling ? offeredShift(c) : 0
  const status = host.findPath(c)
  if (status < 0) return status
  c.cwnd = c.initialWindow
  offerEcn(c)
  host.counters.activeOpens++
  c.state = SYN_SENT
  c.unansweredSince = host.time.now
  host.enter(c)
  c.sndNxt = (c.iss + 1) | 0
  options.cookieLength = -1
  const length =
    data === null || c.signatureKey !== null ? 0 : (c.host.fastOpen?.calls.fastOpenSyn(c, options, data) ?? 0)
  transmitSyn(c, length)
  if (length > 0) {
    const end = (c.sndNxt + length) | 0
    c.flying.push(c.sndNxt, end, host.time.nowMicros, length, Math.max(length, c.mss), c.delivered, PUSHED)
    c.sndNxt = end
    c.dataSegmentsOut++
  }
  arm(c, TIMER_RETRANSMIT, config.initialRto)
  return 0
}

/** The SYN, or in SYN-RECEIVED after a simultaneous open the SYN-ACK, once more. */
export function resendSyn(c: Connection): void {
  c.host.counters.retransmits++
  c.totalRetransmits++
  // Neither data nor cookie: if they were why the SYN was lost, this one gets through (RFC 7413 section 4.1.3.1).
  options.cookieLength = -1
  transmitSyn(c, 0)
}

/** `length`: octets of the send ring that go with it. */
function transmitSyn(c: Connection, length: number): void {
  const reply = c.state === SYN_RECEIVED
  if (c.host.findPath(c) < 0) return
  c.saidMss = advertisedMss(c, c.mssLimit)
  options.mss = c.saidMss
  // With a simultaneous open the SYN goes again as it was, now with an ACK: what the peer's SYN did not offer is still offered.
  const { config } = c.host
  options.windowShift = config.windowScaling ? offeredShift(c) : -1
  options.sackPermitted = config.sack
  options.timestamps = config.timestamps
  options.tsVal = c.tsNow
  options.tsEcr = reply && c.timestamps ? c.tsRecent : 0
  const window = c.synSentAt === 0 ? firstWindow(c) : c.receiveWindow
  c.rcvAdv = (c.rcvNxt + window) | 0
  c.synRepeated = c.synSentAt !== 0
  c.synSentAt = c.host.time.nowMicros | 1
  c.segmentsOut++
  const flags = reply ? ACK : 0
  const ack = reply ? c.rcvNxt : 0
  const data = length > 0 ? c.sendRing : null
  const sent = sendSyn(c.host, c, c.iss, ack, flags | ecnFlagsOfSyn(c, flags), window, options, data)
  if (reply && sent >= 0) c.lastAckSent = c.rcvNxt
}

function offeredShift(c: Connection): number {
  return windowShiftFor(c.host.config.receiveBufferMax, c.receiveLocked ? c.receiveBuffer >> 1 : c.windowClamp)
}

/** What our first SYN offers; it stays so, whatever the path MTU becomes meanwhile. */
export function firstWindow(c: Connection): number {
  const mss = advertisedMss(c, c.mssLimit)
  return withinRoute(c, initialWindow(c.receiveBuffer, c.windowClamp, mss), mss)
}

/** SEGMENT ARRIVES in SYN-SENT, in the RFC's five steps. */
export function segmentInSynSent(c: Connection, segment: TcpSegment): void {
  const flags = segment.flags
  const acceptable = (flags & ACK) !== 0 && after(segment.ack, c.iss) && !after(segment.ack, c.sndNxt)
  if ((flags & ACK) !== 0 && !acceptable) {
    // It is of an earlier connection, which the RST ends: our SYN need not wait for its time-out (as Linux).
    if (c.retries === 0) arm(c, TIMER_RETRANSMIT, SYN_SOON)
    if ((flags & RST) === 0) replyReset(c.host, c, segment)
    return
  }
  if ((flags & RST) !== 0) {
    // RFC 5961 section 3.2: only one that acknowledges our SYN.
    if (!acceptable) return
    c.host.counters.attemptFails++
    c.aborted = true
    closeConnection(c, ECONNREFUSED)
    return
  }
  if ((flags & SYN) === 0) return
  takeSynOptions(c, segment)
  takeEcnOfSyn(c, segment)
  if (segment.payloadLength > 0) c.dataSegmentsIn++
  const window = c.receiveWindow
  c.irs = segment.seq
  c.rcvNxt = (segment.seq + 1) | 0
  c.readSeq = c.rcvNxt
  c.lastAckSent = c.rcvNxt
  c.rcvAdv = (c.rcvNxt + window) | 0
  c.sndWl1 = segment.seq
  c.sndWl2 = segment.ack
  c.lastReceivedAt = c.host.time.now
  if (acceptable) {
    established(c, segment)
    if ((c.fastOpen & (FO_OPTION | FO_DATA)) !== 0) c.host.fastOpen?.calls.synAckToFastOpen(c, segment)
    c.ackPending = true
    const finTaken = (segment.flags & FIN) !== 0 && (c.fastOpen & FO_DATA_TAKEN) !== 0
    if (finTaken || c.interactive || (c.ackWishes & ACK_WITH_DATA) !== 0) {
      // The peer has said all, or we are to: data will soon carry the ACK (tcp_rcv_synsent_state_process in Linux).
      acknowledgeQuickly(c)
      arm(c, TIMER_ACK, ANSWER_SOON)
    } else {
      // The ACK of the handshake; data that waits rides on it.
      c.host.acknowledgeSoon(c)
    }
  } else {
    // Simultaneous open (MUST-10): SYN-RECEIVED, and our SYN again with its ACK.
    c.state = SYN_RECEIVED
    c.sndWnd = segment.window
    c.maxSndWnd = segment.window
    updateMss(c)
    options.cookieLength = -1
    transmitSyn(c, 0)
  }
  // RFC 9293 section 3.10.7.3: what else the segment brings.
  takeRest(c, segment)
}

function takeRest(c: Connection, segment: TcpSegment): void {
  if (c.state !== ESTABLISHED) return
  if (segment.payloadLength === 0 && (segment.flags & FIN) === 0) return
  // The SYN takes the first sequence number of the segment.
  segment.seq = (segment.seq + 1) | 0
  segment.flags &= ~SYN
  if ((segment.flags & URG) !== 0) urgentArrives(c, segment)
  // As Linux: taken only as the answer to data that went with our SYN (RFC 7413 section 4.2). The peer sends the rest again.
  if ((c.fastOpen & FO_DATA_TAKEN) === 0) return
  if (segment.payloadLength > 0) receiveData(c, segment)
  if ((segment.flags & FIN) !== 0) receiveFin(c, segment)
  if (c.ackPending && (c.armed & TIMER_ACK) === 0) acknowledgeInTime(c)
}

/** Fifth step in SYN-RECEIVED. False: the segment is dropped, and answered with a RST where its ACK is not acceptable. */
export function synReceivedAck(c: Connection, segment: TcpSegment): boolean {
  if (!after(segment.ack, c.sndUna) || after(segment.ack, c.sndNxt)) {
    replyReset(c.host, c, segment)
    return false
  }
  c.sndUna = (c.iss + 1) | 0
  established(c, segment)
  // Linux counts the SYN once more where its ACK comes without one.
  c.delivered = 2
  return true
}

/** SYN and SYN-ACK are through: ESTABLISHED. */
export function established(c: Connection, segment: TcpSegment): void {
  const time = c.host.time
  const synAck = (segment.flags & SYN) !== 0
  c.state = c.finQueued ? FIN_WAIT_1 : ESTABLISHED
  c.opened = true
  // The SYN.
  c.delivered = 1
  c.openedAt = time.now
  c.lastSentAt = time.now
  disarm(c, TIMER_RETRANSMIT)
  // The window of a SYN is never scaled (RFC 7323 section 2.2).
  c.sndWnd = synAck ? segment.window : segment.window << c.sndWndShift
  c.maxSndWnd = Math.max(c.sndWnd, c.maxSndWnd)
  c.sndWl1 = segment.seq
  c.sndWl2 = segment.ack
  c.sndUna = (c.iss + 1) | 0
  if (!c.synRepeated) {
    takeRttSample(c, (time.nowMicros - c.synSentAt) | 0)
  } else {
    // RFC 6928 section 2: one SYN sent twice is forgiven; RFC 6298 section 5.7: three seconds to begin with.
    if (c.retries > 1) c.cwnd = 1
    if (c.timestamps && segment.options.hasTimestamps && segment.options.tsEcr !== 0) {
      takeRttSample(c, Math.max((c.tsNow - segment.options.tsEcr) | 0, 1) * 1000)
    } else {
      if (c.retries > 0) handshakeUnmeasured(c)
    }
  }
  timeoutsEnd(c)
  c.retries = 0
  c.backoff = 0
  c.softError = 0
  updateMss(c)
  searchFromStart(c)
  openWindow(c)
  growSendBuffer(c)
  updateKeepAlive(c)
  // Of Fast Open, with a simultaneous open: data went with the SYN, and nobody has acknowledged it yet.
  if (c.flight !== null) rearmRetransmit(c)
  announce(c, POLLOUT)
  c.host.touch(c)
}

/** What the peer's SYN says of its options: an option counts only if both ends sent it. */
function takeSynOptions(c: Connection, segment: TcpSegment): void {
  const peer = segment.options
  c.peerMss = peer.mss > 0 ? peer.mss : defaultMss(c)
  if (peer.windowScale < 0 || !c.windowScaling) {
    c.windowScaling = false
    c.sndWndShift = 0
    c.rcvWndShift = 0
  } else {
    c.sndWndShift = Math.min(peer.windowScale, WINDOW_SCALE_MAX)
  }
  if (!peer.sackPermitted) c.sackPermitted = false
  if (peer.hasTimestamps && c.timestamps) {
    c.tsRecent = peer.tsVal
    c.tsRecentAt = c.host.time.now
  } else {
    c.timestamps = false
  }
}
