// Read first: netstat(8) on --route, --interfaces and --statistics, ip-neighbour(8). The same for a stack and for the operating system.

export interface RouteListing {
  /** "192.0.2.0/24", "default". */
  readonly destination: string
  readonly family: 'IPv4' | 'IPv6'
  readonly gateway: string | null
  readonly interface: string
  readonly metric: number
  readonly source: string | null
}

export interface InterfaceListing {
  readonly name: string
  readonly index: number
  readonly medium: 'ethernet' | 'ip'
  readonly mtu: number
  /** "02:00:00:00:00:01"; null where the medium has none. */
  readonly hardwareAddress: string | null
  /** "192.0.2.1/24" */
  readonly addresses: readonly string[]
}

export interface NeighbourListing {
  readonly address: string
  readonly interface: string
  readonly hardwareAddress: string | null
  /** The states of RFC 4861 section 7.3.2, which ARP has as well here, and FAILED. */
  readonly state: string
}

/** Everything that is counted, by what counts it: 'ip', 'icmp', 'tcp', … */
export type CounterListing = Record<string, Record<string, number>>
