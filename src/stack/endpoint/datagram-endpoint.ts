// Read first: udp(7), raw(7), ip(7), send(2), recv(2), poll(2), shutdown(2).

import { ByteRing, copyBytes } from '../../base/byte-ring.ts'
import {
  AF_INET,
  AF_UNSPEC,
  FIONREAD,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
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
  SIOCOUTQ,
} from '../../base/constants.ts'
import {
  EACCES,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  ENOTCONN,
  ENOTTY,
  EOPNOTSUPP,
  EPIPE,
} from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { Offload } from '../../device/device.ts'
import type { Endpoint, Message } from '../../socket/provider.ts'
import { IPV4_HEADER_LENGTH } from '../../wire/ipv4.ts'
import { FRAME_HEADROOM, ipOutput } from '../ip/ip-output.ts'
import { ipOutputOfSocket } from '../ip/ip-output-with-options.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import type { IcmpReport } from '../transport/transport.ts'
import { DatagramControl, receiveControl } from './datagram-control.ts'
import { DatagramQueue } from './datagram-queue.ts'
import { fillAddress, StackEndpoint } from './endpoint.ts'
import { OPTION_BROADCAST, OPTION_RECVERR } from './option-bits.ts'

const READ_SHUT = 1
const WRITE_SHUT = 2

/** What a send says beside its data. One send's: calls do not nest. */
const control = new DatagramControl()

/** A datagram that is being put together. */
class Cork {
  readonly destination: IpAddress
  readonly port: number
  readonly ring = new ByteRing()

  constructor(destination: IpAddress, port: number) {
    this.destination = destination.copy()
    this.port = port
  }
}

/** What UDP, raw and ICMP sockets share: addresses, the receive queue, sending one packet for each call. */
export abstract class DatagramEndpoint extends StackEndpoint {
  /** The address to receive for; unspecified: any. */
  readonly local: IpAddress = IpAddress.v4(0)
  localPort = 0
  /** The peer of a connected one. */
  readonly remote: IpAddress = IpAddress.v4(0)
  remotePort = 0
  connected = false
  readonly queue: DatagramQueue = new DatagramQueue()
  /** bind(2) chose the address, or the port: disconnecting does not undo that. */
  addressBound = false
  portBound = false
  #shut = 0
  #cork: Cork | null = null
  #blocked = false
  /** The way to the connected peer, or where the last datagram went. */
  #route: Route | null = null
  /** Where the datagram being sent goes. */
  protected sendPort = 0

  /** Octets of transport header in front of the data: what the protocol writes itself. */
  protected abstract readonly headerLength: number
  /** The longest message, header not counted. */
  protected abstract readonly messageMax: number

  /** Takes the port that is in `localPort`, or any if it is 0. 0 or a negated errno. */
  protected abstract takePort(): number
  protected abstract givePortBack(): void
  /** Local or remote address has changed, or the endpoint is gone: its place in the tables is another. */
  protected abstract rehash(): void
  /**
   * Writes the header in front of the data, which ends at `end` of the stack's frame, and what is left to do into `offload`. 0 or
   * a negated errno.
   */
  protected abstract writeHeader(route: Route, end: number): number
  protected readonly offload: Offload = new Offload()

  bind(address: SocketAddress): number {
    if (this.closed) return -EBADF
    // Linux takes AF_UNSPEC for AF_INET with the wildcard, for the sake of old programs.
    if (address.family !== AF_INET && !(address.family === AF_UNSPEC && address.ip.isUnspecified)) return -EAFNOSUPPORT
    const { ip } = address
    const { stack } = this
    if (!ip.isUnspecified && !stack.isOwnAddress(ip) && !ip.isMulticast && !stack.isBroadcastAddress(ip)) {
      return -EADDRNOTAVAIL
    }
    if (this.localPort !== 0 || this.addressBound) return -EINVAL
    this.local.setV4(ip.d)
    this.localPort = address.port
    const result = this.takePort()
    if (result < 0) {
      this.local.setV4(0)
      this.localPort = 0
      return result
    }
    this.addressBound = !ip.isUnspecified
    this.portBound = address.port !== 0
    this.#route = null
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
    if (address.family === AF_UNSPEC) return this.#disconnect()
    if (address.family !== AF_INET) return -EAFNOSUPPORT
    const bound = this.autobind()
    if (bound < 0) return bound
    const route = this.stack.routeTo(address.ip, this.source(), this.boundTo)
    if (typeof route === 'number') return route
    if (isBroadcastRoute(route) && !this.option(OPTION_BROADCAST)) return -EACCES
    this.#route = route
    this.remote.set(route.destination)
    this.remotePort = address.port
    this.connected = true
    if (this.local.isUnspecified) this.local.set(route.source)
    this.rehash()
    return 0
  }

