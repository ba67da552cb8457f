// Read first: socket(7), connect(2), accept(2), send(2), recv(2); POSIX.1-2024 XSH 2.10 Sockets. What a blocking call does in C,
// a promise does here; each has a `try…` twin that does what the same call does on a non-blocking socket.

import { checkInteger, checkMethods } from '../base/argument.ts'
import { AF_UNIX, AF_UNSPEC, MSG_OOB, MSG_WAITALL, SOCK_SEQPACKET, SOCK_STREAM } from '../base/constants.ts'
import { EAGAIN, EBADF, ECONNABORTED, EINPROGRESS, EISCONN } from '../base/errno.ts'
import { SocketAddress } from '../base/socket-address.ts'
import {
  type AddressLike,
  checkBytes,
  toSocketAddress,
  toSocketType,
  type WaitOptions,
  wrongFlags,
} from './arguments.ts'
import { batchWaiter } from './batch-waiter.ts'
import { chunks, connections, type Datagram, datagrams } from './iteration.ts'
import type { MessageBatch } from './message-batch.ts'
import { checkMessage } from './message-check.ts'
import { observed } from './observer.ts'
import { openEndpoint } from './open-endpoint.ts'
import { type Endpoint, Message, type Provider } from './provider.ts'
import { SocketError } from './socket-error.ts'
import { fail, SocketTransfers } from './socket-transfers.ts'
import { NO_LIMITS } from './time-limits.ts'
import { ACCEPT, CONNECT, type Outcome, QUEUE, RECVMMSG, SENDMMSG, Waiter } from './waiter.ts'

/** What recvfrom gives. */
export interface Received {
  /** Octets received; with MSG_TRUNC, the datagram's real length. */
  length: number
  /** Who sent it; null on a stream. */
  address: SocketAddress | null
  /** MSG_TRUNC: the datagram was longer than the buffer, the rest is lost. */
  flags: number
}

/**
 * A socket: an endpoint of communication in a provider (Jackfield's own stack, or the operating system).
 *
 * Methods that can wait return promises and take `{ signal, timeout }`; several callers may wait at once and are served in
 * order, each whole. Methods named `try…` answer at once: a count, or exactly −EAGAIN (−11) where the other would wait. A failed
 * system call is a SocketError; a wrong argument is a TypeError or RangeError before any system call. Buffers given to a call
 * are lent to it until it is over.
 *
 * ```ts
 * const socket = new Socket(provider, AF_INET, SOCK_STREAM)
 * await socket.connect({ address: '192.0.2.1', port: 12000 })
 * await socket.send(new TextEncoder().encode('hello'))
 * const answer = new Uint8Array(1024)
 * const length = await socket.recv(answer) // 0: the peer has closed
 * await socket.close()
 * ```
 */
export class Socket extends SocketTransfers {
  /** How the last connect that waited ended. */
  #untold: 'nothing' | 'success' | 'failure' = 'nothing'

