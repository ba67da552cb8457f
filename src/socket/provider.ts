// The one seam. A provider is a system that has sockets: Jackfield's own stack, or the operating system. Everything that
// waits, times out, is cancelled, iterates or streams is written once, over this interface, and knows no provider.
//
// Every call answers at once: with a count, a thing, or a negated errno. Nothing throws, nothing is a promise.

import { given, isBytes } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { SocketAddress } from '../base/socket-address.ts'
import type { MessageBatch } from './message-batch.ts'
import type { OptionFormat } from './option-format.ts'

export interface Provider {
  /** For people: 'userspace', 'os'. */
  readonly name: string
  /** The time that its time-outs are kept by. */
  readonly clock: Clock
  /** What the values of its options are. Left out: octets, but for what is an int, a flag, a time or a text. */
  readonly optionFormat?: OptionFormat
  /** socket(2): an endpoint with the lowest free descriptor, or -EAFNOSUPPORT, -EPROTONOSUPPORT, -ESOCKTNOSUPPORT, -EACCES, -EMFILE. */
  socket(family: number, type: number, protocol: number): Endpoint | number
  /** socketpair(2): two endpoints connected to each other. -EOPNOTSUPP for a family other than AF_UNIX, else as `socket`. */
  socketpair(family: number, type: number, protocol: number): readonly [Endpoint, Endpoint] | number
  /** dup(2): a further descriptor, the lowest free one, for the same open socket, which closes with the last. -EBADF, -EMFILE. */
  dup(fd: number): Endpoint | number
  /** What is behind a descriptor: of the operating system also one that came from elsewhere; null where it is no open socket. */
  endpoint(fd: number): Endpoint | null
  /** unlink(2) of the path of a Unix socket: 0, or a negated errno. Left out: paths are the machine's files. */
  unlink?(path: string): number
  /** if_nametoindex(3), for the zone of "fe80::1%eth0": the number of the interface with this name, 0 where there is none. */
  interfaceIndex?(name: string): number
  /** if_indextoname(3): the name of the interface with this number, null where there is none. */
  interfaceName?(index: number): string | null
  /** Told of each poll(2) that looked at sockets of this provider, when it returns; `timeout` is −1 for none. For tracers. */
  polled?(entries: readonly PolledEntry[], timeout: number): void
}

/** What a thread may wait on: `events` that the caller wants to hear of, and, once `wait` has returned, what holds of them. */
export interface WaitEntry {
  readonly endpoint: Endpoint
  readonly events: number
  revents: number
}

/** A provider whose calls may block the thread: the operating system in a worker, or a stack of another thread. */
export interface BlockingProvider extends Provider {
  /**
   * poll(2): blocks this thread until something that an entry asks for holds (POLLERR, POLLHUP and POLLNVAL always do), or
   * `timeout` milliseconds are over; −1: for ever. How many entries have `revents`; 0 where the time is over. The thread can be
   * terminated meanwhile.
   */
  wait(entries: readonly WaitEntry[], timeout: number): number
}

/** A struct pollfd, after poll(2). */
export interface PolledEntry {
  readonly fd: number
  readonly events: number
  readonly revents: number
}

/** Told when an endpoint may have become ready. Called at the end of a burst, never from inside a call to the endpoint. */
export interface Watcher {
  /**
   * `events` are POLL… bits that may hold now; `readiness` says which do. POLLNVAL: the provider is closed, and has closed the
   * endpoint with itself; it is the last that is told.
   */
  ready(events: number): void
}

/** A control message of sendmsg(2) and recvmsg(2). */
export interface ControlMessage {
  readonly level: number
  readonly type: number
  readonly data: Uint8Array
}

/** What sendmsg(2) and recvmsg(2) take: a struct msghdr. */
export class Message {
  /** The peer's address. recvmsg fills it in place. */
  name: SocketAddress | null
  /** Where the data lies or goes. */
  buffers: readonly Uint8Array[]
  control: ControlMessage[]
  /**
   * The room for control messages in octets of C (msg_controllen), for recvmsg: what does not fit is left out, passed descriptors
   * are then closed, and MSG_CTRUNC is set. Default Infinity: whatever comes; 0, none at all, where `plain`.
   */
  controlLength: number
  /** Set by recvmsg: MSG_TRUNC, MSG_CTRUNC, MSG_OOB, MSG_EOR. */
  flags: number
  /** Of sendto(2) or recvfrom(2), which have one buffer and no control messages: for those who tell the calls apart. */
  readonly plain: boolean

