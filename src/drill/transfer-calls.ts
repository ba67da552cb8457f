// Read first: send(2), recv(2), readv(2).

import { MSG_DONTWAIT, MSG_OOB, MSG_WAITALL } from '../base/constants.ts'
import { EAGAIN, EBADF } from '../base/errno.ts'
import { type Endpoint, Message } from '../socket/provider.ts'
import { CallArguments, memberOf, structMembers } from './call-arguments.ts'
import type { DrillHost } from './drill-host.ts'
import type { DrillSocket } from './drill-socket.ts'
import { expressionText } from './expression-text.ts'
import { DrillFailure } from './failure.ts'
import { wholeNumber } from './option-values.ts'
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

interface Target {
  readonly socket: DrillSocket
  readonly endpoint: Endpoint
}

function target(host: DrillHost, args: CallArguments): Target | null {
  const socket = host.descriptors.get(args.number(0))
  return socket?.endpoint == null ? null : { socket, endpoint: socket.endpoint }
}

function flagsOf(args: CallArguments, index: number | null): number {
  return index === null ? 0 : args.number(index)
}

/** A call that receives: it waits for the first octets, with MSG_WAITALL for all. */
function receiving(at: Target, length: number, flags: number, once: (done: number) => number): RunningCall {
  // Urgent data is never waited for: tcp(7).
  const waits = !at.socket.nonBlocking && (flags & (MSG_DONTWAIT | MSG_OOB)) === 0
  const all = waits && (flags & MSG_WAITALL) !== 0
  let done = 0
  return {
    endpoints: [at.endpoint],
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

/** A call that sends: a stream waits until there was room for all. */
function sending(at: Target, length: number, flags: number, once: (done: number) => number): RunningCall {
  const waits = !at.socket.nonBlocking && (flags & MSG_DONTWAIT) === 0
  let done = 0
  return {
    endpoints: [at.endpoint],
    attempt() {
      for (;;) {
        const result = once(done)
        if (result === -EAGAIN && waits) return null
        if (result < 0) return done > 0 ? done : result
        done += result
        if (!waits || done >= length) return done
      }
    },
  }
}

function receive(host: DrillHost, args: CallArguments, flagsAt: number | null): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const length = args.number(2)
  const flags = flagsOf(args, flagsAt)
  return receiving(at, length, flags, (done) => at.endpoint.recv(scratchOf(length), done, length, flags & ~MSG_WAITALL))
}

function send(host: DrillHost, args: CallArguments, flagsAt: number | null): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const length = args.number(2)
  const flags = flagsOf(args, flagsAt)
  const addressed = args.has(4) && args.at(4).kind === 'ellipsis' && at.socket.protocol !== 'tcp'
  return sending(at, length, flags, (done) => {
    if (!addressed) return at.endpoint.send(zerosOf(length), done, length, flags)
    if (at.socket.remotePort === 0) at.socket.remotePort = host.addresses.connectPort
    const message = new Message([zerosOf(length).subarray(0, length)], host.peerAddress(at.socket))
    return at.endpoint.sendmsg(message, flags)
  })
}

/** `[{..., 100}, {..., 200}]`: buffers of those lengths. */
function vector(vectorArgument: readonly Expression[], bufferOf: (length: number) => Uint8Array): Uint8Array[] {
  return vectorArgument.map((item) => {
    const members = structMembers(item)
    const length = memberOf(members, 'iov_len') ?? members[members.length - 1]?.value
    if (length === undefined) throw new DrillFailure(item, 'a buffer needs its length, such as {..., 1000}')
    return bufferOf(wholeNumber(length))
  })
}

const fresh = (length: number) => new Uint8Array(length)

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
  const buffers = vector(args.array(1), fresh)
  return receiving(at, total(buffers), 0, () => at.endpoint.recvmsg(new Message(buffers), 0))
}

function sendVector(host: DrillHost, args: CallArguments): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const buffers = vector(args.array(1), fresh)
  return sending(at, total(buffers), 0, (done) => at.endpoint.sendmsg(new Message(rest(buffers, done)), 0))
}

function buffersOf(args: CallArguments, members: readonly Member[]): Uint8Array[] {
  const list = memberOf(members, 'msg_iov')
  if (list === null) return []
  return list.kind === 'array' ? vector(list.items, fresh) : args.wrong(list, 'buffers such as [{..., 1000}]')
}

function sendMessage(host: DrillHost, args: CallArguments): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const members = args.struct(1)
  const buffers = buffersOf(args, members)
  const flags = args.number(2)
  if (memberOf(members, 'msg_control') !== null)
    throw new DrillFailure(args.call, 'sendmsg() with control messages is not supported')
  const name = memberOf(members, 'msg_name')
  const addressed =
    name !== null && name.kind === 'ellipsis' && at.socket.protocol !== 'tcp' && at.socket.remotePort === 0
  if (addressed) at.socket.remotePort = host.addresses.connectPort
  return sending(at, total(buffers), flags, (done) =>
    at.endpoint.sendmsg(new Message(rest(buffers, done), addressed ? host.peerAddress(at.socket) : null), flags),
  )
}

function receiveMessage(host: DrillHost, args: CallArguments): RunningCall {
  const at = target(host, args)
  if (at === null) return returned(-EBADF)
  const members = args.struct(1)
  const buffers = buffersOf(args, members)
  const flags = args.number(2)
  const message = new Message(buffers)
  const running = receiving(at, total(buffers), flags, () => at.endpoint.recvmsg(message, flags & ~MSG_WAITALL))
  return {
    ...running,
    check() {
      const expected = memberOf(members, 'msg_flags')
      if (expected !== null && expected.kind !== 'ellipsis' && wholeNumber(expected) !== message.flags) {
        throw new DrillFailure(args.call, `msg_flags: expected ${expressionText(expected)}, seen ${message.flags}`)
      }
      const control = memberOf(members, 'msg_control')
      if (control !== null && control.kind !== 'ellipsis') checkControl(args, control, message)
    },
  }
}

function checkControl(args: CallArguments, expected: Expression, message: Message): void {
  const items = expected.kind === 'array' ? expected.items : args.wrong(expected, 'control messages in brackets')
  const want = items.map((item) => {
    const members = structMembers(item)
    const field = (name: string) => {
      const value = memberOf(members, name)
      return value === null ? 0 : wholeNumber(value)
    }
    return `${field('cmsg_level')}/${field('cmsg_type')}=${field('cmsg_data')}`
  })
  const seen = message.control.map(({ level, type, data }) => {
    let value = 0
    for (let i = 0; i < Math.min(4, data.length); i++) value |= (data[i] as number) << (8 * i)
    return `${level}/${type}=${value}`
  })
  if (want.join() !== seen.join()) {
    throw new DrillFailure(
      args.call,
      `control messages: expected ${want.join() || 'none'}, seen ${seen.join() || 'none'}`,
    )
  }
}
