// Read first: bind(2), listen(2), shutdown(2), getsockname(2), getsockopt(2), socket(7).

import { checkInteger } from '../base/argument.ts'
import { SO_ERROR, SOL_SOCKET, SOMAXCONN } from '../base/constants.ts'
import { ENOPROTOOPT } from '../base/errno.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { type AddressLike, toSocketAddress } from './arguments.ts'
import { type OptionFormat, SIMPLE_OPTIONS } from './option-format.ts'
import type { OptionInput, OptionOf } from './option-table.ts'
import type { OptionValue } from './option-values.ts'
import type { Endpoint, Provider } from './provider.ts'
import { SocketError, type SystemCall } from './socket-error.ts'
import { kindOf, type SocketKind } from './socket-kind.ts'
import { Waiting } from './waiting.ts'

/** For the value that is being asked for; it grows to the longest that there is, a filter of many sources. */
let room = new Uint8Array(1024)

/**
 * The calls of a socket that wait in no style: its names and its options. Methods of one's own are `private` here and in what builds on it:
 * one whose name begins with # costs each socket a field of 8 octets for each class.
 */
export abstract class SocketNames {
  /** The system that the socket belongs to. */
  readonly provider: Provider
  protected readonly kind: SocketKind
  protected readonly waiting: Waiting

  /** `watches`: whether the endpoint shall tell when it has become ready. */
  protected constructor(provider: Provider, endpoint: Endpoint, watches: boolean) {
    this.provider = provider
    this.kind = kindOf(endpoint)
    this.waiting = new Waiting(endpoint, provider.clock, watches)
  }

  get family(): number {
    return this.kind.family
  }

  get type(): number {
    return this.kind.type
  }

  get protocol(): number {
    return this.kind.protocol
  }

  /** The descriptor: the lowest that was free in the provider's table. −1 once closed. */
  get fd(): number {
    return this.waiting.endpoint.fd
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
   * SO_LINGER, a string for TCP_CONGESTION and SO_BINDTODEVICE, an object of tcpi_ fields for TCP_INFO, a bigint for what has 64 bits,
   * the octets that C has for an option without a name here; docs/reference/options.md has them all. SO_ERROR is an errno, and reading it clears it. `about` is for options that must be told whose
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
    return this.option(level, name, about) as OptionOf<Level, Name>
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
    const bytes = this.format.encode(level, name, value)
    const result = bytes === null ? -ENOPROTOOPT : this.waiting.endpoint.setOption(level, name, bytes)
    this.check('setsockopt', result)
    if (level === SOL_SOCKET) this.wasSet(name, value)
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

  /** An option of the socket itself has been set. */
  protected wasSet(_name: number, _value: unknown): void {}

  /** Throws what a negative result means; else gives it back. */
  protected check(syscall: SystemCall, result: number, address: SocketAddress | null = null): number {
    if (result < 0) throw new SocketError(syscall, result, address)
    return result
  }

  private get format(): OptionFormat {
    return this.provider.optionFormat ?? SIMPLE_OPTIONS
  }

  private option(level: number, name: number, about: unknown): OptionValue {
    const { format } = this
    const size = format.room(level, name)
    if (size > room.length) room = new Uint8Array(size)
    const value = room.subarray(0, size)
    // Some are asked with a struct that is filled in: what an earlier call left in the room must ask for nothing.
    value.fill(0)
    const asked = about === undefined ? value.subarray(0, 0) : format.encode(level, name, about)
    if (asked !== null) value.set(asked.subarray(0, size))
    const result = asked === null ? -ENOPROTOOPT : this.waiting.endpoint.getOption(level, name, value)
    const length = this.check('getsockopt', result)
    return format.decode(level, name, value, Math.min(length, size))
  }
}
