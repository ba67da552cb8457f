import { EHOSTUNREACH } from '../../base/errno.ts'
import { ICMP_HOST_UNREACHABLE, ICMP_UNREACHABLE } from '../../wire/icmpv4.ts'
import { Ipv4Header, readIpv4 } from '../../wire/ipv4.ts'
import type { IcmpReport } from '../transport/transport.ts'

const header = new Ipv4Header()

/**
 * Fills `report` as if a router had said "host unreachable" of our packet `bytes[start, end)`: what this host says to itself when
 * a neighbour does not answer. False for a fragment that is not the first: it names no ports.
 */
export function reportOfUnreachable(report: IcmpReport, bytes: Uint8Array, start: number, end: number): boolean {
  if (!readIpv4(header, bytes, start, end) || header.fragmentOffset !== 0) return false
  report.version = 4
  report.type = ICMP_UNREACHABLE
  report.code = ICMP_HOST_UNREACHABLE
  report.errno = EHOSTUNREACH
  report.hard = false
  report.local = true
  report.mtu = 0
  report.reporter.setV4(header.source)
  report.source.setV4(header.source)
  report.destination.setV4(header.destination)
  report.protocol = header.protocol
  report.bytes = bytes
  report.start = start + header.headerLength
  report.end = end
  return report.end - report.start >= 8
}
