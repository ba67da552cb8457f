// Read first: RFC 1122 section 3.3.1, RFC 1812 section 5.2.4.3 (longest match).

import type { IpAddress } from '../../base/ip-address.ts'
import { wordMask } from '../../base/prefix.ts'
import { NO_METRICS, type PathMetrics } from '../../tcp/path-metrics.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/** One line of a routing table. */
export class RoutingEntry {
  readonly prefix: IpAddress
  /** Bits of the prefix, of 128. */
  readonly length: number
  /** The next hop; null where destinations are on the link. */
  readonly gateway: IpAddress | null
  readonly interface: NetworkInterface
  /** Of two with the same prefix the one with the smaller metric is taken. */
  readonly metric: number
  /** The source address to prefer; null: chosen among those of the interface. */
  readonly source: IpAddress | null
  /** What is said of the way beside where it goes. */
  readonly metrics: PathMetrics
  /** What it was made for, an address or an advertisement, and goes with; null: it was added by hand. */
  readonly owner: object | null
  readonly #maskA: number
  readonly #maskB: number
  readonly #maskC: number
  readonly #maskD: number

  constructor(
    prefix: IpAddress,
    length: number,
    gateway: IpAddress | null,
    networkInterface: NetworkInterface,
    metric: number,
    source: IpAddress | null,
    owner: object | null = null,
    metrics: PathMetrics = NO_METRICS,
  ) {
    this.prefix = prefix
    this.length = length
    this.gateway = gateway
    this.interface = networkInterface
    this.metric = metric
    this.source = source
    this.owner = owner
    this.metrics = metrics
    this.#maskA = wordMask(length)
    this.#maskB = wordMask(length - 32)
    this.#maskC = wordMask(length - 64)
    this.#maskD = wordMask(length - 96)
  }

  /** Whether the prefix is that of `destination`. */
  matches(destination: IpAddress): boolean {
    const { prefix } = this
    return (
      ((destination.d ^ prefix.d) & this.#maskD) === 0 &&
      ((destination.a ^ prefix.a) & this.#maskA) === 0 &&
      ((destination.b ^ prefix.b) & this.#maskB) === 0 &&
      ((destination.c ^ prefix.c) & this.#maskC) === 0
    )
  }
}

/** Prefixes and where packets to them go. What was looked up is kept by the stack, so a plain ordered list is fast enough. */
export class RoutingTable {
  /** Apart, since every IPv4 address would match ::/0 as well. */
  #v4: RoutingEntry[] = []
  #v6: RoutingEntry[] = []

  /** All, IPv4 first, in the order in which they are tried. */
  get entries(): readonly RoutingEntry[] {
    return [...this.#v4, ...this.#v6]
  }

  add(entry: RoutingEntry): void {
    const entries = entry.prefix.isV4 ? this.#v4 : this.#v6
    entries.push(entry)
    // Stable: of equals the one added first stays first.
    entries.sort((x, y) => y.length - x.length || x.metric - y.metric)
  }

  /** Whether there is one that was made for `owner`. */
  hasOf(owner: object): boolean {
    return this.#v4.some((entry) => entry.owner === owner) || this.#v6.some((entry) => entry.owner === owner)
  }

  /** Takes out the entries that `drop` is true for. */
  removeWhere(drop: (entry: RoutingEntry) => boolean): void {
    this.#v4 = this.#v4.filter((entry) => !drop(entry))
    this.#v6 = this.#v6.filter((entry) => !drop(entry))
  }

  /** The best entry for `destination`, through `networkInterface` if it is given; null where there is none. */
  lookup(destination: IpAddress, networkInterface: NetworkInterface | null): RoutingEntry | null {
    const entries = destination.isV4 ? this.#v4 : this.#v6
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as RoutingEntry
      if (networkInterface !== null && entry.interface !== networkInterface) continue
      if (entry.matches(destination)) return entry
    }
    return null
  }
}
