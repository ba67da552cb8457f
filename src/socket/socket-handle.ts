/// <reference lib="esnext.disposable" preserve="true" />

// Read first: bind(2), listen(2), shutdown(2), getsockname(2), getsockopt(2), socket(7).

import { checkInteger, checkMethods } from '../base/argument.ts'
import {
  AF_UNIX,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOL_SOCKET,
  SOMAXCONN,
} from '../base/constants.ts'
import { EBADF } from '../base/errno.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { type AddressLike, toSocketAddress } from './arguments.ts'
import { type OptionInput, type OptionOf, optionEntry } from './option-table.ts'
import { decodeOption, encodeOption, type Linger, OPTION_LENGTH, type OptionValue } from './option-values.ts'
import type { Endpoint, Provider, Watcher } from './provider.ts'
import { SocketError, type SystemCall } from './socket-error.ts'
import { Waiting } from './waiting.ts'

/** How long close waits: not asked yet. */
const UNKNOWN = -1

/** For the longest value that there is: a filter of many sources. */
const room = new Uint8Array(Math.max(...Object.values(OPTION_LENGTH)))

/** The part of a socket that never waits: its names, options, readiness, and its end. `Socket` adds what transfers and waits. */
export abstract class SocketHandle {
  /** The system that the socket belongs to. */
  readonly provider: Provider
  readonly family: number
  readonly type: number
  readonly protocol: number
  protected readonly waiting: Waiting
  /** SO_RCVTIMEO and SO_SNDTIMEO in milliseconds; 0: no limit. */
  protected receiveLimit: number
  protected sendLimit: number
  /** SO_LINGER's time in milliseconds; 0 where it is off. */
  protected lingerTime: number
  #closing: Promise<void> | null

  protected constructor(provider: Provider, endpoint: Endpoint, known: boolean) {
    this.provider = provider
    this.family = endpoint.family
    this.type = endpoint.type
    this.protocol = endpoint.protocol
    this.waiting = new Waiting(endpoint, provider.clock)
    this.receiveLimit = known ? 0 : UNKNOWN
    this.sendLimit = known ? 0 : UNKNOWN
    // What a Unix socket has sent is with its peer already: it never lingers.
    this.lingerTime = known || this.family === AF_UNIX ? 0 : UNKNOWN
    this.#closing = null
  }

  /** The descriptor: the lowest that was free in the provider's table. −1 once closed. */
  get fd(): number {
    return this.waiting.endpoint.fd
  }

  get closed(): boolean {
    return this.#closing !== null
  }

  /**
   * Gives the socket its local address. Port 0 takes a free one (`getsockname` tells which), address '' or '0.0.0.0' all
   * interfaces. Of a Unix socket a `{ path }`, which stays taken when the socket is closed; an abstract name begins with "\\0",
   * and '' takes a free one.
   *
   * - EADDRINUSE: another socket has it; EADDRNOTAVAIL: it is no address of this host
   * - EACCES: the port is a privileged one (under 1024); EINVAL: the socket has an address already
   * - EAFNOSUPPORT: the address is of another family than the socket
   *
   * Source: bind(2), ip(7).
   *
   * ```ts
   * socket.bind({ address: '0.0.0.0', port: 12000 })
   * ```
   */
  bind(address: AddressLike): void {
    const local = toSocketAddress(address, this.family, this.provider)
    this.check('bind', this.waiting.endpoint.bind(local), local)
  }

  /**
   * Makes the socket one that accepts connections. `backlog` bounds how many may wait for `accept`; past it the client's SYN is
   * not answered, so that the client tries again.
   *
   * - EADDRINUSE: another socket listens there; EOPNOTSUPP: not a stream; EINVAL: it is connected
   *
   * Source: listen(2).
   */
  listen(backlog: number = SOMAXCONN): void {
    checkInteger('backlog', backlog)
    this.check('listen', this.waiting.endpoint.listen(backlog))
  }

