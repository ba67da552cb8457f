// Read first: tcp(7), ip(7), accept(2), connect(2), shutdown(2), close(2). Errors are those of inet_stream_ops in Linux.

import {
  AF_INET6,
  AF_UNSPEC,
  IPPROTO_TCP,
  MSG_ERRQUEUE,
  MSG_FASTOPEN,
  MSG_OOB,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOL_SOCKET,
  SOMAXCONN,
} from '../../base/constants.ts'
import {
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  EBADF,
  ECONNABORTED,
  ECONNRESET,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
} from '../../base/errno.ts'
import { ANY_V4, ANY_V6, type IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { type Endpoint, Message } from '../../socket/provider.ts'
import { openActive } from '../../tcp/active-open.ts'
import { Connection } from '../../tcp/connection.ts'
import type { SynData } from '../../tcp/fast-open-client.ts'
import type { ConnectionOwner } from '../../tcp/host.ts'
import { Listener } from '../../tcp/listener.ts'
import { updateMss } from '../../tcp/mss.ts'
import { dropHalfOpen } from '../../tcp/passive-open.ts'
import { CLOSED, CLOSING, LAST_ACK, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from '../../tcp/state.ts'
import { abort, closeByUser, shutRead, shutWrite, write } from '../../tcp/user-calls.ts'
import type { Route } from '../ip/route.ts'
import type { IcmpReport } from '../transport/transport.ts'
import { awaitsData } from './awaits-data.ts'
import { holdForConnect } from './connect-port.ts'
import { fillAddress } from './endpoint.ts'
import { checkLocal } from './local-address.ts'
import { OPTION_BIND_NO_PORT, OPTION_LINGER, OPTION_RECEIVE_LOCKED } from './option-bits.ts'
import { PortHold } from './port-hold.ts'
import { getStreamOption, noteArrivals, sendBufferOf, setStreamOption } from './stream-options.ts'
import { StreamState } from './stream-state.ts'
import { wayToConnect } from './tcp-destination.ts'
import { adopt, equip } from './tcp-equip.ts'
import { tcpIoctl } from './tcp-ioctl.ts'
import { receiveMessage, receiveOctets, sendBuffers } from './tcp-message.ts'
import { applyListenerOptions, getTcpOption, lowerOptionChanged, setTcpOption } from './tcp-options.ts'
import type { TcpPreferences } from './tcp-preferences.ts'
import { isDelivered, nothingToRead, tcpReadiness } from './tcp-readiness.ts'
import { tcpReported } from './tcp-reported.ts'

/** A stream socket of the stack: a descriptor over a connection, or over a listener, or over neither yet. */
export class TcpEndpoint extends StreamState implements ConnectionOwner {
  connection: Connection | null = null
  #hold: PortHold | null = null
  /** What was set at level IPPROTO_TCP, if anything was. */
  preferences: TcpPreferences | null = null

  connectionReady(events: number): void {
    if (this.borrowed && this.connection?.state === CLOSED) this.giveBack()
    this.markReady(events)
  }

  override get listening(): boolean {
    return this.listener !== null
  }

  override takeError(): number {
    const c = this.connection
    if (c === null) return super.takeError()
    const { error } = c
    c.error = 0
    if (error !== 0 || !c.opened) return -error
    // RFC 9293 section 3.9.2.2 (SHLD-25): what came by ICMP, and ended nothing, is told to who asks (as Linux).
    const { softError } = c
    c.softError = 0
    return -softError
  }

  override setError(errno: number): void {
    if (this.connection !== null) this.connection.error = errno
  }

  // Opening

  bind(address: SocketAddress): number {
    if (this.closed) return -EBADF
    const bad = checkLocal(this, address, this.hasPort)
    if (bad < 0) return bad
    return this.takePort(address.family === AF_UNSPEC ? ANY_V4 : address.ip.copy(), address.port)
  }

  private takePort(address: IpAddress, port: number): number {
    const { ports } = this.layer
    const hold = new PortHold(ports, this, address, port)
    // ip(7), IP_BIND_ADDRESS_NO_PORT: connect will take one, when it knows the other end.
    const later = port === 0 && this.option(OPTION_BIND_NO_PORT)
    const result = later ? 0 : ports.bind(hold)
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
      const bound = this.takePort(this.any, 0)
      if (bound < 0) return bound
      this.borrowed = true
    }
    const hold = this.#hold as unknown as PortHold // taken just now, or before
    if (hold.port === 0) {
      const bound = this.layer.ports.bind(hold)
      if (bound < 0) return bound
    }
    const listening = this.layer.ports.listen(hold)
    if (listening < 0) return listening
    const mssLimit = this.preferences === null ? 0 : this.preferences.mssLimit
    const receiveBuffer = this.receiveBufferSize
    const { listenerTtl, listenerTos } = this
    this.listener = new Listener(this.layer, this, limit, listenerTtl, listenerTos, mssLimit, receiveBuffer, (c) => {
      equip(this, c)
      c.lease = hold.share()
    })
    this.listener.receiveLocked = this.option(OPTION_RECEIVE_LOCKED)
    this.listener.windowClamp = this.preferences?.windowClamp ?? 0
    this.listener.deferAccept = this.preferences?.deferAccept ?? 0
    applyListenerOptions(this, this.listener)
    this.layer.stack.parts.fastOpen?.sockets.listenerFastOpens(this, this.listener)
    this.listener.signatureKeys = this.preferences?.signatureKeys ?? null
    this.layer.listeners.add(hold, this.listener)
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
    adopt(endpoint, this, connection)
    // The peer's address also of one that is over already (getpeername says ENOTCONN then), as in Linux.
    if (peer !== null) fillAddress(peer, this.family, connection.remote, connection.remotePort, endpoint.scope)
    return endpoint
  }
  connect(address: SocketAddress): number {
    return this.open(address, null)
  }

  /** connect, or with data for the SYN what send does with MSG_FASTOPEN. */
  open(address: SocketAddress, data: SynData | null): number {
    if (this.closed) return -EBADF
    if (address.family === AF_UNSPEC) return this.disconnect()
    if (this.listener !== null) return -EISCONN
    const c = this.connection
    if (c !== null) return this.progress(c)
    const own = this.#hold === null ? this.any : this.#hold.address
    const route = wayToConnect(this, address, own)
    if (typeof route === 'number') return route
    const remote = route.destination
    const { addresses } = this.layer
    // A broadcast address of a subnet: MUST-46.
    if (route.interface.isBroadcast(remote)) return -ENETUNREACH
    return this.openBy(
      route,
      own.isUnspecified ? addresses.of(route.source) : own,
      addresses.of(remote),
      address.port,
      data,
    )
  }

  /** What connect says of an attempt that was begun before; 0 where it has just been told of its success. */
  progress(c: Connection): number {
    if (awaitsData(c)) return -EISCONN
    if (c.state === SYN_SENT || c.state === SYN_RECEIVED) return -EALREADY
    if (!this.connecting) return -EISCONN
    this.connecting = false
    if (c.state !== CLOSED) return 0
    const error = c.error === 0 ? ECONNABORTED : c.error
    this.connection = null
    this.giveBack()
    return -error
  }

  private openBy(route: Route, local: IpAddress, remote: IpAddress, remotePort: number, data: SynData | null): number {
    const { layer } = this
    layer.time.refresh()
    let port = this.#hold === null ? 0 : this.#hold.port
    if (port !== 0) {
      if (!layer.mayConnect(local, port, remote, remotePort, true)) return -EADDRNOTAVAIL
    } else {
      const hold = holdForConnect(this, local, remote, remotePort)
      if (typeof hold === 'number') return hold
      port = hold.port
      this.#hold = hold
      this.borrowed = true
    }
    const floor = layer.takeOver(local, port, remote, remotePort)
    const c = new Connection(layer, local, port, remote, remotePort)
    c.path = route
    c.owner = this
    equip(this, c)
    updateMss(c)
    c.lease = (this.#hold as PortHold).share()
    const deferred = data === null && (this.layer.stack.parts.fastOpen?.sockets.defersSyn(this, c) ?? false)
    this.floor = floor
    const opened = deferred
      ? 0
      : openActive(c, floor, data ?? this.layer.stack.parts.fastOpen?.sockets.synDataOf(this) ?? null)
    if (opened < 0) {
      c.lease.release()
      return opened
    }
    this.connection = c
    c.watcher = this.notices
    this.readShut = false
    this.pendingError = 0
    this.connecting = true
    return deferred ? 0 : -EINPROGRESS
  }

  /** connect to AF_UNSPEC: the connection is aborted, and the socket can be used anew. */
  private disconnect(): number {
    const c = this.connection
    if (this.listener !== null) this.stopListening()
    if (c !== null) {
      // As Linux: the end is told, even to him who has brought it about.
      const over = c.state === CLOSED || c.state === TIME_WAIT || c.state === CLOSING || c.state === LAST_ACK
      this.pendingError = over ? c.error : ECONNRESET
      c.owner = null
      c.orphan = true
      abort(c)
      this.connection = null
    }
    this.giveBack()
    this.connecting = false
    this.readShut = false
    return 0
  }

  /** A port that nobody asked for goes with its use. */
  giveBack(): void {
    if (!this.borrowed) return
    this.#hold?.release()
    this.#hold = null
    this.borrowed = false
  }
  // What answers go with before there is a connection, of either family.

  get listenerTtl(): number {
    return this.family === AF_INET6 && this.hopLimit > 0 ? this.hopLimit : this.ttl
  }

  get listenerTos(): number {
    return this.family === AF_INET6 ? this.trafficClass : this.tos
  }

  /** The wildcard address of its family. */
  get any(): IpAddress {
    return this.family === AF_INET6 ? ANY_V6 : ANY_V4
  }

  override get hasPort(): boolean {
    return this.#hold !== null || this.connection !== null
  }

  // Sending and receiving

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    if (this.notices !== null) this.notices.begin(flags, -1)
    return this.sendPiece(bytes, start, end, flags)
  }

  /** As `send`, of a call that has begun. */
  sendPiece(bytes: Uint8Array, start: number, end: number, flags: number): number {
    if (this.closed) return -EBADF
    const c = this.connection
    if ((flags & MSG_FASTOPEN) !== 0 || awaitsData(c)) return this.fastOpen(bytes, start, end, flags, null)
    if (c === null) return this.pendingError === 0 ? -EPIPE : this.takeError()
    this.layer.time.refresh()
    return write(c, bytes, start, end, flags)
  }

  /** A send that opens the connection: see tcp-fast-open. -EOPNOTSUPP: there is no such thing here. */
  fastOpen(bytes: Uint8Array, start: number, end: number, flags: number, name: SocketAddress | null): number {
    const { fastOpen } = this.layer.stack.parts
    return fastOpen?.sockets.sendFastOpen(this, bytes, start, end, flags, name) ?? -EOPNOTSUPP
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    if (this.closed) return -EBADF
    if ((flags & MSG_ERRQUEUE) !== 0) return this.recvmsg(new Message([bytes.subarray(start, end)]), flags)
    const c = this.connection
    if (c === null) {
      if ((flags & MSG_OOB) !== 0 && this.listener === null) return -EINVAL
      return this.pendingError !== 0 ? this.takeError() : this.readShut ? 0 : -ENOTCONN
    }
    // A reader that is woken reads in the burst, whose time it is.
    if (!this.stack.flushing) this.layer.time.refresh()
    return receiveOctets(c, bytes, start, end, flags)
  }

  sendmsg(message: Message, flags: number): number {
    return sendBuffers(this, message, flags)
  }

  recvmsg(message: Message, flags: number): number {
    return receiveMessage(this, message, flags)
  }

  // Ending

  shutdown(how: number): number {
    if (this.closed) return -EBADF
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL
    if (this.listener !== null) {
      // Linux: a listener whose reading side is shut stops listening.
      if (how !== SHUT_WR) this.stopListening()
      return 0
    }
    const c = this.connection
    if (c === null && how !== SHUT_WR) {
      // As Linux: the next look sees it, though there was nothing to shut. We differ: the next connection is as any other.
      this.readShut = true
      this.markReady(POLLIN | POLLRDHUP)
    }
    if (c === null || c.state === CLOSED || c.state === TIME_WAIT) return -ENOTCONN
    this.layer.time.refresh()
    if (c.state === SYN_SENT) {
      // inet_shutdown in Linux: whichever side was meant, the attempt is broken off, and the socket can be used anew.
      this.disconnect()
      this.markReady(POLLERR | POLLHUP | POLLOUT)
      return 0
    }
    // The same: the next connect finds it connected.
    this.connecting = false
    if (how !== SHUT_WR) {
      shutRead(c)
      this.markReady(POLLIN | POLLRDHUP)
    }
    if (how !== SHUT_RD) shutWrite(c)
    return 0
  }

  private stopListening(): void {
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
    this.giveBack()
    this.markReady(POLLIN | POLLHUP | POLLRDHUP)
  }

  close(): number {
    const left = this.leave()
    if (left <= 0) return left
    if (!this.releaseDescriptor()) return -EBADF
    this.layer.time.refresh()
    this.stopListening()
    const c = this.connection
    let waiting = false
    if (c !== null) {
      const linger = this.option(OPTION_LINGER) ? (this.rare?.linger ?? 0) : -1
      closeByUser(c, linger)
      waiting = linger > 0 && !isDelivered(c)
      if (!waiting) c.owner = null
      this.layer.settle(c)
    }
    this.#hold?.release()
    this.#hold = null
    return waiting ? -EINPROGRESS : 0
  }

  // Looking

  localAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    const { connection: c, family, scope } = this
    const hold = this.#hold
    if (c !== null) return fillAddress(into, family, c.local, c.localPort, scope)
    if (hold === null) return fillAddress(into, family, this.any, 0)
    return fillAddress(into, family, hold.address, hold.port, scope)
  }

  peerAddress(into: SocketAddress): number {
    if (this.closed) return -EBADF
    const c = this.connection
    if (c === null || c.state === CLOSED || c.state === SYN_SENT || c.state === TIME_WAIT) return -ENOTCONN
    return fillAddress(into, this.family, c.remote, c.remotePort, this.scope)
  }

  /** The number of the interface that its addresses belong to; 0 where none is known. */
  get scope(): number {
    const route = this.connection === null ? null : (this.connection.path as Route | null)
    return this.boundTo?.index ?? route?.interface.index ?? 0
  }

  readiness(): number {
    return tcpReadiness(this)
  }

  get wouldBlock(): number {
    return nothingToRead(this) ? POLLIN : 0
  }

  override ioctl(request: number): number {
    return this.closed ? -EBADF : tcpIoctl(this, request)
  }

  /**
   * An ICMP error about a segment of its connection. Returns whether the program wants all errors at once (ip(7), IP_RECVERR); of an
   * attempt to connect the message is kept as well, as tcp_v4_err of Linux does.
   */
  reported(report: IcmpReport, connecting: boolean): boolean {
    return tcpReported(this, report, connecting)
  }

  protected override getProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== IPPROTO_TCP) return super.getProtocolOption(level, name, value)
    return getTcpOption(this, name, value)
  }

  protected override setProtocolOption(level: number, name: number, value: Uint8Array): number {
    if (level !== IPPROTO_TCP) return super.setProtocolOption(level, name, value)
    return setTcpOption(this, name, value)
  }

  // tcp_set_rcvlowat: what is never there to be read is no mark.
  override get lowWaterMax(): number {
    return (this.option(OPTION_RECEIVE_LOCKED) ? this.receiveBufferNow : this.layer.config.receiveBufferMax) >> 1
  }

  // What is set after the end of a connection is for the next one.
  override get receiveBufferNow(): number {
    const c = this.connection
    return c === null || c.state === CLOSED ? this.receiveBufferSize : c.receiveBuffer
  }

  override get sendBufferNow(): number {
    return this.connection === null ? this.sendBufferSize : sendBufferOf(this.connection, this.sendBufferSize)
  }

  override getOwnSocketOption(name: number, value: Uint8Array): number {
    return getStreamOption(this, name, value)
  }

  override setOwnSocketOption(name: number, value: Uint8Array): number {
    return setStreamOption(this, name, value)
  }

  protected override optionChanged(level: number, name: number): void {
    this.#hold?.heed(this)
    lowerOptionChanged(this, level, name)
    if (level === SOL_SOCKET) noteArrivals(this)
  }

  override pathMtu(): number {
    const c = this.connection
    return c === null || c.path === null ? -ENOTCONN : c.path.mtu
  }
}
