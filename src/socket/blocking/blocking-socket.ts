/// <reference lib="esnext.disposable" preserve="true" />

// Read first: connect(2), accept(2), send(2), recv(2), socket(7) SO_RCVTIMEO; POSIX.1-2024 XSH 2.10. The calls of C as C has them:
// each blocks its thread until it is done.

import { checkInteger, checkMethods, checkOptions, given } from '../../base/argument.ts'
import {
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { EAGAIN, EBADF, EINPROGRESS } from '../../base/errno.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { type AddressLike, checkBytes, checkTimeout, toSocketAddress, wrongFlags } from '../arguments.ts'
import { batchWaiter } from '../batch-waiter.ts'
import type { Datagram } from '../iteration.ts'
import type { MessageBatch } from '../message-batch.ts'
import { checkMessage } from '../message-check.ts'
import { observed } from '../observer.ts'
import { openEndpoint } from '../open-endpoint.ts'
import { type BlockingProvider, type Endpoint, Message } from '../provider.ts'
import { decodeSimple } from '../simple-values.ts'
import type { Received } from '../socket.ts'
import { SocketError, type SystemCall } from '../socket-error.ts'
import { SocketNames } from '../socket-names.ts'
import { ACCEPT, CONNECT, QUEUE, RECV, RECVMMSG, RECVMSG, SEND, SENDMMSG, SENDMSG, Waiter } from '../waiter.ts'

/** What calls that block take besides their own arguments. */
export interface BlockingOptions {
  /** Milliseconds to wait at most, in place of SO_RCVTIMEO or SO_SNDTIMEO: EAGAIN when they are over. */
  readonly timeout?: number | undefined
}

const READ_EVENTS = POLLIN | POLLPRI | POLLRDHUP
/** A connect to a Unix listener whose queue is full has nothing to be told by: it is tried again after so many milliseconds. */
const QUEUE_PAUSE = 5
/** Calls with these never wait, whatever the socket: recv(2), tcp(7). */
const AT_ONCE = MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE
const CHUNK = 65536
/** The longest datagram of IPv4 and IPv6 without jumbograms. */
const LONGEST = 65535

const timeval = new Uint8Array(16)
const NOTHING = new Uint8Array(0)

/**
 * A socket whose calls block the thread, in the words of C: for worker threads, over the operating system (`os`) or over a stack of
 * another thread (`RemoteProvider`). The names are those of `Socket`; what there is a promise is here the value. Results, flags and
 * errors are the same; `timeout`, SO_RCVTIMEO and SO_SNDTIMEO bound the wait (EAGAIN), and the thread can be terminated meanwhile.
 *
 * ```ts
 * const listener = new BlockingSocket(os, AF_INET, SOCK_STREAM)
 * listener.bind({ address: '', port: 12000 })
 * listener.listen()
 * for (;;) {
 *   const connection = listener.accept()
 *   for (const chunk of connection.chunks()) connection.send(chunk)
 *   connection.close()
 * }
 * ```
 */
export class BlockingSocket extends SocketNames {
  declare readonly provider: BlockingProvider

  constructor(provider: BlockingProvider, family: number, type: number, protocol?: number)
  constructor(provider: BlockingProvider, endpoint: Endpoint)
  constructor(provider: BlockingProvider, familyOrEndpoint: number | Endpoint, type = 0, protocol = 0) {
    checkMethods('provider', provider, 'a BlockingProvider', 'socket', 'wait')
    const exists = typeof familyOrEndpoint === 'object'
    if (exists) checkMethods('endpoint', familyOrEndpoint, 'an Endpoint', 'recvmsg', 'readiness')
    const system = exists ? provider : observed(provider)
    super(system, exists ? familyOrEndpoint : openEndpoint(system, familyOrEndpoint, type, protocol), false)
  }

  /** socketpair(2): two sockets connected to each other. */
  static pair(
    provider: BlockingProvider,
    family: number,
    type: number,
    protocol = 0,
  ): [BlockingSocket, BlockingSocket] {
    checkMethods('provider', provider, 'a BlockingProvider', 'socketpair', 'wait')
    const system = observed(provider)
    const pair = system.socketpair(family, type, protocol)
    if (typeof pair === 'number') throw new SocketError('socketpair', pair)
    return [new BlockingSocket(system, pair[0]), new BlockingSocket(system, pair[1])]
  }

  /** A socket of an open descriptor: one that another thread has let go of, or that a message has brought. EBADF: it is not open. */
  static fromDescriptor(provider: BlockingProvider, fd: number): BlockingSocket {
    checkMethods('provider', provider, 'a BlockingProvider', 'endpoint', 'wait')
    checkInteger('fd', fd)
    const system = observed(provider)
    const endpoint = system.endpoint(fd)
    if (endpoint === null) throw new SocketError('getsockopt', EBADF)
    return new BlockingSocket(system, endpoint)
  }

  get closed(): boolean {
    return this.fd < 0
  }

  /** What is beneath: for those who wait on several. */
  get endpoint(): Endpoint {
    return this.waiting.endpoint
  }

  /** dup(2). Errors as of `Socket.dup`. */
  dup(): BlockingSocket {
    const endpoint = this.provider.dup(this.fd)
    if (typeof endpoint === 'number') throw new SocketError('dup', endpoint)
    return new BlockingSocket(this.provider, endpoint)
  }

  /** Blocks until there is a connection, and takes it. Source: accept(2). */
  accept(options?: BlockingOptions): BlockingSocket {
    const waiter = new Waiter(ACCEPT, 'accept', 0, null, null, null, false)
    this.#blocks(waiter, READ_EVENTS, SO_RCVTIMEO, false, options)
    return new BlockingSocket(this.provider, waiter.accepted as Endpoint)
  }

  /** Blocks until the connection stands, or cannot. EINPROGRESS: the time is over; the attempt goes on. Source: connect(2). */
  connect(address: AddressLike, options?: BlockingOptions): void {
    checkBlockingOptions(options)
    const peer = toSocketAddress(address, this.family, this.provider)
    const result = this.waiting.endpoint.connect(peer)
    if (result >= 0) return
    const queues = result === -EAGAIN && this.family === AF_UNIX
    if (result !== -EINPROGRESS && !queues) throw new SocketError('connect', result, peer)
    const waiter = new Waiter(queues ? QUEUE : CONNECT, 'connect', 0, null, null, peer, false)
    this.#blocks(waiter, queues ? 0 : POLLOUT, SO_SNDTIMEO, false, options)
  }

  /** Blocks until all octets are taken, of a stream; or the datagram. Source: send(2). */
  send(bytes: Uint8Array, flags = 0, options?: BlockingOptions): number {
    return this.#sends('send', bytes, flags, options)
  }

  /** Blocks until something has come; 0: the end of a stream. Source: recv(2). */
  recv(bytes: Uint8Array, flags = 0, options?: BlockingOptions): number {
    return this.#receives('recv', bytes, flags, options)
  }

  /** write(2): `send` without flags. */
  write(bytes: Uint8Array, options?: BlockingOptions): number {
    return this.#sends('write', bytes, 0, options)
  }

  /** read(2): `recv` without flags. */
  read(bytes: Uint8Array, options?: BlockingOptions): number {
    return this.#receives('read', bytes, 0, options)
  }

  /** Source: sendto(2). */
  sendto(bytes: Uint8Array, address: AddressLike, flags = 0, options?: BlockingOptions): number {
    checkBytes(bytes)
    const peer = toSocketAddress(address, this.family, this.provider)
    return this.#sendsMessage('sendto', new Message([bytes], peer, true), flags, options)
  }

  /** Source: recvfrom(2). */
  recvfrom(bytes: Uint8Array, flags = 0, options?: BlockingOptions): Received {
    checkBytes(bytes)
    const message = new Message([bytes], new SocketAddress(), true)
    const length = this.#receivesMessage('recvfrom', message, flags, options)
    const address = message.name
    return { length, address: address?.family === 0 ? null : address, flags: message.flags }
  }

  /** Source: sendmsg(2). */
  sendmsg(message: Message, flags = 0, options?: BlockingOptions): number {
    return this.#sendsMessage('sendmsg', message, flags, options)
  }

  /** Source: recvmsg(2). */
  recvmsg(message: Message, flags = 0, options?: BlockingOptions): number {
    return this.#receivesMessage('recvmsg', message, flags, options)
  }

  /** Blocks until there is a datagram, and receives as many as there are into `batch`. Source: recvmmsg(2), with MSG_WAITFORONE. */
  recvmmsg(batch: MessageBatch, flags = 0, options?: BlockingOptions): number {
    const waiter = batchWaiter(RECVMMSG, batch, 0, batch?.count, flags)
    return this.#blocks(waiter, READ_EVENTS, SO_RCVTIMEO, (flags & AT_ONCE) !== 0, options)
  }

  /** Blocks until the datagrams in the places [from, from + count) of `batch` have been taken. Source: sendmmsg(2). */
  sendmmsg(
    batch: MessageBatch,
    from = 0,
    count: number = batch?.count - from,
    flags = 0,
    options?: BlockingOptions,
  ): number {
    const waiter = batchWaiter(SENDMMSG, batch, from, count, flags)
    return count === 0 ? 0 : this.#blocks(waiter, POLLOUT, SO_SNDTIMEO, (flags & MSG_DONTWAIT) !== 0, options)
  }

  /**
   * poll(2) of this socket: blocks until one of `events` holds, or an error or hang-up does, and gives what holds; 0 where `timeout`
   * milliseconds are over (default: never). For several sockets see `blockingPoll`.
   */
  poll(events: number, options?: BlockingOptions): number {
    return blockingPoll([{ socket: this, events }], options)[0]?.revents ?? 0
  }

  /** The octets of a stream as they come, until its end; each chunk belongs to who gets it. */
  *chunks(options?: BlockingOptions): Generator<Uint8Array<ArrayBuffer>, void, void> {
    const room = new Uint8Array(CHUNK)
    for (let length = this.recv(room, 0, options); length > 0; length = this.recv(room, 0, options)) {
      yield room.slice(0, length)
    }
  }

  /** The connections of a listening socket as they come. One that was aborted before it could be accepted is passed over. */
  *connections(options?: BlockingOptions): Generator<BlockingSocket, void, void> {
    for (;;) {
      try {
        yield this.accept(options)
      } catch (error) {
        // accept(2): errors of one connection say nothing about the next.
        if (!(error instanceof SocketError && error.code === 'ECONNABORTED')) throw error
      }
    }
  }

  /** The datagrams of a datagram or raw socket as they come, each in memory of its own. */
  *datagrams(options?: BlockingOptions): Generator<Datagram, void, void> {
    let room = new Uint8Array(LONGEST)
    for (;;) {
      if (this.family === AF_UNIX) {
        const length = this.recv(NOTHING, MSG_PEEK | MSG_TRUNC, options)
        if (length > room.length) room = new Uint8Array(length)
      }
      const { length, address } = this.recvfrom(room, 0, options)
      yield { data: room.slice(0, length), address }
    }
  }

  /** Gives the descriptor back. What SO_LINGER would wait for goes on by itself. Twice is once. Source: close(2). */
  close(): void {
    if (this.fd >= 0) this.waiting.close(0, () => {})
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Lets go of the descriptor, which stays open, and gives its number: for whoever takes it by `fromDescriptor`. */
  detach(): number {
    const { fd } = this
    if (fd < 0) throw new SocketError('close', EBADF)
    this.waiting.detach()
    return fd
  }

  #sends(syscall: SystemCall, bytes: Uint8Array, flags: number, options: BlockingOptions | undefined): number {
    checkBytes(bytes)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    const waiter = new Waiter(SEND, syscall, flags, bytes, null, null, this.type === SOCK_STREAM)
    return this.#blocks(waiter, POLLOUT, SO_SNDTIMEO, (flags & MSG_DONTWAIT) !== 0, options)
  }

  #receives(syscall: SystemCall, bytes: Uint8Array, flags: number, options: BlockingOptions | undefined): number {
    checkBytes(bytes)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    const atOnce = (flags & AT_ONCE) !== 0
    const whole = (flags & MSG_WAITALL) !== 0 && this.type === SOCK_STREAM && !atOnce
    const waiter = new Waiter(RECV, syscall, flags & ~MSG_WAITALL, bytes, null, null, whole)
    return this.#blocks(waiter, READ_EVENTS, SO_RCVTIMEO, atOnce, options)
  }

  #sendsMessage(syscall: SystemCall, message: Message, flags: number, options: BlockingOptions | undefined): number {
    checkMessage(message)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    const waiter = new Waiter(SENDMSG, syscall, flags, null, message, message.name, this.type === SOCK_STREAM)
    return this.#blocks(waiter, POLLOUT, SO_SNDTIMEO, (flags & MSG_DONTWAIT) !== 0, options)
  }

  #receivesMessage(syscall: SystemCall, message: Message, flags: number, options: BlockingOptions | undefined): number {
    checkMessage(message)
    if ((flags | 0) !== flags) throw wrongFlags(flags)
    const atOnce = (flags & AT_ONCE) !== 0
    const whole = (flags & MSG_WAITALL) !== 0 && this.type === SOCK_STREAM && !atOnce
    const waiter = new Waiter(RECVMSG, syscall, flags & ~MSG_WAITALL, null, message, null, whole)
    return this.#blocks(waiter, READ_EVENTS, SO_RCVTIMEO, atOnce, options)
  }

  /** Tries until it is done; in between the thread waits for `events`. Part of the work that was done is what comes of it. */
  #blocks(
    waiter: Waiter,
    events: number,
    limit: typeof SO_RCVTIMEO | typeof SO_SNDTIMEO,
    atOnce: boolean,
    options: BlockingOptions | undefined,
  ): number {
    checkBlockingOptions(options)
    let until = UNASKED
    for (;;) {
      const result = this.waiting.attempt(waiter)
      if (result >= 0) return result
      if (result !== -EAGAIN) throw new SocketError(waiter.syscall, result, waiter.address)
      const now = this.provider.clock.now()
      if (until === UNASKED) until = atOnce ? now : now + (options?.timeout ?? this.#limit(limit))
      if (until <= now) break
      this.#wait(events, until - now)
    }
    if (waiter.done > 0) return waiter.done
    throw new SocketError(waiter.syscall, waiter.late, waiter.address)
  }

  #wait(events: number, time: number): void {
    const { endpoint } = this.waiting
    const longest = events === 0 ? QUEUE_PAUSE : time
    const entries = events === 0 ? [] : [{ endpoint, events, revents: 0 }]
    this.provider.wait(entries, longest === Number.POSITIVE_INFINITY ? -1 : Math.min(longest, time))
  }

  /** Milliseconds of SO_RCVTIMEO or SO_SNDTIMEO. */
  #limit(name: typeof SO_RCVTIMEO | typeof SO_SNDTIMEO): number {
    const length = this.waiting.endpoint.getOption(SOL_SOCKET, name, timeval)
    const time = length < 0 ? 0 : (decodeSimple('timeval', timeval, length) as number)
    return time === 0 ? Number.POSITIVE_INFINITY : time
  }
}

