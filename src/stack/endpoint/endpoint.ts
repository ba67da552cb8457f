import {
  AF_INET6,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  POLLOUT,
  SOCK_RAW,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { EBADF, ENOPROTOOPT, ENOTCONN, ENOTTY, EOPNOTSUPP } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { OpenDescription, OwnEndpoint } from '../../socket/open-description.ts'
import type { Endpoint, Message, Watcher } from '../../socket/provider.ts'
import type { ReadyNode } from '../../socket/ready-list.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { Stack } from '../stack.ts'
import { getIpOption, setIpOption } from './ip-options.ts'
import { getIpv6Option, setIpv6Option } from './ipv6-options.ts'
import type { Memberships } from './memberships.ts'
import { OPTION_V6ONLY } from './option-bits.ts'
import { RareOptions } from './rare-options.ts'
import { needsScope } from './scope.ts'
import { getSocketOption, setSocketOption } from './socket-options.ts'

/** Linux's net.core.rmem_default and wmem_default. */
const BUFFER_DEFAULT = 212_992
const TTL_DEFAULT = 64

/**
 * A socket of the stack: what all kinds have in common. Subclasses add their protocol; after close every call gives -EBADF.
 */
export abstract class StackEndpoint implements OwnEndpoint, ReadyNode {
  readonly stack: Stack
  /** −1: none yet, or given back. */
  fd: number
  /** IPV6_ADDRFORM can make an AF_INET one of an AF_INET6 one. */
  family: number
  readonly type: number
  readonly protocol: number
  watcher: Watcher | null = null
  description: OpenDescription | null = null
  /** POLL… events to tell at the end of the burst, and the next endpoint that has some. */
  readyEvents = 0
  nextReady: ReadyNode | null = null
  onReadyList = false
  closed = false
  /** The error that SO_ERROR gives and clears: a positive errno. */
  pendingError = 0
  optionBits = 0
  /** What recvmsg shall tell beside the data: CONTROL_… bits. */
  controlBits = 0
  sendBufferSize: number = BUFFER_DEFAULT
  receiveBufferSize: number = BUFFER_DEFAULT
  ttl: number = TTL_DEFAULT
  tos = 0
  /** IPV6_UNICAST_HOPS; −1: the interface's. */
  hopLimit = -1
  trafficClass = 0
  /** IP_PMTUDISC_… */
  pathMtuDiscovery = 1
  rare: RareOptions | null = null
  /** The groups that it is a member of; null: it never was of any. */
  memberships: Memberships | null = null

  constructor(stack: Stack, fd: number, family: number, type: number, protocol: number) {
    this.stack = stack
    this.fd = fd
    this.family = family
    this.type = type
    this.protocol = protocol
  }

  /** Whether a bit of `optionBits` is set. */
  option(bit: number): boolean {
    return (this.optionBits & bit) !== 0
  }

  setOptionBit(bit: number, on: boolean): void {
    this.optionBits = on ? this.optionBits | bit : this.optionBits & ~bit
  }

  /** The rare options, made if there are none yet. */
  ensureRare(): RareOptions {
    this.rare ??= new RareOptions()
    return this.rare
  }

  /** IPV6_V6ONLY: an AF_INET6 socket that does without IPv4. */
  get v6only(): boolean {
    return this.option(OPTION_V6ONLY)
  }

  /** SO_BINDTODEVICE: the only interface to send and receive through; null: any. */
  get boundTo(): NetworkInterface | null {
    return this.rare === null ? null : this.rare.boundTo
  }

  /** Whether it has a port, or had one that a connection still has. */
  get hasPort(): boolean {
    return false
  }

  /** SO_ACCEPTCONN. */
  get listening(): boolean {
    return false
  }

  /** Has the watcher told of `events` at the end of the burst. */
  markReady(events: number): void {
    this.stack.markReady(this, events)
  }

  /** Takes the pending error: negated, 0 where there is none. */
  takeError(): number {
    const error = this.pendingError
    this.pendingError = 0
    return -error
  }

  /** What SO_ERROR gives from now on: a positive errno, or 0. */
  setError(errno: number): void {
    this.pendingError = errno
  }

  /** A device that refused a packet of this endpoint has room again (NetworkInterface.awaitRoom). */
  roomAgain(): void {
    this.markReady(POLLOUT)
  }

  watch(watcher: Watcher | null): void {
    if (this.description === null) this.watcher = watcher
    else this.description.watch(watcher)
  }

  getOption(level: number, name: number, value: Uint8Array): number {
    if (this.closed) return -EBADF
    if (level === SOL_SOCKET) return getSocketOption(this, name, value)
    if (level === IPPROTO_IP && this.#hasIpLevel) return getIpOption(this, name, value)
    const result = this.getProtocolOption(level, name, value)
    if (result !== -EOPNOTSUPP || this.family !== AF_INET6 || this.#owns(level)) return result
    return level === IPPROTO_IPV6 ? getIpv6Option(this, name, value) : -ENOPROTOOPT
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    if (this.closed) return -EBADF
    let result: number
    if (level === SOL_SOCKET) result = setSocketOption(this, name, value)
    else if (level === IPPROTO_IP && this.#hasIpLevel) result = setIpOption(this, name, value)
    else {
      result = this.setProtocolOption(level, name, value)
      if (result !== -ENOPROTOOPT || level !== IPPROTO_IPV6 || this.family !== AF_INET6) return result
      result = setIpv6Option(this, name, value)
    }
    if (result === 0) this.optionChanged(level, name)
    return result
  }

  // Raw sockets of ICMPv6's protocol number and of others alike have ICMPv6's level, and say so.
  #owns(level: number): boolean {
    return level === IPPROTO_ICMPV6 && this.type === SOCK_RAW
  }

  // An AF_INET6 socket has the options of IPv4 too, for when it speaks that; a raw one never does.
  get #hasIpLevel(): boolean {
    return this.family !== AF_INET6 || this.type !== SOCK_RAW
  }

  ioctl(_request: number): number {
    return this.closed ? -EBADF : -ENOTTY
  }

  /** Options of the protocol's own level. For a level that is not its own Linux says EOPNOTSUPP here, ENOPROTOOPT there. */
  protected getProtocolOption(_level: number, _name: number, _value: Uint8Array): number {
    return -EOPNOTSUPP
  }

  protected setProtocolOption(_level: number, _name: number, _value: Uint8Array): number {
    return -ENOPROTOOPT
  }

  /** The most that SO_RCVLOWAT can be. */
  get lowWaterMax(): number {
    return 0x7fffffff
  }

  /** SO_RCVBUF, which may have grown. */
  get receiveBufferNow(): number {
    return this.receiveBufferSize
  }

  /** SO_SNDBUF, likewise. */
  get sendBufferNow(): number {
    return this.sendBufferSize
  }

  /** Options of SOL_SOCKET that only one kind of socket has. */
  getOwnSocketOption(_name: number, _value: Uint8Array): number {
    return -ENOPROTOOPT
  }

  setOwnSocketOption(_name: number, _value: Uint8Array): number {
    return -ENOPROTOOPT
  }

  /** An option of SOL_SOCKET, IPPROTO_IP or IPPROTO_IPV6 has a new value. */
  protected optionChanged(_level: number, _name: number): void {}

  /** IP_MTU: the path MTU to the peer, or -ENOTCONN. */
  pathMtu(): number {
    return -ENOTCONN
  }

  abstract bind(address: SocketAddress): number
  abstract listen(backlog: number): number
  abstract accept(peer: SocketAddress | null): Endpoint | number
  abstract connect(address: SocketAddress): number
  abstract send(bytes: Uint8Array, start: number, end: number, flags: number): number
  abstract recv(bytes: Uint8Array, start: number, end: number, flags: number): number
  abstract sendmsg(message: Message, flags: number): number
  abstract recvmsg(message: Message, flags: number): number
  abstract shutdown(how: number): number
  abstract localAddress(into: SocketAddress): number
  abstract peerAddress(into: SocketAddress): number
  abstract readiness(): number
  abstract close(): number

  /** For `close` of subclasses, first of all: 1, or what to answer where other descriptors refer to the endpoint. */
  protected leave(): number {
    return this.description === null ? 1 : this.description.leave(this.stack.descriptors)
  }

  /** Gives the descriptor back and stops telling anybody. False where that was done before. For `close` of subclasses. */
  protected releaseDescriptor(): boolean {
    if (this.closed) return false
    this.closed = true
    if (this.fd >= 0) this.stack.descriptors.release(this.fd)
    return true
  }
}

/** Fills `into` with an Internet address, as getsockname(2) gives it; `scope` is the interface, for addresses that need one. */
export function fillAddress(into: SocketAddress, family: number, address: IpAddress, port: number, scope = 0): number {
  into.family = family
  into.ip.set(address)
  into.port = port
  into.flowInfo = 0
  into.scopeId = scope !== 0 && family === AF_INET6 && needsScope(address) ? scope : 0
  into.path = ''
  return 0
}
