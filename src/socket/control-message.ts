// Read first: cmsg(3), unix(7) "Ancillary messages", ip(7), ipv6(7), RFC 3542 sections 4 to 6.

import { checkInteger, given } from '../base/argument.ts'
import {
  IP_ORIGDSTADDR,
  IP_PKTINFO,
  IP_RECVERR,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_ORIGDSTADDR,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_TCLASS,
  SCM_CREDENTIALS,
  SCM_MAX_FD,
  SCM_RIGHTS,
  SCM_TIMESTAMP,
  SCM_TIMESTAMPNS,
  SO_RXQ_OVFL,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
  UDP_SEGMENT,
} from '../base/constants.ts'
import { SCM_TIMESTAMP_NEW, SCM_TIMESTAMPNS_NEW } from '../base/constants-control.ts'
import { PACKET_TX_TIMESTAMP, SOL_PACKET } from '../base/constants-link.ts'
import { type Credentials, decodeCredentials, encodeCredentials, UCRED_LENGTH } from '../base/credentials.ts'
import { decodeExtendedError, type ExtendedError } from '../base/extended-error.ts'
import { decodePacketInfo, encodePacketInfo, type PacketInfo } from '../base/packet-info.ts'
import { decodeSocketAddress, SocketAddress } from '../base/socket-address.ts'
import type { ControlMessage, Message } from './provider.ts'

/** Octets of a struct cmsghdr. */
const HEADER_LENGTH = 16

/**
 * A control message that passes descriptors to the receiver of a message on a Unix socket, who gets new ones for the same open
 * sockets. Throws a TypeError where `descriptors` is not an array of integers, a RangeError for more than 253 of them.
 *
 * Source: unix(7) SCM_RIGHTS.
 *
 * ```ts
 * const message = new Message([Uint8Array.of(0)])
 * message.control.push(rights([connection.fd]))
 * await channel.sendmsg(message)
 * ```
 */
export function rights(descriptors: readonly number[]): ControlMessage {
  if (!Array.isArray(descriptors)) throw new TypeError(`descriptors must be an array, got ${given(descriptors)}`)
  if (descriptors.length > SCM_MAX_FD) {
    throw new RangeError(`descriptors must be at most ${SCM_MAX_FD}, got ${descriptors.length}`)
  }
  const data = new Uint8Array(4 * descriptors.length)
  const view = new DataView(data.buffer)
  for (const [i, descriptor] of descriptors.entries()) {
    checkInteger(`descriptors[${i}]`, descriptor)
    view.setInt32(4 * i, descriptor, true)
  }
  return { level: SOL_SOCKET, type: SCM_RIGHTS, data }
}

/**
 * The descriptors that a received message has brought, in order; [] where there are none. They are open and belong to the
 * receiver: `Socket.fromDescriptor` makes sockets of them.
 */
export function readRights(message: Message): number[] {
  const descriptors: number[] = []
  for (const one of message.control) if (isRights(one)) descriptors.push(...descriptorsOf(one))
  return descriptors
}

/** Whether it is a SCM_RIGHTS. */
export function isRights({ level, type }: ControlMessage): boolean {
  return level === SOL_SOCKET && type === SCM_RIGHTS
}

/** The descriptors in a SCM_RIGHTS. */
export function descriptorsOf({ data }: ControlMessage): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  return Array.from({ length: data.length >> 2 }, (_, i) => view.getInt32(4 * i, true))
}

/**
 * A control message that says for whom the sender acts. A system lets only the privileged say what is not so: EPERM.
 *
 * Source: unix(7) SCM_CREDENTIALS.
 */
export function credentials(of: Credentials): ControlMessage {
  const data = new Uint8Array(UCRED_LENGTH)
  encodeCredentials(of, data)
  return { level: SOL_SOCKET, type: SCM_CREDENTIALS, data }
}

/** The sender's credentials as a received message says them (the receiver has SO_PASSCRED on); null where it does not. */
export function readCredentials(message: Message): Credentials | null {
  for (const { level, type, data } of message.control) {
    if (level === SOL_SOCKET && type === SCM_CREDENTIALS && data.length >= UCRED_LENGTH) return decodeCredentials(data)
  }
  return null
}

