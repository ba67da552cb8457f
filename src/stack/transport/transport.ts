import { IpAddress } from '../../base/ip-address.ts'
import type { IpPacket } from '../ip/ip-packet.ts'

/** What an ICMP error says about a packet of ours. One object per stack, reused. */
export class IcmpReport {
  /** ICMP type and code as received; IcmpReport.version tells whose. */
  version: 4 | 6 = 4
  type = 0
  code = 0
  /** The errno that Linux gives for it (icmp_err_convert), positive. */
  errno = 0
  /** Linux counts it as fatal for a connection attempt or a connected datagram socket: protocol, port unreachable, … */
  hard = false
  /** No ICMP message: this host itself found that a neighbour does not answer. */
  local = false
  /** Fragmentation needed / packet too big: the MTU reported; 0 where it is not such an error. */
  mtu = 0
  /** Who reported. */
  readonly reporter: IpAddress = new IpAddress()
  /** Source and destination of our packet. */
  readonly source: IpAddress = new IpAddress()
  readonly destination: IpAddress = new IpAddress()
  protocol = 0
  /** What was quoted of our packet's transport header, at least 8 octets: lent. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
}

/** A transport protocol below a stack. */
export interface Transport {
  /** A packet for one of our addresses (or to many that include us). */
  input(packet: IpPacket): void
  /** An ICMP error about a packet that we sent. */
  error(report: IcmpReport): void
}
