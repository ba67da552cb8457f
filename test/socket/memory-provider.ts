// A provider as small as one can be, for tests of what lies above the seam: streams and datagrams between the sockets of one
// system, bounded buffers, notification by deferred tasks. No network: what a network can do to a socket is tested on stacks.

import type { Clock } from '../../src/base/clock.ts'
import {
  AF_INET,
  AF_UNIX,
  MSG_EOR,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  EALREADY,
  EBADF,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EDESTADDRREQ,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  ESOCKTNOSUPPORT,
} from '../../src/base/errno.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { ALL_OPTIONS } from '../../src/socket/all-options.ts'
import { DescriptorTable } from '../../src/socket/descriptor-table.ts'
import { OpenDescription, type OwnEndpoint } from '../../src/socket/open-description.ts'
import { type Endpoint, Message, type Provider, type Watcher } from '../../src/socket/provider.ts'

const LOOPBACK = IpAddress.v4(0x7f000001)

interface Datagram {
  readonly bytes: Uint8Array
  readonly from: SocketAddress
}

export class MemoryProvider implements Provider {
  readonly name = 'memory'
  readonly clock: Clock
  readonly optionFormat = ALL_OPTIONS
  readonly ports = new Map<string, MemoryEndpoint>()
  readonly open = new Set<MemoryEndpoint>()
  readonly descriptors = new DescriptorTable<OwnEndpoint>(100_000)
  /** Octets that a stream holds in one direction, and that a datagram socket has room for. */
  readonly capacity: number
  /** The most octets that one send takes. */
  most = Number.POSITIVE_INFINITY
  /** The most octets that one recv gives. */
  mostRead = Number.POSITIVE_INFINITY
  /** What the endpoints were asked, in order: 'recv', 'send', … */
  readonly calls: string[] = []
  #port = 40000

  constructor(clock: Clock, capacity = 16) {
    this.clock = clock
    this.capacity = capacity
  }

  socket(family: number, type: number, protocol: number): MemoryEndpoint | number {
    if (family !== AF_INET) return -EAFNOSUPPORT
    return this.create(type, protocol)
  }

  create(type: number, protocol: number, family = AF_INET): MemoryEndpoint {
    const endpoint = new MemoryEndpoint(this, this.descriptors.reserve(), type, protocol, family)
    this.descriptors.set(endpoint.fd, endpoint)
    this.open.add(endpoint)
    return endpoint
  }

  socketpair(family: number, type: number, protocol: number): [MemoryEndpoint, MemoryEndpoint] | number {
    if (family !== AF_UNIX) return -EOPNOTSUPP
    if (type !== SOCK_STREAM) return -ESOCKTNOSUPPORT
    const left = this.create(type, protocol, family)
    const right = this.create(type, protocol, family)
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      one.peer = other
      one.remote = new SocketAddress(family)
    }
    return [left, right]
  }

  dup(fd: number): Endpoint | number {
    const endpoint = this.descriptors.get(fd)
    return endpoint === null ? -EBADF : OpenDescription.of(endpoint).duplicate(this.descriptors)
  }

  endpoint(fd: number): Endpoint | null {
    return this.descriptors.get(fd)
  }

  ephemeral(): number {
    return this.#port++
  }
}

export class MemoryEndpoint implements OwnEndpoint {
  readonly provider: MemoryProvider
  fd: number
  readonly family: number
  readonly type: number
  readonly protocol: number
  readonly local: SocketAddress
  readonly options = new Map<number, Uint8Array>()
  peer: MemoryEndpoint | null = null
  remote: SocketAddress | null = null
  queue: MemoryEndpoint[] | null = null
  datagrams: Datagram[] = []
  incoming: number[] = []
  ended = false
  shutWrite = false
  connecting = false
  error = 0
  closed = false
  lingering = false
  watcher: Watcher | null = null
  description: OpenDescription | null = null
  /** How many connections at the head of the queue have been given up by their peer. */
  abortedInQueue = 0

  constructor(provider: MemoryProvider, fd: number, type: number, protocol: number, family: number) {
    this.provider = provider
    this.fd = fd
    this.family = family
    this.local = new SocketAddress(family)
    this.type = type
    this.protocol = protocol
  }

  get listening(): boolean {
    return this.queue !== null
  }