/** How many octets of control messages `room` has left for data, once a header is in it; negative: not even for that. */
export function roomForData(room: number): number {
  return room - HEADER_LENGTH
}

/** What is left of `room` behind a control message of `length` octets: CMSG_SPACE, which pads to whole words. */
export function roomBehind(room: number, length: number): number {
  return Math.max(0, room - HEADER_LENGTH - ((length + 7) & ~7))
}

/**
 * A control message that says from which address of ours, and through which interface, a datagram shall go. Of IPv4 where the address
 * is, else of IPv6; to say only the interface, write '0.0.0.0' or '::'. Throws a TypeError or RangeError for what cannot be.
 *
 * Source: ip(7) IP_PKTINFO, RFC 3542 section 6 IPV6_PKTINFO.
 *
 * ```ts
 * const message = new Message([bytes], SocketAddress.internet('2001:db8::2', 9))
 * message.control.push(pktinfo({ address: '2001:db8::1', ifindex: 2 }))
 * await socket.sendmsg(message)
 * ```
 */
export function pktinfo(info: PacketInfo): ControlMessage {
  const v6 = typeof info?.address === 'string' && info.address.includes(':')
  const data = encodePacketInfo('pktinfo', info, v6)
  return v6 ? { level: IPPROTO_IPV6, type: IPV6_PKTINFO, data } : { level: IPPROTO_IP, type: IP_PKTINFO, data }
}

/**
 * Where a received datagram came in, and the address in its header that it was sent to; null where the socket does not ask for it
 * (IP_PKTINFO, IPV6_RECVPKTINFO).
 *
 * ```ts
 * socket.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, true)
 * await socket.recvmsg(message)
 * readPacketInfo(message) // { address: '2001:db8::1', ifindex: 2 }
 * ```
 */
export function readPacketInfo(message: Message): PacketInfo | null {
  const data = controlData(message, IPPROTO_IPV6, IPV6_PKTINFO) ?? controlData(message, IPPROTO_IP, IP_PKTINFO)
  return data === null ? null : decodePacketInfo(data)
}

/** A control message that gives an IPv4 datagram its time to live, 1 to 255. Source: ip(7) IP_TTL. */
export function timeToLive(ttl: number): ControlMessage {
  checkInteger('ttl', ttl, 1, 255)
  return intMessage(IPPROTO_IP, IP_TTL, ttl)
}

/** A control message that gives an IPv6 datagram its hop limit, 0 to 255; −1: the default. Source: RFC 3542 section 6.3. */
export function hopLimit(limit: number): ControlMessage {
  checkInteger('limit', limit, -1, 255)
  return intMessage(IPPROTO_IPV6, IPV6_HOPLIMIT, limit)
}

/** The time to live, or hop limit, that a received datagram had left; null where the socket does not ask (IP_RECVTTL, IPV6_RECVHOPLIMIT). */
export function readHopLimit(message: Message): number | null {
  const data = controlData(message, IPPROTO_IPV6, IPV6_HOPLIMIT) ?? controlData(message, IPPROTO_IP, IP_TTL)
  return data === null ? null : intOf(data)
}

/** A control message that gives an IPv4 datagram its type of service, 0 to 255. Source: ip(7) IP_TOS. */
export function typeOfService(tos: number): ControlMessage {
  checkInteger('tos', tos, 0, 255)
  return { level: IPPROTO_IP, type: IP_TOS, data: Uint8Array.of(tos) }
}

/** A control message that gives an IPv6 datagram its traffic class, 0 to 255; −1: the default. Source: RFC 3542 section 6.5. */
export function trafficClass(value: number): ControlMessage {
  checkInteger('value', value, -1, 255)
  return intMessage(IPPROTO_IPV6, IPV6_TCLASS, value)
}

/** The type of service, or traffic class, of a received datagram; null where the socket does not ask (IP_RECVTOS, IPV6_RECVTCLASS). */
export function readTrafficClass(message: Message): number | null {
  const data = controlData(message, IPPROTO_IPV6, IPV6_TCLASS) ?? controlData(message, IPPROTO_IP, IP_TOS)
  return data === null ? null : intOf(data)
}

/**
 * When a received datagram came, in milliseconds of the provider's calendar (since 1970, where its clock has one); null where the
 * socket does not ask (SO_TIMESTAMP, SO_TIMESTAMPNS). `readTimestamps` has all their digits. Source: socket(7).
 */