  /**
   * Ends one direction of a connection or both: SHUT_WR sends the end of the stream after what was sent before, SHUT_RD makes
   * `recv` give 0. The descriptor stays until `close`.
   *
   * - ENOTCONN: there is no connection; EINVAL: `how` is none of SHUT_RD, SHUT_WR, SHUT_RDWR
   *
   * Source: shutdown(2).
   */
  shutdown(how: number): void {
    checkInteger('how', how)
    this.check('shutdown', this.waiting.endpoint.shutdown(how))
  }

  /** The local address, 0.0.0.0 port 0 before there is one. A copy. Source: getsockname(2). */
  getsockname(): SocketAddress {
    const address = new SocketAddress(this.family)
    this.check('getsockname', this.waiting.endpoint.localAddress(address))
    return address
  }

  /** The peer's address. ENOTCONN where there is no peer. A copy. Source: getpeername(2). */
  getpeername(): SocketAddress {
    const address = new SocketAddress(this.family)
    this.check('getpeername', this.waiting.endpoint.peerAddress(address))
    return address
  }

  /**
   * The value of an option: a boolean for a flag, milliseconds for SO_RCVTIMEO and SO_SNDTIMEO, `{ onoff, linger }` for
   * SO_LINGER, a string for TCP_CONGESTION and SO_BINDTODEVICE, an object of tcpi_ fields for TCP_INFO, the octets that C has for
   * an option without a name here. SO_ERROR is an errno, and reading it clears it. `about` is for options that must be told whose
   * value it is: of IP_MSFILTER and MCAST_MSFILTER the group and its interface.
   *
   * - ENOPROTOOPT: there is no such option; EOPNOTSUPP: not at that level
   *
   * Source: getsockopt(2), socket(7), ip(7), ipv6(7), tcp(7).
   */
  getsockopt<Level extends number, Name extends number>(
    level: Level,
    name: Name,
    about?: OptionInput<Level, Name>,
  ): OptionOf<Level, Name> {
    checkInteger('level', level)
    checkInteger('name', name)
    if (level === SOL_SOCKET && name === SO_ERROR && this.waiting.hasHeld) {
      return -this.waiting.takeHeld() as OptionOf<Level, Name>
    }
    return this.#option(level, name, about) as OptionOf<Level, Name>
  }

  /**
   * Sets an option. A flag takes a boolean or an integer, and any option the octets that C has, as a Uint8Array.
   *
   * - ENOPROTOOPT: there is no such option, or it cannot be set; EINVAL, EDOM: the value is out of range
   * - EPERM: not without privilege; EISCONN: not on a connected socket
   *
   * Source: setsockopt(2), socket(7), ip(7), tcp(7).
   *
   * ```ts
   * socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
   * socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 5000)
   * ```
   */
  setsockopt<Level extends number, Name extends number>(
    level: Level,
    name: Name,
    value: OptionInput<Level, Name>,
  ): void {
    checkInteger('level', level)
    checkInteger('name', name)
    const entry = optionEntry(level, name)
    const bytes = encodeOption(entry.constant, entry.kind, value)
    this.check('setsockopt', this.waiting.endpoint.setOption(level, name, bytes))
    if (level !== SOL_SOCKET) return
    // Kept beside the endpoint: it is here that calls wait. What it was given raw is asked for when it is needed.
    if (name === SO_RCVTIMEO) this.receiveLimit = typeof value === 'number' ? value : UNKNOWN
    else if (name === SO_SNDTIMEO) this.sendLimit = typeof value === 'number' ? value : UNKNOWN
    else if (name === SO_LINGER) this.lingerTime = isLinger(value) ? milliseconds(value) : UNKNOWN
  }

  /**
   * SIOCINQ (FIONREAD): octets that can be read, or the length of the next datagram. SIOCOUTQ: octets not yet sent, or not yet
   * acknowledged. SIOCATMARK: 1 at the urgent mark.
   *
   * - EINVAL: not on a listening socket; ENOTTY: there is no such request
   *
   * Source: tcp(7), udp(7).
   */
  ioctl(request: number): number {
    checkInteger('request', request, 0, 0xffffffff)
    return this.check('ioctl', this.waiting.endpoint.ioctl(request))
  }

  /** What holds now, of the POLL… bits; POLLNVAL once closed. Source: poll(2). */
  get readiness(): number {
    return this.waiting.readiness()
  }

