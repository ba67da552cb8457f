// Read first: bind(2), connect(2), getsockname(2), udp(7), ipv6(7), RFC 3493 section 3.7.

import { AF_INET, AF_INET6, AF_UNSPEC } from '../../base/constants.ts'
import {
  EACCES,
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  EINVAL,
  ENETUNREACH,
  ENODEV,
  ENOTCONN,
  EOPNOTSUPP,
} from '../../base/errno.ts'
import { ANY_V4, ANY_V6, IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Endpoint } from '../../socket/provider.ts'
import { Route } from '../ip/route.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { fillAddress, StackEndpoint } from './endpoint.ts'
import { DEFAULT_OPTIONS } from './endpoint-options.ts'
import { bindToScope, checkLocal } from './local-address.ts'
import {
  OPTION_BIND_NO_PORT,
  OPTION_BROADCAST,
  OPTION_FLOWINFO_SEND,
  OPTION_MULTICAST_LOOP_OFF,
  OPTION_MULTICAST_LOOP6_OFF,
  OPTION_TRANSPARENT,
} from './option-bits.ts'
import { needsScope } from './scope.ts'

/** Where a packet shall go: one call's. */
export class Target {
  readonly ip: IpAddress = new IpAddress()
  port = 0
  /** The interface, for addresses that need one; 0: not said. */
  scope = 0
  /** IPv6: traffic class and flow label. */
  flowInfo = 0

  set(other: Target): void {
    this.ip.set(other.ip)
    this.port = other.port
    this.scope = other.scope
    this.flowInfo = other.flowInfo
  }
}

/** What connect, and a look at the way to the peer, aim at. */
const peer = new Target()

/** What sockets without connections have: a local and a remote address, of either family, and the way between them. */
export abstract class AddressedEndpoint extends StackEndpoint {
  readonly stack: LeanStack
  readonly type: number
  readonly protocol: number
  /** The address to receive for; unspecified: any. */
  readonly local: IpAddress
  localPort = 0
  /** The peer of a connected one. */
  readonly remote: IpAddress
  remotePort = 0
  remoteFlowInfo = 0
  connected = false
  /** bind(2) chose the address, or the port: disconnecting does not undo that. */
  addressBound = false
  portBound = false
  /**
   * The way to the connected peer, or where the last datagram went; the stack's own that it was made of; and what control messages
   * had asked for, as a server does that answers from the address it was asked at.
   */
  #route: Route | null = null
  #base: Route | null = null
  #askedSource: IpAddress | null = null
  #askedInterface = 0

  constructor(stack: LeanStack, fd: number, family: number, type: number, protocol: number) {
    super(fd, family, DEFAULT_OPTIONS)
    this.stack = stack
    this.type = type
    this.protocol = protocol
    this.local = this.any.copy()
    this.remote = this.any.copy()
  }

  /** Takes the port that is in `localPort`, or any if it is 0. 0 or a negated errno. */
  protected abstract takePort(): number
  protected abstract givePortBack(): void
  /** Local or remote address has changed, or the endpoint is gone: its place in the tables is another. */
  protected abstract rehash(): void

  /** The wildcard address of its family. */
  get any(): IpAddress {
    return this.family === AF_INET6 ? ANY_V6 : ANY_V4
  }

  /** Whether it can talk IPv4: an AF_INET6 one of UDP does, unless it was told not to. */
  get speaksV4(): boolean {
    return this.family !== AF_INET6 || !this.v6only
  }

  override get hasPort(): boolean {
    return this.localPort !== 0
  }

  /** Whether bind comes too late. */
  protected get isBound(): boolean {
    return this.localPort !== 0
  }

  bind(address: SocketAddress): number {
    if (this.closed) return -EBADF
    const bad = checkLocal(this, address, this.isBound)
    if (bad < 0) return bad
    this.local.set(address.ip.isUnspecified && !address.ip.isV4 ? this.any : address.ip)
    this.localPort = address.port
    const later = address.port === 0 && this.option(OPTION_BIND_NO_PORT)
    const result = later ? 0 : this.takePort()
    if (result < 0) {
      this.local.set(this.any)
      this.localPort = 0
      return result
    }
    this.addressBound = !this.local.isUnspecified
    this.portBound = address.port !== 0
    this.forgetRoute()
    this.rehash()
    return 0
  }

