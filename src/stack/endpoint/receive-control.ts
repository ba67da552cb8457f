// Read first: ip(7), ipv6(7), socket(7) on what recvmsg tells beside the data, RFC 3542 sections 4 to 9, cmsg(3).

import { write32 } from '../../base/bytes.ts'
import {
  AF_INET,
  AF_INET6,
  IP_ORIGDSTADDR,
  IP_PKTINFO,
  IP_RECVOPTS,
  IP_RETOPTS,
  IP_TOS,
  IP_TTL,
  IPPROTO_DSTOPTS,
  IPPROTO_HOPOPTS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_ROUTING,
  IPPROTO_UDP,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO,
  IPV6_HOPLIMIT,
  IPV6_HOPOPTS,
  IPV6_ORIGDSTADDR,
  IPV6_PKTINFO,
  IPV6_RTHDR,
  IPV6_TCLASS,
  SCM_TIMESTAMP,
  SCM_TIMESTAMPNS,
  SO_MARK,
  SO_RXQ_OVFL,
  SOL_SOCKET,
  UDP_GRO,
} from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { IN_PKTINFO_LENGTH, IN6_PKTINFO_LENGTH, writeIn6Pktinfo, writeInPktinfo } from '../../base/packet-info.ts'
import { encodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import type { MessageBatch } from '../../socket/message-batch.ts'
import type { ControlMessage } from '../../socket/provider.ts'
import { ExtensionHeader, isExtensionHeader, readExtension } from '../../wire/ipv6-extension.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { DatagramQueue } from './datagram-queue.ts'
import { fillAddress, type StackEndpoint } from './endpoint.ts'
import {
  CONTROL_DROPS,
  CONTROL_DSTOPTS,
  CONTROL_FLOWINFO,
  CONTROL_GRO,
  CONTROL_HOPLIMIT,
  CONTROL_HOPOPTS,
  CONTROL_MARK,
  CONTROL_OPTIONS,
  CONTROL_ORIGDST,
  CONTROL_ORIGDST6,
  CONTROL_PKTINFO,
  CONTROL_PKTINFO6,
  CONTROL_RETOPTS,
  CONTROL_RTHDR,
  CONTROL_TCLASS,
  CONTROL_TIMESTAMP,
  CONTROL_TIMESTAMPNS,
  CONTROL_TOS,
  CONTROL_TTL,
} from './option-bits.ts'
import { writeInt } from './option-value.ts'

const destination = new IpAddress()
const header = new ExtensionHeader()

/** The control messages for the datagram of `queue` that is looked at, of those that the endpoint asks for, in Linux's order. */
export function receiveControl(endpoint: StackEndpoint, queue: DatagramQueue, port: number): ControlMessage[] {
  const bits = endpoint.controlBits
  if (bits === 0) return []
  const messages: ControlMessage[] = []
  if ((bits & CONTROL_TIMESTAMPNS) !== 0) messages.push(time(SCM_TIMESTAMPNS, queue.seconds, queue.nanoseconds))
  else if ((bits & CONTROL_TIMESTAMP) !== 0) {
    messages.push(time(SCM_TIMESTAMP, queue.seconds, Math.floor(queue.nanoseconds / 1000)))
  }
  if ((bits & CONTROL_DROPS) !== 0 && queue.drops > 0) messages.push(intControl(SOL_SOCKET, SO_RXQ_OVFL, queue.drops))
  if ((bits & CONTROL_MARK) !== 0) messages.push(intControl(SOL_SOCKET, SO_MARK, 0))
  if ((bits & CONTROL_GRO) !== 0 && queue.segmentSize > 0)
    messages.push(intControl(IPPROTO_UDP, UDP_GRO, queue.segmentSize))
  queue.destination(destination)
  const v4 = queue.isV4
  about(messages, bits, v4, destination, queue.interfaceIndex, queue.ttl, queue.tos, queue.flowLabel)
  if (queue.headersLength > 0) {
    if (v4) ipOptions(messages, bits, queue.headers())
    else extensions(messages, bits, queue.firstHeader, queue.headers())
  }
  if ((bits & (CONTROL_ORIGDST | CONTROL_ORIGDST6)) !== 0) originalDestination(messages, bits, v4, queue, port)
  return messages
}

const info = new Uint8Array(IN_PKTINFO_LENGTH)
const info6 = new Uint8Array(IN6_PKTINFO_LENGTH)

/** Of an endpoint that asks for one of the two packet infos and nothing else: it, into its place of a batch. False: there is no room. */
export function receivePacketInfo(bits: number, queue: DatagramQueue, batch: MessageBatch, place: number): boolean {
  queue.destination(destination)
  if (bits === CONTROL_PKTINFO6) {
    writeIn6Pktinfo(info6, queue.interfaceIndex, destination)
    return batch.receiveOneControl(place, IPPROTO_IPV6, IPV6_PKTINFO, info6)
  }
  // Of a packet of IPv6 an option of IPv4 tells nothing.
  if (!queue.isV4) return true
  writeInPktinfo(info, queue.interfaceIndex, destination, destination)
  return batch.receiveOneControl(place, IPPROTO_IP, IP_PKTINFO, info)
}

/** The same for a packet that is not a datagram of a queue: the message that brought an error. */
export function packetControl(endpoint: StackEndpoint, packet: IpPacket): ControlMessage[] {
  const messages: ControlMessage[] = []
  const index = packet.interface?.index ?? 0
  const v4 = packet.version === 4
  about(messages, endpoint.controlBits, v4, packet.destination, index, packet.ttl, packet.tos, packet.flowLabel)
  return messages
}

function about(
  messages: ControlMessage[],
  bits: number,
  v4: boolean,
  to: IpAddress,
  index: number,
  ttl: number,
  tos: number,
  flowLabel: number,
): void {
  if ((bits & CONTROL_PKTINFO6) !== 0) {
    const data = new Uint8Array(IN6_PKTINFO_LENGTH)
    writeIn6Pktinfo(data, index, to)
    messages.push({ level: IPPROTO_IPV6, type: IPV6_PKTINFO, data })
  }
  if (v4) {
    if ((bits & CONTROL_PKTINFO) !== 0) {
      const data = new Uint8Array(IN_PKTINFO_LENGTH)
      writeInPktinfo(data, index, to, to)
      messages.push({ level: IPPROTO_IP, type: IP_PKTINFO, data })
    }
    if ((bits & CONTROL_TTL) !== 0) messages.push(intControl(IPPROTO_IP, IP_TTL, ttl))
    if ((bits & CONTROL_TOS) !== 0) messages.push({ level: IPPROTO_IP, type: IP_TOS, data: Uint8Array.of(tos) })
    return
  }
  if ((bits & CONTROL_HOPLIMIT) !== 0) messages.push(intControl(IPPROTO_IPV6, IPV6_HOPLIMIT, ttl))
  if ((bits & CONTROL_TCLASS) !== 0) messages.push(intControl(IPPROTO_IPV6, IPV6_TCLASS, tos))
  const flowInfo = (tos << 20) | flowLabel
  if ((bits & CONTROL_FLOWINFO) !== 0 && flowInfo !== 0) {
    const data = new Uint8Array(4)
    write32(data, 0, flowInfo)
    messages.push({ level: IPPROTO_IPV6, type: IPV6_FLOWINFO, data })
  }
}

// We differ: IP_RETOPTS gives the options as they came, as IP_RECVOPTS does, since no source route is accepted that had to be turned.
function ipOptions(messages: ControlMessage[], bits: number, data: Uint8Array): void {
  if ((bits & CONTROL_OPTIONS) !== 0) messages.push({ level: IPPROTO_IP, type: IP_RECVOPTS, data })
  if ((bits & CONTROL_RETOPTS) !== 0) messages.push({ level: IPPROTO_IP, type: IP_RETOPTS, data: data.slice() })
}

// RFC 3542 sections 7 to 9: one for each header, in their order.
function extensions(messages: ControlMessage[], bits: number, first: number, bytes: Uint8Array): void {
  let type = first
  let at = 0
  while (isExtensionHeader(type) && readExtension(header, type, bytes, at, bytes.length)) {
    const asked =
      type === IPPROTO_HOPOPTS
        ? (bits & CONTROL_HOPOPTS) !== 0
        : type === IPPROTO_ROUTING
          ? (bits & CONTROL_RTHDR) !== 0
          : type === IPPROTO_DSTOPTS && (bits & CONTROL_DSTOPTS) !== 0
    if (asked) {
      const name = type === IPPROTO_HOPOPTS ? IPV6_HOPOPTS : type === IPPROTO_ROUTING ? IPV6_RTHDR : IPV6_DSTOPTS
      messages.push({ level: IPPROTO_IPV6, type: name, data: bytes.slice(at, header.end) })
    }
    at = header.end
    type = header.nextHeader
  }
}

function originalDestination(
  messages: ControlMessage[],
  bits: number,
  v4: boolean,
  queue: DatagramQueue,
  port: number,
): void {
  const address = new SocketAddress()
  fillAddress(address, v4 ? AF_INET : AF_INET6, destination, port, queue.interfaceIndex)
  const room = new Uint8Array(28)
  const data = room.subarray(0, encodeSocketAddress(address, room))
  if (v4 && (bits & CONTROL_ORIGDST) !== 0) messages.push({ level: IPPROTO_IP, type: IP_ORIGDSTADDR, data })
  if (!v4 && (bits & CONTROL_ORIGDST6) !== 0) messages.push({ level: IPPROTO_IPV6, type: IPV6_ORIGDSTADDR, data })
}

export function intControl(level: number, type: number, value: number): ControlMessage {
  const data = new Uint8Array(4)
  writeInt(data, value)
  return { level, type, data }
}

/** A struct scm_timestamping, of which only the first time is of software: milliseconds since 1970. */
export function timestamping(at: number): Uint8Array {
  const data = new Uint8Array(48)
  const seconds = Math.floor(at / 1000)
  const view = new DataView(data.buffer)
  view.setBigInt64(0, BigInt(seconds), true)
  view.setBigInt64(8, BigInt(Math.floor((at - seconds * 1000) * 1e6)), true)
  return data
}

/** The time stamp of a stream's octets, as SO_TIMESTAMPNS or SO_TIMESTAMP has it: milliseconds since 1970. */
export function streamTime(nanoseconds: boolean, at: number): ControlMessage {
  const seconds = Math.floor(at / 1000)
  const part = Math.floor((at - seconds * 1000) * 1e6)
  return nanoseconds ? time(SCM_TIMESTAMPNS, seconds, part) : time(SCM_TIMESTAMP, seconds, Math.floor(part / 1000))
}

// struct timeval and struct timespec: two longs.
function time(type: number, seconds: number, part: number): ControlMessage {
  const data = new Uint8Array(16)
  const view = new DataView(data.buffer)
  view.setBigInt64(0, BigInt(seconds >>> 0), true)
  view.setBigInt64(8, BigInt(part), true)
  return { level: SOL_SOCKET, type, data }
}
