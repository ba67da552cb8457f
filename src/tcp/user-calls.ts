// Read first: RFC 9293 sections 3.9.1 and 3.10.2 to 3.10.6, send(2), recv(2), shutdown(2), close(2).

import { MSG_EOR, MSG_MORE, MSG_OOB, MSG_PEEK, POLLOUT } from '../base/constants.ts'
import { EAGAIN, ECONNRESET, EINVAL, ENOTCONN, EPIPE } from '../base/errno.ts'
import { answerMayCarry, readerAcknowledges } from './ack-policy.ts'
import { BUSY, startChronograph } from './chronograph.ts'
import { writeGoal } from './chunk.ts'
import { announce, armFinWait2, closeConnection } from './close.ts'
import { type Connection, TIMER_LONG } from './connection.ts'
import { disarm } from './deadlines.ts'
import { output, pushOne } from './output.ts'
import { dischargeData, tuneBuffer } from './receive-tuning.ts'
import { windowUpdateDue } from './receive-window.ts'
import { sendAck, sendReset } from './segment-writer.ts'
import { chunkBegun, chunkRoom } from './send-buffer.ts'
import { after } from './seq.ts'
import {
  CLOSE_WAIT,
  CLOSED,
  CLOSING,
  canReceive,
  canSend,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  LAST_ACK,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from './state.ts'
import { noteUrgentOctet, readUrgent, stepOverUrgent, untilMark, urgentSkip } from './urgent.ts'

const NOWHERE = new Uint8Array(1)

/** The pending error, which the call that gets it clears. */
function takeError(c: Connection): number {
  const error = c.error
  c.error = 0
  return error
}

/** SEND. Octets taken, or a negated errno. */
export function write(c: Connection, bytes: Uint8Array, start: number, end: number, flags: number): number {
  if (c.error !== 0) return -takeError(c)
  if (c.finQueued) return -EPIPE
  if (c.request === null) {
    if (c.state === SYN_SENT || c.state === SYN_RECEIVED) return -EAGAIN
    if (!canSend(c.state)) return -EPIPE
  }
  if (end === start) return 0
  const length = enqueue(c, bytes, start, end, flags)
  if (length < end - start) c.noSpace = true
  if (length === 0) return -EAGAIN
  if ((flags & MSG_OOB) !== 0 && length === end - start) {
    c.sndUp = c.writeSeq
    c.sendUrgent = true
  }
  c.more = (flags & MSG_MORE) !== 0
  if (!c.more || pushIsDue(c)) markPush(c)
  if ((flags & MSG_EOR) !== 0 && length === end - start) {
    c.recordEnds ??= []
    c.recordEnds.push(c.writeSeq)
  }
  if (c.watcher !== null) c.watcher.written(c.writeSeq)
  output(c)
  return length
}

/**
 * Takes octets piece by piece, and sends each piece that is full before the next is taken, as Linux does: what goes out first does
 * not wait for what the windows hold back anyway, and PSH is set once for each half of the peer's window (RFC 9293 section 3.9.1.2).
 * How many it took: a piece is begun only where the send buffer has room.
 */
function enqueue(c: Connection, bytes: Uint8Array, start: number, end: number, flags: number): number {
  const goal = writeGoal(c)
  let at = start
  for (;;) {
    const piece = chunkBegun(c, goal)
    const room = piece === 0 || c.host.memory.full ? chunkRoom(c) : goal - piece
    if (room === 0) return at - start
    if (at === start) {
      startChronograph(c, BUSY)
      // Linux, tcp_sendmsg_locked: what is added to an unsent chunk takes its PSH away.
      if (piece > 0) c.pushAt = c.sndNxt
    }
    const length = Math.min(goal - piece, room, end - at)
    c.sendingRing.write(bytes, at, at + length)
    at += length
    if (at === end) return at - start
    if ((flags & MSG_OOB) !== 0) continue
    const due = pushIsDue(c)
    if (due) {
      markPush(c)
      output(c)
    } else if (!after(c.pieceSeq, c.sndNxt)) {
      // Nothing waits before it. The rest of it can still be added to.
      pushOne(c)
    }
  }
}

/** More than half of the largest window was written since PSH was last set. */
function pushIsDue(c: Connection): boolean {
  return after(c.writeSeq, (c.pushSeq + (c.maxSndWnd >> 1)) | 0)
}

function markPush(c: Connection): void {
  c.pushSeq = c.writeSeq
  c.pushAt = c.writeSeq
}

/** RECEIVE. Octets given, 0 at the end of the stream, or a negated errno. */
export function read(c: Connection, bytes: Uint8Array, start: number, end: number, flags: number): number {
  if ((flags & MSG_OOB) !== 0) return readOutOfBand(c, bytes, start, end, (flags & MSG_PEEK) !== 0)
  if (c.receiveRing.length > 0) {
    if (end === start) return 0
    const peek = (flags & MSG_PEEK) !== 0
    const skip = urgentSkip(c)
    const length = untilMark(c, end - start, skip)
    if (length > 0) {
      c.receiveRing.peek(skip, length, bytes, start)
      if (!peek && skip > 0) stepOverUrgent(c)
      if (!peek) consume(c, length)
      return length
    }
    // Who reads on steps over the mark, though nothing is behind it yet: tcp_recvmsg_locked in Linux.
    if (!peek && skip > 0) stepOverUrgent(c)
  }
  if (c.finReceived) return 0
  if (c.error !== 0) return -takeError(c)
  if (c.readShut) return 0
  if (c.state === CLOSED || c.state === TIME_WAIT) return 0
  return -EAGAIN
}

/** RECEIVE with MSG_TRUNC: up to `wanted` octets are thrown away unread. */
export function discard(c: Connection, wanted: number): number {
  const skip = urgentSkip(c)
  const length = untilMark(c, wanted, skip)
  if (length <= 0) return read(c, NOWHERE, 0, Math.min(wanted, 1), 0)
  if (skip > 0) stepOverUrgent(c)
  consume(c, length)
  return length
}

function readOutOfBand(c: Connection, bytes: Uint8Array, start: number, end: number, peek: boolean): number {
  const octet = readUrgent(c, true)
  if (octet === -2) return -EINVAL
  // tcp_recv_urg of Linux: of a connection that was broken off nobody gets it any more.
  if (c.state === CLOSED && !c.finReceived) return -ENOTCONN
  if (octet >= 0) readUrgent(c, peek)
  if (octet === -1) return c.finReceived || c.state === CLOSED ? 0 : -EAGAIN
  if (end === start) return 0
  bytes[start] = octet
  return 1
}

/** `length` octets are read: gives the room back, and tells the peer when that is much. */
function consume(c: Connection, length: number): void {
  c.dropReceived(length)
  c.readSeq = (c.readSeq + length) | 0
  noteUrgentOctet(c)
  dischargeData(c, length)
  tuneBuffer(c)
  if (canReceive(c.state) && windowUpdateDue(c)) {
    sendAck(c)
  } else if (readerAcknowledges(c)) {
    // We differ: Linux acknowledges here and now. The reader's answer may come in a moment, and carry it.
    if (answerMayCarry(c)) c.host.acknowledgeSoon(c)
    else sendAck(c)
  }
}

/** The application reads no more than is there: the end of the stream follows it. The peer is not told (shutdown(2)). */
export function shutRead(c: Connection): void {
  c.readShut = true
}

/** CLOSE, as far as sending goes: a FIN follows what is queued. */
export function shutWrite(c: Connection): void {
  if (c.finQueued) return
  switch (c.state) {
    case SYN_SENT:
      closeConnection(c, 0)
      return
    case SYN_RECEIVED:
      // By Fast Open there is a stream to end already, once nobody holds it; shutdown(2) waits, as in Linux.
      if (c.request !== null && c.orphan) {
        c.state = FIN_WAIT_1
        break
      }
      // The state follows when the handshake is through.
      c.finQueued = true
      return
    case ESTABLISHED:
      c.state = FIN_WAIT_1
      break
    case CLOSE_WAIT:
      c.state = LAST_ACK
      break
    default:
      return
  }
  c.finQueued = true
  c.more = false
  startChronograph(c, BUSY)
  output(c)
  announce(c, POLLOUT)
}

/**
 * close(2): the application lets go. What was sent goes on being delivered in the background; but data that it has not read,
 * and never will, is told to the peer by a RST (SHLD-3). `linger` is 0 for an abortive close, else any other number.
 */
export function closeByUser(c: Connection, linger: number): void {
  c.orphan = true
  if (c.state === CLOSED) {
    c.freeReceiveRing()
    return
  }
  const unread = c.receiveRing.length > 0
  if (c.state === SYN_SENT) {
    closeConnection(c, 0)
    return
  }
  if (c.state === TIME_WAIT) {
    c.freeReceiveRing()
    return
  }
  // TCP_LINGER2 below zero: nobody waits for the peer's FIN (Linux: __tcp_close).
  const waits = c.state !== FIN_WAIT_2 || c.finWait2Timeout >= 0
  if (linger === 0 || !waits || (unread && c.state !== LAST_ACK && c.state !== CLOSING)) {
    abort(c)
    return
  }
  c.freeReceiveRing()
  c.readSeq = c.rcvNxt
  c.reassembly = null
  disarm(c, TIMER_LONG)
  shutWrite(c)
  if (c.state === FIN_WAIT_2) armFinWait2(c)
}

/** ABORT (RFC 9293 section 3.10.5): a RST, but not where the peer has sent its FIN and had ours; and all is forgotten. */
export function abort(c: Connection): void {
  if (c.state === CLOSED) return
  const silent = c.state === SYN_SENT || c.state === CLOSING || c.state === LAST_ACK || c.state === TIME_WAIT
  if (!silent) {
    c.host.counters.establishedResets++
    sendReset(c)
  }
  c.aborted = true
  closeConnection(c, c.orphan ? 0 : ECONNRESET)
  c.freeReceiveRing()
}
