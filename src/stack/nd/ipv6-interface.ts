// Read first: RFC 4861 section 6.3.2 (host variables).

import type { IpAddress } from '../../base/ip-address.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import type { InterfaceAddress } from '../link/interface-address.ts'
import type { Neighbour } from '../link/neighbour.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/** Octets of a hop limit that nobody advertised: RFC 1700, as Linux. */
const HOP_LIMIT_DEFAULT = 64

/** How an interface comes by its IPv6 addresses: not at all, a link-local and those given, or what routers advertise as well. */
export type Ipv6Mode = 'none' | 'static' | 'auto'

/** What an interface that speaks IPv6 has besides: neighbour discovery and what routers have told. */
export class Ipv6Interface {
  readonly interface: NetworkInterface
  readonly mode: Ipv6Mode
  /** CurHopLimit: what packets that ask for no other go with. */
  hopLimit: number = HOP_LIMIT_DEFAULT
  /** LinkMTU: that of the device, or less where a router said so. */
  mtu: number

  constructor(networkInterface: NetworkInterface, mode: Ipv6Mode) {
    this.interface = networkInterface
    this.mode = mode
    this.mtu = networkInterface.mtu
  }

  /** The interface has been attached: makes the link-local address, solicits routers. */
  start(): void {}

  /** An address is to be used: true where it must be asked for first; then `stack.useAddress` or `removeAddress` follows. */
  claim(_entry: InterfaceAddress): boolean {
    return false
  }

  /** An address is gone. */
  dropped(_entry: InterfaceAddress): void {}

  /** A message of neighbour discovery (types 133 to 137) arrived for us, its checksum right. */
  input(_packet: IpPacket, _type: number): void {}

  /** Asks for a neighbour's hardware address. By multicast, or only the neighbour itself. */
  solicit(_neighbour: Neighbour, _unicast: boolean): void {}

  /** The default router to send by, of those that were advertised; null where there is none. */
  defaultRouter(_destination: IpAddress): IpAddress | null {
    return null
  }

  close(): void {}
}