  #key(address: SocketAddress): string {
    return `${this.type} ${address.port}`
  }

  notify(events: number): void {
    this.provider.clock.defer(() => this.watcher?.ready(events))
  }

  bind(address: SocketAddress): number {
    if (this.closed) return -EBADF
    if (address.family !== AF_INET) return -EAFNOSUPPORT
    if (this.local.port !== 0) return -EINVAL
    const local = address.copy()
    if (local.port === 0) local.port = this.provider.ephemeral()
    if (this.provider.ports.has(this.#key(local))) return -EADDRINUSE
    this.local.set(local)
    this.provider.ports.set(this.#key(local), this)
    return 0
  }

  listen(): number {
    if (this.closed) return -EBADF
    this.queue ??= []
    return 0
  }

  accept(peer: SocketAddress | null): MemoryEndpoint | number {
    this.provider.calls.push('accept')
    if (this.queue === null) return -EINVAL
    if (this.abortedInQueue > 0) {
      this.abortedInQueue--
      return -ECONNABORTED
    }
    const endpoint = this.queue.shift()
    if (endpoint === undefined) return -EAGAIN
    if (peer !== null) endpoint.peerAddress(peer)
    return endpoint
  }

  connect(address: SocketAddress): number {
    this.provider.calls.push('connect')
    if (this.closed) return -EBADF
    if (this.local.port === 0) this.bind(new SocketAddress(AF_INET, LOOPBACK, 0))
    if (this.type === SOCK_DGRAM) {
      this.remote = address.copy()
      return 0
    }
    if (this.peer !== null) return -EISCONN
    if (this.connecting) return -EALREADY
    this.connecting = true
    // Port 9 answers nobody; any other answers at once, or refuses.
    if (address.port === 9) return -EINPROGRESS
    const remote = address.copy()
    this.provider.clock.defer(() => this.#establish(remote))
    return -EINPROGRESS
  }

  #establish(remote: SocketAddress): void {
    if (this.closed) return
    this.connecting = false
    const listener = this.provider.ports.get(this.#key(remote))
    if (listener?.queue == null) {
      this.error = ECONNREFUSED
      this.notify(POLLERR | POLLHUP | POLLOUT)
      return
    }
    const accepted = this.provider.create(SOCK_STREAM, 0)
    accepted.local.set(listener.local)
    accepted.peer = this
    accepted.remote = this.local.copy()
    this.peer = accepted
    this.remote = remote
    listener.queue.push(accepted)
    listener.notify(POLLIN)
    this.notify(POLLOUT)
  }

  send(bytes: Uint8Array, start: number, end: number, _flags: number): number {
    this.provider.calls.push('send')
    if (this.closed) return -EBADF
    if (this.error !== 0) return this.#takeError()
    if (this.type === SOCK_DGRAM) {
      if (this.remote === null) return -EDESTADDRREQ
      return this.sendmsg(new Message([bytes.subarray(start, end)], this.remote))
    }
    if (this.connecting) return -EAGAIN
    if (this.shutWrite || this.peer === null) return -EPIPE
    const room = Math.min(this.provider.most, this.provider.capacity - this.peer.incoming.length)
    const count = Math.min(end - start, room)
    if (count === 0 && end > start) return -EAGAIN
    this.peer.incoming.push(...bytes.subarray(start, start + count))
    this.peer.notify(POLLIN)
    return count
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    this.provider.calls.push('recv')
    if (this.closed) return -EBADF
    if (this.type === SOCK_DGRAM) return this.recvmsg(new Message([bytes.subarray(start, end)]), flags)
    if (this.incoming.length > 0) {
      const count = Math.min(end - start, this.incoming.length, this.provider.mostRead)
      bytes.set(this.incoming.slice(0, count), start)
      if ((flags & MSG_PEEK) === 0) {
        this.incoming.splice(0, count)
        this.peer?.notify(POLLOUT)
      }
      return count
    }
    if (this.error !== 0) return this.#takeError()
    if (this.ended) return 0
    return this.peer === null && !this.connecting ? -ENOTCONN : -EAGAIN
  }

  sendmsg(message: Message, flags = 0): number {
    const bytes = Uint8Array.from(message.buffers.flatMap((buffer) => [...buffer]))
    if (this.type === SOCK_STREAM) return this.send(bytes, 0, bytes.length, flags)
    if (this.closed) return -EBADF
    const to = message.name ?? this.remote
    if (to === null) return -EDESTADDRREQ
    if (this.local.port === 0) this.bind(new SocketAddress(AF_INET, LOOPBACK, 0))
    if (bytes.length > this.provider.capacity) return -EMSGSIZE
    const receiver = this.provider.ports.get(this.#key(to))
    if (receiver === undefined) return bytes.length
    const held = receiver.datagrams.reduce((sum, datagram) => sum + datagram.bytes.length, 0)
    if (held + bytes.length > this.provider.capacity) return -EAGAIN
    receiver.datagrams.push({ bytes, from: this.local.copy() })
    receiver.notify(POLLIN)
    return bytes.length
  }

  recvmsg(message: Message, flags: number): number {
    this.provider.calls.push('recvmsg')
    if (this.type === SOCK_STREAM) {
      const buffer = message.buffers[0] as Uint8Array
      const count = this.recv(buffer, 0, buffer.length, flags)
      // Every part brings a control message, and the end of a record.
      message.flags = count > 0 ? MSG_EOR : 0
      message.control = count > 0 ? [{ level: SOL_SOCKET, type: count, data: new Uint8Array(0) }] : []
      return count
    }
    const datagram = this.datagrams[0]
    if (datagram === undefined) return -EAGAIN
    let done = 0
    for (const buffer of message.buffers) {
      const part = datagram.bytes.subarray(done, done + buffer.length)
      buffer.set(part)
      done += part.length
    }
    message.name?.set(datagram.from)
    message.flags = done < datagram.bytes.length ? MSG_TRUNC : 0
    if ((flags & MSG_PEEK) === 0) {
      this.datagrams.shift()
      for (const endpoint of this.provider.open) if (endpoint !== this) endpoint.notify(POLLOUT)
    }
    return (flags & MSG_TRUNC) !== 0 ? datagram.bytes.length : done
  }

  shutdown(how: number): number {
    if (this.closed) return -EBADF
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL
    if (this.peer === null) return -ENOTCONN
    if (how !== SHUT_WR) {
      this.ended = true
      this.notify(POLLIN)
    }
    if (how !== SHUT_RD) this.#end()
    return 0
  }

  #end(): void {
    this.shutWrite = true
    if (this.peer !== null) {
      this.peer.ended = true
      this.peer.notify(POLLRDHUP)
    }
  }

  /** What a reset from the peer does. */
  reset(): void {
    this.error = ECONNRESET
    this.ended = true
    this.shutWrite = true
    this.peer = null
    this.notify(POLLERR | POLLHUP)
  }

  getOption(level: number, name: number, value: Uint8Array): number {
    if (this.closed) return -EBADF
    const view = new DataView(value.buffer, value.byteOffset, value.length)
    if (level === SOL_SOCKET && name === SO_ERROR) {
      view.setInt32(0, this.error, true)
      this.error = 0
      return 4
    }
    if (level === SOL_SOCKET && name === SO_ACCEPTCONN) {
      view.setInt32(0, this.queue === null ? 0 : 1, true)
      return 4
    }
    const stored = this.options.get(level * 65536 + name)
    if (stored === undefined) {
      if (level !== SOL_SOCKET) return -ENOPROTOOPT
      value.fill(0, 0, Math.min(16, value.length))
      return Math.min(16, value.length)
    }
    value.set(stored.subarray(0, value.length))
    return Math.min(stored.length, value.length)
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    if (this.closed) return -EBADF
    this.options.set(level * 65536 + name, value.slice())
    return 0
  }

  ioctl(): number {
    return this.incoming.length
  }

  localAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    into.set(this.local)
    return 0
  }

  peerAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    if (this.remote === null) return -ENOTCONN
    into.set(this.remote)
    return 0
  }

  readiness(): number {
    let events = 0
    if (this.error !== 0) events |= POLLERR
    if (this.incoming.length > 0 || this.datagrams.length > 0 || this.ended) events |= POLLIN
    if (this.queue !== null && this.queue.length > 0) events |= POLLIN
    if (this.ended) events |= POLLRDHUP
    if (this.ended && this.shutWrite) events |= POLLHUP
    if (this.type === SOCK_DGRAM) return events | POLLOUT
    if (this.error !== 0 || this.shutWrite) events |= POLLOUT
    else if (this.peer !== null && this.peer.incoming.length < this.provider.capacity) events |= POLLOUT
    return events
  }

  watch(watcher: Watcher | null): void {
    if (this.description === null) this.watcher = watcher
    else this.description.watch(watcher)
  }

  close(): number {
    const left = this.description === null ? 1 : this.description.leave(this.provider.descriptors)
    if (left <= 0) return left
    if (this.closed) return -EBADF
    this.closed = true
    this.provider.descriptors.release(this.fd)
    this.provider.open.delete(this)
    this.provider.ports.delete(this.#key(this.local))
    const peer = this.peer
    const linger = this.options.get(SOL_SOCKET * 65536 + SO_LINGER)
    const lingers = linger !== undefined && linger[0] !== 0 && linger[4] !== 0
    if (peer !== null) {
      if (this.incoming.length > 0) peer.reset()
      else this.#end()
    }
    if (lingers && peer !== null && peer.incoming.length > 0) {
      this.lingering = true
      return -EINPROGRESS
    }
    return 0
  }

  /** What a lingering endpoint tells when all has been acknowledged. */
  acknowledged(): void {
    this.lingering = false
    this.notify(POLLHUP)
  }

  #takeError(): number {
    const { error } = this
    this.error = 0
    return -error
  }
}
