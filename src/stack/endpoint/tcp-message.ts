// Read first: sendmsg(2), recvmsg(2), tcp(7); tcp_recvmsg_locked in Linux for what becomes of no room at all.

import { concatenated } from '../../base/bytes.ts'
import {
  IPPROTO_TCP,
  MSG_ERRQUEUE,
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SO_TIMESTAMPING,
  SOL_SOCKET,
} from '../../base/constants.ts'
import {
  SCM_TIMESTAMPING,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  TCP_CM_INQ,
} from '../../base/constants-control.ts'
import { EAGAIN, EBADF } from '../../base/errno.ts'
import type { ControlMessage, Message } from '../../socket/provider.ts'
import type { Connection } from '../../tcp/connection.ts'
import { CLOSE_WAIT, CLOSED, ESTABLISHED } from '../../tcp/state.ts'
import { atMark } from '../../tcp/urgent.ts'
import { discard, read } from '../../tcp/user-calls.ts'
import { awaitsData } from './awaits-data.ts'
import { fitControl } from './control-room.ts'
import { CONTROL_TIMESTAMP, CONTROL_TIMESTAMPNS } from './option-bits.ts'
import { readInt } from './option-value.ts'
import { intControl, streamTime, timestamping } from './receive-control.ts'
import { checkStreamControl } from './socket-control.ts'
import { STAMPS_TO_SEND } from './stream-notices.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

const NOTHING = new Uint8Array(0)

/** Sends what lies in the buffers of `message`, one behind the other. Octets taken, or a negated errno. */
export function sendBuffers(endpoint: TcpEndpoint, { buffers, control, name }: Message, flags: number): number {
  const state = control.length === 0 || endpoint.connection === null ? CLOSED : endpoint.connection.state
  if (state === ESTABLISHED || state === CLOSE_WAIT) {
    const bad = checkStreamControl(endpoint, control)
    if (bad < 0) return bad
  }
  if ((flags & MSG_FASTOPEN) !== 0 || awaitsData(endpoint.connection)) {
    const all = buffers.length === 1 ? (buffers[0] as Uint8Array) : concatenated(buffers)
    return endpoint.closed ? -EBADF : endpoint.fastOpen(all, 0, all.length, flags, name)
  }
  let last = buffers.length - 1
  if (last < 0) return endpoint.send(NOTHING, 0, 0, flags)
  while (last > 0 && buffers[last]?.length === 0) last--
  let sent = 0
  for (let i = 0; i <= last; i++) {
    const buffer = buffers[i] as Uint8Array
    // Of one call its last octet has the time stamp, and all its buffers are lent by one number.
    endpoint.notices?.begin(i < last ? 0 : flags, i < last ? 0 : stampsOf(control))
    const result = endpoint.sendPiece(buffer, 0, buffer.length, i < last ? flags | MSG_MORE : flags)
    if (result < 0) return sent > 0 ? sent : result
    sent += result
    if (result < buffer.length) break
  }
  return sent
}

/** SOF_TIMESTAMPING_TX_… flags that came with a call to send; −1: none came. */
function stampsOf(control: readonly ControlMessage[]): number {
  for (let i = control.length - 1; i >= 0; i--) {
    const { level, type, data } = control[i] as ControlMessage
    if (level === SOL_SOCKET && type === SO_TIMESTAMPING) return readInt(data) & STAMPS_TO_SEND
  }
  return -1
}

/** recvmsg(2): data, or what the error queue has. Octets given, or a negated errno. */
export function receiveMessage(endpoint: TcpEndpoint, message: Message, flags: number): number {
  message.flags = 0
  message.control = []
  if ((flags & MSG_ERRQUEUE) !== 0) {
    if (endpoint.closed) return -EBADF
    return endpoint.errors === null ? -EAGAIN : endpoint.errors.read(endpoint, message)
  }
  const received = receiveBuffers(endpoint, message, flags)
  if (received >= 0 && endpoint.connection !== null && (flags & MSG_OOB) === 0) {
    addControl(endpoint, endpoint.connection, message, received)
  }
  return received
}

/** tcp_recvmsg of Linux: when the last of the octets came, and how much is left. */
function addControl(endpoint: TcpEndpoint, c: Connection, message: Message, received: number): void {
  const { notices, preferences } = endpoint
  if (notices?.arriving && received > 0) {
    const at = notices.arrivalOf(c.readSeq)
    const bits = endpoint.controlBits
    if (at > 0 && (bits & (CONTROL_TIMESTAMP | CONTROL_TIMESTAMPNS)) !== 0) {
      message.control.push(streamTime((bits & CONTROL_TIMESTAMPNS) !== 0, at))
    }
    const wanted = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE
    if (at > 0 && (notices.stamping & wanted) === wanted) {
      message.control.push({ level: SOL_SOCKET, type: SCM_TIMESTAMPING, data: timestamping(at) })
    }
  }
  // The end of the stream counts for one: there is something to be read.
  if (preferences?.tellsRest) message.control.push(intControl(IPPROTO_TCP, TCP_CM_INQ, (c.rcvNxt - c.readSeq) | 0))
  if (message.control.length > 0) fitControl(message)
}

/** What recv(2) does with octets that are there: MSG_TRUNC throws them away, or with MSG_PEEK counts them (tcp(7)). */
export function receiveOctets(c: Connection, bytes: Uint8Array, start: number, end: number, flags: number): number {
  if ((flags & (MSG_TRUNC | MSG_OOB)) !== MSG_TRUNC) return read(c, bytes, start, end, flags)
  if ((flags & MSG_PEEK) === 0) return discard(c, end - start)
  const length = Math.min(end - start, c.readable)
  return read(c, new Uint8Array(length), 0, length, flags)
}

/** Receives into the buffers of `message`. Octets given, or a negated errno. */
function receiveBuffers(endpoint: TcpEndpoint, message: Message, flags: number): number {
  const { buffers } = message
  if ((flags & MSG_PEEK) !== 0 && buffers.length > 1) return peekBuffers(endpoint, buffers, flags)
  let received = 0
  let asked = false
  for (let i = 0; i < buffers.length; i++) {
    const buffer = buffers[i] as Uint8Array
    if (buffer.length === 0) continue
    asked = true
    const result = endpoint.recv(buffer, 0, buffer.length, flags)
    if (result < 0) return received > 0 ? received : result
    received += result
    // One call does not read across the mark (tcp(7)).
    if (endpoint.connection !== null && atMark(endpoint.connection)) break
    if (result < buffer.length || (flags & MSG_OOB) !== 0) break
  }
  if (!asked) return endpoint.recv(NOTHING, 0, 0, flags)
  // recvfrom(2) has no way to say so.
  if ((flags & MSG_OOB) !== 0 && !message.plain) message.flags |= MSG_OOB
  return received
}

/** Looks ahead into several buffers: all at once, for each look begins anew. */
function peekBuffers(endpoint: TcpEndpoint, buffers: readonly Uint8Array[], flags: number): number {
  let room = 0
  for (let i = 0; i < buffers.length; i++) room += (buffers[i] as Uint8Array).length
  const most = endpoint.connection === null ? 0 : Math.max(1, endpoint.connection.readable)
  const seen = new Uint8Array(Math.min(room, most))
  const count = endpoint.recv(seen, 0, seen.length, flags)
  let given = 0
  for (let i = 0; given < count; i++) {
    const buffer = buffers[i] as Uint8Array
    const part = Math.min(buffer.length, count - given)
    buffer.set(seen.subarray(given, given + part))
    given += part
  }
  return count
}
