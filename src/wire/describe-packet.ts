// What the layers above IP are told of the packet around them when they are described.

import { internetSum, pseudoHeaderSum } from '../base/checksum.ts'

const PROTOCOLS = new Map([
  [0, 'hop-by-hop options'],
  [1, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IPv4'],
  [6, 'TCP'],
  [17, 'UDP'],
  [41, 'IPv6'],
  [43, 'routing'],
  [44, 'fragment'],
  [47, 'GRE'],
  [50, 'ESP'],
  [51, 'AH'],
  [58, 'ICMPv6'],
  [59, 'no next header'],
  [60, 'destination options'],
  [132, 'SCTP'],
  [135, 'mobility'],
])

export function protocolText(protocol: number): string {
  return PROTOCOLS.get(protocol) ?? `protocol ${protocol}`
}

/** What the layers above need to know of the packet around them. */
export interface DescribedPacket {
  readonly version: 4 | 6
  readonly protocol: number
  readonly source: string
  readonly destination: string
  /** The extension headers as tcpdump prints them, a space behind each; '' where there is none. */
  readonly extensions: string
  /** Where the transport header begins. */
  readonly payload: number
  /** Where the packet ends by its own account, which may be behind what is there. */
  readonly end: number
  /** The octets that are there end here. */
  readonly capturedEnd: number
  /** Octets of the datagram before this fragment, whether more follow, and its identification. */
  readonly fragmentOffset: number
  readonly moreFragments: boolean
  readonly identification: number
  /** The sum of the pseudo-header without the length; −1 where the final destination is not known. */
  readonly pseudoSum: number
}

/** "10.0.0.1 > 10.0.0.2:", then extension headers. */
export function endsText(packet: DescribedPacket): string {
  return `${packet.source} > ${packet.destination}: ${packet.extensions}`.trimEnd()
}

/** "10.0.0.1.4242 > 10.0.0.2.80:"; behind extension headers, which stand behind the addresses, the ports alone. */
export function portsText(packet: DescribedPacket, source: number, destination: number): string {
  if (packet.extensions === '') return `${packet.source}.${source} > ${packet.destination}.${destination}:`
  return `${endsText(packet)} ${source} > ${destination}:`
}

/**
 * What the checksum at `field` of the transport should be; −1 where that cannot be told, since octets or fragments of it are
 * missing. `pseudo` says that it covers the pseudo-header.
 */
export function expectedChecksum(bytes: Uint8Array, packet: DescribedPacket, field: number, pseudo: boolean): number {
  const { payload, end } = packet
  if (packet.capturedEnd < end || packet.fragmentOffset > 0 || packet.moreFragments || field + 2 > end) return -1
  if (pseudo && packet.pseudoSum < 0) return -1
  const around = pseudo ? packet.pseudoSum + pseudoHeaderSum(0, 0, 0, end - payload) : 0
  // Without the field itself.
  const before = internetSum(bytes, payload, field)
  const after = internetSum(bytes, field + 2, end)
  let sum = around + before + after
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
