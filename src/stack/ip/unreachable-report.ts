import { EHOSTUNREACH } from '../../base/errno.ts'
import { ICMP_HOST_UNREACHABLE, ICMP_UNREACHABLE } from '../../wire/icmpv4.ts'
import { ICMPV6_ADDRESS_UNREACHABLE, ICMPV6_UNREACHABLE } from '../../wire/icmpv6.ts'
import { Ipv4Header, readIpv4 } from '../../wire/ipv4.ts'
import { readIpv6Address } from '../../wire/ipv6.ts'
import { findUpperLayer, UpperLayer } from '../ip6/upper-layer.ts'
import type { IcmpReport } from '../transport/transport.ts'
import type { IpPacket } from './ip-packet.ts'

const header = new Ipv4Header()
const upper = new UpperLayer()

/**
 * Fills `report` as if a router had said "host unreachable" of our packet `bytes[start, end)`: what this host says to itself when
 * a neighbour does not answer. False for a fragment that is not the first: it names no ports.
 */
export function reportOfUnreachable(report: IcmpReport, bytes: Uint8Array, start: number, end: number): boolean {
  report.errno = EHOSTUNREACH
  report.hard = false
  report.local = true
  report.mtu = 0
  report.bytes = bytes
  report.end = end
  if ((bytes[start] as number) >>> 4 === 6) {
    if (!findUpperLayer(upper, bytes, start, end)) return false
    report.version = 6
    report.type = ICMPV6_UNREACHABLE
    report.code = ICMPV6_ADDRESS_UNREACHABLE
    readIpv6Address(report.source, bytes, start + 8)
    readIpv6Address(report.destination, bytes, start + 24)
    report.protocol = upper.protocol
    report.start = upper.start
  } else {
    if (!readIpv4(header, bytes, start, end) || header.fragmentOffset !== 0) return false
    report.version = 4
    report.type = ICMP_UNREACHABLE
    report.code = ICMP_HOST_UNREACHABLE
    report.source.setV4(header.source)
    report.destination.setV4(header.destination)
    report.protocol = header.protocol
    report.start = start + header.headerLength
  }
  report.reporter.set(report.source)
  return report.end - report.start >= 8
}

/** The packet that `report`, filled by `reportOfUnreachable`, is about: it began at `start`. For a router, which tells its sender. */
export function packetOfReport(packet: IpPacket, report: IcmpReport, start: number): IpPacket {
  packet.version = report.version
  packet.source.set(report.source)
  packet.destination.set(report.destination)
  packet.protocol = report.protocol
  packet.bytes = report.bytes
  packet.start = start
  packet.payloadStart = report.start
  packet.payloadEnd = report.end
  return packet
}
