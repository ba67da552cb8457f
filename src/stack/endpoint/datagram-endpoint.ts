// Read first: udp(7), raw(7), ip(7), ipv6(7), send(2).

import { copyBytes } from '../../base/byte-ring.ts'
import {
  AF_INET,
  AF_UNSPEC,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
  MSG_MORE,
  MSG_OOB,
  POLLOUT,
  SOCK_RAW,
} from '../../base/constants.ts'
import { EACCES, EAGAIN, EBADF, EDESTADDRREQ, EINVAL, EMSGSIZE, ENOBUFS, EOPNOTSUPP, EPIPE } from '../../base/errno.ts'
import { decodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import { Offload, SEGMENT_NONE, SEGMENT_UDP } from '../../device/device.ts'
import { sendOne } from '../../socket/batch-transfer.ts'
import { type MessageBatch, NAME_LENGTH } from '../../socket/message-batch.ts'
import type { Message } from '../../socket/provider.ts'
import { IPV4_HEADER_LENGTH } from '../../wire/ipv4.ts'
import { IPV6_HEADER_LENGTH } from '../../wire/ipv6.ts'
import { FRAME_HEADROOM, ipOutput } from '../ip/ip-output.ts'
import type { Route } from '../ip/route.ts'
import { ipOutputOfSocket } from '../ip4/ip-output-with-options.ts'
import { type ExtensionChain, NO_EXTENSIONS } from '../ip6/extension-chain.ts'
import { FLOW_LABEL_AUTOMATIC, ipv6OutputWithHeaders } from '../ip6/ipv6-output.ts'
import { isBroadcastRoute, likeRoute, Target } from './addressed-endpoint.ts'
import { readBatchControl } from './batch-control.ts'
import { runOfAlike } from './batch-run.ts'
import { Cork } from './cork.ts'
import { DatagramControl } from './datagram-control.ts'
import {
  OPTION_BROADCAST,
  OPTION_CORK,
  OPTION_DONTFRAG6,
  OPTION_FLOW_LABEL_OFF,
  OPTION_FLOWINFO_SEND,
} from './option-bits.ts'
import { ReceivingEndpoint, WRITE_SHUT } from './receiving-endpoint.ts'

/** Linux's UDP_MAX_SEGMENTS. */
const SEGMENTS_MAX = 128
/** Datagrams that are joined at the most: what UDP_MAX_SEGMENTS of Linux was until 6.9. */
const PIECES_MAX = 64

/** What a send says beside its data, and where it goes. One send's: calls do not nest. */
const control = new DatagramControl()
const target = new Target()
/** Where a datagram of a batch goes. */
const name = new SocketAddress()

/** What UDP, raw and ICMP sockets share: one packet for each call that sends. */
export abstract class DatagramEndpoint extends ReceivingEndpoint {
  #cork: Cork | null = null

  /** The longest message by IPv4 or IPv6, header not counted. */
  protected abstract messageMax(v4: boolean): number
  /**
   * Writes the header at `at` of the stack's frame in front of the data, which ends at `end`, and what is left to do into `offload`.
   * 0 or a negated errno.
   */
  protected abstract writeHeader(route: Route, at: number, end: number): number
  protected readonly offload: Offload = new Offload()

  // Sending

  send(bytes: Uint8Array, start: number, end: number, flags: number): number {
    control.clear()
    if ((flags & MSG_MORE) !== 0 || this.#cork !== null || this.option(OPTION_CORK)) {
      return this.#sendCorked([start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)], null, flags)
    }
    const route = this.#prepare(null, end - start, flags)
    if (typeof route === 'number') return route
    const at = FRAME_HEADROOM + this.#chainFor(route).bytes.length
    copyBytes(bytes, start, end, this.stack.frame, at + this.headerLength)
    return this.#finish(route, at, end - start)
  }

  sendmsg(message: Message, flags: number): number {
    if (this.closed) return -EBADF
    const bad = message.control.length === 0 ? control.clear() : this.#readControl(message)
    if (bad < 0) return bad
    const { buffers } = message
    if ((flags & MSG_MORE) !== 0 || this.#cork !== null || this.option(OPTION_CORK)) {
      return this.#sendCorked(buffers, message.name, flags)
    }
    const length = totalLength(buffers)
    const route = this.#prepare(message.name, length, flags)
    if (typeof route === 'number') return route
    const at = FRAME_HEADROOM + this.#chainFor(route).bytes.length
    let to = at + this.headerLength
    for (let i = 0; i < buffers.length; i++) {
      const buffer = buffers[i] as Uint8Array
      copyBytes(buffer, 0, buffer.length, this.stack.frame, to)
      to += buffer.length
    }
    return this.#finish(route, at, length)
  }

  /** Sends the places of a batch, without an object for each. */
  sendmmsg(batch: MessageBatch, from: number, count: number, flags: number): number {
    const plain = (flags & MSG_MORE) === 0 && batch.bytes.length >= (from + count) * batch.size
    let sent = 0
    while (sent < count) {
      const result = plain
        ? this.#sendPlaces(batch, from + sent, count - sent, flags)
        : sendOne(this, batch, from + sent, flags)
      if (result < 0) return sent === 0 ? result : sent
      sent += plain ? result : 1
    }
    return count
  }

  /** Sends the first of the places [place, place + most), and with it those that can go in one packet. How many, or a negated errno. */
  #sendPlaces(batch: MessageBatch, place: number, most: number, flags: number): number {
    const length = batch.lengths[place] as number
    const nameLength = batch.nameLengths[place] as number
    const nameAt = place * NAME_LENGTH
    // Another family's address, a part of a datagram and what else is rare go as anywhere.
    const usual =
      length >= 0 &&
      length <= batch.size &&
      this.#cork === null &&
      !this.option(OPTION_CORK) &&
      (nameLength === 0 || (batch.names[nameAt] === this.family && batch.names[nameAt + 1] === 0))
    const named = usual && nameLength > 0 && decodeSocketAddress(name, batch.names, nameAt, nameLength)
    const toV4 = named ? name.ip.isV4 : this.remote.isV4
    if (!usual || !readBatchControl(control, this, batch, place, toV4)) {
      const result = sendOne(this, batch, place, flags)
      return result < 0 ? result : 1
    }
    const route = this.#prepare(named ? name : null, length, flags)
    if (typeof route === 'number') return route
    const at = FRAME_HEADROOM + this.#chainFor(route).bytes.length
    const alone = most === 1 || (this.rare !== null && this.rare.segmentSize > 0)
    const count = alone ? 1 : runOfAlike(batch, place, most, this.#largest(route, length))
    let to = at + this.headerLength
    for (let i = place; i < place + count; i++) {
      const start = i * batch.size
      const end = start + (batch.lengths[i] as number)
      copyBytes(batch.bytes, start, end, this.stack.frame, to)
      to += end - start
    }
    if (count > 1) {
      const result = this.#sendOne(route, at, to, length)
      if (result >= 0) {
        this.datagramsSent += count
        this.octetsSent += to - at - this.headerLength
      }
      return this.#sent(route, result, count)
    }
    const result = this.#finish(route, at, length)
    return result < 0 ? result : 1
  }

  /**
   * How many octets of datagrams of `length` each the device takes in one packet, 0 where they go one by one. An echo of 64 octets over
   * a TAP, 16 or 64 under way, took 0.63 of the processor's time with it, 4.7 → 3.0 µs (Node 20, two servers by turns).
   */
  #largest(route: Route, length: number): number {
    const { rare, pathMtuDiscovery } = this
    const most = route.interface.device.features.largeDatagram ?? 0
    const v4 = route.version === 4
    if (most === 0 || length === 0 || !this.joinsDatagrams(v4)) return 0
    // Who could be cut on their way need identifications of their own, one by one: RFC 6864 section 4.3.
    if (v4 && (pathMtuDiscovery < IP_PMTUDISC_WANT || pathMtuDiscovery > IP_PMTUDISC_PROBE)) return 0
    if (route.toMany || route.destination.isMulticast || this.#chainFor(route) !== NO_EXTENSIONS) return 0
    if (control.ipOptions !== null || (rare !== null && rare.ipOptions !== null)) return 0
    const headers = (v4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH) + this.headerLength
    if (headers + length > this.mtuOf(route)) return 0
    return Math.min(most - headers, length * PIECES_MAX)
  }

  /** Whether a device may make several datagrams of one of ours. */
  protected joinsDatagrams(_v4: boolean): boolean {
    return false
  }

  #readControl({ name, control: messages }: Message): number {
    // Mapped addresses are not for raw sockets: theirs are read as those of IPv6.
    const mapped = name === null ? this.remote.isV4 : name.family === AF_INET || name.ip.isV4
    const v4 = this.any.isV4 || (mapped && this.type !== SOCK_RAW)
    return control.read(this, messages, v4)
  }

  // The parts make one datagram, to where the first of them was sent; one without the flag ends it, or the option going off.
  #sendCorked(buffers: readonly Uint8Array[], name: SocketAddress | null, flags: number): number {
    if (this.closed) return -EBADF
    const length = totalLength(buffers)
    let cork = this.#cork
    if (cork === null) {
      const route = this.#prepare(name, length, flags)
      if (typeof route === 'number') return route
      cork = new Cork(target)
    } else {
      const bad = this.#checkPart(cork, name, length, flags)
      if (bad < 0) return bad
    }
    if (!cork.add(buffers, this.messageMax(cork.target.ip.isV4))) {
      this.#cork = null
      return -EMSGSIZE
    }
    this.#cork = cork
    if ((flags & MSG_MORE) !== 0 || this.option(OPTION_CORK)) return length
    const result = this.#pull(cork)
    // The caller will bring this part again.
    if (result === -EAGAIN) cork.ring.length -= length
    return result < 0 ? result : length
  }

  // What of a further part is looked at, though it goes where the first one went; what there is stays. As udp_sendmsg and udpv6_sendmsg.
  #checkPart(cork: Cork, name: SocketAddress | null, length: number, flags: number): number {
    const v4 = cork.target.ip.isV4
    if (!v4 && name !== null && name.family !== AF_UNSPEC) {
      const bad = this.aim(target, name)
      if (bad < 0) return bad
      if (target.ip.isV4) return -EINVAL
    }
    if (v4 && length > 65535) return -EMSGSIZE
    return v4 && (flags & MSG_OOB) !== 0 ? -EOPNOTSUPP : 0
  }

  /** Sends what was put together so far. 0 or more, or a negated errno: -EAGAIN leaves it there. */
  protected uncork(): number {
    if (this.#cork === null) return 0
    control.clear()
    return this.#pull(this.#cork)
  }

  #pull(cork: Cork): number {
    const { ring } = cork
    target.set(cork.target)
    this.sendPort = target.port
    const route = this.wayTo(target, control.source, control.interfaceIndex)
    let result = typeof route === 'number' ? route : 0
    if (typeof route !== 'number') {
      const at = FRAME_HEADROOM + this.#chainFor(route).bytes.length
      ring.peek(0, ring.length, this.stack.frame, at + this.headerLength)
      result = this.#finish(route, at, ring.length)
    }
    if (result === -EAGAIN) return result
    ring.free()
    this.#cork = null
    return result
  }

  // All that can be refused before the data is looked at, in the order of udp_sendmsg in Linux; and the way to go.
  #prepare(name: SocketAddress | null, length: number, flags: number): Route | number {
    if (this.closed) return -EBADF
    // It has a port from then on, whatever becomes of the call: inet_send_prepare in Linux.
    const bound = this.autobind()
    if (bound < 0) return bound
    // Over IPv6 only with somewhere to go: udpv6_sendmsg.
    if (length > 65535 && (this.any.isV4 || name !== null || this.connected)) return -EMSGSIZE
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP
    // AF_INET6 takes AF_UNSPEC for no name, AF_INET takes it for its own.
    const named = name !== null && (name.family !== AF_UNSPEC || this.any.isV4)
    if (named) {
      const bad = this.aim(target, name)
      if (bad < 0) return bad
      const wrong = this.checkDestination(target)
      if (wrong < 0) return wrong
    } else if (!this.connected) {
      return -EDESTADDRREQ
    }
    if (!named) {
      target.ip.set(this.remote)
      target.port = this.remotePort
      target.scope = 0
      target.flowInfo = this.remoteFlowInfo
    }
    this.sendPort = target.port
    const route = this.wayTo(target, control.source, control.interfaceIndex)
    if (typeof route === 'number') return route
    if (isBroadcastRoute(route) && !this.option(OPTION_BROADCAST)) return -EACCES
    if (length > this.messageMax(route.version === 4) - this.#chainFor(route).bytes.length) {
      this.tooLong(route, this.mtuOf(route))
      return -EMSGSIZE
    }
    if (this.pendingError !== 0) return this.takeError()
    if ((this.shut & WRITE_SHUT) !== 0) return -EPIPE
    return route
  }

  /** Whether `to` can be sent to; UDP has no port 0. */
  protected checkDestination(_to: Target): number {
    return 0
  }

  #chainFor(route: Route): ExtensionChain {
    if (route.version === 4) return NO_EXTENSIONS
    return (control.headers ?? this.rare?.sticky ?? null)?.chain ?? NO_EXTENSIONS
  }

  #finish(route: Route, at: number, length: number): number {
    const asked = control.segmentSize
    const size = asked >= 0 ? asked : this.rare === null ? 0 : this.rare.segmentSize
    const result =
      size > 0 && length > size && this.headerLength > 0
        ? this.#sendPieces(route, at, length, size)
        : this.#sendOne(route, at, at + this.headerLength + length)
    if (result >= 0) {
      this.datagramsSent += size > 0 ? Math.max(1, Math.ceil(length / size)) : 1
      this.octetsSent += length
    }
    return this.#sent(route, result, length)
  }

  /** What a call says when `result` has become of the packet: `count`, or a negated errno. */
  #sent(route: Route, result: number, count: number): number {
    if (result === -ENOBUFS) {
      // Linux would block for room in the send buffer: here the device's queue is that buffer.
      this.blocked = true
      route.interface.awaitRoom(this)
      return -EAGAIN
    }
    if (result === -EMSGSIZE) this.tooLong(route, this.mtuOf(route))
    return result < 0 ? result : count
  }

  // udp(7), UDP_SEGMENT: one call, many datagrams. The headers of each overwrite the end of the one before, which has been sent.
  #sendPieces(route: Route, at: number, length: number, size: number): number {
    if (length > size * SEGMENTS_MAX) return -EINVAL
    const end = at + this.headerLength + length
    if (length <= this.#largest(route, size)) return this.#sendOne(route, at, end, size)
    for (let from = at; from + this.headerLength < end; from += size) {
      const result = this.#sendOne(route, from, Math.min(from + this.headerLength + size, end))
      // What goes no further is lost, as on the way: only of the first can the caller be told to come again.
      if (result < 0 && (from === at || result !== -ENOBUFS)) return result
    }
    return 0
  }

  /** Sends what lies at `at`; with a `size`, one packet that stands for several datagrams of so many octets. */
  #sendOne(route: Route, at: number, end: number, size = 0): number {
    const { offload } = this
    offload.segment = size === 0 ? SEGMENT_NONE : SEGMENT_UDP
    offload.segmentSize = size
    offload.headerLength = this.headerLength
    const bad = this.writeHeader(route, at, end)
    if (bad < 0) return bad
    const multicast = route.destination.isMulticast
    if (route.version === 6) {
      const mtu = this.mtuOf(route)
      const discovery = this.rare?.pathMtuDiscovery6 ?? IP_PMTUDISC_WANT
      const never =
        control.dontFragment >= 0
          ? control.dontFragment === 1
          : this.option(OPTION_DONTFRAG6) || (discovery >= IP_PMTUDISC_DO && discovery !== IP_PMTUDISC_OMIT)
      const own = multicast ? (this.rare?.multicastHops ?? 1) : this.hopLimit
      const ttl = control.hopLimit >= -1 ? control.hopLimit : own
      const tos = control.trafficClass >= 0 ? control.trafficClass : this.trafficClass
      return this.transmit(
        mtu === route.mtu ? route : likeRoute(route, route.source, route.toMany, mtu),
        ttl,
        tos,
        never,
        at,
        end,
      )
    }
    // ip(7), IP_MTU_DISCOVER: "want" fragments what is too long for the path, "do" never does.
    const { pathMtuDiscovery } = this
    const options = control.ipOptions ?? (this.rare === null ? null : this.rare.ipOptions)
    const length = size === 0 ? end - at : this.headerLength + size
    const fits = IPV4_HEADER_LENGTH + (options === null ? 0 : options.length) + length <= route.mtu
    const dontFragment =
      pathMtuDiscovery === IP_PMTUDISC_DO ||
      pathMtuDiscovery === IP_PMTUDISC_PROBE ||
      (pathMtuDiscovery === IP_PMTUDISC_WANT && fits)
    const own = multicast ? (this.rare?.multicastTtl ?? 1) : this.ttl
    return this.transmit(
      route,
      control.ttl >= 0 ? control.ttl : own,
      control.tos >= 0 ? control.tos : this.tos,
      dontFragment,
      at,
      end,
    )
  }

  /** IPV6_MTU: what a packet may have, on a way that carries more. */
  protected mtuOf(route: Route): number {
    const { rare } = this
    if (route.version === 4 || rare === null || rare.mtu6 === 0) return route.mtu
    return Math.min(rare.mtu6, route.mtu)
  }

  /** Gives the packet at `at`, whose header is written, to IP. */
  protected transmit(route: Route, ttl: number, tos: number, dontFragment: boolean, at: number, end: number): number {
    const { stack, protocol, offload } = this
    const { frame } = stack
    if (route.version === 6) {
      const chain = this.#chainFor(route)
      const named = this.option(OPTION_FLOWINFO_SEND) ? target.flowInfo & 0xfffff : 0
      const asked = control.flowLabel === 0 ? named : control.flowLabel
      const label = asked !== 0 ? asked : this.option(OPTION_FLOW_LABEL_OFF) ? 0 : FLOW_LABEL_AUTOMATIC
      if (chain !== NO_EXTENSIONS || label !== FLOW_LABEL_AUTOMATIC) {
        return ipv6OutputWithHeaders(
          stack,
          route,
          protocol,
          ttl,
          tos,
          label,
          dontFragment,
          chain,
          frame,
          at,
          end,
          offload,
        )
      }
    } else {
      const options = control.ipOptions ?? (this.rare === null ? null : this.rare.ipOptions)
      if (options !== null) {
        return ipOutputOfSocket(stack, route, protocol, ttl, tos, dontFragment, options, at, end, offload)
      }
    }
    return ipOutput(stack, route, protocol, ttl, tos, dontFragment, frame, at, end, offload)
  }

  override roomAgain(): void {
    this.blocked = false
    this.markReady(POLLOUT)
  }

  override close(): number {
    const result = super.close()
    if (this.closed) {
      this.#cork?.ring.free()
      this.#cork = null
    }
    return result
  }
}

function totalLength(buffers: readonly Uint8Array[]): number {
  let length = 0
  for (let i = 0; i < buffers.length; i++) length += (buffers[i] as Uint8Array).length
  return length
}
