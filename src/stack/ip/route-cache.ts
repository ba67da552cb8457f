import type { IpAddress } from '../../base/ip-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { AddressMap, AddressMapEntry } from './address-map.ts'
import type { Route } from './route.ts'

class CachedRoute extends AddressMapEntry {
  override readonly address: IpAddress
  readonly source: IpAddress | null
  readonly interface: NetworkInterface | null
  readonly route: Route
  /** To the same destination, asked for with another source or interface. */
  next: CachedRoute | null = null

  constructor(
    destination: IpAddress,
    source: IpAddress | null,
    networkInterface: NetworkInterface | null,
    route: Route,
  ) {
    super()
    this.address = destination.copy()
    this.source = source === null ? null : source.copy()
    this.interface = networkInterface
    this.route = route
  }
}

/**
 * The ways that were looked up lately, each shared by all who go it. Because every route in use is in here, a change of the
 * tables can mark them all stale; one that is given up for want of room is marked too, so that its keepers ask again.
 */
export class RouteCache {
  readonly #limit: number
  readonly #entries: AddressMap<CachedRoute>
  #size = 0

  constructor(limit: number, key: number) {
    this.#limit = limit
    this.#entries = new AddressMap(key)
  }

  get size(): number {
    return this.#size
  }

  get(destination: IpAddress, source: IpAddress | null, networkInterface: NetworkInterface | null): Route | null {
    let entry = this.#entries.get(destination)
    while (entry !== null) {
      if (entry.interface === networkInterface && sameSource(entry.source, source)) return entry.route
      entry = entry.next
    }
    return null
  }

  add(destination: IpAddress, source: IpAddress | null, networkInterface: NetworkInterface | null, route: Route): void {
    if (this.#size >= this.#limit) {
      const oldest = this.#entries.oldest
      if (oldest !== null) this.#remove(oldest)
    }
    const entry = new CachedRoute(destination, source, networkInterface, route)
    const others = this.#entries.get(destination)
    if (others !== null) {
      this.#entries.delete(others)
      entry.next = others
    }
    this.#entries.add(entry)
    this.#size++
  }

  /** The path to `destination` has changed. */
  forget(destination: IpAddress): void {
    const entry = this.#entries.get(destination)
    if (entry !== null) this.#remove(entry)
  }

  /** The tables have changed. */
  clear(): void {
    this.#entries.forEach((entry) => {
      this.#remove(entry)
    })
  }

  #remove(entry: CachedRoute): void {
    this.#entries.delete(entry)
    for (let at: CachedRoute | null = entry; at !== null; at = at.next) {
      at.route.stale = true
      this.#size--
    }
  }
}

function sameSource(x: IpAddress | null, y: IpAddress | null): boolean {
  return x === null || y === null ? x === y : x.equals(y)
}
