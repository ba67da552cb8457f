// Read first: RFC 1122 section 3.2 and RFC 8200 section 4 on protocols that nobody here has.

import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IGMP, IPPROTO_TCP, IPPROTO_UDP } from '../../base/constants.ts'
import { icmpv4Input } from '../ip4/icmpv4-input.ts'
import { icmpv6Input } from '../ip6/icmpv6-input.ts'
import type { LeanStack } from '../lean-stack.ts'
import type { IcmpReport } from '../transport/transport.ts'
import { sendProtocolUnreachable } from './icmp-error.ts'
import type { IpPacket } from './ip-packet.ts'

/** Hands a whole packet for us to the transports. */
export function deliver(stack: LeanStack, packet: IpPacket): void {
  if (packet.toMany && packet.destination.isMulticast && !(packet.interface?.groups.wants(packet) ?? true)) {
    stack.counters.inDiscards++
    return
  }
  stack.counters.inDelivers++
  const taken = stack.raw?.input(packet) ?? false
  switch (packet.protocol) {
    case IPPROTO_TCP:
      stack.tcp.input(packet)
      return
    case IPPROTO_UDP:
      stack.udp.input(packet)
      return
    case IPPROTO_ICMP:
      if (packet.version !== 4) break
      icmpv4Input(stack, packet)
      return
    case IPPROTO_ICMPV6:
      if (packet.version !== 6) break
      icmpv6Input(stack, packet)
      return
    case IPPROTO_IGMP:
      if (packet.version !== 4) break
      // What we tell routers is not told to us.
      if (!stack.hearsItself) packet.interface?.groups.igmpInput(packet)
      return
    default:
  }
  if (taken) return
  stack.counters.inUnknownProtocols++
  sendProtocolUnreachable(stack, packet)
}

/** Hands a report about a packet of ours to the transport that sent it. */
export function dispatchError(stack: LeanStack, report: IcmpReport): void {
  stack.raw?.error(report)
  switch (report.protocol) {
    case IPPROTO_TCP:
      stack.tcp.error(report)
      break
    case IPPROTO_UDP:
      stack.udp.error(report)
      break
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      stack.ping?.error(report)
      break
    default:
      break
  }
}
