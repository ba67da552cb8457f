// Read first: sendmsg(2), recvmsg(2), tcp(7); tcp_recvmsg_locked in Linux for what becomes of no room at all.

import { MSG_MORE, MSG_OOB, MSG_PEEK } from '../../base/constants.ts'
import type { Message } from '../../socket/provider.ts'
import { CLOSE_WAIT, CLOSED, ESTABLISHED } from '../../tcp/state.ts'
import { atMark } from '../../tcp/urgent.ts'
import { checkStreamControl } from './socket-control.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

const NOTHING = new Uint8Array(0)

/** Sends what lies in the buffers of `message`, one behind the other. Octets taken, or a negated errno. */
export function sendBuffers(endpoint: TcpEndpoint, { buffers, control }: Message, flags: number): number {
  const state = control.length === 0 || endpoint.connection === null ? CLOSED : endpoint.connection.state
  if (state === ESTABLISHED || state === CLOSE_WAIT) {
    const bad = checkStreamControl(endpoint, control)
    if (bad < 0) return bad
  }
  let last = buffers.length - 1
  if (last < 0) return endpoint.send(NOTHING, 0, 0, flags)
  while (last > 0 && buffers[last]?.length === 0) last--
  let sent = 0
  for (let i = 0; i <= last; i++) {
    const buffer = buffers[i] as Uint8Array
    const result = endpoint.send(buffer, 0, buffer.length, i < last ? flags | MSG_MORE : flags)
    if (result < 0) return sent > 0 ? sent : result
    sent += result
    if (result < buffer.length) break
  }
  return sent
}

/** Receives into the buffers of `message`. Octets given, or a negated errno. */
export function receiveBuffers(endpoint: TcpEndpoint, message: Message, flags: number): number {
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
