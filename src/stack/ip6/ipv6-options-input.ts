// Read first: RFC 8200 section 4.2, RFC 8504 section 5.3.

import { ICMPV6_PARAMETER_PROBLEM, ICMPV6_UNKNOWN_OPTION } from '../../wire/icmpv6.ts'
import {
  Ipv6Options,
  OPTIONS_ACCEPT,
  OPTIONS_REPORT,
  OPTIONS_REPORT_UNICAST,
  readIpv6Options,
} from '../../wire/ipv6-options.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { LeanStack } from '../lean-stack.ts'
import { sendIcmpv6Error } from './icmpv6-output.ts'

/** Of one header, padding not counted: what RFC 8504 section 5.3 proposes, and Linux has (net.ipv6.max_hbh_opts_number). */
const OPTIONS_MAX = 8

const options = new Ipv6Options()

/**
 * Looks at the options of the hop-by-hop or destination options header in `[start, end)` of the packet. False where it is to be
 * dropped: then its sender has been told, if an option we do not know asks for that.
 */
export function optionsAcceptable(stack: LeanStack, packet: IpPacket, start: number, end: number): boolean {
  if (!readIpv6Options(options, packet.bytes, start, end) || options.count > OPTIONS_MAX) {
    stack.counters.badOptions++
    return false
  }
  const { action } = options
  if (action === OPTIONS_ACCEPT) return true
  stack.counters.badOptions++
  if (action === OPTIONS_REPORT || (action === OPTIONS_REPORT_UNICAST && !packet.toMany)) {
    const pointer = options.pointer - packet.start
    sendIcmpv6Error(stack, packet, ICMPV6_PARAMETER_PROBLEM, ICMPV6_UNKNOWN_OPTION, pointer)
  }
  return false
}
