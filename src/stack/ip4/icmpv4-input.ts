// Read first: RFC 792, RFC 1122 section 3.2.2, RFC 1191 section 4, RFC 5927 section 4.

import { read16, read32 } from '../../base/bytes.ts'
import { internetSum } from '../../base/checksum.ts'
import {
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
} from '../../base/errno.ts'
import {
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER_LENGTH,
  ICMP_PARAMETER_PROBLEM,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  IcmpHeader,
  readIcmp,
} from '../../wire/icmpv4.ts'
import { IPV4_HEADER_LENGTH } from '../../wire/ipv4.ts'
import { dispatchError } from '../ip/deliver.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { pathMtuOf } from '../ip/path-mtu.ts'
import type { LeanStack } from '../lean-stack.ts'
import { sendEchoReply } from './icmpv4-output.ts'

const header = new IcmpHeader()

/** Of each code of "destination unreachable": the errno, and whether it is hard. Linux's icmp_err_convert. */
const UNREACHABLE: readonly (readonly [number, boolean])[] = [
  [ENETUNREACH, false],
  [EHOSTUNREACH, false],
  [ENOPROTOOPT, true],
  [ECONNREFUSED, true],
  [EMSGSIZE, false],
  [EOPNOTSUPP, false],
  [ENETUNREACH, true],
  [EHOSTDOWN, true],
  [ENONET, true],
  [ENETUNREACH, true],
  [EHOSTUNREACH, true],
  [ENETUNREACH, false],
  [EHOSTUNREACH, false],
  [EHOSTUNREACH, true],
  [EHOSTUNREACH, true],
  [EHOSTUNREACH, true],
]

/** An ICMP message for us. */
export function icmpv4Input(stack: LeanStack, packet: IpPacket): void {
  const { counters } = stack
  const { bytes, payloadStart, payloadEnd } = packet
  counters.icmpReceived++
  if (
    !readIcmp(header, bytes, payloadStart, payloadEnd) ||
    (!packet.checksumTrusted && internetSum(bytes, payloadStart, payloadEnd) !== 0xffff)
  ) {
    counters.icmpInErrors++
    return
  }
  switch (header.type) {
    case ICMP_ECHO_REQUEST:
      counters.icmpEchoRequests++
      // To all: RFC 1122 section 3.2.2.6 lets us be silent, and a smurf amplifier is what answers (RFC 2644).
      if (!packet.toMany) sendEchoReply(stack, packet, header.high, header.low, ICMP_ECHO_REPLY)
      break
    case ICMP_ECHO_REPLY:
      counters.icmpEchoReplies++
      stack.ping?.input(packet)
      break
    case ICMP_UNREACHABLE:
    case ICMP_TIME_EXCEEDED:
    case ICMP_PARAMETER_PROBLEM:
      errorInput(stack, packet)
      break
    case ICMP_SOURCE_QUENCH:
      // RFC 6633: it is not to be acted on.
      counters.icmpSourceQuenchIgnored++
      break
    case ICMP_REDIRECT:
      // We differ: not followed (RFC 1122 section 3.2.2.2), since anybody on the link can forge one. Linux hosts can be told so.
      counters.icmpRedirectsIgnored++
      break
    default:
      // RFC 1122 section 3.2.2: an unknown type is dropped without a word. No answer to timestamp, mask and information requests.
      break
  }
}

function errorInput(stack: LeanStack, packet: IpPacket): void {
  const { counters, report } = stack
  const { bytes, payloadEnd } = packet
  const quoted = packet.payloadStart + ICMP_HEADER_LENGTH
  // The quoted header and the first 8 octets behind it are what RFC 792 promises. Its total length may be more than is quoted.
  const headerLength = quoted + IPV4_HEADER_LENGTH <= payloadEnd ? ((bytes[quoted] as number) & 15) << 2 : 0
  const start = quoted + headerLength
  if (
    packet.toMany ||
    headerLength < IPV4_HEADER_LENGTH ||
    (bytes[quoted] as number) >>> 4 !== 4 ||
    start + 8 > payloadEnd ||
    !stack.isOwnBits(read32(bytes, quoted + 12)) ||
    // Behind a fragment that is not the first there are no ports.
    (read16(bytes, quoted + 6) & 0x1fff) !== 0
  ) {
    counters.icmpInErrors++
    return
  }
  report.version = 4
  report.type = header.type
  report.code = header.code
  report.mtu = 0
  report.errno = EHOSTUNREACH
  report.hard = false
  report.local = false
  if (header.type === ICMP_UNREACHABLE) {
    const meaning = UNREACHABLE[header.code]
    if (meaning === undefined) {
      counters.icmpInErrors++
      return
    }
    report.errno = meaning[0]
    report.hard = meaning[1]
    if (header.code === ICMP_FRAGMENTATION_NEEDED) {
      report.mtu = pathMtuOf(header.low, read16(bytes, quoted + 2))
    }
  } else if (header.type === ICMP_PARAMETER_PROBLEM) {
    report.errno = EPROTO
    report.hard = true
  }
  report.reporter.set(packet.source)
  report.source.setV4(read32(bytes, quoted + 12))
  report.destination.setV4(read32(bytes, quoted + 16))
  report.protocol = bytes[quoted + 9] as number
  report.bytes = bytes
  report.start = start
  report.end = payloadEnd
  dispatchError(stack, report)
}
