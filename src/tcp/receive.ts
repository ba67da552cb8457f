// Read first: RFC 9293 section 3.10.7.4 (seventh and eighth step), RFC 5681 section 4.2.

import { POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from '../base/constants.ts'
import type { TcpSegment } from '../wire/tcp.ts'
import { acknowledgeQuickly, dataArrives, measureSegment } from './ack-policy.ts'
import { announce, enterTimeWait } from './close.ts'
import { ACK_AT_ONCE, type Connection, URGENT_AWAITED } from './connection.ts'
import { reportFilled, reportOld, reportOverlap } from './duplicates.ts'
import { takeMark } from './ecn.ts'
import { Reassembly } from './reassembly.ts'
import { chargeData, dropAhead, growWindow, makeRoom, packetCost } from './receive-tuning.ts'
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
    if (before(segment.seq, c.rcvNxt)) {
      if (c.state !== TIME_WAIT) reportOld(c, segment.seq, Math.min(segment.length, (c.rcvNxt - segment.seq) | 0))
      acknowledgeQuickly(c)
    }
    return
  }
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
      acknowledgeQuickly(c)
      return
    }
    start += old
    seq = c.rcvNxt
  }
  const beyond = c.receiveRing.length === 0 && c.receiveWindow > 0 ? Math.min(c.receiveBuffer, c.receiveLimit) : 0
  const room = (c.rcvNxt + Math.max(c.receiveWindow, beyond) - seq) | 0
  if (end - start > room) {
    end = start + Math.max(room, 0)
    c.host.counters.outOfWindow++
    if (end === start) {
      // A probe of our closed window: say that it is closed still.
      acknowledgeQuickly(c)
      return
    }
  }
  if (c.finSeen && after((seq + end - start) | 0, c.finSeq)) end = start + ((c.finSeq - seq) | 0)
  if (end <= start) {
    acknowledgeQuickly(c)
    return
  }
  if ((((seq + end - start - c.readSeq) | 0) > c.receiveLimit && c.host.memory.full) || !hasRoom(c, seq)) {
    // It was offered, but there is no memory left for it: as if it had been lost on the way. Linux drops it too.
    c.host.counters.memoryDrops++
    acknowledgeAtOnce(c)
    return
  }
  if (seq === c.rcvNxt) inOrder(c, segment, start, end)
  else aheadOfHole(c, segment, seq, start, end)
}

/**
 * Whether the buffer takes more. What a reader with nothing to read waits for is always taken (tcp_data_queue in Linux), and what was
 * kept behind it gives way, or a full buffer would let nothing by but one segment a time-out.
 */
function hasRoom(c: Connection, seq: number): boolean {
  return makeRoom(c) || dropAhead(c, seq) || (seq === c.rcvNxt && c.receiveRing.length === 0)
}

function inOrder(c: Connection, segment: TcpSegment, start: number, end: number): void {
  const { bytes } = segment
  const length = end - start
  const ring = c.receivingRing
  const reassembly = c.reassembly
  if (reassembly === null || reassembly.count === 0) {
    chargeData(c, length)
    ring.write(bytes, start, end)
    streamReaches(c, (c.rcvNxt + length) | 0)
  } else {
    chargeData(c, length)
    ring.writeAt(ring.length, bytes, start, end)
    reportFilled(c, reassembly, (c.rcvNxt + length) | 0)
    let reached = reassembly.advance((c.rcvNxt + length) | 0)
    // What a confused peer sent behind its own FIN is no part of the stream.
    if (c.finSeen && after(reached, c.finSeq)) reached = c.finSeq
    ring.extend((reached - c.rcvNxt) | 0)
    streamReaches(c, reached)
    if (reassembly.count === 0) {
      c.reassembly = null
      // RFC 5681 section 4.2: a segment that fills a hole is acknowledged at once.
      c.ackWishes |= ACK_AT_ONCE
    }
  }
  dataArrives(c, segment, length)
  if (c.watcher !== null) c.watcher.received(c.rcvNxt)
  if (c.urgentState === URGENT_AWAITED) noteUrgentOctet(c)
  if (c.finSeen && c.rcvNxt === c.finSeq) {
    // It was the FIN that lay behind the hole: RFC 5681 section 4.2.
    c.ackWishes |= ACK_AT_ONCE
    finReached(c)
  }
  if (c.readable >= c.readableFrom) announce(c, POLLIN)
}

function streamReaches(c: Connection, next: number): void {
  if ((next - c.irs) >>> 0 < (c.rcvNxt - c.irs) >>> 0) c.receivedWraps++
  c.rcvNxt = next
}

function aheadOfHole(c: Connection, segment: TcpSegment, seq: number, start: number, end: number): void {
  measureSegment(c, segment, end - start)
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
    c.receivingRing.writeAt((seq - c.readSeq) | 0, segment.bytes, start, end)
    c.receiveCharge += packetCost(c, end - start)
    // Without SACK the window stays as it is: each answer shall look the same.
    if (c.sackPermitted) growWindow(c, end - start)
  } else {
    c.host.counters.outOfOrderDropped++
  }
  // The duplicate ACK that fast retransmit lives from. A peer without SACK counts them one by one, so each goes at once; SACK
  // blocks say it all in the last one of the burst.
  if (c.sackPermitted) c.ackPending = true
  else sendAck(c)
}

function acknowledgeAtOnce(c: Connection): void {
  c.ackPending = true
  c.ackWishes |= ACK_AT_ONCE
}

/** Eighth step: the FIN bit, perhaps ahead of a hole. */
export function receiveFin(c: Connection, segment: TcpSegment): void {
  if (c.state === TIME_WAIT || c.finReceived) {
    acknowledgeQuickly(c)
    return
  }
  const seq = (segment.seq + segment.payloadLength) | 0
  if (!c.finSeen) {
    // A FIN behind the window is not to be believed, like the data before it.
    if (after(seq, (c.rcvNxt + c.receiveWindow) | 0) || before(seq, c.rcvNxt)) return
    c.finSeen = true
    c.finSeq = seq
  }
  if (c.rcvNxt === c.finSeq) {
    finReached(c)
    return
  }
  // It has a sequence number like an octet, and SACK tells of it (RFC 2018 section 4, RFC 9293 section 3.4).
  if (c.reassembly === null) c.reassembly = new Reassembly()
  if (c.finSeq === seq) c.reassembly.add(seq, (seq + 1) | 0)
  // Ahead of a hole: data that came with it has had its duplicate ACK.
  if (segment.payloadLength === 0) c.ackPending = true
}

function finReached(c: Connection): void {
  if (c.finReceived) return
  c.finReceived = true
  c.duplicateSeen = false
  c.rcvNxt = (c.finSeq + 1) | 0
  c.reassembly = null
  c.ackPending = true
  switch (c.state) {
    case ESTABLISHED:
      c.state = CLOSE_WAIT
      // Our answer may be a FIN, or more data: the acknowledgement can wait for it (tcp_fin in Linux).
      c.interactive = true
      break
    case FIN_WAIT_1:
      acknowledgeAtOnce(c)
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