  listen(_backlog: number): number {
    return this.closed ? -EBADF : -EOPNOTSUPP
  }

  accept(_peer: SocketAddress | null): Endpoint | number {
    return this.closed ? -EBADF : -EOPNOTSUPP
  }

  connect(address: SocketAddress): number {
    if (this.closed) return -EBADF
    const { family } = address
    if (family === AF_UNSPEC) return this.#disconnect()
    const bound = this.autobind()
    if (bound < 0) return bound
    if (family !== this.family && !(family === AF_INET && this.family === AF_INET6)) return -EAFNOSUPPORT
    const wrong = this.aim(peer, address)
    if (wrong < 0) return family === AF_INET && wrong === -ENETUNREACH ? -EAFNOSUPPORT : wrong
    if (needsScope(peer.ip)) {
      // From then on the socket is the link's, as ip6_datagram_connect has it.
      const link = peer.scope === 0 ? 0 : bindToScope(this, peer.scope)
      if (link < 0) return -EINVAL
      const through = this.boundTo ?? (peer.ip.isMulticast ? (this.rare?.multicastInterface6 ?? null) : null)
      if (through === null) return -EINVAL
      this.ensureRare().boundTo = through
    }
    if (family === AF_INET && this.family === AF_INET6 && this.addressBound && !this.local.isV4) return -EAFNOSUPPORT
    this.forgetRoute()
    const route = this.wayTo(peer, null, 0)
    if (typeof route === 'number') return route
    if (isBroadcastRoute(route) && !this.option(OPTION_BROADCAST)) return -EACCES
    this.remote.set(route.destination)
    this.remotePort = address.port
    this.remoteFlowInfo = this.option(OPTION_FLOWINFO_SEND) ? peer.flowInfo : 0
    this.connected = true
    if (this.local.isUnspecified) this.local.set(route.source)
    this.rehash()
    return 0
  }

