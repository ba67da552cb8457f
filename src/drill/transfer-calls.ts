// Read first: send(2), recv(2), readv(2).

import { MSG_DONTWAIT, MSG_ERRQUEUE, MSG_FASTOPEN, MSG_OOB, MSG_WAITALL } from '../base/constants.ts'
import { EAGAIN, EBADF, EINPROGRESS, EINVAL } from '../base/errno.ts'
import { type Endpoint, Message } from '../socket/provider.ts'
import { CallArguments, memberOf, structMembers } from './call-arguments.ts'
import { connectResult } from './connect-result.ts'
import { checkControl, controlRoom, controlToSend } from './control-messages.ts'
import { readFrom, writeTo } from './descriptors.ts'
import type { DrillHost } from './drill-host.ts'
import type { DrillSocket } from './drill-socket.ts'
import { expressionText } from './expression-text.ts'
import { DrillFailure } from './failure.ts'
import { octetCount, wholeNumber } from './option-values.ts'
import { type RunningCall, returned } from './running-call.ts'
import type { CallAction, Expression, Member } from './script.ts'

// What is written is zeros; what is read is looked at by nobody.
let scratch = new Uint8Array(1 << 16)
let zeros = new Uint8Array(1 << 16)

function scratchOf(length: number): Uint8Array {
  if (scratch.length < length) scratch = new Uint8Array(length)
  return scratch
}

function zerosOf(length: number): Uint8Array {
  if (zeros.length < length) zeros = new Uint8Array(length)
  return zeros
}

/** The calls that move data. */
export const TRANSFER_CALLS = {
  read: (host: DrillHost, call: CallAction) => receive(host, new CallArguments(call, 3), null),
  recv: (host: DrillHost, call: CallAction) => receive(host, new CallArguments(call, 4), 3),
  recvfrom: (host: DrillHost, call: CallAction) => receive(host, new CallArguments(call, 6), 3),
  write: (host: DrillHost, call: CallAction) => send(host, new CallArguments(call, 3), null),
  send: (host: DrillHost, call: CallAction) => send(host, new CallArguments(call, 4), 3),
  sendto: (host: DrillHost, call: CallAction) => send(host, new CallArguments(call, 6), 3),
  readv: (host: DrillHost, call: CallAction) => receiveVector(host, new CallArguments(call, 3)),
  writev: (host: DrillHost, call: CallAction) => sendVector(host, new CallArguments(call, 3)),
  sendmsg: (host: DrillHost, call: CallAction) => sendMessage(host, new CallArguments(call, 3)),
  recvmsg: (host: DrillHost, call: CallAction) => receiveMessage(host, new CallArguments(call, 3)),
}

/** A socket to send and receive by. */
export interface Target {
  readonly socket: DrillSocket
  readonly endpoint: Endpoint
}

function target(host: DrillHost, args: CallArguments): Target | null {
  const socket = host.openSocket(args.number(0))
  return socket?.endpoint == null ? null : { socket, endpoint: socket.endpoint }
}

function flagsOf(args: CallArguments, index: number | null): number {
  return index === null ? 0 : args.number(index)
}

/** rw_verify_area's answer in Linux; recv(2) and send(2) would go as far as the caller's memory, which a script has none of. */
function refuseNegative(args: CallArguments, flagsAt: number | null): RunningCall {
  return flagsAt === null ? returned(-EINVAL) : args.wrong(args.at(2), 'octets')
}

/** A call that receives: it waits for the first octets, with MSG_WAITALL for all. */
function receiving(at: Target, length: number, flags: number, once: (done: number) => number): RunningCall {
  // Urgent data and errors are never waited for: tcp(7), ip(7).
  const waits = !at.socket.nonBlocking && (flags & (MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE)) === 0
  const all = waits && (flags & MSG_WAITALL) !== 0
  let done = 0
  return {
    sockets: [at.socket],
    attempt() {
      for (;;) {
        const result = once(done)
        if (result === -EAGAIN && waits) return null
        if (result <= 0) return done > 0 ? done : result
        done += result
        if (!all || done >= length) return done
      }
    },
  }
}

