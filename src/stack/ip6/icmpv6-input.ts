// Read first: RFC 4443 sections 2.4 and 3, RFC 8201 section 4, RFC 5927 section 4.

import { internetSum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_ICMPV6 } from '../../base/constants.ts'
import { EACCES, ECONNREFUSED, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, EPROTO } from '../../base/errno.ts'
import {
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_HEADER_LENGTH,
  ICMPV6_MLD_DONE,
  ICMPV6_MLD_QUERY,
  ICMPV6_MLD_REPORT_V1,
  ICMPV6_MLD_REPORT_V2,
  ICMPV6_NEIGHBOUR_ADVERTISEMENT,
  ICMPV6_NEIGHBOUR_SOLICITATION,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_REDIRECT,
  ICMPV6_ROUTER_ADVERTISEMENT,
  ICMPV6_ROUTER_SOLICITATION,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
  Icmpv6Header,
  readIcmpv6,
} from '../../wire/icmpv6.ts'
import { IPV6_HEADER_LENGTH, IPV6_MTU_MIN, readIpv6Address } from '../../wire/ipv6.ts'
import { dispatchError } from '../ip/deliver.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { LeanStack } from '../lean-stack.ts'
import { sendEchoReplyV6 } from './icmpv6-output.ts'
import { findUpperLayer, UpperLayer } from './upper-layer.ts'

const header = new Icmpv6Header()
const upper = new UpperLayer()

/** Of each code of "destination unreachable": the errno, and whether it is hard. Linux's icmpv6_err_convert. */
const UNREACHABLE: readonly (readonly [number, boolean])[] = [
  [ENETUNREACH, false],
  [EACCES, true],
  [EHOSTUNREACH, false],
  [EHOSTUNREACH, false],
  [ECONNREFUSED, true],
  [EACCES, true],
  [EACCES, true],
]

/** An ICMPv6 message for us. */
export function icmpv6Input(stack: LeanStack, packet: IpPacket): void {
  const { counters } = stack
  const { bytes, payloadStart, payloadEnd } = packet
  counters.icmpReceived++
  if (!readIcmpv6(header, bytes, payloadStart, payloadEnd) || !(packet.checksumTrusted || checksumRight(packet))) {
    counters.icmpInErrors++
    return
  }
  const { type } = header
  switch (type) {
    case ICMPV6_ECHO_REQUEST:
      counters.icmpEchoRequests++
      // RFC 4443 section 4.2 lets us answer to a group as well: that of all nodes is how people look who is there.
      sendEchoReplyV6(stack, packet, header.word)
      break
    case ICMPV6_ECHO_REPLY:
      counters.icmpEchoReplies++
      stack.ping?.input(packet)
      break
    case ICMPV6_UNREACHABLE:
    case ICMPV6_PACKET_TOO_BIG:
    case ICMPV6_TIME_EXCEEDED:
    case ICMPV6_PARAMETER_PROBLEM:
      errorInput(stack, packet)
      break
    case ICMPV6_MLD_QUERY:
    case ICMPV6_MLD_REPORT_V1:
    case ICMPV6_MLD_DONE:
    case ICMPV6_MLD_REPORT_V2:
      // What we tell routers and neighbours is not told to us, here and below.
      if (!stack.hearsItself) packet.interface?.groups.mldInput(packet, type)
      break
    case ICMPV6_ROUTER_SOLICITATION:
    case ICMPV6_ROUTER_ADVERTISEMENT:
    case ICMPV6_NEIGHBOUR_SOLICITATION:
    case ICMPV6_NEIGHBOUR_ADVERTISEMENT:
    case ICMPV6_REDIRECT:
      if (!stack.hearsItself) packet.interface?.ipv6?.input(packet, type)
      break
    default:
      // Unknown informational messages are dropped, unknown errors too, as there is nobody to tell (RFC 4443 section 2.4(a, b)).
      break
  }
}

function checksumRight({ source, destination, bytes, payloadStart, payloadEnd }: IpPacket): boolean {
  const pseudo = pseudoSum(source, destination, IPPROTO_ICMPV6, payloadEnd - payloadStart)
  return internetSum(bytes, payloadStart, payloadEnd, pseudo) === 0xffff
}

function errorInput(stack: LeanStack, packet: IpPacket): void {
  const { counters, report } = stack
  const { bytes, payloadEnd } = packet
  const quoted = packet.payloadStart + ICMPV6_HEADER_LENGTH
  // "Packet too big" comes for packets to groups as well, but to their one sender.
  if (
    packet.toMany ||
    payloadEnd - quoted < IPV6_HEADER_LENGTH ||
    (bytes[quoted] as number) >>> 4 !== 6 ||
    !findUpperLayer(upper, bytes, quoted, payloadEnd) ||
    upper.start + 8 > payloadEnd
  ) {
    counters.icmpInErrors++
    return
  }
  readIpv6Address(report.source, bytes, quoted + 8)
  readIpv6Address(report.destination, bytes, quoted + 24)
  // Mapped addresses would lead to the connections of IPv4.
  if (report.source.isV4 || report.destination.isV4 || !stack.isOwnAddress(report.source)) {
    counters.icmpInErrors++
    return
  }
  report.version = 6
  report.type = header.type
  report.code = header.code
  report.mtu = 0
  report.errno = EHOSTUNREACH
  report.hard = false
  report.local = false
  if (header.type === ICMPV6_UNREACHABLE) {
    const meaning = UNREACHABLE[header.code]
    if (meaning === undefined) {
      counters.icmpInErrors++
      return
    }
    report.errno = meaning[0]
    report.hard = meaning[1]
  } else if (header.type === ICMPV6_PACKET_TOO_BIG) {
    report.errno = EMSGSIZE
    // Nothing smaller is believed: every link carries 1280 octets (RFC 8201 section 4). The field has 32 bits.
    report.mtu = Math.max(header.word >>> 0, IPV6_MTU_MIN)
  } else if (header.type === ICMPV6_PARAMETER_PROBLEM) {
    report.errno = EPROTO
    report.hard = true
  }
  report.reporter.set(packet.source)
  report.protocol = upper.protocol
  report.bytes = bytes
  report.start = upper.start
  report.end = payloadEnd
  dispatchError(stack, report)
}
