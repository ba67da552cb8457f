// Read first: connect(2), accept4(2), recv(2), send(2), close(2), epoll(7), socket(7) SO_LINGER.

import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AF_UNSPEC,
  MSG_CMSG_CLOEXEC,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  SHUT_WR,
  SIOCATMARK,
  SIOCINQ,
  SIOCOUTQ,
  SO_GET_FILTER,
  SO_LINGER,
  SO_OOBINLINE,
  SO_RCVLOWAT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../base/constants.ts'
import { EAGAIN, EALREADY, EBADF, EFAULT, EINPROGRESS, EMSGSIZE, ENOTCONN, ENOTTY, EOPNOTSUPP } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import { trueLength } from '../base/true-length.ts'
import type { MessageBatch } from '../socket/message-batch.ts'
import type { Endpoint, Message, Watcher } from '../socket/provider.ts'
import { AddressMemory } from './address-memory.ts'
import { batchMemory } from './batch-memory.ts'
import type { EventPort, EventTarget } from './event-port.ts'
import { filterProgram, INSTRUCTION_LENGTH, isFilter, writesElsewhere } from './filter-option.ts'
import { messageMemory } from './message-memory.ts'
import { boundCount } from './option-room.ts'
import type { SocketCalls } from './socket-calls.ts'

/** A connect to a Unix listener whose queue is full has nothing to be told by: it is tried again after so many milliseconds. */
const QUEUE_PAUSE = 5

const ASKED = POLLIN | POLLPRI | POLLOUT | POLLRDHUP
/** What is still to be read behind these is not told a second time. */
const LAST_EVENTS = POLLPRI | POLLERR | POLLHUP | POLLRDHUP

// Memory that system calls fill, one for all: no call waits, so that it is read before the next begins.
const address = new AddressMemory()
const optionLength = new Int32Array(new ArrayBuffer(4))
const linger = new Uint8Array(new ArrayBuffer(8))
const answer = new Int32Array(new ArrayBuffer(16))
const pollEntry = new Int32Array(new ArrayBuffer(8))
const pollEvents = new Int16Array(pollEntry.buffer)
const fileOffset = new Uint8Array(new ArrayBuffer(8))
const fileOffsetView = new DataView(fileOffset.buffer)

/** One socket of the operating system. */
export class OsEndpoint implements Endpoint, EventTarget {
  fd: number
  readonly family: number
  readonly type: number
  readonly protocol: number
  wouldBlock = 0
  readonly #calls: SocketCalls
  readonly #port: EventPort
  #watcher: Watcher | null = null
  /** Whether events are told: from the first call on that had to wait. */
  #registered = false
  /** Whether less than was asked for means that no more is there: of a TCP stream, as long as nothing unusual has happened. */
  #short: boolean
  #alive = true
  #held = false
  /** Of a datagram socket, which shall receive nothing more. */
  #ended = false
  /** SO_LINGER's seconds; −1: not known. */
  #linger: number

  /** `linger`: seconds, 0 where it is off, −1 where it is not known. */
  constructor(
    calls: SocketCalls,
    port: EventPort,
    fd: number,
    family: number,
    type: number,
    protocol: number,
    linger: number,
  ) {
    this.fd = fd
    this.family = family
    this.type = type
    this.protocol = protocol
    this.#calls = calls
    this.#port = port
    this.#short = type === SOCK_STREAM && (family === AF_INET || family === AF_INET6)
    this.#linger = linger
    port.enter(this)
  }

  bind(local: SocketAddress): number {
    return this.#done(this.#calls.bind(this.fd, address.bytes, address.write(local)))
  }

  listen(backlog: number): number {
    return this.#done(this.#calls.listen(this.fd, backlog))
  }