  #disconnect(): number {
    this.connected = false
    this.remote.setV4(0)
    this.remotePort = 0
    this.#route = null
    if (!this.addressBound) this.local.setV4(0)
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

  /** The address to send from; null: whatever suits the destination. */
  protected source(): IpAddress | null {
    const { local } = this
    return local.isUnspecified || local.isMulticast || this.stack.isBroadcastAddress(local) ? null : local
  }

  // Sending

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    control.clear()
    if ((flags & MSG_MORE) !== 0 || this.#cork !== null) {
      return this.#sendCorked([start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)], null, flags)
    }
    const route = this.#prepare(null, end - start, flags)
    if (typeof route === 'number') return route
    const at = FRAME_HEADROOM + this.headerLength
    copyBytes(bytes, start, end, this.stack.frame, at)
    return this.#finish(route, end - start)
  }

  sendmsg(message: Message, flags: number): number {
    if (this.closed) return -EBADF
    const bad = control.read(message.control)
    if (bad < 0) return bad
    const { buffers } = message
    if ((flags & MSG_MORE) !== 0 || this.#cork !== null) return this.#sendCorked(buffers, message.name, flags)
    const length = totalLength(buffers)
    const route = this.#prepare(message.name, length, flags)
    if (typeof route === 'number') return route
    let at = FRAME_HEADROOM + this.headerLength
    for (let i = 0; i < buffers.length; i++) {
      const buffer = buffers[i] as Uint8Array
      copyBytes(buffer, 0, buffer.length, this.stack.frame, at)
      at += buffer.length
    }
    return this.#finish(route, length)
  }

  // MSG_MORE (send(2)): the parts make one datagram, to where the first of them was sent; one without the flag ends it.
  #sendCorked(buffers: readonly Uint8Array[], name: SocketAddress | null, flags: number): number {
    if (this.closed) return -EBADF
    const length = totalLength(buffers)
    let cork = this.#cork
    if (cork === null) {
      const route = this.#prepare(name, length, flags)
      if (typeof route === 'number') return route
      cork = new Cork(route.destination, this.sendPort)
    }
    const { ring } = cork
    if (ring.length + length > this.messageMax) {
      ring.free()
      this.#cork = null
      return -EMSGSIZE
    }
    for (let i = 0; i < buffers.length; i++) ring.write(buffers[i] as Uint8Array, 0, (buffers[i] as Uint8Array).length)
    this.#cork = cork
    if ((flags & MSG_MORE) !== 0) return length
    this.sendPort = cork.port
    const route = this.#routeTo(cork.destination)
    let result = typeof route === 'number' ? route : 0
    if (typeof route !== 'number') {
      ring.peek(0, ring.length, this.stack.frame, FRAME_HEADROOM + this.headerLength)
      result = this.#finish(route, ring.length)
    }
    if (result === -EAGAIN) {
      // The caller will bring this part again.
      ring.length -= length
      return result
    }
    ring.free()
    this.#cork = null
    return result < 0 ? result : length
  }

  // All that can be refused before the data is looked at, in the order of udp_sendmsg in Linux; and the way to go.
  #prepare(name: SocketAddress | null, length: number, flags: number): Route | number {
    if (this.closed) return -EBADF
    if (length > 65535) return -EMSGSIZE
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    let route: Route | number
    if (name !== null) {
      if (name.family !== AF_INET && name.family !== AF_UNSPEC) return -EAFNOSUPPORT
      const bad = this.checkDestination(name)
      if (bad < 0) return bad
    } else if (!this.connected) {
      return -EDESTADDRREQ
    }
    const bound = this.autobind()
    if (bound < 0) return bound
    if (name !== null) {
      this.sendPort = name.port
      route = this.#routeTo(name.ip)
    } else {
      this.sendPort = this.remotePort
      route = this.#routeTo(this.remote)
    }
    if (typeof route === 'number') return route
    if (isBroadcastRoute(route) && !this.option(OPTION_BROADCAST)) return -EACCES
    if (this.pendingError !== 0) return this.takeError()
    if ((this.#shut & WRITE_SHUT) !== 0) return -EPIPE
    if (length > this.messageMax) return -EMSGSIZE
    return route
  }

  /** Whether `name` can be sent to; UDP has no port 0. */
  protected checkDestination(_name: SocketAddress): number {
    return 0
  }

  #routeTo(destination: IpAddress): Route | number {
    const kept = this.#route
    if (control.source === null && control.interfaceIndex === 0) {
      if (kept !== null && !kept.stale && kept.destination.equals(destination)) return kept
      const route = this.stack.routeTo(destination, this.source(), this.boundTo)
      if (typeof route !== 'number') this.#route = route
      return route
    }
    const { interfaces } = this.stack
    const wanted = interfaces.find((networkInterface) => networkInterface.index === control.interfaceIndex) ?? null
    return this.stack.routeTo(destination, control.source ?? this.source(), wanted ?? this.boundTo)
  }

  #finish(route: Route, length: number): number {
    const { pathMtuDiscovery } = this
    const end = FRAME_HEADROOM + this.headerLength + length
    const bad = this.writeHeader(route, end)
    if (bad < 0) return bad
    // ip(7), IP_MTU_DISCOVER: "want" fragments what is too long for the path, "do" never does.
    const options = this.rare === null ? null : this.rare.ipOptions
    const ipHeaderLength = options === null ? IPV4_HEADER_LENGTH : IPV4_HEADER_LENGTH + options.length
    const fits = ipHeaderLength + end - FRAME_HEADROOM <= route.mtu
    const dontFragment =
      pathMtuDiscovery === IP_PMTUDISC_DO ||
      pathMtuDiscovery === IP_PMTUDISC_PROBE ||
      (pathMtuDiscovery === IP_PMTUDISC_WANT && fits)
    const ttl = control.ttl >= 0 ? control.ttl : this.ttlFor(route)
    const tos = control.tos >= 0 ? control.tos : this.tos
    const result = this.transmit(route, ttl, tos, dontFragment, end)
    if (result === -ENOBUFS) {
      // Linux would block for room in the send buffer: here the device's queue is that buffer.
      this.#blocked = true
      route.interface.awaitRoom(this)
      return -EAGAIN
    }
    if (result < 0) return result
    return length
  }

  /** Gives the packet, whose header is written, to IP. */
  protected transmit(route: Route, ttl: number, tos: number, dontFragment: boolean, end: number): number {
    const { stack } = this
    const options = this.rare === null ? null : this.rare.ipOptions
    if (options !== null) {
      return ipOutputOfSocket(stack, route, this.protocol, ttl, tos, dontFragment, options, end, this.offload)
    }
    return ipOutput(stack, route, this.protocol, ttl, tos, dontFragment, stack.frame, FRAME_HEADROOM, end, this.offload)
  }

  /** RFC 1112 section 6.1: multicast goes no further than the link unless it is asked to. */
  protected ttlFor(route: Route): number {
    return route.destination.isMulticast ? 1 : this.ttl
  }

  override roomAgain(): void {
    this.#blocked = false
    this.markReady(POLLOUT)
  }

  // Receiving

  /** Puts a packet's `bytes[start, end)` into the queue. False where there is no room. */
  enqueue(packet: IpPacket, start: number, end: number, port: number): boolean {
    if ((this.#shut & READ_SHUT) !== 0) return true
    if (!this.queue.push(packet, start, end, port, this.receiveBufferSize)) return false
    this.markReady(POLLIN)
    return true
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    const waiting = this.#waiting(flags)
    if (waiting <= 0) return waiting
    const { queue } = this
    const { length } = queue
    const taken = Math.min(length, end - start)
    queue.peek(0, taken, bytes, start)
    if ((flags & MSG_PEEK) === 0) queue.drop()
    return (flags & MSG_TRUNC) === 0 ? taken : length
  }

  recvmsg(message: Message, flags: number): number {
    const waiting = this.#waiting(flags)
    message.flags = 0
    if (waiting <= 0) {
      if (waiting === 0) message.control = []
      return waiting
    }
    const { queue } = this
    const { length } = queue
    const { buffers } = message
    let taken = 0
    for (let i = 0; i < buffers.length && taken < length; i++) {
      const buffer = buffers[i] as Uint8Array
      const part = Math.min(buffer.length, length - taken)
      queue.peek(taken, part, buffer, 0)
      taken += part
    }
    if (taken < length) message.flags = MSG_TRUNC
    if (message.name !== null) this.#sourceOf(message.name)
    message.control = receiveControl(this.optionBits, queue)
    if ((flags & MSG_PEEK) === 0) queue.drop()
    return (flags & MSG_TRUNC) === 0 ? taken : length
  }

  // 1: a datagram waits. Else what the call returns.
  #waiting(flags: number): number {
    if (this.closed) return -EBADF
    // No queue of errors is kept: there is never one in it.
    if ((flags & MSG_ERRQUEUE) !== 0) return -EAGAIN
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    if (this.pendingError !== 0) return this.takeError()
    if (this.queue.count > 0) return 1
    return (this.#shut & READ_SHUT) !== 0 ? 0 : -EAGAIN
  }

  #sourceOf(name: SocketAddress): void {
    fillAddress(name, AF_INET, name.ip, this.queue.port)
    this.queue.source(name.ip)
  }

  /** An ICMP error about a packet of this endpoint. Reported as Linux does: hard ones, to a connected socket. */
  reported(report: IcmpReport): void {
    let { hard } = report
    if (report.mtu !== 0) {
      if (this.pathMtuDiscovery === 0) return
      hard = true
    }
    if (!this.option(OPTION_RECVERR) && !(hard && this.connected)) return
    this.pendingError = report.errno
    this.markReady(POLLERR | POLLIN | POLLOUT)
  }

  // State

  override ioctl(request: number): number {
    if (this.closed) return -EBADF
    // udp(7): the length of the next datagram.
    if (request === FIONREAD) return this.queue.count > 0 ? this.queue.length : 0
    return request === SIOCOUTQ ? 0 : -ENOTTY
  }

  override pathMtu(): number {
    if (!this.connected) return -ENOTCONN
    const route = this.#routeTo(this.remote)
    return typeof route === 'number' ? -ENOTCONN : route.mtu
  }

  localAddress(into: SocketAddress): number {
    return this.closed ? -EBADF : fillAddress(into, AF_INET, this.local, this.localPort)
  }

  peerAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    return this.connected ? fillAddress(into, AF_INET, this.remote, this.remotePort) : -ENOTCONN
  }

  shutdown(how: number): number {
    if (this.closed) return -EBADF
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL
    if (how !== SHUT_WR) this.#shut |= READ_SHUT
    if (how !== SHUT_RD) this.#shut |= WRITE_SHUT
    this.markReady(this.readiness())
    // An unconnected one is shut down all the same: inet_shutdown in Linux.
    return this.connected ? 0 : -ENOTCONN
  }

  readiness(): number {
    if (this.closed) return 0
    let events = this.#blocked ? 0 : POLLOUT
    if (this.queue.count > 0) events |= POLLIN
    if (this.pendingError !== 0) events |= POLLERR
    if ((this.#shut & READ_SHUT) !== 0) events |= POLLIN | POLLRDHUP
    if (this.#shut === (READ_SHUT | WRITE_SHUT)) events |= POLLHUP
    return events
  }

  close(): number {
    const left = this.leave()
    if (left <= 0) return left
    if (!this.releaseDescriptor()) return -EBADF
    this.watcher = null
    if (this.localPort !== 0) this.givePortBack()
    this.connected = false
    this.rehash()
    this.queue.clear()
    this.#cork?.ring.free()
    this.#cork = null
    return 0
  }
}

function totalLength(buffers: readonly Uint8Array[]): number {
  let length = 0
  for (let i = 0; i < buffers.length; i++) length += (buffers[i] as Uint8Array).length
  return length
}

function isBroadcastRoute(route: Route): boolean {
  return route.toMany && !route.destination.isMulticast
}
