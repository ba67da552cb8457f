// Read first: RFC 4861 sections 8.1 and 8.3.

import type { IpAddress } from '../../base/ip-address.ts'
import { AddressMap, AddressMapEntry } from '../ip/address-map.ts'
import { findRoute } from '../ip/routing.ts'
import { RoutingEntry } from '../ip/routing-table.ts'
import type { NetworkInterface } from '../link/network-interface.ts'

/** Before every route by hand: it is the router of that route that says so. */
const METRIC = -1

/** A destination and the better first hop to it. */
class Redirect extends AddressMapEntry {
  override readonly address: IpAddress
  readonly hop: IpAddress

  constructor(address: IpAddress, hop: IpAddress) {
    super()
    this.address = address.copy()
    this.hop = hop.copy()
  }
}

/** Better ways to single destinations that the routers of one link have told, as routes of the stack. */
export class Redirects {
  readonly #interface: NetworkInterface
  readonly #entries: AddressMap<Redirect>

  constructor(networkInterface: NetworkInterface) {
    this.#interface = networkInterface
    this.#entries = new AddressMap(networkInterface.index)
  }

  get size(): number {
    return this.#entries.size
  }

  /** `router` says that packets to `destination` go better by `target`. Returns whether it is believed. */
  accept(router: IpAddress, target: IpAddress, destination: IpAddress): boolean {
    const { stack } = this.#interface
    // A router has a routing protocol (RFC 4861 section 8.3); the rest is who may say so (8.1), and what makes no sense.
    if (
      stack.forwarding ||
      target.equals(router) ||
      stack.isOwnAddress(target) ||
      !this.#firstHop(destination)?.equals(router)
    ) {
      stack.counters.icmpRedirectsIgnored++
      return false
    }
    const known = this.#entries.get(destination)
    if (known !== null) this.#remove(known)
    else if (this.#entries.size >= stack.limits.redirects && this.#entries.oldest !== null) {
      this.#remove(this.#entries.oldest)
    }
    const entry = new Redirect(destination, target)
    this.#entries.add(entry)
    const gateway = target.equals(destination) ? null : entry.hop
    stack.routes.add(new RoutingEntry(entry.address, 128, gateway, this.#interface, METRIC, null, entry))
    stack.tablesChanged()
    return true
  }

  /** Nobody goes by `hop` any more. */
  forget(hop: IpAddress): void {
    this.#entries.forEach((entry) => {
      if (!entry.hop.equals(hop)) return
      this.#remove(entry)
      this.#interface.stack.tablesChanged()
    })
  }

  #remove(entry: Redirect): void {
    this.#entries.delete(entry)
    this.#interface.stack.routes.removeWhere((route) => route.owner === entry)
  }

  #firstHop(destination: IpAddress): IpAddress | null {
    const route = findRoute(this.#interface.stack, destination, null, null)
    if (typeof route === 'number' || route.interface !== this.#interface) return null
    return route.neighbour?.address ?? null
  }
}