  constructor(buffers: readonly Uint8Array[] = [], name: SocketAddress | null = null, plain = false) {
    checkBuffers('buffers', buffers)
    if (name !== null && !(name instanceof SocketAddress)) {
      throw new TypeError(`name must be a SocketAddress or null, got ${given(name)}`)
    }
    this.name = name
    this.buffers = buffers
    this.control = []
    this.controlLength = plain ? 0 : Number.POSITIVE_INFINITY
    this.flags = 0
    this.plain = plain
  }
}

/** Throws where `buffers` is not an array of Uint8Arrays. */
export function checkBuffers(name: string, buffers: readonly Uint8Array[]): void {
  if (!Array.isArray(buffers)) throw new TypeError(`${name} must be an array of Uint8Arrays, got ${given(buffers)}`)
  for (let i = 0; i < buffers.length; i++) {
    if (!isBytes(buffers[i])) {
      throw new TypeError(`${name}[${i}] must be a Uint8Array, got ${given(buffers[i])}`)
    }
  }
}

/**
 * One socket of a provider, without waiting. Counts and 0 mean success; a negative number is a negated errno of Linux,
 * -EAGAIN where the call would wait.
 */
export interface Endpoint {
  /** The descriptor; stays the same until close. */
  readonly fd: number
  readonly family: number
  readonly type: number
  readonly protocol: number
  /**
   * POLLIN and POLLOUT as far as they are known not to hold, without asking: who means to wait need not try first, for the watcher
   * will be told. Left out: nothing is known. Who does not wait asks anyway.
   */
  readonly wouldBlock?: number

  bind(address: SocketAddress): number
  listen(backlog: number): number
  /** The oldest connection of the queue as an endpoint of its own; fills `peer`, if given, with the peer's address. */
  accept(peer: SocketAddress | null): Endpoint | number
  /** 0 at once (datagrams), or -EINPROGRESS: then POLLOUT comes, and SO_ERROR says how it went. AF_UNSPEC dissolves. */
  connect(address: SocketAddress): number

  /**
   * How the connect that is under way has gone: 0, its negated errno, or -EINPROGRESS, and then the watcher will be told. Left out:
   * POLLOUT and SO_ERROR say so.
   */
  finishConnect?(): number

  /** Sends of `bytes[start, end)` what there is room for. */
  send(bytes: Uint8Array, start: number, end: number, flags: number): number
  /** Receives into `bytes[start, end)`. 0 on a stream: the peer has closed. */
  recv(bytes: Uint8Array, start: number, end: number, flags: number): number
  sendmsg(message: Message, flags: number): number
  recvmsg(message: Message, flags: number): number

  /**
   * recvmmsg(2): receives up to `count` datagrams that are there into the first places of `batch`; how many. sendmmsg(2): sends
   * those of the places [from, from + count); how many went. Left out: they are received and sent one by one.
   */
  recvmmsg?(batch: MessageBatch, count: number, flags: number): number
  sendmmsg?(batch: MessageBatch, from: number, count: number, flags: number): number
  /** sendfile(2): sends `count` octets of the open file `fd` from `offset` on; how many. Left out: there is no such call. */
  sendfile?(fd: number, offset: number, count: number): number

  shutdown(how: number): number
  /** Writes the value, as C has it, to `value`; returns its length. */
  getOption(level: number, name: number, value: Uint8Array): number
  setOption(level: number, name: number, value: Uint8Array): number
  /** SIOCINQ / FIONREAD, SIOCOUTQ, SIOCATMARK: the answer, or a negated errno. */
  ioctl(request: number): number
  /** getsockname(2): fills `into`. */
  localAddress(into: SocketAddress): number
  /** getpeername(2): fills `into`, or -ENOTCONN. */
  peerAddress(into: SocketAddress): number

  /** What holds now, of POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLRDHUP. */
  readiness(): number
  /** The one to be told of changes; null for nobody. */
  watch(watcher: Watcher | null): void
  /** Whether it keeps the process alive while it is open. Left out: that is settled elsewhere. */
  keepAlive?(yes: boolean): void
  /** Lets go of the descriptor, which stays open, for another thread or process to take. Left out: nothing is to be done. */
  detach?(): void

  /**
   * Gives the descriptor back. 0, or -EINPROGRESS where SO_LINGER asks to wait: the watcher is told POLLHUP when what was
   * sent has been acknowledged or given up. -EBADF the second time.
   */
  close(): number
}