  accept(peer: SocketAddress | null): Endpoint | number {
    address.ask()
    const fd = this.#calls.accept4(
      this.fd,
      peer === null ? null : address.bytes,
      peer === null ? null : address.length,
      SOCK_NONBLOCK | SOCK_CLOEXEC,
    )
    if (fd < 0) return this.#failed(POLLIN)
    if (peer !== null) address.read(peer)
    return new OsEndpoint(this.#calls, this.#port, fd, this.family, this.type, this.protocol, this.#linger)
  }

  connect(peer: SocketAddress): number {
    const length = peer.family === AF_UNSPEC ? address.writeUnspecified() : address.write(peer)
    if (this.#calls.connect(this.fd, address.bytes, length) >= 0) return 0
    const errno = this.#calls.errno()
    if (errno === EAGAIN && this.family === AF_UNIX) this.#tryAgainLater()
    return -errno
  }

  // connect(2) once more says it: EALREADY, or 0 or the errno, once.
  finishConnect(): number {
    if (this.#calls.connect(this.fd, address.bytes, address.writeInternet(this.family)) >= 0) return 0
    const errno = this.#calls.errno()
    if (errno !== EALREADY && errno !== EINPROGRESS) return -errno
    if (!this.#registered) this.#register()
    return -EINPROGRESS
  }

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const length = end - start
    if (wrongRange(bytes, start, length)) return -EFAULT
    const count = this.#calls.send(this.fd, part(bytes, start, length), length, flags)
    if (count < 0) return this.#failed(POLLOUT)
    if (count < length && this.#short && this.#registered) this.wouldBlock |= POLLOUT
    return count
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const length = end - start
    if (wrongRange(bytes, start, length)) return -EFAULT
    const count = this.#calls.recv(this.fd, part(bytes, start, length), length, flags)
    if (count < 0) return this.#failed(waitsFor(flags))
    // It stops at the urgent mark from now on, whatever is behind it.
    if ((flags & MSG_OOB) !== 0) this.#unusual()
    if (count > 0 && count < length && flags === 0 && this.#short && this.#registered) this.wouldBlock |= POLLIN
    return count
  }

  sendmsg(message: Message, flags: number): number {
    const { name, buffers } = message
    let count: number
    if (message.plain) {
      const bytes = buffers[0] as Uint8Array
      const octets = trueLength(bytes)
      const length = name === null ? 0 : name.family === AF_UNSPEC ? address.writeUnspecified() : address.write(name)
      count = this.#calls.sendto(this.fd, bytes, octets, flags, length === 0 ? null : address.bytes, length)
    } else {
      const header = messageMemory().forSending(message)
      if (header === null) return -EMSGSIZE
      count = this.#calls.sendmsg(this.fd, header, flags)
    }
    return count < 0 ? this.#failed(POLLOUT) : count
  }

  recvmsg(message: Message, flags: number): number {
    const { name } = message
    if (message.plain) {
      const bytes = message.buffers[0] as Uint8Array
      address.ask()
      const length = trueLength(bytes)
      // recvfrom(2) does not say that a datagram was cut, but tells its length where it is asked to.
      const asked = this.type === SOCK_STREAM ? flags : flags | MSG_TRUNC
      const count = this.#calls.recvfrom(this.fd, bytes, length, asked, address.bytes, address.length)
      if (count < 0) return this.#failed(waitsFor(flags))
      if (name !== null) address.read(name)
      message.flags = count > length && this.type !== SOCK_STREAM ? MSG_TRUNC : 0
      return (flags & MSG_TRUNC) === 0 ? Math.min(count, length) : count
    }
    const memory = messageMemory()
    const header = memory.forReceiving(message)
    if (header === null) return -EMSGSIZE
    // Descriptors that come are for this process, not for those that it starts. They come over Unix sockets alone, and those of
    // packet(7) refuse the flag.
    const descriptors = this.family === AF_UNIX ? MSG_CMSG_CLOEXEC : 0
    const count = this.#calls.recvmsg(this.fd, header, flags | descriptors)
    if (count < 0) return this.#failed(waitsFor(flags))
    memory.received(message)
    if ((flags & MSG_CMSG_CLOEXEC) === 0) message.flags &= ~MSG_CMSG_CLOEXEC
    return count
  }

  recvmmsg(batch: MessageBatch, count: number, flags: number): number {
    const memory = batchMemory(batch, this.#calls)
    if (memory === null || !memory.has(0, count)) return -EFAULT
    memory.toReceive(count)
    const descriptors = this.family === AF_UNIX ? MSG_CMSG_CLOEXEC : 0
    const received = this.#calls.recvmmsg(this.fd, memory.headers, count, flags | descriptors, null)
    if (received < 0) return this.#failed(waitsFor(flags))
    memory.received(received, descriptors & ~flags)
    return received
  }

  sendmmsg(batch: MessageBatch, from: number, count: number, flags: number): number {
    const memory = batchMemory(batch, this.#calls)
    if (memory === null || !memory.has(from, count)) return -EFAULT
    memory.toSend(from, count)
    const sent = this.#calls.sendmmsg(this.fd, memory.headersFrom(from), count, flags)
    return sent < 0 ? this.#failed(POLLOUT) : sent
  }

  sendfile(file: number, offset: number, count: number): number {
    fileOffsetView.setBigInt64(0, BigInt(offset), true)
    const sent = this.#calls.sendfile(this.fd, file, fileOffset, count)
    return sent < 0 ? this.#failed(POLLOUT) : sent
  }

  shutdown(how: number): number {
    const result = this.#done(this.#calls.shutdown(this.fd, how))
    // An unconnected one is shut down all the same: inet_shutdown in Linux.
    const done = result === 0 || result === -ENOTCONN
    if (done && how !== SHUT_WR && this.type === SOCK_DGRAM) this.#ended = true
    return result
  }

  getOption(level: number, name: number, value: Uint8Array): number {
    if (writesElsewhere(level, name)) return -EOPNOTSUPP
    // Of a filter the kernel counts instructions, not octets: told of octets it would write eight times as much.
    const unit = level === SOL_SOCKET && name === SO_GET_FILTER ? INSTRUCTION_LENGTH : 1
    const length = trueLength(value)
    boundCount(level, name, value, length)
    optionLength[0] = Math.floor(length / unit)
    if (this.#calls.getsockopt(this.fd, level, name, value, optionLength) < 0) return -this.#calls.errno()
    return (optionLength[0] as number) * unit
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    if (writesElsewhere(level, name)) return -EOPNOTSUPP
    const length = trueLength(value)
    const filter = isFilter(level, name, length) ? filterProgram(this.#calls, value, length) : null
    if (this.#calls.setsockopt(this.fd, level, name, filter ?? value, filter?.length ?? length) < 0) {
      return -this.#calls.errno()
    }
    if (level === SOL_SOCKET) {
      if (name === SO_LINGER) this.#linger = trueLength(value) < 8 ? -1 : lingerOf(value)
      else if (name === SO_RCVLOWAT || name === SO_OOBINLINE) this.#unusual()
    }
    return 0
  }

  ioctl(request: number): number {
    // Others take pointers to whatever they want: the memory here is an int's.
    if (request !== SIOCINQ && request !== SIOCOUTQ && request !== SIOCATMARK) return -ENOTTY
    return this.#calls.ioctl(this.fd, request, answer) < 0 ? -this.#calls.errno() : (answer[0] as number)
  }

  localAddress(into: SocketAddress): number {
    address.ask()
    if (this.#calls.getsockname(this.fd, address.bytes, address.length) < 0) return -this.#calls.errno()
    address.read(into)
    return 0
  }

  peerAddress(into: SocketAddress): number {
    address.ask()
    if (this.#calls.getpeername(this.fd, address.bytes, address.length) < 0) return -this.#calls.errno()
    address.read(into)
    return 0
  }

  readiness(): number {
    if (this.fd < 0) return POLLNVAL
    pollEntry[0] = this.fd
    pollEvents[2] = ASKED
    pollEvents[3] = 0
    this.#calls.poll(pollEntry, 1, 0)
    const events = pollEvents[3] as number
    // Who asks will want to be told when there is more.
    if (!this.#registered && (events & POLLNVAL) === 0) this.#register()
    return events
  }

  watch(watcher: Watcher | null): void {
    this.#watcher = watcher
    this.#hold()
  }

  keepAlive(yes: boolean): void {
    this.#alive = yes
    this.#hold()
  }

  detach(): void {
    if (this.fd >= 0) this.#leave()
  }

  close(): number {
    const { fd } = this
    if (fd < 0) return -EBADF
    const lingers = this.#lingers()
    this.#leave()
    if (!lingers) return this.#done(this.#calls.close(fd))
    // Linux waits even where the socket is one that never does (close(2), socket(7)): in a thread of its own.
    this.#calls.closeElsewhere(fd, () => this.#watcher?.ready(POLLHUP))
    return -EINPROGRESS
  }

  event(events: number): void {
    if ((events & LAST_EVENTS) !== 0) this.#unusual()
    if ((events & (POLLERR | POLLHUP)) !== 0) this.wouldBlock = 0
    else this.wouldBlock &= ~events
    if ((events & POLLRDHUP) !== 0) this.wouldBlock &= ~POLLIN
    this.#watcher?.ready(events)
  }

  replaced(): void {
    this.fd = -1
    this.#hold()
    this.#watcher?.ready(POLLNVAL)
  }

  #leave(): void {
    this.#port.leave(this, this.#registered)
    this.fd = -1
    this.wouldBlock = 0
    this.#hold()
  }

  /** It keeps the process alive while it is open, somebody wants to be told of it, and nobody has said otherwise. */
  #hold(): void {
    const holds = this.fd >= 0 && this.#alive && this.#watcher !== null
    if (holds === this.#held) return
    this.#held = holds
    this.#port.hold(holds)
  }

  #unusual(): void {
    this.#short = false
    this.wouldBlock = 0
  }

  #lingers(): boolean {
    if (this.#linger < 0) {
      optionLength[0] = 8
      if (this.#calls.getsockopt(this.fd, SOL_SOCKET, SO_LINGER, linger, optionLength) < 0) return false
      this.#linger = lingerOf(linger)
    }
    return this.#linger > 0 && this.family !== AF_UNIX
  }

  #done(result: number): number {
    return result < 0 ? -this.#calls.errno() : 0
  }

  /** Why a call has failed, as a negated errno. Where it would wait: from now on events are told. */
  #failed(waitsFor: number): number {
    const errno = this.#calls.errno()
    if (errno === EAGAIN) {
      // shutdown(2): a recv that waits gives 0 then, while one that does not says EAGAIN for ever.
      if (this.#ended && waitsFor === POLLIN) return 0
      if (!this.#registered) this.#register()
      if (this.#registered) this.wouldBlock |= waitsFor
    }
    return -errno
  }

  // Only where somebody wants to be told: calls that block look for themselves.
  #register(): void {
    if (this.#registered || this.#watcher === null) return
    this.#registered = this.#port.register(this) === 0
  }

  #tryAgainLater(): void {
    setTimeout(() => {
      if (this.fd >= 0) this.#watcher?.ready(POLLOUT)
    }, QUEUE_PAUSE)
  }
}

/** The seconds of a struct linger; 0 where it is off. */
function lingerOf(value: Uint8Array): number {
  const view = new DataView(value.buffer, value.byteOffset, 8)
  return view.getInt32(0, true) === 0 ? 0 : view.getInt32(4, true)
}

/** What a receiving call that finds nothing has found missing: the error queue says nothing about data. */
function waitsFor(flags: number): number {
  return (flags & (MSG_ERRQUEUE | MSG_OOB)) === 0 ? POLLIN : 0
}

function wrongRange(bytes: Uint8Array, start: number, length: number): boolean {
  return !(start >= 0 && length >= 0 && start + length <= trueLength(bytes))
}

function part(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return start === 0 ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset + start, length)
}