/** What a thread polls a socket for. */
export interface BlockingPollEntry {
  readonly socket: BlockingSocket
  /** POLL… bits. */
  readonly events: number
}

/** What holds of it. */
export interface BlockingPollResult extends BlockingPollEntry {
  readonly revents: number
}

/**
 * poll(2): blocks until something that is asked for holds of one of the sockets, or an error or hang-up does, or `timeout` milliseconds
 * are over; gives each with its `revents`. The sockets are of one provider. RangeError for none, or of several.
 *
 * Source: poll(2).
 *
 * ```ts
 * const [one, two] = BlockingSocket.pair(os, AF_UNIX, SOCK_STREAM)
 * for (const { socket, revents } of blockingPoll([one, two].map((socket) => ({ socket, events: POLLIN })))) {
 *   if ((revents & POLLIN) !== 0) console.log(socket.fd, 'has something to read')
 * }
 * ```
 */
export function blockingPoll(entries: readonly BlockingPollEntry[], options?: BlockingOptions): BlockingPollResult[] {
  checkBlockingOptions(options)
  if (!Array.isArray(entries)) throw new TypeError(`entries must be an array, got ${given(entries)}`)
  for (const entry of entries) {
    if (!(entry?.socket instanceof BlockingSocket)) {
      throw new TypeError(`entries must be of { socket: BlockingSocket, events }, got ${given(entry)}`)
    }
    checkInteger('events', entry.events)
  }
  const [first] = entries as readonly BlockingPollEntry[]
  if (first === undefined || entries.some(({ socket }) => socket.provider !== first.socket.provider)) {
    throw new RangeError('entries must be sockets of one provider, and one at least')
  }
  const asked = entries.map(({ socket, events }) => ({ endpoint: socket.endpoint, events, revents: 0 }))
  const { timeout = Number.POSITIVE_INFINITY } = options ?? {}
  first.socket.provider.wait(asked, timeout === Number.POSITIVE_INFINITY ? -1 : timeout)
  return entries.map(({ socket, events }, i) => ({ socket, events, revents: asked[i]?.revents ?? 0 }))
}

const UNASKED = -1

function checkBlockingOptions(options: BlockingOptions | undefined): void {
  if (options === undefined) return
  checkOptions('options', options, ['timeout'])
  if (options.timeout !== undefined) checkTimeout(options.timeout)
}
