import type { IpAddress } from '../../base/ip-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { StickyHeaders } from './sticky-headers.ts'

/** SO_MAX_PACING_RATE where there is no limit. */
export const NO_PACING: bigint = 2n ** 64n - 1n

/** Options that hardly anybody sets: one object that is made when somebody does. */
export class RareOptions {
  priority = 0
  /** SO_MARK: kept, and told to who asks. Nothing here routes by it. */
  mark = 0
  /** SO_MAX_PACING_RATE, octets a second. */
  maxPacingRate: bigint = NO_PACING
  /** Seconds. */
  linger = 0
  receiveLowWater = 1
  /** struct timeval, in microseconds; 0: none. */
  receiveTimeout = 0
  sendTimeout = 0
  boundTo: NetworkInterface | null = null
  /** SO_PEEK_OFF; −1: off. */
  peekOffset = -1
  /** IP_LOCAL_PORT_RANGE; 0: the system's. */
  portLow = 0
  portHigh = 0

  // IPv4
  /** IP_OPTIONS, padded to whole words. */
  ipOptions: Uint8Array | null = null
  minTtl = 0
  multicastTtl = 1
  multicastInterface: NetworkInterface | null = null
  /** IP_MULTICAST_IF by address: what multicast is sent from. */
  multicastSource: IpAddress | null = null
  unicastInterface: NetworkInterface | null = null

  // IPv6
  pathMtuDiscovery6 = 1
  multicastHops = 1
  multicastInterface6: NetworkInterface | null = null
  unicastInterface6: NetworkInterface | null = null
  minHopCount = 0
  /** IPV6_MTU; 0: that of the path. */
  mtu6 = 0
  /** IPV6_PKTINFO. */
  source6: IpAddress | null = null
  through6: NetworkInterface | null = null
  /** Extension headers of every packet. */
  sticky: StickyHeaders | null = null

  // UDP
  /** UDP_SEGMENT; 0: off. */
  segmentSize = 0
}
