import type { IpAddress } from '../../base/ip-address.ts'
import { NO_METRICS, type PathMetrics } from '../../tcp/path-metrics.ts'
import type { Neighbour } from '../link/neighbour.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/**
 * The way to one destination, looked up once and kept by a connection or a connected datagram socket. When the tables change,
 * or the path MTU does, it is marked stale and its keeper looks it up again before it sends.
 */
export class Route {
  readonly interface: NetworkInterface
  readonly version: 4 | 6
  readonly source: IpAddress
  readonly destination: IpAddress
  /** Who gets the frame; null on a medium without addresses and for broadcast and multicast. */
  readonly neighbour: Neighbour | null
  /** The path MTU in octets of IP packet. */
  readonly mtu: number
  /** To broadcast or multicast: members on this host hear it too. */
  readonly toMany: boolean
  /** What else the table says of the way. */
  readonly metrics: PathMetrics
  stale: boolean

  constructor(
    networkInterface: NetworkInterface,
    source: IpAddress,
    destination: IpAddress,
    neighbour: Neighbour | null,
    mtu: number,
    toMany = false,
    metrics: PathMetrics = NO_METRICS,
  ) {
    this.interface = networkInterface
    this.version = destination.isV4 ? 4 : 6
    this.source = source
    this.destination = destination
    this.neighbour = neighbour
    this.mtu = mtu
    this.toMany = toMany
    this.metrics = metrics
    this.stale = false
  }
}
