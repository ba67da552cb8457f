import { AF_INET, AF_INET6, IPPROTO_TCP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ipv4, OURS as OURS_V4, PEER as PEER_V4 } from '../stack/one-stack.ts'
import { ipv6, OURS as OURS_V6, PEER as PEER_V6 } from '../stack/one-stack6.ts'

/** What is other over IPv4 and over IPv6. */
export interface Family {
  readonly name: 'IPv4' | 'IPv6'
  /** Of sockets. */
  readonly family: number
  readonly ours: string
  readonly peer: string
  /** The same, to make checksums. */
  readonly oursIp: IpAddress
  readonly peerIp: IpAddress
  readonly prefix: string
  readonly prefixLength: number
  readonly wildcard: string
  /** Octets of the IP header. */
  readonly header: number
  /** Of the link: the MSS is 1460 in both. */
  readonly mtu: number
  /** The smallest of path MTUs. */
  readonly smallestMtu: number
  /** An IP packet with this segment, from the peer. */
  packet(segment: Uint8Array): Uint8Array
}

function ip(text: string): IpAddress {
  return IpAddress.parse(text) as IpAddress // they are addresses
}

export const IPV4: Family = {
  name: 'IPv4',
  family: AF_INET,
  ours: OURS_V4,
  peer: PEER_V4,
  oursIp: ip(OURS_V4),
  peerIp: ip(PEER_V4),
  prefix: '192.0.2.0/24',
  prefixLength: 24,
  wildcard: '0.0.0.0',
  header: 20,
  mtu: 1500,
  smallestMtu: 576,
  packet: (segment) => ipv4(segment, { protocol: IPPROTO_TCP }),
}

export const IPV6: Family = {
  name: 'IPv6',
  family: AF_INET6,
  ours: OURS_V6,
  peer: PEER_V6,
  oursIp: ip(OURS_V6),
  peerIp: ip(PEER_V6),
  prefix: '2001:db8::/64',
  prefixLength: 64,
  wildcard: '::',
  header: 40,
  mtu: 1520,
  smallestMtu: 1280,
  packet: (segment) => ipv6(segment, { next: IPPROTO_TCP }),
}

export const FAMILIES: readonly Family[] = [IPV4, IPV6]

/** The family of a world: every other one is over IPv6. */
export function familyOf(seed: number): Family {
  return seed % 2 === 0 ? IPV4 : IPV6
}
