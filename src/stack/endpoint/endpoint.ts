import {
  AF_INET6,
  IP_PMTUDISC_WANT,
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
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { EndpointExtras } from './endpoint-extras.ts'
import type { EndpointOptions } from './endpoint-options.ts'
import { getIpv6Only, setIpv6Only } from './ipv6-only.ts'
import type { Memberships } from './memberships.ts'
import { OPTION_V6ONLY } from './option-bits.ts'
import { RareOptions } from './rare-options.ts'
import { needsScope } from './scope.ts'
import { getSocketOption, setSocketOption } from './socket-options.ts'

// Bits of `StackEndpoint.state`; those of subclasses lie above
const ON_READY_LIST = 1
const CLOSED = 2
const DISCOVERY_SHIFT = 4
const DISCOVERY = 7
const FAMILY_SHIFT = 16
const FAMILY = 255

/**
 * A socket of the stack: what all kinds have in common. Subclasses add their protocol; after close every call gives -EBADF.
 */
export abstract class StackEndpoint implements OwnEndpoint, ReadyNode {
  abstract readonly stack: LeanStack
  abstract readonly type: number
  abstract readonly protocol: number
  /** −1: none yet, or given back. */
  fd: number
  watcher: Watcher | null = null
  /** POLL… events to tell at the end of the burst, and the next endpoint that has some. */
  readyEvents = 0
  nextReady: ReadyNode | null = null
  optionBits = 0
  protected options: EndpointOptions
  protected state: number
  rare: RareOptions | null = null
  protected extras: EndpointExtras | null = null

  /** `options`: those of one that has set none. */
  constructor(fd: number, family: number, options: EndpointOptions) {
    this.fd = fd
    this.state = (IP_PMTUDISC_WANT << DISCOVERY_SHIFT) | (family << FAMILY_SHIFT)
    this.options = options
  }

  /** IPV6_ADDRFORM can make an AF_INET one of an AF_INET6 one. */
  get family(): number {
    return (this.state >> FAMILY_SHIFT) & FAMILY
  }

  set family(family: number) {
    this.state = (this.state & ~(FAMILY << FAMILY_SHIFT)) | (family << FAMILY_SHIFT)
  }

  get onReadyList(): boolean {
    return (this.state & ON_READY_LIST) !== 0
  }

  set onReadyList(yes: boolean) {
    this.state = yes ? this.state | ON_READY_LIST : this.state & ~ON_READY_LIST
  }

  get closed(): boolean {
    return (this.state & CLOSED) !== 0
  }

  /** IP_PMTUDISC_… */
  get pathMtuDiscovery(): number {
    return (this.state >> DISCOVERY_SHIFT) & DISCOVERY
  }

  set pathMtuDiscovery(value: number) {
    this.state = (this.state & ~(DISCOVERY << DISCOVERY_SHIFT)) | (value << DISCOVERY_SHIFT)
  }

  get description(): OpenDescription | null {
    return this.extras === null ? null : this.extras.description
  }

  set description(value: OpenDescription | null) {
    if (this.extras !== null || value !== null) this.ensureExtras().description = value
  }

  /** The error that SO_ERROR gives and clears: a positive errno. */
  get pendingError(): number {
    return this.extras === null ? 0 : this.extras.pendingError
  }

  set pendingError(value: number) {
    if (this.extras !== null || value !== 0) this.ensureExtras().pendingError = value
  }

  /** What recvmsg shall tell beside the data: CONTROL_… bits. */
  get controlBits(): number {
    return this.extras === null ? 0 : this.extras.controlBits
  }

  set controlBits(value: number) {
    if (this.extras !== null || value !== 0) this.ensureExtras().controlBits = value
  }

  /** The groups that it is a member of; null: it never was of any. */
  get memberships(): Memberships | null {
    return this.extras === null ? null : this.extras.memberships
  }

  set memberships(value: Memberships | null) {
    if (this.extras !== null || value !== null) this.ensureExtras().memberships = value
  }

  protected ensureExtras(): EndpointExtras {
    this.extras ??= this.makeExtras()
    return this.extras
  }

  protected makeExtras(): EndpointExtras {
    return new EndpointExtras()
  }

  get sendBufferSize(): number {
    return this.options.sendBufferSize
  }

  set sendBufferSize(value: number) {
    if (value !== this.options.sendBufferSize) this.ownOptions().sendBufferSize = value
  }

  get receiveBufferSize(): number {
    return this.options.receiveBufferSize
  }

  set receiveBufferSize(value: number) {
    if (value !== this.options.receiveBufferSize) this.ownOptions().receiveBufferSize = value
  }

  get ttl(): number {
    return this.options.ttl
  }

  set ttl(value: number) {
    if (value !== this.options.ttl) this.ownOptions().ttl = value
  }

  get tos(): number {
    return this.options.tos
  }

  set tos(value: number) {
    if (value !== this.options.tos) this.ownOptions().tos = value
  }

  get hopLimit(): number {
    return this.options.hopLimit
  }

  set hopLimit(value: number) {
    if (value !== this.options.hopLimit) this.ownOptions().hopLimit = value
  }

  get trafficClass(): number {
    return this.options.trafficClass
  }

  set trafficClass(value: number) {
    if (value !== this.options.trafficClass) this.ownOptions().trafficClass = value
  }

  private ownOptions(): EndpointOptions {
    if (this.options.shared) this.options = this.options.copy()
    return this.options
  }

  /** Has the same numbers as `parent` from now on, until either changes one. */
  shareOptions(parent: StackEndpoint): void {
    parent.options.shared = true
    this.options = parent.options
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
    if (level === IPPROTO_IP && hasIpLevel(this))
      return this.stack.parts.ipOptions?.getIp(this, name, value) ?? -ENOPROTOOPT
    const result = this.getProtocolOption(level, name, value)
    if (result !== -EOPNOTSUPP || this.family !== AF_INET6 || owns(this, level)) return result
    return level === IPPROTO_IPV6
      ? (this.stack.parts.ipOptions?.getIpv6 ?? getIpv6Only)(this, name, value)
      : -ENOPROTOOPT
  }

  setOption(level: number, name: number, value: Uint8Array): number {
    if (this.closed) return -EBADF
    let result: number
    if (level === SOL_SOCKET) result = setSocketOption(this, name, value)
    else if (level === IPPROTO_IP && hasIpLevel(this))
      result = this.stack.parts.ipOptions?.setIp(this, name, value) ?? -ENOPROTOOPT
    else {
      result = this.setProtocolOption(level, name, value)
      if (result !== -ENOPROTOOPT || level !== IPPROTO_IPV6 || this.family !== AF_INET6) return result
      result = (this.stack.parts.ipOptions?.setIpv6 ?? setIpv6Only)(this, name, value)
    }
    if (result === 0) this.optionChanged(level, name)
    return result
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
    this.state |= CLOSED
    if (this.fd >= 0) this.stack.descriptors.release(this.fd)
    return true
  }
}

// Raw sockets of ICMPv6's protocol number and of others alike have ICMPv6's level, and say so.
function owns({ type }: StackEndpoint, level: number): boolean {
  return level === IPPROTO_ICMPV6 && type === SOCK_RAW
}

// An AF_INET6 socket has the options of IPv4 too, for when it speaks that; a raw one never does.
function hasIpLevel({ family, type }: StackEndpoint): boolean {
  return family !== AF_INET6 || type !== SOCK_RAW
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
