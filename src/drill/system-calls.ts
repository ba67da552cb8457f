// Read first: the manual pages of the calls, section 2. A script's buffers are zeros, its addresses the drill's own.

import { AF_UNSPEC, POLLHUP, SO_LINGER, SOL_SOCKET } from '../base/constants.ts'
import { EAGAIN, EBADF, EINPROGRESS, EINVAL } from '../base/errno.ts'
import { SocketAddress } from '../base/socket-address.ts'
import type { Endpoint } from '../socket/provider.ts'
import { CallArguments } from './call-arguments.ts'
import { connectResult } from './connect-result.ts'
import { type DrillHost, drillProtocol } from './drill-host.ts'
import { DrillSocket } from './drill-socket.ts'
import { EPOLL_CALLS } from './epoll.ts'
import { DrillFailure } from './failure.ts'
import { FILE_CALLS } from './file-calls.ts'
import { checkOptionValue, encodeOptionValue, octetCount, wholeNumber } from './option-values.ts'
import { pollCall } from './poll-call.ts'
import { type RunningCall, returned } from './running-call.ts'
import type { CallAction } from './script.ts'
import { symbolValue } from './symbols.ts'
import { TRANSFER_CALLS } from './transfer-calls.ts'

/** Begins a call. */
export type CallHandler = (host: DrillHost, call: CallAction) => RunningCall

const O_RDWR = symbolValue('O_RDWR') as number // In the table of symbols.
const O_NONBLOCK = symbolValue('O_NONBLOCK') as number
const F_GETFL = symbolValue('F_GETFL')
const F_SETFL = symbolValue('F_SETFL')

const CALLS: Readonly<Record<string, CallHandler>> = {
  socket: socketCall,
  bind: bindCall,
  listen: listenCall,
  accept: acceptCall,
  accept4: acceptCall,
  connect: connectCall,
  shutdown: (host, call) => {
    const args = new CallArguments(call, 2)
    return onSocket(host, args, (endpoint) => endpoint.shutdown(args.number(1)))
  },
  close: closeCall,
  fcntl: fcntlCall,
  ioctl: ioctlCall,
  getsockopt: getsockoptCall,
  setsockopt: setsockoptCall,
  poll: pollCall,
  ...TRANSFER_CALLS,
  ...EPOLL_CALLS,
  ...FILE_CALLS,
}

/** Begins the call that the script makes. */
export function startCall(host: DrillHost, call: CallAction): RunningCall {
  const handler = Object.hasOwn(CALLS, call.name) ? CALLS[call.name] : undefined
  if (handler === undefined) throw new DrillFailure(call, `the system call ${call.name}() is not supported`)
  return handler(host, call)
}

/** The socket that the script's descriptor names, or null. */
export function socketAt(host: DrillHost, args: CallArguments, index = 0): DrillSocket | null {
  return host.openSocket(args.number(index))
}

function onSocket(
  host: DrillHost,
  args: CallArguments,
  act: (endpoint: Endpoint, socket: DrillSocket) => number,
): RunningCall {
  const socket = socketAt(host, args)
  return returned(socket?.endpoint == null ? -EBADF : act(socket.endpoint, socket))
}

function socketCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 3)
  const family = args.at(0).kind === 'ellipsis' ? host.family : args.number(0)
  const type = args.number(1)
  const made = host.system.socket(family, type & 0xf, args.number(2))
  if (typeof made === 'number') return returned(made)
  const socket = new DrillSocket(drillProtocol(made.type, made.protocol))
  socket.family = family
  socket.open(made)
  socket.nonBlocking = (type & O_NONBLOCK) !== 0
  host.add(socket)
  return { ...returned(made.fd), bindDescriptor: (fd) => host.descriptors.set(fd, socket) }
}

function bindCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 3)
  return onSocket(host, args, (endpoint, socket) => {
    const result = endpoint.bind(host.bindAddress(socket))
    if (result === 0) host.learnLocalPort(socket)
    return result
  })
}

function listenCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 2)
  return onSocket(host, args, (endpoint, socket) => {
    const result = endpoint.listen(args.number(1))
    if (result === 0) {
      socket.listening = true
      host.learnLocalPort(socket)
    }
    return result
  })
}

function acceptCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 3, 4)
  const listener = socketAt(host, args)
  const endpoint = listener?.endpoint
  if (listener == null || endpoint == null) return returned(-EBADF)
  let accepted: DrillSocket | null = null
  return {
    sockets: [listener],
    attempt() {
      const peer = new SocketAddress()
      const made = endpoint.accept(peer)
      if (typeof made === 'number') return made === -EAGAIN && !listener.nonBlocking ? null : made
      accepted = host.acceptedFrom(listener, peer.port)
      accepted.open(made)
      accepted.nonBlocking = args.has(3) && (args.number(3) & O_NONBLOCK) !== 0
      host.current = accepted
      return made.fd
    },
    bindDescriptor(fd) {
      if (accepted !== null) host.descriptors.set(fd, accepted)
    },
  }
}

function connectCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 3)
  const socket = socketAt(host, args)
  const endpoint = socket?.endpoint
  if (socket == null || endpoint == null) return returned(-EBADF)
  const second = args.at(1)
  if (second.kind !== 'ellipsis' && second.kind !== 'struct' && wholeNumber(second) === AF_UNSPEC) {
    return returned(endpoint.connect(new SocketAddress(AF_UNSPEC)))
  }
  if (socket.remotePort === 0) socket.remotePort = host.addresses.connectPort
  const first = endpoint.connect(host.peerAddress(socket))
  // 0: of datagrams, or one more call that learns how the one before has gone, or a stream that opens with its first data.
  if (first === -EINPROGRESS || (first === 0 && !socket.localIsnKnown)) host.beginConnection(socket)
  if (first !== -EINPROGRESS || socket.nonBlocking) return returned(first)
  return {
    sockets: [socket],
    attempt() {
      const opened = connectResult(endpoint)
      // The call that waits is the one that learns of its success: one more would be told EISCONN.
      return opened === -EINPROGRESS ? null : opened === 0 ? endpoint.connect(host.peerAddress(socket)) : opened
    },
  }
}

function closeCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 1)
  const descriptor = host.descriptors.get(args.number(0))
  if (descriptor === undefined) return returned(-EBADF)
  host.descriptors.delete(args.number(0))
  if (descriptor.kind !== 'socket') return returned(0)
  const socket = descriptor
  const { endpoint } = socket
  if (endpoint === null) return returned(-EBADF)
  const linger = new Uint8Array(8)
  endpoint.getOption(SOL_SOCKET, SO_LINGER, linger)
  let gone = false
  socket.watch()
  socket.waiting.add((events) => {
    if ((events & POLLHUP) !== 0) gone = true
  })
  socket.closed = true
  const first = endpoint.close()
  if (first !== -EINPROGRESS || socket.nonBlocking) return returned(first === -EINPROGRESS ? 0 : first)
  const seconds = new DataView(linger.buffer).getInt32(4, true)
  return {
    sockets: [],
    attempt: () => (gone ? 0 : null),
    deadline: host.now + seconds * 1_000_000,
    timeoutResult: 0,
  }
}

function fcntlCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 2, 3)
  return onSocket(host, args, (_, socket) => {
    const command = args.number(1)
    if (command === F_GETFL) return O_RDWR | (socket.nonBlocking ? O_NONBLOCK : 0)
    if (command !== F_SETFL) return -EINVAL
    socket.nonBlocking = (args.number(2) & O_NONBLOCK) !== 0
    return 0
  })
}

function ioctlCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 2, 3)
  const endpoint = socketAt(host, args)?.endpoint
  if (endpoint == null) return returned(-EBADF)
  const answer = endpoint.ioctl(args.number(1))
  if (answer < 0 || !args.has(2)) return returned(Math.min(answer, 0))
  return returned(0, () => {
    const expected = args.output(2)
    if (expected !== null && wholeNumber(expected) !== answer) {
      throw new DrillFailure(call, `ioctl() wrote ${answer}, expected ${wholeNumber(expected)}`)
    }
  })
}

function setsockoptCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 5)
  return onSocket(host, args, (endpoint) =>
    endpoint.setOption(args.number(1), args.number(2), encodeOptionValue(args.at(3), octetCount(args.at(4)))),
  )
}

function getsockoptCall(host: DrillHost, call: CallAction): RunningCall {
  const args = new CallArguments(call, 5)
  const endpoint = socketAt(host, args)?.endpoint
  if (endpoint == null) return returned(-EBADF)
  const lengthArgument = args.output(4)
  const room = lengthArgument === null ? 4 : octetCount(lengthArgument)
  // More than the script allows for, so that a length that is too long shows; but the stack is told the script's.
  const value = new Uint8Array(Math.max(room, 0))
  const length = endpoint.getOption(args.number(1), args.number(2), value)
  if (length < 0) return returned(length)
  return returned(0, () => {
    if (lengthArgument !== null && length !== room) {
      throw new DrillFailure(call, `the length of the option: expected ${room}, seen ${length}`)
    }
    checkOptionValue(args.at(3), value, length)
  })
}
