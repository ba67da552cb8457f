// Read first: udp(7), ip(7), recv(2), poll(2), shutdown(2).

import {
  FIONREAD,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_WANT,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
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
import { EAGAIN, EBADF, EINVAL, EMSGSIZE, ENOTCONN, ENOTTY } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { encodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import { receiveOne } from '../../socket/batch-transfer.ts'
import { type MessageBatch, NAME_LENGTH } from '../../socket/message-batch.ts'
import { Message } from '../../socket/provider.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { Route } from '../ip/route.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { IcmpReport } from '../transport/transport.ts'
import { AddressedEndpoint } from './addressed-endpoint.ts'
import { fitControl } from './control-room.ts'
import { DatagramQueue } from './datagram-queue.ts'
import { fillAddress } from './endpoint.ts'
import { ErrorQueue } from './error-queue.ts'
import {
  CONTROL_DROPS,
  CONTROL_GRO,
  CONTROL_HEADERS,
  CONTROL_PKTINFO,
  CONTROL_PKTINFO6,
  CONTROL_TIMESTAMP,
  CONTROL_TIMESTAMPNS,
  OPTION_FLOWINFO_SEND,
  OPTION_MULTICAST_ALL_OFF,
  OPTION_MULTICAST_ALL6_OFF,
  OPTION_RECVERR,
  OPTION_RECVERR6,
} from './option-bits.ts'
import { receiveControl, receivePacketInfo } from './receive-control.ts'

export const READ_SHUT = 1
export const WRITE_SHUT = 2
const NOTES = CONTROL_TIMESTAMP | CONTROL_TIMESTAMPNS | CONTROL_DROPS | CONTROL_GRO
/** Whom a datagram of a batch is from. */
const peer = new SocketAddress()
/** No errno: the reading side is shut. */
const END_OF_DATA = -0x10000

/** What UDP, raw and ICMP sockets share beside addresses: the receive queue and the error queue. */
export abstract class ReceivingEndpoint extends AddressedEndpoint {
  readonly queue: DatagramQueue = new DatagramQueue()
  /** IP_RECVERR; null: nothing was ever in it. */
  errors: ErrorQueue | null = null
  /** Datagrams for which there was no room: SO_RXQ_OVFL. */
  drops = 0
  /** What netstat tells: datagrams that came into the queue and that went out, and their octets without headers. */
  datagramsReceived = 0
  octetsReceived = 0
  datagramsSent = 0
  octetsSent = 0
  /** What shutdown has shut: READ_SHUT, WRITE_SHUT. */
  protected shut = 0
  /** A device had no room for what was to be sent. */
  protected blocked = false
  /** Where the datagram being sent goes. */
  protected sendPort = 0
  /** Octets of transport header in front of the data: what the protocol writes itself. */
  protected abstract readonly headerLength: number

  /** Puts a packet's `bytes[start, end)` into the queue, in pieces of `segmentSize` if not 0. False where there is no room. */
  enqueue(packet: IpPacket, start: number, end: number, port: number, segmentSize = 0): boolean {
    if ((this.shut & READ_SHUT) !== 0) return true
    const bits = this.controlBits
    const room = this.errors === null ? this.receiveBufferSize : this.receiveBufferSize - this.errors.cost
    if (!this.queue.push(packet, start, end, port, room, (bits & CONTROL_HEADERS) !== 0)) {
      this.drops++
      return false
    }
    this.datagramsReceived += segmentSize === 0 ? 1 : Math.ceil((end - start) / segmentSize)
    this.octetsReceived += end - start
    if ((bits & NOTES) !== 0) {
      const { clock } = this.stack
      const now = (clock.epoch ?? 0) + clock.now()
      const seconds = Math.floor(now / 1000)
      this.queue.note(seconds, Math.floor((now - seconds * 1000) * 1e6), this.drops, segmentSize)
    }
    this.markReady(POLLIN)
    return true
  }

  /** Whether it wants what `source` sent to a group, which arrived at `from`. */
  hearsGroup(group: IpAddress, source: IpAddress, from: NetworkInterface): boolean {
    const all = !this.option(group.isV4 ? OPTION_MULTICAST_ALL_OFF : OPTION_MULTICAST_ALL6_OFF)
    return from.groups.hears(this, group, source, all)
  }

  recv(bytes: Uint8Array, start: number, end: number, flags: number): number {
    if ((flags & MSG_ERRQUEUE) !== 0) {
      return this.recvmsg(new Message([bytes.subarray(start, end)]), flags)
    }
    const at = this.#waiting(flags)
    if (at < 0) return at === END_OF_DATA ? 0 : at
    const { queue } = this
    const whole = queue.length
    const taken = Math.min(whole - at, end - start)
    queue.peek(at, taken, bytes, start)
    this.#taken(flags, taken)
    // Of the whole datagram, wherever in it a look begins: udp_recvmsg.
    return (flags & MSG_TRUNC) === 0 ? taken : whole
  }

  recvmsg(message: Message, flags: number): number {
    message.flags = 0
    if ((flags & MSG_ERRQUEUE) !== 0) {
      if (this.closed) return -EBADF
      if (this.errors === null) return -EAGAIN
      const count = this.errors.read(this, message)
      if (count >= 0) fitControl(message)
      return count
    }
    const at = this.#waiting(flags)
    if (at < 0) {
      if (at !== END_OF_DATA) return at
      message.control = []
      return 0
    }
    const { queue } = this
    const whole = queue.length
    const length = whole - at
    const { buffers } = message
    let taken = 0
    for (let i = 0; i < buffers.length && taken < length; i++) {
      const buffer = buffers[i] as Uint8Array
      const part = Math.min(buffer.length, length - taken)
      queue.peek(at + taken, part, buffer, 0)
      taken += part
    }
    if (taken < length) message.flags = MSG_TRUNC
    if (message.name !== null) this.#fillName(message.name)
    // recvfrom(2) has no room for them, and does not ask.
    if (message.plain) {
      if (message.control.length > 0) message.control = []
    } else {
      message.control = receiveControl(this, queue, this.localPort)
      fitControl(message)
    }
    this.#taken(flags, taken)
    return (flags & MSG_TRUNC) === 0 ? taken : whole
  }

  // From whom the datagram is that is looked at.
  #fillName(name: SocketAddress): void {
    const { queue } = this
    queue.source(name.ip)
    fillAddress(name, this.family, name.ip, queue.port, queue.interfaceIndex)
    if (this.option(OPTION_FLOWINFO_SEND)) name.flowInfo = (queue.tos << 20) | queue.flowLabel
  }

  /** Receives into the places of a batch, without an object for each: a datagram to and fro by them costs 0.75 of one by one. */
  recvmmsg(batch: MessageBatch, count: number, flags: number): number {
    // Looks, errors and what else is rare go as anywhere.
    const plain = (flags & ~(MSG_DONTWAIT | MSG_WAITALL)) === 0 && batch.bytes.length >= count * batch.size
    for (let place = 0; place < count; place++) {
      const result = plain ? this.#receivePlace(batch, place, flags) : receiveOne(this, batch, place, flags)
      if (result < 0) return place === 0 ? result : place
    }
    return count
  }

  #receivePlace(batch: MessageBatch, place: number, flags: number): number {
    const { queue, controlBits } = this
    const at = this.#waiting(flags)
    if (at < 0 && at !== END_OF_DATA) return at
    const info = controlBits === CONTROL_PKTINFO || controlBits === CONTROL_PKTINFO6
    if (at < 0 || (controlBits !== 0 && !info)) return receiveOne(this, batch, place, flags)
    const { size } = batch
    const { length } = queue
    const taken = Math.min(length, size)
    queue.peek(0, taken, batch.bytes, place * size)
    batch.lengths[place] = taken
    batch.flags[place] = taken < length ? MSG_TRUNC : 0
    this.#fillName(peer)
    batch.nameLengths[place] = encodeSocketAddress(peer, batch.names, place * NAME_LENGTH)
    batch.controlLengths[place] = 0
    if (info && !receivePacketInfo(controlBits, queue, batch, place)) batch.flags[place] |= MSG_CTRUNC
    this.#taken(flags, taken)
    return taken
  }

  // Where in the first datagram the call is to begin; END_OF_DATA; or a negated errno.
  #waiting(flags: number): number {
    if (this.closed) return -EBADF
    if (this.pendingError !== 0) return this.takeError()
    if (this.queue.count > 0) {
      // socket(7), SO_PEEK_OFF: a look begins behind what was looked at before.
      if ((flags & MSG_PEEK) === 0 || this.rare === null || this.rare.peekOffset < 0) return 0
      const at = this.queue.seek(this.rare.peekOffset)
      if (at >= 0) return at
    }
    return (this.shut & READ_SHUT) !== 0 ? END_OF_DATA : -EAGAIN
  }

  #taken(flags: number, count: number): void {
    const { queue, rare } = this
    if ((flags & MSG_PEEK) === 0) {
      if (rare !== null && rare.peekOffset > 0) rare.peekOffset = Math.max(0, rare.peekOffset - count)
      queue.drop()
      return
    }
    if (rare !== null && rare.peekOffset >= 0) rare.peekOffset += count
    queue.rewind()
  }

  // Errors

  /** An ICMP error about a packet of this endpoint. Reported as Linux does: hard ones, to a connected socket, or all by IP_RECVERR. */
  reported(report: IcmpReport): void {
    const v4 = report.version === 4
    let { hard } = report
    if (report.mtu !== 0) {
      const discovery = v4 ? this.pathMtuDiscovery : (this.rare?.pathMtuDiscovery6 ?? IP_PMTUDISC_WANT)
      if (discovery === IP_PMTUDISC_DONT && v4) return
      hard = hard || discovery !== IP_PMTUDISC_DONT
    }
    if (this.option(v4 ? OPTION_RECVERR : OPTION_RECVERR6)) {
      this.errors ??= new ErrorQueue()
      const room = this.receiveBufferSize - this.queue.cost
      this.errors.report(this, report, this.quotedPort(report), report.start + this.headerLength, room)
    } else if (!(hard && this.connected)) return
    this.pendingError = report.errno
    this.markReady(POLLERR | POLLIN | POLLOUT)
  }

  /** The port that the packet which `report` quotes was going to. */
  protected quotedPort(_report: IcmpReport): number {
    return 0
  }

  // ip_local_error, ipv6_local_error: what could not be sent for its length is told of with the length that can.
  protected tooLong(route: Route, mtu: number): void {
    const v4 = route.version === 4
    if (!this.option(v4 ? OPTION_RECVERR : OPTION_RECVERR6)) return
    this.errors ??= new ErrorQueue()
    const room = this.receiveBufferSize - this.queue.cost
    // The one of IPv4 knows of no port but the peer's.
    this.errors.local(EMSGSIZE, route.destination, v4 ? this.remotePort : this.sendPort, mtu, room)
    this.markReady(POLLERR)
  }

  // State

  override ioctl(request: number): number {
    if (this.closed) return -EBADF
    // udp(7): the length of the next datagram.
    if (request === FIONREAD) return this.queue.count > 0 ? this.queue.length : 0
    return request === SIOCOUTQ ? 0 : -ENOTTY
  }

  shutdown(how: number): number {
    if (this.closed) return -EBADF
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL
    if (how !== SHUT_WR) this.shut |= READ_SHUT
    if (how !== SHUT_RD) this.shut |= WRITE_SHUT
    this.markReady(this.readiness())
    // An unconnected one is shut down all the same: inet_shutdown in Linux.
    return this.connected ? 0 : -ENOTCONN
  }

  readiness(): number {
    if (this.closed) return 0
    let events = this.blocked ? 0 : POLLOUT
    if (this.queue.count > 0) events |= POLLIN
    if (this.pendingError !== 0 || this.errors?.empty === false) events |= POLLERR
    if ((this.shut & READ_SHUT) !== 0) events |= POLLIN | POLLRDHUP
    if (this.shut === (READ_SHUT | WRITE_SHUT)) events |= POLLHUP
    return events
  }

  protected override optionChanged(level: number, name: number): void {
    this.forgetRoute()
    // Either of the two, set to off, throws away what both have let in: as Linux.
    const off4 = level === IPPROTO_IP && name === IP_RECVERR && !this.option(OPTION_RECVERR)
    const off6 = level === IPPROTO_IPV6 && name === IPV6_RECVERR && !this.option(OPTION_RECVERR6)
    if (off4 || off6) this.errors?.clear()
  }

  close(): number {
    const left = this.leave()
    if (left <= 0) return left
    if (!this.releaseDescriptor()) return -EBADF
    this.watcher = null
    if (this.localPort !== 0) this.givePortBack()
    this.connected = false
    this.rehash()
    this.memberships?.leaveAll()
    this.queue.clear()
    this.errors?.clear()
    return 0
  }
}
