// Read first: RFC 4861 sections 6.2.1, 6.2.4 to 6.2.6 and 10, RFC 4191, RFC 8106 section 5.

import { randomFraction } from '../../base/random.ts'
import { Timer } from '../../base/timer-wheel.ts'
import { writeRouterAdvertisement } from '../../wire/ndp.ts'
import { writeDnsSearchList, writeDnsServers } from '../../wire/ndp-dns-options.ts'
import { writeNdpMtu, writePrefixInformation, writeRouteInformation } from '../../wire/ndp-options.ts'
import { ALL_NODES } from '../multicast/all-hosts.ts'
import { ANY_SOURCE } from '../multicast/source-filter.ts'
import { type AdvertiseOptions, type AdvertiseSettings, readAdvertiseOptions } from './advertise-options.ts'
import type { Ipv6Interface } from './ipv6-interface.ts'
import { ALL_ROUTERS } from './nd-output.ts'

/** RFC 4861 section 10, in milliseconds. */
const INITIAL_INTERVAL_MAX = 16_000
const INITIAL_ADVERTISEMENTS = 3
const DELAY_BETWEEN_MIN = 3000
const ANSWER_DELAY_MAX = 500

/** Tells the hosts of one link what they need to know: prefixes, the default router, resolvers. See `NetworkInterface.advertise`. */
export class RouterAdvertiser extends Timer {
  readonly #ipv6: Ipv6Interface
  #settings: AdvertiseSettings
  #sent = 0
  #everSent = false
  /** When the last one went to all, on the scale of the stack's `time.now`. */
  #sentAt = 0
  #running = false
  #closed = false

  constructor(ipv6: Ipv6Interface, options: AdvertiseOptions) {
    super()
    this.#ipv6 = ipv6
    this.#settings = readAdvertiseOptions(options, ipv6.interface.mtu)
    this.#checkLength(this.#settings)
  }

  /** For the interface: begins, as soon as there is a link-local address to send from (RFC 4861 section 6.1.2). */
  start(): void {
    if (this.#closed || this.#running || this.#ipv6.linkLocal === null) return
    this.#running = true
    this.#ipv6.interface.groups.set(this, ALL_ROUTERS, ANY_SOURCE)
    this.#answer()
  }

  /** Advertises this from now on, at once. Throws as `NetworkInterface.advertise` does. What is left out is no longer advertised. */
  update(options: AdvertiseOptions): void {
    const settings = readAdvertiseOptions(options, this.#ipv6.interface.mtu)
    this.#checkLength(settings)
    this.#settings = settings
    this.#sent = 0
    if (this.#running) this.#answer()
  }

  /** For the input: a host asks. Several are answered together. */
  solicited(): void {
    if (this.#running) this.#answer()
  }

  /** Stops, and tells the hosts that this is no default router any more (RFC 4861 section 6.2.5). Twice is once. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const ipv6 = this.#ipv6
    ipv6.interface.stack.time.clear(this)
    if (this.#running) this.#send(0)
    this.#running = false
    ipv6.interface.groups.set(this, ALL_ROUTERS, null)
    if (ipv6.advertiser === this) ipv6.advertiser = null
  }

  override expire(): void {
    const { time, random, forwarding } = this.#ipv6.interface.stack
    time.refresh()
    // Section 6.2.5: who does not forward is no default router.
    this.#send(forwarding ? this.#settings.lifetime : 0)
    this.#sent++
    this.#everSent = true
    this.#sentAt = time.now
    const longest = this.#settings.interval * 1000
    // MinRtrAdvInterval: a third, and 3 seconds at least.
    const shortest = Math.max(longest / 3, DELAY_BETWEEN_MIN)
    const wait = shortest + (longest - shortest) * randomFraction(random)
    time.set(this, Math.floor(this.#sent < INITIAL_ADVERTISEMENTS ? Math.min(wait, INITIAL_INTERVAL_MAX) : wait))
  }

  // Section 6.2.6: after a short random time, but not sooner than 3 seconds after the last; to all, so that one answers many.
  #answer(): void {
    const { time, random } = this.#ipv6.interface.stack
    time.refresh()
    const passed = this.#everSent ? (time.now - this.#sentAt) | 0 : DELAY_BETWEEN_MIN
    const wait = Math.max(0, DELAY_BETWEEN_MIN - passed) + Math.floor(ANSWER_DELAY_MAX * randomFraction(random))
    if (this.timerSlot >= 0 && ((this.timerAt - time.after(wait)) | 0) <= 0) return
    time.clear(this)
    time.set(this, wait)
  }

  #send(lifetime: number): void {
    const { output, interface: networkInterface, linkLocal } = this.#ipv6
    if (linkLocal === null) return
    networkInterface.stack.counters.ndRouterAdvertisementsSent++
    output.send(linkLocal, ALL_NODES, null, this.#write(output.bytes, this.#settings, lifetime))
  }

  #write(bytes: Uint8Array, settings: AdvertiseSettings, lifetime: number): number {
    const { start } = this.#ipv6.output
    const { hopLimit, managed, other, preference, reachableTime, retransmitTime } = settings
    // RFC 4191 section 2.2: the preference of a router that is no default router is zero.
    const preferred = lifetime === 0 ? 0 : preference
    let at = writeRouterAdvertisement(
      bytes,
      start,
      hopLimit,
      managed,
      other,
      preferred,
      lifetime,
      reachableTime,
      retransmitTime,
    )
    at = this.#ipv6.output.sourceOption(at)
    if (settings.mtu !== null) at = writeNdpMtu(bytes, at, settings.mtu)
    for (const { prefix, length, onLink, autonomous, validLifetime, preferredLifetime } of settings.prefixes) {
      at = writePrefixInformation(bytes, at, prefix, length, onLink, autonomous, validLifetime, preferredLifetime)
    }
    for (const route of settings.routes) {
      at = writeRouteInformation(bytes, at, route.prefix, route.length, route.preference, route.lifetime)
    }
    const { nameServers, searchDomains, nameLifetime } = settings
    if (nameServers.length > 0) at = writeDnsServers(bytes, at, nameLifetime, nameServers)
    if (searchDomains.length > 0) at = writeDnsSearchList(bytes, at, nameLifetime, searchDomains)
    return at
  }

  // One message, which every link carries whole: RFC 6980 forbids to cut it.
  #checkLength(settings: AdvertiseSettings): void {
    const { output } = this.#ipv6
    const longest = output.bytes.length - output.start
    const scratch = new Uint8Array(65536)
    const length = this.#write(scratch, settings, 0) - output.start
    if (length > longest) {
      throw new RangeError(`options must fit in one message of ${longest} octets, and have ${length}`)
    }
  }
}
