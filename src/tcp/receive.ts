// Read first: RFC 9293 section 3.10.7.4 (seventh and eighth step), RFC 5681 section 4.2.

import { POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from '../base/constants.ts'
import type { TcpSegment } from '../wire/tcp.ts'
import { announce, enterTimeWait } from './close.ts'
import { type Connection, TIMER_ACK, URGENT_AWAITED } from './connection.ts'
import { arm } from './deadlines.ts'
import { reportFilled, reportOld, reportOverlap } from './duplicates.ts'
import { takeMark } from './ecn.ts'
import { packetsOf } from './flight.ts'
import { metricsOf } from './path-metrics.ts'
import { Reassembly } from './reassembly.ts'
import { sendAck } from './segment-writer.ts'
import { after, before } from './seq.ts'
import { CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT } from './state.ts'
import { noteUrgentOctet } from './urgent.ts'

/**
 * How far ahead of what is there data is kept, at least; further only as far as four times what was really sent. The ring has
 * memory for all that lies between: one octet at the far edge of the window shall not make us take two megabytes.
 */
const AHEAD_MIN = 256 << 10

/** Puts the segment's data where it belongs and sees to it that it is acknowledged. */
export function receiveData(c: Connection, segment: TcpSegment): void {
  if (c.state !== ESTABLISHED && c.state !== FIN_WAIT_1 && c.state !== FIN_WAIT_2) {
    // After the peer's FIN there is no data; a repetition of what came before it is acknowledged again.
    c.host.acknowledgeSoon(c)
    return
  }
  c.lastDataAt = c.host.time.now
  if (segment.payloadLength > c.receiveMss) c.receiveMss = Math.min(segment.payloadLength, c.mss)
  c.dataSegmentsIn += packetsOf(segment.payloadLength, c.receiveMss)
  takeMark(c, segment, !after((segment.seq + segment.payloadLength) | 0, c.rcvNxt))
  let start = segment.payloadStart
  let end = segment.payloadEnd
  let seq = segment.seq
  // Cut off what was received before, and what lies behind the window offered.
  const old = (c.rcvNxt - seq) | 0
  if (old > 0) {
    c.host.counters.duplicateData++
    reportOld(c, seq, Math.min(old, end - start))
    if (old >= end - start) {
      // All of it: the peer has missed our ACK.
      acknowledgeNow(c)
      return
    }
    start += old
    seq = c.rcvNxt
  }
  const room = (c.rcvNxt + c.receiveWindow - seq) | 0
  if (end - start > room) {
    end = start + Math.max(room, 0)
    c.host.counters.outOfWindow++
    if (end === start) {
      // A probe of our closed window: say that it is closed still.
      acknowledgeNow(c)
      return
    }
  }
  if (c.finSeen && after((seq + end - start) | 0, c.finSeq)) end = start + ((c.finSeq - seq) | 0)
  if (end <= start) {
    acknowledgeNow(c)
    return
  }
  if (((seq + end - start - c.readSeq) | 0) > c.receiveLimit && c.host.memory.full) {
    // It was offered, but there is no memory left for it: as if it had been lost on the way. Linux drops it too.
    c.host.counters.memoryDrops++
    acknowledgeNow(c)
    return
  }
  if (seq === c.rcvNxt) inOrder(c, segment.bytes, start, end)
  else aheadOfHole(c, segment.bytes, seq, start, end)
}

function inOrder(c: Connection, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start
  const ring = c.receiveRing
  const reassembly = c.reassembly
  if (reassembly === null || reassembly.count === 0) {
    ring.write(bytes, start, end)
    streamReaches(c, (c.rcvNxt + length) | 0)
    scheduleAck(c)
  } else {
    ring.writeAt(ring.length, bytes, start, end)
    reportFilled(c, reassembly, (c.rcvNxt + length) | 0)
    let reached = reassembly.advance((c.rcvNxt + length) | 0)
    // What a confused peer sent behind its own FIN is no part of the stream.
    if (c.finSeen && after(reached, c.finSeq)) reached = c.finSeq
    ring.extend((reached - c.rcvNxt) | 0)
    streamReaches(c, reached)
    if (reassembly.count === 0) c.reassembly = null
    // RFC 5681 section 4.2: a segment that fills a hole, in whole or in part, is acknowledged at once.
    acknowledgeNow(c)
  }
  if (c.watcher !== null) c.watcher.received(c.rcvNxt)
  if (c.urgentState === URGENT_AWAITED) noteUrgentOctet(c)
  if (c.finSeen && c.rcvNxt === c.finSeq) finReached(c)
  if (c.readable >= c.readableFrom) announce(c, POLLIN)
}

function streamReaches(c: Connection, next: number): void {
  if ((next - c.irs) >>> 0 < (c.rcvNxt - c.irs) >>> 0) c.receivedWraps++
  c.rcvNxt = next
}

function aheadOfHole(c: Connection, bytes: Uint8Array, seq: number, start: number, end: number): void {
  let reassembly = c.reassembly
  if (reassembly === null) {
    reassembly = new Reassembly()
    c.reassembly = reassembly
  }
  reportOverlap(c, reassembly, seq, (seq + end - start) | 0)
  const ahead = (seq + end - start - c.readSeq) | 0
  if (
    ahead <= AHEAD_MIN + 4 * (c.receiveRing.length + reassembly.octets) &&
    reassembly.add(seq, (seq + end - start) | 0)
  ) {
    c.host.counters.outOfOrder++
    c.outOfOrderIn++
    c.receiveRing.writeAt((seq - c.readSeq) | 0, bytes, start, end)
  } else {
    c.host.counters.outOfOrderDropped++
  }
  // The duplicate ACK that fast retransmit lives from. A peer without SACK counts them one by one, so each goes at once; SACK
  // blocks say it all in the last one of the burst.
  if (c.sackPermitted) acknowledgeNow(c)
  else sendAck(c)
}

/** RFC 5681 section 4.2, RFC 9293 section 3.8.6.3: every second full-sized segment at once, else within the delay. */
function scheduleAck(c: Connection): void {
  const unacknowledged = (c.rcvNxt - c.lastAckSent) | 0
  if (unacknowledged > c.receiveMss || (c.quickAcks > 0 && !c.interactive) || metricsOf(c).quickAck) {
    acknowledgeNow(c)
    return
  }
  if (c.ackPending) return
  c.ackPending = true
  arm(c, TIMER_ACK, c.host.config.delayedAck)
}

function acknowledgeNow(c: Connection): void {
  c.ackPending = true
  c.host.acknowledgeSoon(c)
}

/** Eighth step: the FIN bit, perhaps ahead of a hole. */
export function receiveFin(c: Connection, segment: TcpSegment): void {
  if (c.state === TIME_WAIT || c.finReceived) {
    acknowledgeNow(c)
    return
  }
  const seq = (segment.seq + segment.payloadLength) | 0
  if (!c.finSeen) {
    // A FIN behind the window is not to be believed, like the data before it.
    if (after(seq, (c.rcvNxt + c.receiveWindow) | 0) || before(seq, c.rcvNxt)) return
    c.finSeen = true
    c.finSeq = seq
  }
  if (c.rcvNxt === c.finSeq) finReached(c)
  // Ahead of a hole: data that came with it has had its duplicate ACK.
  else if (segment.payloadLength === 0) acknowledgeNow(c)
}

function finReached(c: Connection): void {
  if (c.finReceived) return
  c.finReceived = true
  c.rcvNxt = (c.finSeq + 1) | 0
  c.reassembly = null
  acknowledgeNow(c)
  switch (c.state) {
    case ESTABLISHED:
      c.state = CLOSE_WAIT
      break
    case FIN_WAIT_1:
      // Our FIN is not acknowledged, or the state would be FIN-WAIT-2 by now.
      c.state = CLOSING
      break
    case FIN_WAIT_2:
      sendAck(c)
      enterTimeWait(c)
      return
  }
  announce(c, POLLIN | POLLRDHUP | (c.state === CLOSING ? POLLHUP | POLLOUT : 0))
}
