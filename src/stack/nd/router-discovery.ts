// Read first: RFC 4861 sections 6.3.4 to 6.3.7, RFC 4862 section 5.5.3, RFC 4191, RFC 8106.

import { IpAddress } from '../../base/ip-address.ts'
import { randomFraction } from '../../base/random.ts'
import { Timer } from '../../base/timer-wheel.ts'
import { IPV6_MTU_MIN } from '../../wire/ipv6.ts'
import type { RouterAdvertisement } from '../../wire/ndp.ts'
import {
  DnsSearchList,
  DnsServers,
  readDnsSearchList,
  readDnsServer,
  readDnsServers,
} from '../../wire/ndp-dns-options.ts'
import {
  NDP_LIFETIME_INFINITE,
  NDP_OPTION_DNSSL,
  NDP_OPTION_MTU,
  NDP_OPTION_PREFIX_INFORMATION,
  NDP_OPTION_RDNSS,
  NDP_OPTION_ROUTE_INFORMATION,
  NdpOption,
  PrefixInformation,
  RouteInformation,
  readNdpMtu,
  readPrefixInformation,
  readRouteInformation,
} from '../../wire/ndp-options.ts'
import type { RouterPreference } from '../../wire/ndp-preference.ts'
import { AdvertisedValues } from './advertised-values.ts'
import { Autoconfiguration } from './autoconfiguration.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'
import { maskedPrefix } from './masked-prefix.ts'
import { PrefixList } from './prefix-list.ts'
import { RouterList } from './router-list.ts'
import { RouterSolicitation } from './router-solicitation.ts'
import { SpecificRoutes } from './specific-routes.ts'

/** Milliseconds. An hour is the most that RFC 4861 section 6.2.1 lets a router say; less than 100 is no time, as Linux has it. */
const TIME_MAX = 3_600_000
const TIME_MIN = 100
/** The timer looks at least once a day: lifetimes are longer than it can wait. */
const LOOK_INTERVAL = 86_400_000

const option = new NdpOption()
const prefixInformation = new PrefixInformation()
const routeInformation = new RouteInformation()
const dnsServers = new DnsServers()
const dnsSearchList = new DnsSearchList()

/** What the routers of a link tell its hosts. It is the timer of all lifetimes in that. */
export class RouterDiscovery extends Timer {
  readonly solicitation: RouterSolicitation
  readonly routers: RouterList
  readonly prefixes: PrefixList
  readonly routes: SpecificRoutes
  readonly autoconfiguration: Autoconfiguration
  readonly nameServers: AdvertisedValues<IpAddress>
  readonly searchDomains: AdvertisedValues<string>
  /** A router has been heard, or nobody has answered the first question: what there is to be known at first is known. */
  told = false
  readonly #ipv6: Ipv6Interface

  constructor(ipv6: Ipv6Interface) {
    super()
    const { limits } = ipv6.interface.stack
    this.#ipv6 = ipv6
    this.solicitation = new RouterSolicitation(ipv6)
    this.routers = new RouterList(limits.defaultRouters)
    this.prefixes = new PrefixList(ipv6.interface)
    this.routes = new SpecificRoutes(ipv6.interface)
    this.autoconfiguration = new Autoconfiguration(ipv6)
    this.nameServers = new AdvertisedValues(limits.advertisedNames)
    this.searchDomains = new AdvertisedValues(limits.advertisedNames)
  }

  /** A valid advertisement of `router` arrived; its options end at `end` of `bytes`. */
  advertised(message: RouterAdvertisement, router: IpAddress, bytes: Uint8Array, end: number): void {
    const ipv6 = this.#ipv6
    const { stack } = ipv6.interface
    const now = stack.clock.now()
    if (message.hopLimit !== 0) ipv6.hopLimit = message.hopLimit
    ipv6.reachableTime = timeOf(message.reachableTime, ipv6.reachableTime)
    ipv6.retransmitTime = timeOf(message.retransmitTime, ipv6.retransmitTime)
    ipv6.manage(message.managed, message.other)
    this.#default(router, message.preference, message.lifetime, now)
    option.begin(message.options, end)
    while (option.next(bytes)) {
      switch (option.type) {
        case NDP_OPTION_PREFIX_INFORMATION:
          this.#prefix(bytes, now)
          break
        case NDP_OPTION_MTU:
          this.#mtu(readNdpMtu(bytes, option.start, option.end))
          break
        case NDP_OPTION_ROUTE_INFORMATION:
          this.#route(router, bytes, now)
          break
        case NDP_OPTION_RDNSS:
          this.#servers(bytes, now)
          break
        case NDP_OPTION_DNSSL:
          this.#domains(bytes, now)
          break
        default:
          break
      }
    }
    this.schedule()
    this.beTold()
  }

  /** See `told`. */
  beTold(): void {
    if (this.told) return
    this.told = true
    this.#ipv6.check()
  }

  /** A neighbour has been found, or does not answer: it may be a router. */
  reachabilityChanged(address: IpAddress, reachable: boolean): void {
    if (this.routers.heard(address, reachable)) this.#ipv6.interface.stack.tablesChanged()
    this.routes.heard(address, reachable)
  }