/** A call that sends: a stream waits until there was room for all. `flags` may change between tries. */
export function sending(
  host: DrillHost,
  at: Target,
  length: number,
  flags: number,
  once: (done: number, flags: number) => number,
): RunningCall {
  const waits = !at.socket.nonBlocking && (flags & MSG_DONTWAIT) === 0
  let done = 0
  let opening = false
  let now = flags
  return {
    sockets: [at.socket],
    attempt() {
      for (;;) {
        if (opening) {
          const opened = connectResult(at.endpoint)
          if (opened !== 0) return opened === -EINPROGRESS ? null : opened
          opening = false
        }
        const result = once(done, now)
        if ((now & MSG_FASTOPEN) !== 0 && (result >= 0 || result === -EINPROGRESS)) {
          host.beginConnection(at.socket)
          // RFC 7413: the connection is begun; what is left goes the way of all data.
          now &= ~MSG_FASTOPEN
        }
        if (result === -EINPROGRESS && waits) {
          opening = true
          continue
        }
        if (result === -EAGAIN && waits) return null
        if (result < 0) return done > 0 ? done : result
        done += result
        if (!waits || done >= length) return done
      }
    },
  }
}

function addressPeer(host: DrillHost, { socket }: Target): void {
  if (socket.remotePort === 0) socket.remotePort = host.addresses.connectPort
}

function receive(host: DrillHost, args: CallArguments, flagsAt: number | null): RunningCall {
  const length = octetCount(args.at(2))
  if (length < 0) return refuseNegative(args, flagsAt)
  const descriptor = host.descriptors.get(args.number(0))
  if (descriptor !== undefined && descriptor.kind !== 'socket') return returned(readFrom(descriptor, length))
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const flags = flagsOf(args, flagsAt)
  return receiving(at, length, flags, (done) => at.endpoint.recv(scratchOf(length), done, length, flags & ~MSG_WAITALL))
}

function send(host: DrillHost, args: CallArguments, flagsAt: number | null): RunningCall {
  const length = octetCount(args.at(2))
  if (length < 0) return refuseNegative(args, flagsAt)
  const descriptor = host.descriptors.get(args.number(0))
  if (descriptor !== undefined && descriptor.kind !== 'socket') return returned(writeTo(descriptor, length))
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const flags = flagsOf(args, flagsAt)
  const named = args.has(4) && (args.at(4).kind === 'ellipsis' || args.at(4).kind === 'struct')
  const opens = (flags & MSG_FASTOPEN) !== 0
  const addressed = named && (at.socket.protocol !== 'tcp' || opens)
  if (addressed) addressPeer(host, at)
  return sending(host, at, length, flags, (done, now) => {
    // The address counts for as long as there is no connection.
    if (!addressed || (opens && (now & MSG_FASTOPEN) === 0)) return at.endpoint.send(zerosOf(length), done, length, now)
    const message = new Message([zerosOf(length).subarray(done, length)], host.peerAddress(at.socket), true)
    return at.endpoint.sendmsg(message, now)
  })
}

/** read(2) from `socket`, for a call that moves what came on. */
export function receiveOnce(socket: DrillSocket, length: number): RunningCall {
  const { endpoint } = socket
  if (endpoint === null) return returned(-EBADF)
  return receiving({ socket, endpoint }, length, 0, (done) => endpoint.recv(scratchOf(length), done, length, 0))
}

/** write(2) of zeros to `socket`. */
export function sendOnce(host: DrillHost, socket: DrillSocket, length: number): RunningCall {
  const { endpoint } = socket
  if (endpoint === null) return returned(-EBADF)
  return sending(host, { socket, endpoint }, length, 0, (done, now) =>
    endpoint.send(zerosOf(length), done, length, now),
  )
}