  static readonly #accepting: Outcome = {
    succeeded: ({ socket, accepted }) => (socket as Socket).accepted(accepted as Endpoint),
    failed: nothing,
  }

  static readonly #connecting: Outcome = {
    succeeded({ socket }) {
      ;(socket as Socket).#untold = 'success'
    },
    failed({ socket }) {
      ;(socket as Socket).#untold = 'failure'
    },
  }

  /**
   * socket(2): a socket of this family (AF_INET, …), type (SOCK_STREAM, SOCK_DGRAM, SOCK_RAW) and protocol (0: the usual one).
   *
   * - EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT: the provider has no such sockets
   * - EACCES, EPERM: not without privilege (raw sockets); EMFILE: the descriptor table is full
   */
  constructor(provider: Provider, family: number, type: number, protocol?: number)
  constructor(provider: Provider, endpoint: Endpoint)
  constructor(provider: Provider, familyOrEndpoint: number | Endpoint, type = 0, protocol = 0) {
    checkMethods('provider', provider, 'a Provider', 'socket')
    const exists = typeof familyOrEndpoint === 'object'
    if (exists) checkMethods('endpoint', familyOrEndpoint, 'an Endpoint', 'recvmsg', 'readiness', 'watch')
    const system = exists ? provider : observed(provider)
    super(system, exists ? familyOrEndpoint : openEndpoint(system, familyOrEndpoint, type, protocol), !exists)
  }

  /** A socket over an endpoint that exists. */
  static of(provider: Provider, endpoint: Endpoint): Socket {
    return new Socket(provider, endpoint)
  }

  /**
   * socketpair(2): two sockets connected to each other, without names. AF_UNIX alone has pairs.
   *
   * - EOPNOTSUPP: not of this family; EPROTONOSUPPORT, ESOCKTNOSUPPORT: there are no such sockets; EMFILE
   *
   * ```ts
   * const [left, right] = Socket.pair(provider, AF_UNIX, SOCK_STREAM)
   * ```
   */
  static pair(provider: Provider, family: number, type: number, protocol = 0): [Socket, Socket] {
    checkMethods('provider', provider, 'a Provider', 'socketpair')
    checkInteger('family', family)
    const kind = toSocketType(type)
    checkInteger('protocol', protocol)
    const system = observed(provider)
    const pair = system.socketpair(family, kind, protocol)
    if (typeof pair === 'number') throw new SocketError('socketpair', pair)
    return [new Socket(system, pair[0]).unlimited(), new Socket(system, pair[1]).unlimited()]
  }

  /**
   * A socket of an open descriptor: one that a message has brought (`readRights`). A descriptor is for one Socket; for another use
   * `dup`. EBADF where it is not open.
   */
  static fromDescriptor(provider: Provider, fd: number): Socket {
    checkMethods('provider', provider, 'a Provider', 'endpoint')
    checkInteger('fd', fd)
    const system = observed(provider)
    const endpoint = system.endpoint(fd)
    if (endpoint === null) throw new SocketError('getsockopt', EBADF)
    return new Socket(system, endpoint)
  }

  /**
   * dup(2): another socket, with a descriptor of its own, that shares connection, queues and options with this one. What is shared
   * closes with the last of them. EBADF: this one is closed; EMFILE: no descriptor is free.
   */
  dup(): Socket {
    const endpoint = this.provider.dup(this.fd)
    if (typeof endpoint === 'number') throw new SocketError('dup', endpoint)
    return new Socket(this.provider, endpoint)
  }

  /**
   * Takes the oldest connection from the queue of a listening socket, waiting for one while the queue is empty. The new socket has
   * the listener's port and one peer (`getpeername`); the listener goes on listening. It inherits the listener's options.
   *
   * - EINVAL: the socket does not listen; EOPNOTSUPP: its type has no connections
   * - ECONNABORTED: the connection was gone before it was accepted; EMFILE, ENFILE: no descriptor is free
   * - EAGAIN: `timeout` or SO_RCVTIMEO is over
   *
   * Source: accept(2).
   */
  accept(options?: WaitOptions): Promise<Socket> {
    if (options !== undefined) {
      const refusal = this.refusal('accept', options)
      if (refusal !== null) return refusal
    }
    if (this.waiting.readers === null) {
      const endpoint = this.waiting.endpoint.accept(null)
      if (typeof endpoint !== 'number') return Promise.resolve(this.accepted(endpoint))
      if (endpoint !== -EAGAIN || options?.timeout === 0) return fail('accept', endpoint)
    } else if (options?.timeout === 0) {
      return fail('accept', -EAGAIN)
    }
    const waiter = new Waiter(ACCEPT, 'accept', 0, null, null, null, false)
    return this.waitsFor(waiter, Socket.#accepting, this.receiveLimitOf(options), options)
  }

  /** `accept` without waiting: a socket, or −EAGAIN. */
  tryAccept(): Socket | number {
    if (this.waiting.readers !== null) return -EAGAIN
    const endpoint = this.waiting.endpoint.accept(null)
    if (typeof endpoint !== 'number') return this.accepted(endpoint)
    return this.tried('accept', endpoint)
  }

  /**
   * Connects to `address`: a stream by a handshake with the peer, a datagram or raw socket by remembering its peer, who alone is
   * then heard. Takes a local address first if there is none. A SocketAddress of AF_UNSPEC dissolves a datagram socket's peer.
   *
   * - ECONNREFUSED: nobody listens there; ETIMEDOUT: no answer; EHOSTUNREACH, ENETUNREACH: no way there
   * - EISCONN: connected already; EALREADY: an earlier connect is under way; EADDRNOTAVAIL: no free port
   * - EACCES: a broadcast address without SO_BROADCAST; EAFNOSUPPORT: an address of another family
   * - EINPROGRESS: `timeout` or SO_SNDTIMEO is over. As after an abort, the attempt goes on by itself: close the socket.
   *
   * Source: connect(2).
   */
  connect(address: AddressLike, options?: WaitOptions): Promise<void> {
    const peer = toSocketAddress(address, this.family, this.provider)
    if (options !== undefined) {
      const refusal = this.refusal('connect', options)
      if (refusal !== null) return refusal
    }
    const result = this.connectNow(peer)
    if (result >= 0) return Promise.resolve()
    // A Unix listener's queue is full: where connect(2) waits for room, nothing has begun yet (connect(2), EAGAIN).
    const queues = result === -EAGAIN && this.family === AF_UNIX
    if ((result !== -EINPROGRESS && !queues) || options?.timeout === 0) return fail('connect', result, peer)
    const copy = peer === address ? peer.copy() : peer
    const waiter = new Waiter(queues ? QUEUE : CONNECT, 'connect', 0, null, null, copy, false)
    if (!queues) {
      // On the same host it is over already; and where not, the endpoint knows from now on that somebody waits.
      const over = this.waiting.attempt(waiter)
      if (over !== -EAGAIN) {
        this.#untold = over < 0 ? 'failure' : 'success'
        return over < 0 ? fail('connect', over, peer) : Promise.resolve()
      }
    }
    return this.waitsFor(waiter, queues ? queuing : Socket.#connecting, this.sendLimitOf(options), options)
  }

  /** `connect` without waiting: 0, or −EINPROGRESS (−115). Then wait for POLLOUT and read SO_ERROR. */
  tryConnect(address: AddressLike): number {
    const peer = toSocketAddress(address, this.family, this.provider)
    const result = this.connectNow(peer)
    return result === -EINPROGRESS ? result : this.check('connect', result, peer)
  }

  /**
   * Sends. On a stream it resolves when all octets have been taken, with their count; a smaller count means that an error, a time
   * limit or an abort came after that many (the error comes with the next call). A datagram is sent whole or not at all.
   * Taken is not delivered: what was taken is on its way.
   *
   * Flags: MSG_DONTWAIT (EAGAIN in place of waiting), MSG_OOB (the last octet is urgent), MSG_MORE (more follows: hold a partial
   * segment), MSG_NOSIGNAL (there are no signals here), MSG_EOR, MSG_DONTROUTE.
   *
   * - EPIPE: this side, or the whole connection, is shut down; ECONNRESET: the peer has reset it
   * - ENOTCONN, EDESTADDRREQ: there is no peer; EMSGSIZE: the datagram is too long
   * - ECONNREFUSED: nobody listens at a datagram socket's peer; ETIMEDOUT, EHOSTUNREACH: the connection has failed
   * - EAGAIN: MSG_DONTWAIT, `timeout` or SO_SNDTIMEO
   *
   * Source: send(2), tcp(7), udp(7).
   */
  send(bytes: Uint8Array, flags = 0, options?: WaitOptions): Promise<number> {
    return this.sends('send', bytes, flags, options)
  }

  /** `send` without waiting: how many octets there was room for, or −EAGAIN. */
  trySend(bytes: Uint8Array, flags = 0): number {
    checkBytes(bytes)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (this.waiting.hasHeld) return this.tried('send', this.waiting.takeHeld())
    if (this.waiting.writers !== null) return -EAGAIN
    return this.tried('send', this.waiting.endpoint.send(bytes, 0, bytes.length, flags))
  }

  /**
   * Receives into `bytes` what is there, waiting while nothing is; resolves with the count. On a stream 0 is its end: the peer
   * has closed or shut down its side. A datagram that is longer than `bytes` is cut.
   *
   * Flags: MSG_PEEK (leaves the data), MSG_WAITALL (a stream: until `bytes` is full, the stream ends, or an error), MSG_TRUNC (a
   * datagram: its real length; TCP: discards in place of copying), MSG_OOB (the urgent octet), MSG_DONTWAIT.
   *
   * - ECONNRESET: the peer has reset the connection; ETIMEDOUT, EHOSTUNREACH: it has failed
   * - ENOTCONN: a stream without a connection; ECONNREFUSED: nobody listens at a datagram socket's peer
   * - EINVAL: MSG_OOB and no urgent data; EAGAIN: MSG_DONTWAIT, `timeout` or SO_RCVTIMEO
   *
   * Source: recv(2), tcp(7), udp(7).
   */
  recv(bytes: Uint8Array, flags = 0, options?: WaitOptions): Promise<number> {
    return this.receives('recv', bytes, flags, options)
  }

  /** `recv` without waiting: a count, 0 at the end of a stream, or −EAGAIN. */
  tryRecv(bytes: Uint8Array, flags = 0): number {
    checkBytes(bytes)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    if (this.waiting.readers !== null && (flags & MSG_OOB) === 0) return -EAGAIN
    return this.tried('recv', this.recvNow(bytes, flags & ~MSG_WAITALL))
  }

  /** A socket is a file: write(2) is `send` without flags. */
  write(bytes: Uint8Array, options?: WaitOptions): Promise<number> {
    return this.sends('write', bytes, 0, options)
  }

  /** A socket is a file: read(2) is `recv` without flags. */
  read(bytes: Uint8Array, options?: WaitOptions): Promise<number> {
    return this.receives('read', bytes, 0, options)
  }

  /**
   * Sends a datagram to `address`. Errors as of `send`; EISCONN: a connected stream with an address.
   *
   * Source: sendto(2).
   *
   * ```ts
   * await socket.sendto(bytes, { address: '192.0.2.1', port: 12000 })
   * ```
   */
  sendto(bytes: Uint8Array, address: AddressLike, flags = 0, options?: WaitOptions): Promise<number> {
    checkBytes(bytes)
    const peer = toSocketAddress(address, this.family, this.provider)
    return this.sendsMessage('sendto', new Message([bytes], peer, true), flags, options, peer)
  }

  /** `sendto` without waiting: the count, or −EAGAIN. */
  trySendto(bytes: Uint8Array, address: AddressLike, flags = 0): number {
    checkBytes(bytes)
    const peer = toSocketAddress(address, this.family, this.provider)
    return this.triesSendmsg('sendto', new Message([bytes], peer, true), flags, peer)
  }

  /**
   * Receives a datagram and learns who sent it. `flags` of the result has MSG_TRUNC where the datagram was cut. Errors and flags
   * as of `recv`.
   *
   * Source: recvfrom(2).
   */
  recvfrom(bytes: Uint8Array, flags = 0, options?: WaitOptions): Promise<Received> {
    checkBytes(bytes)
    const message = new Message([bytes], new SocketAddress(), true)
    const at = this.startRecvmsg('recvfrom', message, flags, options)
    if (typeof at === 'number') return Promise.resolve(received(at, message))
    if (!(at instanceof Waiter)) return at
    return this.waitsFor(at, receiving, this.receiveLimitOf(options), options)
  }

  /** `recvfrom` without waiting: a datagram, or −EAGAIN. */
  tryRecvfrom(bytes: Uint8Array, flags = 0): Received | number {
    checkBytes(bytes)
    const message = new Message([bytes], new SocketAddress(), true)
    const length = this.triesRecvmsg('recvfrom', message, flags)
    return length === -EAGAIN ? length : received(length, message)
  }

  /**
   * Sends what lies in several buffers as one datagram, or one after the other on a stream, with an address and control messages
   * where given. Results and errors as of `send`.
   *
   * Source: sendmsg(2).
   */
  sendmsg(message: Message, flags = 0, options?: WaitOptions): Promise<number> {
    checkMessage(message)
    return this.sendsMessage('sendmsg', message, flags, options, message.name)
  }

  /** `sendmsg` without waiting: a count, or −EAGAIN. */
  trySendmsg(message: Message, flags = 0): number {
    checkMessage(message)
    return this.triesSendmsg('sendmsg', message, flags, message.name)
  }

  /**
   * Receives into several buffers; fills `message.name` (if there is one), `message.control` and `message.flags`. Results and
   * errors as of `recv`.
   *
   * Source: recvmsg(2).
   */
  recvmsg(message: Message, flags = 0, options?: WaitOptions): Promise<number> {
    checkMessage(message)
    const at = this.startRecvmsg('recvmsg', message, flags, options)
    if (typeof at === 'number') return Promise.resolve(at)
    return at instanceof Waiter ? this.waits(at, this.receiveLimitOf(options), options) : at
  }

  /** `recvmsg` without waiting: a count, or −EAGAIN. */
  tryRecvmsg(message: Message, flags = 0): number {
    checkMessage(message)
    return this.triesRecvmsg('recvmsg', message, flags)
  }

  /**
   * Receives as many datagrams as are there into the places of `batch` from the first on, waiting for one while there is none; resolves
   * with how many. Errors and flags as of `recv`. Where the provider has the call, it is one call for all.
   *
   * Source: recvmmsg(2), with MSG_WAITFORONE.
   *
   * ```ts
   * const batch = new MessageBatch(64, 2048)
   * const count = await socket.recvmmsg(batch)
   * for (let i = 0; i < count; i++) console.log(batch.data(i), batch.address(i))
   * ```
   */
  recvmmsg(batch: MessageBatch, flags = 0, options?: WaitOptions): Promise<number> {
    const waiter = batchWaiter(RECVMMSG, batch, 0, batch?.count, flags)
    return this.transfersBatch(waiter, this.waiting.readers, options)
  }

  /**
   * Sends the datagrams in the places [from, from + count) of `batch`, each to its address, or to the peer where it has none. Resolves
   * when all have been taken, with their count; a smaller count means that an error came after that many, which the next call tells.
   * Errors and flags as of `send`.
   *
   * Source: sendmmsg(2).
   */
  sendmmsg(
    batch: MessageBatch,
    from = 0,
    count: number = batch?.count - from,
    flags = 0,
    options?: WaitOptions,
  ): Promise<number> {
    const waiter = batchWaiter(SENDMMSG, batch, from, count, flags)
    return this.transfersBatch(waiter, this.waiting.writers, options)
  }

  /** The octets of a stream as they come, until its end. Each chunk is fresh: it belongs to who gets it. */
  chunks(options?: WaitOptions): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    return chunks(this, options)
  }

  /** The connections of a listening socket as they come. One that was aborted before it could be accepted is passed over. */
  connections(options?: WaitOptions): AsyncGenerator<Socket, void, void> {
    return connections(this, options)
  }

  /** The datagrams of a datagram or raw socket as they come, each in memory of its own. */
  datagrams(options?: WaitOptions): AsyncGenerator<Datagram, void, void> {
    return datagrams(this, options)
  }

  /**
   * A listening socket gives connections, a stream its octets, a datagram socket datagrams. Leaving the loop leaves the socket
   * open. The methods `connections`, `chunks` and `datagrams` say which, for the type checker.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array | Socket | Datagram, void, void> {
    if (this.type !== SOCK_STREAM && this.type !== SOCK_SEQPACKET) return this.datagrams()
    return this.listening ? this.connections() : this.chunks()
  }

  // An endpoint tells how a connect ended at the next connect, once, unless that was what waited for the end. Here SO_ERROR has
  // told it already, and the next connect is one of its own.
  private connectNow(peer: SocketAddress): number {
    const { endpoint } = this.waiting
    const untold = this.#untold
    this.#untold = 'nothing'
    const result = endpoint.connect(peer)
    if (untold === 'success' && result === 0 && peer.family !== AF_UNSPEC) return -EISCONN
    return untold === 'failure' && result === -ECONNABORTED ? endpoint.connect(peer) : result
  }

  // A new one, of which nobody need ask whether it has time limits.
  private unlimited(): Socket {
    this.limits = NO_LIMITS
    return this
  }

  private accepted(endpoint: Endpoint): Socket {
    const socket = new Socket(this.provider, endpoint)
    // As Linux: what the listener had set, its connections have; but those of Unix listeners.
    if (this.family === AF_UNIX) return socket.unlimited()
    socket.limits = this.limits
    return socket
  }
}

function nothing(): void {}

/** Of connect where the listener's queue was full. */
const queuing: Outcome = { succeeded: nothing, failed: nothing }

const receiving: Outcome = {
  succeeded: ({ message }, length) => received(length, message as Message),
  failed: nothing,
}

function received(length: number, message: Message): Received {
  const address = message.name
  return { length, address: address?.family === 0 ? null : address, flags: message.flags }
}
