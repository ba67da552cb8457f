// Read first: RFC 792 and RFC 4443 section 4 (echo), and their errors. What they are called is as iputils says it.

import {
  AF_INET,
  AF_INET6,
  IP_MTU_DISCOVER,
  IP_RECVERR,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
} from '../../base/constants.ts'
import type { ExtendedError } from '../../base/extended-error.ts'

export const ECHO_HEADER_LENGTH = 8

/** What differs between the families in asking for echoes. */
export interface EchoProtocol {
  readonly family: number
  /** Protocol, and the types of a request and a reply. */
  readonly protocol: number
  readonly request: number
  readonly reply: number
  /** Options of a socket, by this level. */
  readonly level: number
  readonly recvErr: number
  readonly recvHops: number
  readonly hops: number
  readonly mtuDiscover: number
  readonly trafficClass: number
  /** Where the ICMP message begins in what a raw socket receives: raw(7). */
  start(packet: Uint8Array): number
  /** What an ICMP error means. */
  text(error: ExtendedError): string
}

const unreachable: readonly string[] = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  'Frag needed and DF set',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
]

export const ECHO_IPV4: EchoProtocol = {
  family: AF_INET,
  protocol: IPPROTO_ICMP,
  request: 8,
  reply: 0,
  level: IPPROTO_IP,
  recvErr: IP_RECVERR,
  recvHops: IP_RECVTTL,
  hops: IP_TTL,
  mtuDiscover: IP_MTU_DISCOVER,
  trafficClass: IP_TOS,
  start: (packet) => ((packet[0] as number) & 15) * 4,
  text({ type, code, info }) {
    if (type === 3) {
      if (code === 4) return `Frag needed and DF set (mtu = ${info})`
      return unreachable[code] ?? `Dest Unreachable, Bad Code: ${code}`
    }
    if (type === 11) return code === 0 ? 'Time to live exceeded' : 'Frag reassembly time exceeded'
    return type === 12 ? 'Parameter problem' : `Bad ICMP type: ${type}`
  },
}

const unreachable6: readonly string[] = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
]
const problems6: readonly string[] = ['Wrong header field ', 'Unknown header ', 'Unknown option ']

export const ECHO_IPV6: EchoProtocol = {
  family: AF_INET6,
  protocol: IPPROTO_ICMPV6,
  request: 128,
  reply: 129,
  level: IPPROTO_IPV6,
  recvErr: IPV6_RECVERR,
  recvHops: IPV6_RECVHOPLIMIT,
  hops: IPV6_UNICAST_HOPS,
  mtuDiscover: IPV6_MTU_DISCOVER,
  trafficClass: IPV6_TCLASS,
  start: () => 0,
  text({ type, code, info }) {
    if (type === 1) return `Destination unreachable: ${unreachable6[code] ?? `Unknown code ${code}`}`
    if (type === 2) return `Packet too big: mtu=${info}`
    if (type === 3) return `Time exceeded: ${code === 0 ? 'Hop limit' : 'Defragmentation failure'}`
    if (type === 4) return `Parameter problem: ${problems6[code] ?? `code=${code} `}at ${info}`
    return `Unknown icmp type: ${type}`
  },
}