/** `[{..., 100}, {..., 200}]`: buffers of those lengths. Null where one is negative, which calls refuse with EINVAL. */
function vector(vectorArgument: readonly Expression[]): Uint8Array[] | null {
  const lengths = vectorArgument.map((item) => {
    const members = structMembers(item)
    const length = memberOf(members, 'iov_len') ?? members[members.length - 1]?.value
    if (length === undefined) throw new DrillFailure(item, 'a buffer needs its length, such as {..., 1000}')
    return octetCount(length)
  })
  return lengths.some((length) => length < 0) ? null : lengths.map((length) => new Uint8Array(length))
}

/** What is left of `buffers` after their first `done` octets. */
function rest(buffers: readonly Uint8Array[], done: number): Uint8Array[] {
  let skip = done
  const left: Uint8Array[] = []
  for (const buffer of buffers) {
    if (skip >= buffer.length) skip -= buffer.length
    else {
      left.push(buffer.subarray(skip))
      skip = 0
    }
  }
  return left
}

function total(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0)
}

function receiveVector(host: DrillHost, args: CallArguments): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const buffers = vector(args.array(1))
  if (buffers === null) return returned(-EINVAL)
  return receiving(at, total(buffers), 0, () => at.endpoint.recvmsg(new Message(buffers), 0))
}

function sendVector(host: DrillHost, args: CallArguments): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const buffers = vector(args.array(1))
  if (buffers === null) return returned(-EINVAL)
  return sending(host, at, total(buffers), 0, (done, now) => at.endpoint.sendmsg(new Message(rest(buffers, done)), now))
}

function buffersOf(args: CallArguments, members: readonly Member[]): Uint8Array[] | null {
  const list = memberOf(members, 'msg_iov')
  if (list === null) return []
  return list.kind === 'array' ? vector(list.items) : args.wrong(list, 'buffers such as [{..., 1000}]')
}

function sendMessage(host: DrillHost, args: CallArguments): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const members = args.struct(1)
  const buffers = buffersOf(args, members)
  if (buffers === null) return returned(-EINVAL)
  const flags = args.number(2)
  const control = memberOf(members, 'msg_control')
  const messages = control === null || control.kind === 'ellipsis' ? [] : controlToSend(control)
  const name = memberOf(members, 'msg_name')
  const named = name !== null && (name.kind === 'ellipsis' || name.kind === 'struct')
  const opens = (flags & MSG_FASTOPEN) !== 0
  const addressed = named && (at.socket.protocol === 'tcp' ? opens : at.socket.remotePort === 0)
  if (addressed) addressPeer(host, at)
  return sending(host, at, total(buffers), flags, (done, now) => {
    const message = new Message(rest(buffers, done), addressed ? host.peerAddress(at.socket) : null)
    message.control = messages
    return at.endpoint.sendmsg(message, now)
  })
}

function receiveMessage(host: DrillHost, args: CallArguments): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const members = args.struct(1)
  const buffers = buffersOf(args, members)
  if (buffers === null) return returned(-EINVAL)
  const flags = args.number(2)
  const control = memberOf(members, 'msg_control')
  const message = new Message(buffers)
  message.controlLength = controlRoom(control)
  const running = receiving(at, total(buffers), flags, (done) => {
    message.buffers = rest(buffers, done)
    return at.endpoint.recvmsg(message, flags & ~MSG_WAITALL)
  })
  return {
    ...running,
    check() {
      const expected = memberOf(members, 'msg_flags')
      if (expected !== null && expected.kind !== 'ellipsis' && wholeNumber(expected) !== message.flags) {
        throw new DrillFailure(args.call, `msg_flags: expected ${expressionText(expected)}, seen ${message.flags}`)
      }
      if (control !== null && control.kind !== 'ellipsis') checkControl(host, control, message.control)
    },
  }
}
