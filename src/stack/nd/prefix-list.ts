// Read first: RFC 4861 sections 5.1, 6.3.4 and 6.3.5.

import type { IpAddress } from '../../base/ip-address.ts'
import { RoutingEntry } from '../ip/routing-table.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { maskedPrefix } from './masked-prefix.ts'

/** Behind routes that were added by hand, before those by way of a router: Linux's numbers. */
const METRIC = 256

interface OnLinkPrefix {
  readonly route: RoutingEntry
  /** Milliseconds of the stack's clock. */
  until: number
}

/** Prefixes that are on the link, as routers say, each with its route. */
export class PrefixList {
  readonly #interface: NetworkInterface
  /** The one heard of longest ago first. */
  #prefixes: OnLinkPrefix[] = []

  constructor(networkInterface: NetworkInterface) {
    this.#interface = networkInterface
  }

  get size(): number {
    return this.#prefixes.length
  }

  /** A router says that the prefix is on the link until then. A full list gives up the one heard of the longest ago. */
  update(prefix: IpAddress, length: number, until: number, now: number): void {
    const { stack } = this.#interface
    const masked = maskedPrefix(prefix, length)
    const index = this.#prefixes.findIndex(({ route }) => route.length === length && route.prefix.equals(masked))
    const known = index < 0 ? undefined : this.#prefixes.splice(index, 1)[0]
    if (until <= now) {
      if (known !== undefined) this.#drop([known])
      return
    }
    if (known !== undefined) {
      known.until = until
      this.#prefixes.push(known)
      return
    }
    if (this.#prefixes.length >= stack.limits.advertisedPrefixes) this.#drop(this.#prefixes.splice(0, 1))
    const route = new RoutingEntry(masked, length, null, this.#interface, METRIC, null, this)
    this.#prefixes.push({ route, until })
    stack.routes.add(route)
    stack.tablesChanged()
  }

  expire(now: number): void {
    const gone = this.#prefixes.filter((prefix) => prefix.until <= now)
    if (gone.length === 0) return
    this.#prefixes = this.#prefixes.filter((prefix) => prefix.until > now)
    this.#drop(gone)
  }

  /** When the next one's time is over. */
  get nextAt(): number {
    return Math.min(...this.#prefixes.map((prefix) => prefix.until))
  }

  #drop(gone: readonly OnLinkPrefix[]): void {
    const { stack } = this.#interface
    stack.routes.removeWhere((route) => gone.some((prefix) => prefix.route === route))
    stack.tablesChanged()
  }
}
