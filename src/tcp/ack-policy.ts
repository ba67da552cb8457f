// Read first: RFC 9293 section 3.8.6.3, RFC 5681 section 4.2. When what came is acknowledged: at once, or within a delay that follows
// the pace of the data. As Linux 6.18, where each segment is acknowledged at the start, after a pause, and after trouble.

import { PSH, type TcpSegment } from '../wire/tcp.ts'
import { ACK_AT_ONCE, ACK_PUSHED, ACK_PUSHED_TWICE, type Connection, TIMER_ACK } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { metricsOf } from './path-metrics.ts'
import { beginTuning, growWindow, learnRatio, receiverRttByEcho, receiverRttByWindow } from './receive-tuning.ts'
import { ownMss, selectWindow } from './receive-window.ts'
import { canSend } from './state.ts'

/** Segments that are acknowledged at once, at the most, after the start, a pause or trouble. */
const QUICK_MAX = 16
/** Milliseconds: the longest delay that data without a pause leads to, and the longest at all (RFC 9293 MUST-59: 500 ms). */
const DELAY_MAX = 200
const PAUSE_MAX = 500
/** Duplicates that go at once, for fast retransmission lives from them; later ones may wait to say more at a time. */
const DUPLICATES_AT_ONCE = 3
/**
 * Microseconds. Timers run in milliseconds: what would wait for less goes at the end of the burst, for a whole one would be long
 * on a short path.
 */
const COMPRESSION_LEAST = 500
const SEGMENT_MIN = 88
const SEGMENT_DEFAULT = 536
const HEADER = 20

/** Data came in order, `length` octets of it: what that says of the peer's segments and of its pace. */
export function dataArrives(c: Connection, segment: TcpSegment, length: number): void {
  const time = c.host.time
  c.ackPending = true
  if (!c.tuned) beginTuning(c)
  measureSegment(c, segment, length)
  receiverRttByWindow(c)
  const least = c.host.config.delayedAck
  if (c.ackDelay === 0) {
    moreQuickAcks(c)
    c.ackDelay = least
  } else {
    const pause = (time.now - c.lastDataAt) >>> 0
    if (pause <= least >> 1) {
      c.ackDelay = (c.ackDelay >> 1) + (least >> 1)
    } else if (pause < c.ackDelay) {
      c.ackDelay = Math.min((c.ackDelay >> 1) + pause, c.rto)
    } else if (pause > c.rto) {
      // The peer begins anew, perhaps from a small window.
      moreQuickAcks(c)
    }
  }
  c.lastDataAt = time.now
  if (c.timestamps && segment.options.hasTimestamps) receiverRttByEcho(c, segment.options.tsEcr, length)
  if (length >= 128) growWindow(c, length)
}

/** tcp_measure_rcv_mss: how large the peer's segments are, and whether this was the end of what it had to send. */
export function measureSegment(c: Connection, segment: TcpSegment, length: number): void {
  const before = c.lastSegment
  c.lastSegment = 0
  const pushed = (segment.flags & PSH) !== 0
  const most = ownMss(c)
  if (length >= c.receiveMss) {
    // A large segment stands for several packets, none larger than what we said.
    const packet = Math.min(length, most)
    if (packet !== c.receiveMss || !c.tuned) learnRatio(c, length)
    c.receiveMss = packet
    if (pushed) c.ackWishes |= ACK_PUSHED
    return
  }
  const whole = length + HEADER + (c.timestamps ? 12 : 0)
  if (whole >= SEGMENT_DEFAULT + HEADER || (whole >= SEGMENT_MIN + HEADER && !pushed)) {
    // Two of the same size: the peer has no larger ones.
    c.lastSegment = length
    if (length === before) {
      c.receiveMss = length
      return
    }
  }
  if ((c.ackWishes & ACK_PUSHED) !== 0) c.ackWishes |= ACK_PUSHED_TWICE
  c.ackWishes |= ACK_PUSHED
}

function moreQuickAcks(c: Connection): void {
  const window = (c.rcvAdv - c.lastAckSent) | 0
  const segments = Math.floor(window / (2 * c.receiveMss))
  const quick = Math.min(segments === 0 ? 2 : segments, QUICK_MAX)
  if (quick > c.quickAcks) c.quickAcks = quick
}

/** Something is wrong, or was sent twice: the peer is told at once, now and for the next segments. */
export function acknowledgeQuickly(c: Connection): void {
  moreQuickAcks(c)
  c.interactive = false
  c.ackDelay = c.host.config.delayedAck
  c.ackPending = true
}

/** Sees to it that what is to be acknowledged is, now or later. */
export function acknowledgeInTime(c: Connection): void {
  if (!c.ackPending || c.ackAtFlush) return
  if (mustAcknowledge(c)) {
    c.host.acknowledgeSoon(c)
    return
  }
  if (c.reassembly === null || c.reassembly.count === 0) {
    delayAck(c)
    return
  }
  compress(c)
}

