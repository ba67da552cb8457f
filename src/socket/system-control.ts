// Read first: unix(7), socket(7), ip(7), ipv6(7), tcp(7), RFC 3542 section 11.3, Linux's networking/msg_zerocopy. Control messages that the
// operating system's sockets have and a stack's have not.

import { checkInteger } from '../base/argument.ts'
import {
  IP_CHECKSUM,
  IP_RECVFRAGSIZE,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_FLOWINFO,
  IPV6_PATHMTU,
  IPV6_RECVFRAGSIZE,
  SO_MARK,
  SO_PRIORITY,
  SOL_SOCKET,
} from '../base/constants.ts'
import {
  SCM_INQ,
  SCM_PIDFD,
  SCM_SECURITY,
  SO_EE_CODE_ZEROCOPY_COPIED,
  SO_EE_ORIGIN_ZEROCOPY,
  TCP_CM_INQ,
} from '../base/constants-control.ts'
import { controlData, intMessage, readControlInt, readExtendedError } from './control-message.ts'
import { decodeAddressOption, type PathMtu } from './option-addresses.ts'
import type { ControlMessage, Message } from './provider.ts'

/** Which calls of MSG_ZEROCOPY the kernel is done with: their buffers may be written to again. */
export interface ZeroCopyDone {
  /** The first and the last, counted from 0 for the socket's first. */
  readonly from: number
  readonly to: number
  /** The kernel has copied after all: MSG_ZEROCOPY is of no use here. */
  readonly copied: boolean
}

/**
 * A descriptor of the process that sent a message; null where the socket does not ask (SO_PASSPIDFD), and where that process has ended.
 * It is open and belongs to the receiver, who closes it (`fs.closeSync`).
 *
 * Source: unix(7), pidfd_open(2). Linux 6.5.
 */
export function readPidfd(message: Message): number | null {
  const descriptor = readControlInt(message, SOL_SOCKET, SCM_PIDFD)
  return descriptor === null || descriptor < 0 ? null : descriptor
}

const decoder = new TextDecoder()

/** The sender's security context, as SELinux or AppArmor write it; null where the socket does not ask (SO_PASSSEC). Source: unix(7). */
export function readSecurity(message: Message): string | null {
  const data = controlData(message, SOL_SOCKET, SCM_SECURITY)
  if (data === null) return null
  const end = data.indexOf(0)
  return decoder.decode(end < 0 ? data : data.subarray(0, end))
}

/** Octets that wait to be read behind those that came; null where the socket does not ask (TCP_INQ; SO_INQ of a Unix stream). */
export function readQueued(message: Message): number | null {
  return readControlInt(message, IPPROTO_TCP, TCP_CM_INQ) ?? readControlInt(message, SOL_SOCKET, SCM_INQ)
}

/** A control message that marks one packet, for the filters and routes that look at marks. Source: socket(7) SO_MARK; it takes CAP_NET_RAW. */
export function packetMark(mark: number): ControlMessage {
  checkInteger('mark', mark, 0, 0xffffffff)
  return intMessage(SOL_SOCKET, SO_MARK, mark)
}

/** The mark of a received packet; null where it has none, or the socket does not ask (SO_RCVMARK). */
export function readPacketMark(message: Message): number | null {
  const mark = readControlInt(message, SOL_SOCKET, SO_MARK)
  return mark === null ? null : mark >>> 0
}

/** A control message that gives one packet its priority in the queues of the links. Source: socket(7) SO_PRIORITY. Linux 6.14. */
export function packetPriority(priority: number): ControlMessage {
  checkInteger('priority', priority, 0)
  return intMessage(SOL_SOCKET, SO_PRIORITY, priority)
}

/** The priority of a received packet; null where the socket does not ask (SO_RCVPRIORITY). */
export function readPacketPriority(message: Message): number | null {
  return readControlInt(message, SOL_SOCKET, SO_PRIORITY)
}

/** The longest fragment that a datagram came in; null where it came whole, or the socket does not ask (IP_RECVFRAGSIZE, IPV6_RECVFRAGSIZE). */
export function readFragmentSize(message: Message): number | null {
  return (
    readControlInt(message, IPPROTO_IPV6, IPV6_RECVFRAGSIZE) ?? readControlInt(message, IPPROTO_IP, IP_RECVFRAGSIZE)
  )
}

/** The Internet checksum over what has been received of a datagram, as the device summed it; null where the socket does not ask (IP_CHECKSUM). */
export function readReceivedChecksum(message: Message): number | null {
  const sum = readControlInt(message, IPPROTO_IP, IP_CHECKSUM)
  return sum === null ? null : sum >>> 0
}

/** The traffic class and flow label of a received datagram, in one number; null where it has none, or the socket does not ask (IPV6_FLOWINFO). */
export function readFlowInfo(message: Message): number | null {
  const data = controlData(message, IPPROTO_IPV6, IPV6_FLOWINFO)
  if (data === null || data.length < 4) return null
  return new DataView(data.buffer, data.byteOffset, 4).getUint32(0)
}

/** The MTU of the path to where something was too long for it; null where the socket does not ask (IPV6_RECVPATHMTU). Source: RFC 3542 11.3. */
export function readPathMtu(message: Message): PathMtu | null {
  const data = controlData(message, IPPROTO_IPV6, IPV6_PATHMTU)
  return data === null ? null : (decodeAddressOption('ip6_mtuinfo', data) as PathMtu | null)
}

/** Which calls with MSG_ZEROCOPY are over, by a message that was read with MSG_ERRQUEUE; null where it is about something else. */
export function readZeroCopyDone(message: Message): ZeroCopyDone | null {
  const error = readExtendedError(message)
  if (error === null || error.origin !== SO_EE_ORIGIN_ZEROCOPY) return null
  return { from: error.info, to: error.data, copied: (error.code & SO_EE_CODE_ZEROCOPY_COPIED) !== 0 }
}
