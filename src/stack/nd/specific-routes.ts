// Read first: RFC 4191 sections 2.3, 3 and 5.

import type { IpAddress } from '../../base/ip-address.ts'
import type { RouterPreference } from '../../wire/ndp-preference.ts'
import { RoutingEntry } from '../ip/routing-table.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { maskedPrefix } from './masked-prefix.ts'

/** Behind all that was added by hand: Linux's number. */
const METRIC = 1024

interface SpecificRoute {
  readonly prefix: IpAddress
  readonly length: number
  readonly router: IpAddress
  preference: RouterPreference
  /** Milliseconds of the stack's clock. */
  until: number
  /** The router did not answer when we last asked for it. */
  silent: boolean
}

/** Routes to prefixes beyond the link, as routers have advertised them. Of several to one prefix the stack is given the best. */
export class SpecificRoutes {
  readonly #interface: NetworkInterface
  /** The one heard of longest ago first. */
  #routes: SpecificRoute[] = []

  constructor(networkInterface: NetworkInterface) {
    this.#interface = networkInterface
  }

  get size(): number {
    return this.#routes.length
  }

  /** `router` says that it is a way to the prefix until then. A full list gives up the one heard of the longest ago. */
  update(
    prefix: IpAddress,
    length: number,
    router: IpAddress,
    preference: RouterPreference,
    until: number,
    now: number,
  ): void {
    const masked = maskedPrefix(prefix, length)
    const known = this.#routes.find(
      (route) => route.length === length && route.prefix.equals(masked) && route.router.equals(router),
    )
    if (known !== undefined) this.#routes.splice(this.#routes.indexOf(known), 1)
    if (until > now) {
      if (this.#routes.length >= this.#interface.stack.limits.advertisedRoutes) this.#routes.shift()
      this.#routes.push({ prefix: masked, length, router: router.copy(), preference, until, silent: false })
    } else if (known === undefined) {
      return
    }
    const same = until > now && known !== undefined && known.preference === preference && !known.silent
    if (!same) this.#install()
  }

  heard(router: IpAddress, answers: boolean): void {
    let news = false
    for (const route of this.#routes) {
      if (!route.router.equals(router) || route.silent !== answers) continue
      route.silent = !answers
      news = true
    }
    if (news) this.#install()
  }

  /** The router is none any more. */
  removeBy(router: IpAddress): void {
    this.#keep((route) => !route.router.equals(router))
  }

  expire(now: number): void {
    this.#keep((route) => route.until > now)
  }

  /** When the next one's time is over. */
  get nextAt(): number {
    return Math.min(...this.#routes.map((route) => route.until))
  }

  #keep(keep: (route: SpecificRoute) => boolean): void {
    const before = this.#routes.length
    this.#routes = this.#routes.filter(keep)
    if (this.#routes.length !== before) this.#install()
  }

  #install(): void {
    const { stack } = this.#interface
    stack.routes.removeWhere((entry) => entry.owner === this)
    for (const route of this.#routes) {
      const { prefix, length, router } = route
      if (this.#best(route) !== route) continue
      stack.routes.add(new RoutingEntry(prefix, length, router, this.#interface, METRIC, null, this))
    }
    stack.tablesChanged()
  }

  // RFC 4191 section 3.2: first those by routers that answer, then the more preferred.
  #best({ prefix, length }: SpecificRoute): SpecificRoute | null {
    let best: SpecificRoute | null = null
    for (const route of this.#routes) {
      if (route.length !== length || !route.prefix.equals(prefix)) continue
      const better = best === null || (route.silent === best.silent ? route.preference > best.preference : best.silent)
      if (better) best = route
    }
    return best
  }
}