  #disconnect(): number {
    this.connected = false
    this.remote.set(this.any)
    this.remotePort = 0
    this.remoteFlowInfo = 0
    this.forgetRoute()
    if (!this.addressBound) this.local.set(this.any)
    if (!this.portBound && this.localPort !== 0) {
      this.givePortBack()
      this.localPort = 0
    }
    this.rehash()
    return 0
  }

  /** Takes a port if there is none yet. Linux says EAGAIN where all are taken. */
  protected autobind(): number {
    if (this.localPort !== 0) return 0
    if (this.takePort() < 0) return -EAGAIN
    this.rehash()
    return 0
  }

  /**
   * Reads where `address` is into `target`. -ENETUNREACH: an IPv4 address, and the socket does not speak that; -EAFNOSUPPORT,
   * -EINVAL: of a family that it does not know.
   */
  protected aim(target: Target, address: SocketAddress): number {
    const { ip, family } = address
    target.ip.set(ip)
    target.port = address.port
    target.scope = 0
    target.flowInfo = 0
    if (this.family !== AF_INET6) {
      target.ip.setV4(ip.d)
      return family === AF_INET || family === AF_UNSPEC ? 0 : -EAFNOSUPPORT
    }
    if (family === AF_INET) target.ip.setV4(ip.d)
    else if (family !== AF_INET6) return -EINVAL
    else target.flowInfo = address.flowInfo
    if (target.ip.isV4) return this.speaksV4 ? 0 : -ENETUNREACH
    // "This host", of the family that the socket is bound to.
    if (ip.isUnspecified) target.ip.set(this.local.isV4 ? LOOPBACK_V4 : LOOPBACK_V6)
    else if (needsScope(ip)) target.scope = address.scopeId
    return 0
  }

  /** The address to send from; null: whatever suits the destination. */
  protected source(): IpAddress | null {
    const { local } = this
    return local.isUnspecified || local.isMulticast || this.stack.isBroadcastAddress(local) ? null : local
  }

  /** Options of routing have changed. */
  protected forgetRoute(): void {
    this.#route = null
    this.#base = null
  }

  /**
   * The way to `target`, by the source and interface that a control message asks for (null and 0: none does), else by what the
   * socket's options say.
   */
  protected wayTo(target: Target, askedSource: IpAddress | null, askedInterface: number): Route | number {
    const { ip, scope } = target
    const asked = askedSource !== null || askedInterface !== 0
    const kept = this.#route
    if (kept !== null && this.#base?.stale === false && kept.destination.equals(ip)) {
      const same = askedInterface === this.#askedInterface && isSame(askedSource, this.#askedSource)
      if (same && (scope === 0 || scope === kept.interface.index)) return kept
    }
    const { rare, stack } = this
    const v4 = ip.isV4
    let through = this.boundTo
    const index = askedInterface === 0 ? scope : askedInterface
    if (index !== 0 && index !== through?.index) {
      if (through !== null && !v4) return -EINVAL
      through = stack.interfaceWithIndex(index)
      if (through === null) return -ENODEV
    }
    if (askedSource !== null && !stack.isOwnAddress(askedSource) && !this.option(OPTION_TRANSPARENT)) {
      return v4 ? -ENETUNREACH : -EINVAL
    }
    let source = askedSource ?? this.source()
    if (rare !== null) {
      if (through === null) {
        if (v4) through = ip.isMulticast ? rare.multicastInterface : rare.unicastInterface
        else through = rare.through6 ?? (ip.isMulticast ? rare.multicastInterface6 : rare.unicastInterface6)
      }
      source ??= v4 ? (ip.isMulticast ? rare.multicastSource : null) : rare.source6
    }
    if (this.family === AF_INET6) {
      // Bound to one family (the mapped wildcard too), sending to the other: ip6_dst_lookup_tail in Linux.
      if (!v4 && (source ?? this.local).isV4) {
        const way = stack.routeTo(ip, null, through)
        return typeof way === 'number' ? way : -EAFNOSUPPORT
      }
      if (v4 && source !== null && !source.isV4) {
        if (asked || this.addressBound) return -ENETUNREACH
        // That connect has chosen an address of IPv6 says nothing about what goes elsewhere over IPv4.
        source = null
      }
    }
    const found = this.#routeFrom(ip, source, through)
    if (typeof found === 'number') return found
    const loops = !ip.isMulticast || !this.option(v4 ? OPTION_MULTICAST_LOOP_OFF : OPTION_MULTICAST_LOOP6_OFF)
    const own = loops && (source === null || source.isUnspecified || source.equals(found.source))
    const route = own ? found : likeRoute(found, source ?? found.source, found.toMany && loops)
    this.#route = route
    this.#base = found
    this.#askedSource = askedSource === null ? null : askedSource.copy()
    this.#askedInterface = askedInterface
    return route
  }

  // IP_TRANSPARENT: from an address that is not ours, by the way that one of ours would take.
  #routeFrom(ip: IpAddress, source: IpAddress | null, through: NetworkInterface | null): Route | number {
    const { stack } = this
    const foreign = source !== null && this.option(OPTION_TRANSPARENT) && !stack.isOwnAddress(source)
    return stack.routeTo(ip, foreign ? null : source, through)
  }

  /** The way to the connected peer. */
  protected wayToPeer(): Route | number {
    peer.ip.set(this.remote)
    peer.scope = 0
    return this.wayTo(peer, null, 0)
  }

  override pathMtu(): number {
    if (!this.connected) return -ENOTCONN
    const route = this.wayToPeer()
    return typeof route === 'number' ? -ENOTCONN : route.mtu
  }

  localAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    return fillAddress(into, this.family, this.local, this.localPort, this.boundTo?.index)
  }

  peerAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    if (!this.connected) return -ENOTCONN
    fillAddress(into, this.family, this.remote, this.remotePort, this.boundTo?.index)
    into.flowInfo = this.remoteFlowInfo
    return 0
  }
}

function isSame(x: IpAddress | null, y: IpAddress | null): boolean {
  return x === null || y === null ? x === y : x.equals(y)
}

/** The same way otherwise: from another address, without a copy for ourselves, in smaller pieces. */
export function likeRoute(route: Route, source: IpAddress, toMany: boolean, mtu = route.mtu): Route {
  return new Route(route.interface, source.copy(), route.destination, route.neighbour, mtu, toMany)
}

/** Whether packets on it go to everybody on a link, which a socket must ask for. */
export function isBroadcastRoute(route: Route): boolean {
  return route.toMany && !route.destination.isMulticast
}