  /**
   * Tells `watcher` whenever readiness may have changed, after the calls that wait on the socket have been served; POLLNVAL once
   * it is closed. For those who drive many sockets by `try…` calls; everyone else waits.
   */
  addWatcher(watcher: Watcher): void {
    checkMethods('watcher', watcher, 'a Watcher', 'ready')
    this.waiting.addWatcher(watcher)
  }

  removeWatcher(watcher: Watcher): void {
    this.waiting.removeWatcher(watcher)
  }

  /**
   * Closes the socket and gives its descriptor back. Calls that wait on it are rejected with EBADF, or give what they had done.
   * What was sent still goes out, and the connection ends in order; unless data was left unread or SO_LINGER is on with time 0:
   * then it is reset. Resolves at once, except with SO_LINGER on: when all has been acknowledged, or the time is over.
   * Closing again gives the same promise.
   *
   * Source: close(2), socket(7) SO_LINGER.
   */
  close(): Promise<void> {
    if (this.#closing === null) {
      const lingerTime = this.lingerTime === UNKNOWN ? this.#askLinger() : this.lingerTime
      let over = () => {}
      this.#closing = new Promise((resolve) => {
        over = resolve
      })
      this.waiting.close(lingerTime, over)
    }
    return this.#closing
  }

  /**
   * Lets go of the descriptor, which stays open, and gives its number: for a worker thread, which takes it by `fromDescriptor`, or for
   * whoever else. This Socket is closed by that: calls that wait on it are rejected with EBADF. Throws a SocketError with EBADF where
   * it is closed already.
   *
   * ```ts
   * const connection = await listener.accept()
   * worker.postMessage(connection.detach())
   * ```
   */
  detach(): number {
    const { fd } = this
    if (this.#closing !== null || fd < 0) throw new SocketError('close', EBADF)
    this.#closing = Promise.resolve()
    this.waiting.detach()
    return fd
  }

  /** Whether the socket, while it is open, keeps the process alive: `unref` says that it shall not. Gives the socket back. */
  ref(): this {
    this.waiting.endpoint.keepAlive?.(true)
    return this
  }

  unref(): this {
    this.waiting.endpoint.keepAlive?.(false)
    return this
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Closes, and does not wait for what lingers. */
  [Symbol.dispose](): void {
    void this.close()
  }

  /** Throws what a negative result means; else gives it back. */
  protected check(syscall: SystemCall, result: number, address: SocketAddress | null = null): number {
    if (result < 0) throw new SocketError(syscall, result, address)
    return result
  }

  /** A socket that came from elsewhere has time limits that only its endpoint knows. */
  protected askLimits(): void {
    if (this.receiveLimit === UNKNOWN) this.receiveLimit = this.#askTime(SO_RCVTIMEO)
    if (this.sendLimit === UNKNOWN) this.sendLimit = this.#askTime(SO_SNDTIMEO)
  }

  protected get listening(): boolean {
    return this.waiting.endpoint.getOption(SOL_SOCKET, SO_ACCEPTCONN, room) >= 0 && room[0] !== 0
  }

  #option(level: number, name: number, about: unknown): OptionValue {
    const entry = optionEntry(level, name)
    const value = room.subarray(0, OPTION_LENGTH[entry.kind])
    if (about !== undefined) value.set(encodeOption(entry.constant, entry.kind, about).subarray(0, value.length))
    const length = this.check('getsockopt', this.waiting.endpoint.getOption(level, name, value))
    return decodeOption(entry.kind, value, Math.min(length, value.length))
  }

  #askTime(name: number): number {
    const length = this.waiting.endpoint.getOption(SOL_SOCKET, name, room)
    return length < 0 ? 0 : (decodeOption('timeval', room, length) as number)
  }

  #askLinger(): number {
    const length = this.waiting.endpoint.getOption(SOL_SOCKET, SO_LINGER, room)
    return length < 8 ? 0 : milliseconds(decodeOption('linger', room, length) as Linger)
  }
}

function isLinger(value: unknown): value is Linger {
  return value !== null && typeof value === 'object' && 'onoff' in value
}

function milliseconds(linger: Linger): number {
  return linger.onoff ? linger.linger * 1000 : 0
}