  /** It is no router any more. */
  remove(address: IpAddress): void {
    this.routes.removeBy(address)
    if (this.routers.remove(address)) this.#fewer()
  }

  override expire(): void {
    const now = this.#ipv6.interface.stack.clock.now()
    const gone = this.routers.expire(now)
    for (const address of gone) this.#ipv6.redirects?.forget(address)
    if (gone.length > 0) this.#fewer()
    this.prefixes.expire(now)
    this.routes.expire(now)
    this.autoconfiguration.expire(now)
    this.nameServers.expire(now)
    this.searchDomains.expire(now)
    this.schedule()
  }

  /** For the autoconfiguration as well: lifetimes have changed. */
  schedule(): void {
    const { stack } = this.#ipv6.interface
    const now = stack.clock.now()
    const next = Math.min(
      this.routers.nextAt,
      this.prefixes.nextAt,
      this.routes.nextAt,
      this.autoconfiguration.nextAt(now),
      this.nameServers.nextAt,
      this.searchDomains.nextAt,
    )
    stack.time.clear(this)
    if (next === Number.POSITIVE_INFINITY) return
    stack.time.refresh()
    stack.time.set(this, Math.max(1, Math.min(LOOK_INTERVAL, Math.ceil(next - now))))
  }

  close(): void {
    this.solicitation.stop()
    this.#ipv6.interface.stack.time.clear(this)
  }

  // RFC 4191 section 3: a route to ::/0 says the same with other words.
  #default(router: IpAddress, preference: RouterPreference, lifetime: number, now: number): void {
    if (lifetime === 0) {
      if (!this.routers.remove(router)) return
      this.#ipv6.redirects?.forget(router)
      this.#fewer()
      return
    }
    this.solicitation.stop()
    if (this.routers.update(router, preference, instant(now, lifetime), now)) {
      this.#ipv6.interface.stack.tablesChanged()
    }
  }

  // Without a default router we ask again, be the link one where it is only late (RFC 7559 section 2).
  #fewer(): void {
    const { stack } = this.#ipv6.interface
    stack.tablesChanged()
    if (this.routers.size === 0) this.solicitation.begin(randomFraction(stack.random))
  }

  #prefix(bytes: Uint8Array, now: number): void {
    if (!readPrefixInformation(prefixInformation, bytes, option.start, option.end)) return
    const { prefix, prefixLength, onLink, autonomous, validLifetime, preferredLifetime } = prefixInformation
    if (!advertisable(prefix)) return
    const validUntil = instant(now, validLifetime)
    if (onLink) this.prefixes.update(prefix, prefixLength, validUntil, now)
    // RFC 4862 section 5.5.3: c and d.
    if (!autonomous || preferredLifetime > validLifetime || prefixLength !== 64) return
    this.autoconfiguration.update(maskedPrefix(prefix, 64), validUntil, instant(now, preferredLifetime), now)
  }

  #mtu(mtu: number): void {
    const { interface: networkInterface } = this.#ipv6
    if (mtu < IPV6_MTU_MIN || mtu > networkInterface.mtu || mtu === this.#ipv6.mtu) return
    this.#ipv6.mtu = mtu
    networkInterface.stack.tablesChanged()
  }

  #route(router: IpAddress, bytes: Uint8Array, now: number): void {
    if (!readRouteInformation(routeInformation, bytes, option.start, option.end)) return
    const { prefix, prefixLength, preference, lifetime } = routeInformation
    if (prefixLength === 0) this.#default(router, preference, lifetime, now)
    else if (advertisable(prefix)) {
      this.routes.update(prefix, prefixLength, router, preference, instant(now, lifetime), now)
    }
  }

  #servers(bytes: Uint8Array, now: number): void {
    if (!readDnsServers(dnsServers, bytes, option.start, option.end)) return
    const until = instant(now, dnsServers.lifetime)
    for (let i = 0; i < dnsServers.count; i++) {
      const address = new IpAddress()
      readDnsServer(address, bytes, option.start, i)
      if (!address.isMulticast && !address.isUnspecified)
        this.nameServers.update(address.toString(), address, until, now)
    }
  }

  #domains(bytes: Uint8Array, now: number): void {
    if (!readDnsSearchList(dnsSearchList, bytes, option.start, option.end)) return
    const until = instant(now, dnsSearchList.lifetime)
    for (const name of dnsSearchList.names) this.searchDomains.update(name.toLowerCase(), name, until, now)
  }
}

// RFC 4861 section 6.3.4; and a prefix of mapped addresses would be a route of IPv4.
function advertisable(prefix: IpAddress): boolean {
  return !prefix.isLinkLocal && !prefix.isMulticast && !prefix.isV4
}

/** When a lifetime of so many seconds is over. */
function instant(now: number, lifetime: number): number {
  return lifetime === NDP_LIFETIME_INFINITE ? Number.POSITIVE_INFINITY : now + lifetime * 1000
}

/** A time that a router says, where it is one: 0 is none. */
function timeOf(said: number, before: number): number {
  return said === 0 || said > TIME_MAX ? before : Math.max(said, TIME_MIN)
}