function mustAcknowledge(c: Connection): boolean {
  if ((c.ackWishes & ACK_AT_ONCE) !== 0) return true
  // The route may ask for it: ip-route(8), quickack.
  if ((c.quickAcks > 0 && !c.interactive) || metricsOf(c).quickAck) return true
  if (((c.rcvNxt - c.lastAckSent) | 0) <= c.receiveMss) return false
  // More than a full segment (SHLD-19); but where the reader is behind, its reading will open the window and tell the peer.
  return ((c.rcvNxt - c.readSeq) | 0) < c.lowWater || selectWindow(c) >= ((c.rcvAdv - c.lastAckSent) | 0)
}

/** Behind a hole: three answers at once, of others only as many as a millisecond has, the last of which says it all. */
function compress(c: Connection): void {
  if (!c.sackPermitted || c.compressedAcks >= c.host.config.compressedAcks) {
    c.host.acknowledgeSoon(c)
    return
  }
  if (c.compressedAt !== c.rcvNxt) {
    c.compressedAt = c.rcvNxt
    c.duplicateAcks = 0
  }
  if (c.duplicateAcks < DUPLICATES_AT_ONCE) {
    c.duplicateAcks++
    c.host.acknowledgeSoon(c)
    return
  }
  const delay = compressionDelay(c)
  if (delay < COMPRESSION_LEAST) {
    c.host.acknowledgeSoon(c)
    return
  }
  c.compressedAcks++
  if (c.compressedAcks === 1) arm(c, TIMER_ACK, 1)
}

/** A twentieth of the round trip, of the two known the shorter, in microseconds. As long as the receiver knows none: 0, as Linux. */
function compressionDelay(c: Connection): number {
  if (!c.tuned) return 0
  const rtt8 = c.srtt8 > 0 && c.srtt8 < c.receiverRtt8 ? c.srtt8 : c.receiverRtt8
  return Math.floor((rtt8 >> 3) / 20)
}

function delayAck(c: Connection): void {
  const least = c.host.config.delayedAck
  let delay = c.ackDelay
  if (delay > least) {
    let most = c.interactive || (c.ackWishes & ACK_PUSHED) !== 0 ? DELAY_MAX : PAUSE_MAX
    if (c.srtt > 0) most = Math.min(most, Math.max(Math.floor(c.srtt / 1000), least))
    delay = Math.min(delay, most)
  }
  delay = Math.min(delay, DELAY_MAX)
  if ((c.armed & TIMER_ACK) !== 0) {
    const left = (c.ackAt - c.host.time.now) | 0
    if (left <= delay >> 2) {
      // It would go any moment.
      c.host.acknowledgeSoon(c)
      return
    }
    if (delay >= left) return
  }
  if (delay === 0) c.host.acknowledgeSoon(c)
  else arm(c, TIMER_ACK, delay)
}

/** The timer has come, and nothing has carried the acknowledgement meanwhile. */
export function ackDelayOver(c: Connection): void {
  if (c.compressedAcks > 0) return
  if (c.interactive) {
    // No answer came that it could have gone with: this is no conversation.
    c.interactive = false
    c.ackDelay = c.host.config.delayedAck
  } else {
    c.ackDelay = Math.min(c.ackDelay << 1, c.rto)
  }
}

/**
 * Whether what is to be acknowledged can wait for what the application answers within this instant: it is little, nothing is amiss, and the
 * route does not ask for quick ones (ip-route(8), quickack), which turns this off.
 */
export function answerMayCarry(c: Connection): boolean {
  if ((c.ackWishes & ACK_AT_ONCE) !== 0 || c.reassembly !== null || !canSend(c.state)) return false
  return ((c.rcvNxt - c.lastAckSent) | 0) <= c.receiveMss && !metricsOf(c).quickAck
}

/** A segment went that acknowledges all that came. */
export function ackSent(c: Connection): void {
  if (c.quickAcks > 0 && c.ackPending && --c.quickAcks === 0) c.ackDelay = c.host.config.delayedAck
  c.acknowledged()
  if (c.compressedAcks > 0) c.compressedAcks = 0
  disarm(c, TIMER_ACK)
}

/** Whether a reader that has just taken octets leaves something to be acknowledged now. */
export function readerAcknowledges(c: Connection): boolean {
  if (!c.ackPending) return false
  if (((c.rcvNxt - c.lastAckSent) | 0) > c.receiveMss) return true
  if (c.receiveRing.length > 0 || c.reassembly !== null) return false
  if ((c.ackWishes & ACK_PUSHED_TWICE) !== 0) return true
  return (c.ackWishes & ACK_PUSHED) !== 0 && !c.interactive
}
