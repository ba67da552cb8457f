// Read first: tcp(7), ip(7), accept(2), connect(2), shutdown(2), close(2). Errors are those of inet_stream_ops in Linux.

import {
  AF_UNSPEC,
  IP_PMTUDISC_DONT,
  IPPROTO_TCP,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCATMARK,
  SIOCINQ,
  SIOCOUTQ,
  SOCK_STREAM,
  SOMAXCONN,
} from '../../base/constants.ts'
import {
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EALREADY,
  EBADF,
  ECONNABORTED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  ENOTTY,
  EPIPE,
} from '../../base/errno.ts'
import { ANY_V4, type IpAddress, LOOPBACK_V4 } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Endpoint, Message } from '../../socket/provider.ts'
import { openActive } from '../../tcp/active-open.ts'
import { Connection, URGENT_HERE } from '../../tcp/connection.ts'
import type { ConnectionOwner } from '../../tcp/host.ts'
import { Listener } from '../../tcp/listener.ts'
import { updateMss } from '../../tcp/mss.ts'
import { dropHalfOpen } from '../../tcp/passive-open.ts'
import { CLOSED, FIN_WAIT_2, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from '../../tcp/state.ts'
import { atMark } from '../../tcp/urgent.ts'
import { abort, closeByUser, discard, read, shutRead, shutWrite, write } from '../../tcp/user-calls.ts'
import type { Route } from '../ip/route.ts'
import type { TcpLayer } from '../transport/tcp-layer.ts'
import { fillAddress, StackEndpoint } from './endpoint.ts'
import { OPTION_KEEPALIVE, OPTION_LINGER, OPTION_OOBINLINE, OPTION_REUSEADDR, OPTION_REUSEPORT } from './option-bits.ts'
import { PortHold } from './port-hold.ts'
import { getTcpOption, lowerOptionChanged, setTcpOption } from './tcp-options.ts'
import type { TcpPreferences } from './tcp-preferences.ts'

/** A stream socket of the stack: a descriptor over a connection, or over a listener, or over neither yet. */
export class TcpEndpoint extends StackEndpoint implements ConnectionOwner {
  readonly layer: TcpLayer
  connection: Connection | null = null
  listener: Listener | null = null
  #hold: PortHold | null = null
  /** What was set at level IPPROTO_TCP, if anything was. */
  preferences: TcpPreferences | null = null
  /** A connect that was begun and whose end no call has told yet. */
  #connecting = false

  constructor(layer: TcpLayer, fd: number, family: number) {
    super(layer.stack, fd, family, SOCK_STREAM, IPPROTO_TCP)
    this.layer = layer
    this.sendBufferSize = 2 * layer.config.sendBuffer
    this.receiveBufferSize = 2 * layer.config.receiveBuffer
  }

  connectionReady(events: number): void {
    this.markReady(events)
  }

  override get listening(): boolean {
    return this.listener !== null
  }

  override takeError(): number {
    const c = this.connection
    if (c === null) return super.takeError()
    const error = c.error
    c.error = 0
    return -error
  }

  // Opening

  bind(address: SocketAddress): number {
    if (this.closed) return -EBADF
    if (address.family !== this.family && !(address.family === AF_UNSPEC && address.ip.isUnspecified))
      return -EAFNOSUPPORT
    if (!address.ip.isUnspecified && !this.stack.isOwnAddress(address.ip)) return -EADDRNOTAVAIL
    if (this.#hold !== null || this.connection !== null) return -EINVAL
    return this.#takePort(address.ip.isUnspecified ? ANY_V4 : address.ip.copy(), address.port)
  }

  #takePort(address: IpAddress, port: number): number {
    const { ports } = this.layer
    const reuse = this.option(OPTION_REUSEADDR)
    const hold = new PortHold(ports, address, port, reuse, this.option(OPTION_REUSEPORT), this.boundTo)
    const result = ports.bind(hold)
    if (result === 0) this.#hold = hold
    return result
  }

  listen(backlog: number): number {
    if (this.closed) return -EBADF
    if (this.connection !== null) return -EINVAL
    const limit = backlog < 0 ? SOMAXCONN : Math.min(backlog, SOMAXCONN)
    if (this.listener !== null) {
      this.listener.backlog = limit
      return 0
    }
    if (this.#hold === null) {
      const bound = this.#takePort(ANY_V4, 0)
      if (bound < 0) return bound
    }
    const hold = this.#hold as unknown as PortHold // taken just now, or before
    const listening = this.layer.ports.listen(hold)
    if (listening < 0) return listening
    const mssLimit = this.preferences === null ? 0 : this.preferences.mssLimit
    const receiveBuffer = this.receiveBufferSize >> 1
    this.listener = new Listener(this.layer, this, limit, this.ttl, this.tos, mssLimit, receiveBuffer, (c) => {
      this.#equip(c)
      c.lease = hold.share()
    })
    this.listener.deferAccept = this.preferences?.deferAccept ?? 0
    this.layer.listeners.add(hold.address, hold.port, this.listener)
    return 0
  }

  accept(peer: SocketAddress | null): Endpoint | number {
    if (this.closed) return -EBADF
    const { listener } = this
    if (listener === null) return -EINVAL
    if (listener.queued === 0) return -EAGAIN
    const fd = this.stack.descriptors.reserve()
    if (fd < 0) return fd
    const connection = listener.dequeue() as Connection // queued is not 0
    const endpoint = new TcpEndpoint(this.layer, fd, this.family)
    endpoint.#adopt(this, connection)
    if (peer !== null) fillAddress(peer, this.family, connection.remote, connection.remotePort)
    return endpoint
  }

  /** This socket is for `connection`, and takes after the listener that it was accepted from. */
  #adopt(parent: TcpEndpoint, connection: Connection): void {
    this.stack.descriptors.set(this.fd, this)
    this.connection = connection
    this.optionBits = parent.optionBits
    this.sendBufferSize = parent.sendBufferSize
    this.receiveBufferSize = parent.receiveBufferSize
    this.ttl = parent.ttl
    this.tos = parent.tos
    this.rare = parent.rare === null ? null : Object.assign(this.ensureRare(), parent.rare)
    if (parent.preferences !== null) this.preferences = parent.preferences.copy(this.layer.config)
    connection.owner = this
  }

  connect(address: SocketAddress): number {
    if (this.closed) return -EBADF
    if (address.family === AF_UNSPEC) return this.#disconnect()
    if (this.listener !== null) return -EISCONN
    const c = this.connection
    if (c !== null) return this.#connectProgress(c)
    if (address.family !== this.family) return -EAFNOSUPPORT
    const remote = address.ip.isUnspecified ? LOOPBACK_V4 : address.ip.copy()
    if (remote.isMulticast || remote.isLimitedBroadcast) return -ENETUNREACH
    const bound = this.#hold === null || this.#hold.address.isUnspecified ? null : this.#hold.address
    const route = this.stack.routeTo(remote, bound, this.boundTo)
    if (typeof route === 'number') return route
    // A broadcast address of a subnet: MUST-46.
    if (route.interface.isBroadcast(remote)) return -ENETUNREACH
    return this.#open(route, bound ?? route.source.copy(), remote, address.port)
  }

  /** What connect says of an attempt that was begun before; 0 where it has just been told of its success. */
  #connectProgress(c: Connection): number {
    if (c.state === SYN_SENT || c.state === SYN_RECEIVED) return -EALREADY
    if (!this.#connecting) return -EISCONN
    this.#connecting = false
    if (c.state !== CLOSED) return 0
    const error = c.error === 0 ? ECONNABORTED : c.error
    this.connection = null
    return -error
  }

  #open(route: Route, local: IpAddress, remote: IpAddress, remotePort: number): number {
    const { layer } = this
    layer.time.refresh()
    let port = 0
    if (this.#hold !== null) {
      port = this.#hold.port
      if (!layer.mayConnect(local, port, remote, remotePort)) return -EADDRNOTAVAIL
    } else {
      const hold = new PortHold(layer.ports, local, 0, true, false, this.boundTo)
      port = layer.ports.ephemeral(local, remote, remotePort, (candidate) => {
        return !layer.ports.conflicts(hold, candidate) && layer.mayConnect(local, candidate, remote, remotePort)
      })
      if (port < 0) return port
      hold.port = port
      layer.ports.enter(hold)
      this.#hold = hold
    }
    const floor = layer.takeOver(local, port, remote, remotePort)
    const c = new Connection(layer, local, port, remote, remotePort)
    c.path = route
    c.owner = this
    this.#equip(c)
    updateMss(c)
    c.lease = (this.#hold as PortHold).share()
    const opened = openActive(c, floor)
    if (opened < 0) {
      c.lease.release()
      return opened
    }
    this.connection = c
    this.#connecting = true
    return -EINPROGRESS
  }

  /** connect to AF_UNSPEC: the connection is aborted, and the socket can be used anew. */
  #disconnect(): number {
    const c = this.connection
    if (this.listener !== null) this.#stopListening()
    if (c !== null) {
      c.owner = null
      c.orphan = true
      abort(c)
      this.connection = null
    }
    this.#connecting = false
    return 0
  }

  /** Gives a new connection what was set on this socket. */
  #equip(c: Connection): void {
    c.sendBuffer = this.sendBufferSize >> 1
    c.receiveBuffer = this.receiveBufferSize >> 1
    c.ttl = this.ttl
    c.tos = this.tos
    c.dontFragment = this.pathMtuDiscovery !== IP_PMTUDISC_DONT
    c.keepAlive = this.option(OPTION_KEEPALIVE)
    c.urgentInline = this.option(OPTION_OOBINLINE)
    if (this.rare !== null) c.lowWater = this.rare.receiveLowWater
    const preferences = this.preferences
    if (preferences === null) return
    preferences.applyTo(c)
    if (preferences.windowClamp > 0) c.receiveBuffer = Math.min(c.receiveBuffer, preferences.windowClamp)
  }

  // Sending and receiving

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    if (this.closed) return -EBADF
    const c = this.connection
    if (c === null) return -EPIPE
    this.layer.time.refresh()
    return write(c, bytes, start, end, flags)
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    if (this.closed) return -EBADF
    const c = this.connection
    if (c === null) return -ENOTCONN
    this.layer.time.refresh()
    // tcp(7): MSG_TRUNC throws the octets away instead of copying them.
    if ((flags & (MSG_TRUNC | MSG_PEEK | MSG_OOB)) === MSG_TRUNC) return discard(c, end - start)
    return read(c, bytes, start, end, flags)
  }

  sendmsg(message: Message, flags: number): number {
    const { buffers } = message
    let last = buffers.length - 1
    while (last > 0 && buffers[last]?.length === 0) last--
    let sent = 0
    for (let i = 0; i <= last; i++) {
      const buffer = buffers[i] as Uint8Array
      const result = this.send(buffer, 0, buffer.length, i < last ? flags | MSG_MORE : flags)
      if (result < 0) return sent > 0 ? sent : result
      sent += result
      if (result < buffer.length) break
    }
    return sent
  }

  recvmsg(message: Message, flags: number): number {
    message.flags = 0
    message.control = []
    let received = 0
    for (const buffer of message.buffers) {
      if (buffer.length === 0) continue
      const result = this.recv(buffer, 0, buffer.length, flags)
      if (result < 0) return received > 0 ? received : result
      received += result
      // A look ahead begins anew at each buffer; so does the octet out of band.
      // One call does not read across the mark (tcp(7)).
      if (this.connection !== null && atMark(this.connection)) break
      if (result < buffer.length || (flags & (MSG_PEEK | MSG_OOB)) !== 0) break
    }
    if ((flags & MSG_OOB) !== 0) message.flags |= MSG_OOB
    return received
  }

  // Ending

  shutdown(how: number): number {
    if (this.closed) return -EBADF
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL
    if (this.listener !== null) {
      // Linux: a listener whose reading side is shut stops listening.
      if (how !== SHUT_WR) this.#stopListening()
      return 0
    }
    const c = this.connection
    if (c === null || c.state === CLOSED) return -ENOTCONN
    this.layer.time.refresh()
    if (how !== SHUT_WR) {
      shutRead(c)
      this.markReady(POLLIN | POLLRDHUP)
    }
    if (how !== SHUT_RD) shutWrite(c)
    return 0
  }

  #stopListening(): void {
    const listener = this.listener
    const hold = this.#hold
    if (listener === null || hold === null) return
    this.listener = null
    hold.listening = false
    this.layer.listeners.remove(hold.port, listener)
    while (listener.oldest !== null) dropHalfOpen(listener.oldest)
    // Those that nobody accepted are told (RFC 9293 section 3.10.5).
    for (let c = listener.dequeue(); c !== null; c = listener.dequeue()) {
      c.orphan = true
      abort(c)
    }
    this.markReady(POLLIN | POLLHUP | POLLRDHUP)
  }

  close(): number {
    const left = this.leave()
    if (left <= 0) return left
    if (!this.releaseDescriptor()) return -EBADF
    this.layer.time.refresh()
    this.#stopListening()
    const c = this.connection
    let waiting = false
    if (c !== null) {
      const linger = this.option(OPTION_LINGER) ? (this.rare?.linger ?? 0) : -1
      closeByUser(c, linger)
      waiting = linger > 0 && !this.#delivered(c)
      if (!waiting) c.owner = null
    }
    this.#hold?.release()
    this.#hold = null
    return waiting ? -EINPROGRESS : 0
  }

  /** Whether all that was sent, the FIN too, has been acknowledged or given up. */
  #delivered(c: Connection): boolean {
    return c.state === CLOSED || c.state === FIN_WAIT_2 || c.state === TIME_WAIT
  }

  // Looking

  localAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    const c = this.connection
    if (c !== null && c.state !== CLOSED) return fillAddress(into, this.family, c.local, c.localPort)
    const hold = this.#hold
    if (hold === null)
      return fillAddress(into, this.family, c === null ? ANY_V4 : c.local, c === null ? 0 : c.localPort)
    return fillAddress(into, this.family, hold.address, hold.port)
  }

  peerAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    const c = this.connection
    if (c === null || c.state === CLOSED || c.state === SYN_SENT) return -ENOTCONN
    return fillAddress(into, this.family, c.remote, c.remotePort)
  }

  /** As tcp_poll of Linux has it. */
  readiness(): number {
    if (this.listener !== null) return this.listener.queued > 0 ? POLLIN : 0
    const c = this.connection
    if (c === null) return POLLOUT | POLLHUP
    if (this.closed) return this.#delivered(c) ? POLLHUP : 0
    const over = c.state === CLOSED || c.state === TIME_WAIT
    const readEnded = c.finReceived || c.readShut || over
    const writeEnded = c.finQueued || over
    let bits = 0
    if (readEnded) bits |= POLLIN | POLLRDHUP
    if (readEnded && writeEnded) bits |= POLLHUP
    if (c.error !== 0) bits |= POLLERR
    if (c.state === SYN_SENT || c.state === SYN_RECEIVED) return bits
    if (c.readable > 0 && c.readable >= c.readableFrom) bits |= POLLIN
    if (writeEnded || this.#roomToWrite(c)) bits |= POLLOUT
    if (c.urgentState === URGENT_HERE) bits |= POLLPRI
    return bits
  }

  #roomToWrite(c: Connection): boolean {
    // Linux: a third of the buffer must be free, so that a writer is not woken for every segment.
    if (c.sendRing.length > Math.floor((c.sendLimit * 2) / 3)) return false
    return ((c.writeSeq - c.sndNxt) | 0) < c.notSentLowWater
  }

  override ioctl(request: number): number {
    if (this.closed) return -EBADF
    const c = this.connection
    switch (request) {
      case SIOCINQ:
        if (this.listener !== null) return -EINVAL
        return c === null ? 0 : c.readable
      case SIOCOUTQ:
        if (this.listener !== null) return -EINVAL
        return c === null ? 0 : c.sendRing.length
      case SIOCATMARK:
        return c !== null && atMark(c) ? 1 : 0
      default:
        return -ENOTTY
    }
  }

  // Options

  protected override getProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== IPPROTO_TCP) return super.getProtocolOption(level, name, value)
    return getTcpOption(this, name, value)
  }

  protected override setProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== IPPROTO_TCP) return super.setProtocolOption(level, name, value)
    return setTcpOption(this, name, value)
  }

  protected override optionChanged(level: number, name: number): void {
    lowerOptionChanged(this, level, name)
  }

  override pathMtu(): number {
    const c = this.connection
    return c === null || c.path === null ? -ENOTCONN : c.path.mtu
  }
}