export function readTimestamp(message: Message): number | null {
  const nanoseconds =
    controlData(message, SOL_SOCKET, SCM_TIMESTAMPNS) ?? controlData(message, SOL_SOCKET, SCM_TIMESTAMPNS_NEW)
  const data =
    nanoseconds ??
    controlData(message, SOL_SOCKET, SCM_TIMESTAMP) ??
    controlData(message, SOL_SOCKET, SCM_TIMESTAMP_NEW)
  if (data === null || data.length < 16) return null
  const view = new DataView(data.buffer, data.byteOffset, 16)
  const part = Number(view.getBigInt64(8, true))
  return Number(view.getBigInt64(0, true)) * 1000 + part / (nanoseconds === null ? 1000 : 1e6)
}

/** How many datagrams the socket has had no room for so far; 0 where there are none, or it does not ask (SO_RXQ_OVFL). */
export function readDrops(message: Message): number {
  const data = controlData(message, SOL_SOCKET, SO_RXQ_OVFL)
  return data === null ? 0 : intOf(data) >>> 0
}

/**
 * A control message that cuts what is sent by UDP into datagrams of `size` octets each, the last of them of what is left. Source:
 * udp(7) UDP_SEGMENT.
 */
export function segmentSize(size: number): ControlMessage {
  checkInteger('size', size, 0, 65535)
  return { level: SOL_UDP, type: UDP_SEGMENT, data: Uint8Array.of(size, size >> 8) }
}

/** The length of the datagrams that were received as one; null where there was only one, or the socket does not ask (UDP_GRO). */
export function readSegmentSize(message: Message): number | null {
  const data = controlData(message, SOL_UDP, UDP_GRO)
  return data === null ? null : intOf(data)
}

/** The address and port that a received datagram was sent to; null where the socket does not ask (IP_RECVORIGDSTADDR and its like). */
export function readOriginalDestination(message: Message): SocketAddress | null {
  const data = controlData(message, IPPROTO_IPV6, IPV6_ORIGDSTADDR) ?? controlData(message, IPPROTO_IP, IP_ORIGDSTADDR)
  const address = new SocketAddress()
  return data !== null && decodeSocketAddress(address, data, 0, data.length) ? address : null
}

/**
 * The error that `recvmsg` with MSG_ERRQUEUE has read: what went wrong, who said so, and, for EMSGSIZE, the path's MTU as `info`. The
 * message's name is where the packet was going, its buffers hold what was quoted of it. null where it is no such message.
 *
 * Source: ip(7) IP_RECVERR.
 *
 * ```ts
 * socket.setsockopt(IPPROTO_IP, IP_RECVERR, true)
 * const message = new Message([new Uint8Array(64)], new SocketAddress())
 * await socket.recvmsg(message, MSG_ERRQUEUE)
 * readExtendedError(message)?.offender?.address // the router that answered
 * ```
 */
export function readExtendedError(message: Message): ExtendedError | null {
  const data =
    controlData(message, IPPROTO_IPV6, IPV6_RECVERR) ??
    controlData(message, IPPROTO_IP, IP_RECVERR) ??
    controlData(message, SOL_PACKET, PACKET_TX_TIMESTAMP)
  return data === null ? null : decodeExtendedError(data)
}

/** The data of the first control message of this kind; null where there is none. */
export function controlData(message: Message, level: number, type: number): Uint8Array | null {
  for (const one of message.control) if (one.level === level && one.type === type) return one.data
  return null
}

/** An int or unsigned int of C in a control message; null where there is none. */
export function readControlInt(message: Message, level: number, type: number): number | null {
  const data = controlData(message, level, type)
  return data === null ? null : intOf(data)
}

/** A control message of one int. */
export function intMessage(level: number, type: number, value: number): ControlMessage {
  const data = new Uint8Array(4)
  new DataView(data.buffer).setInt32(0, value | 0, true)
  return { level, type, data }
}

// An octet, or an int.
function intOf(data: Uint8Array): number {
  if (data.length < 4) return data.length === 0 ? 0 : (data[0] as number)
  return new DataView(data.buffer, data.byteOffset, 4).getInt32(0, true)
}
