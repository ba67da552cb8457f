// Read first: RFC 4861 sections 6.3.2 (host variables) and 7.2, RFC 4862 section 5.

import { IpAddress } from '../../base/ip-address.ts'
import { randomFraction } from '../../base/random.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { type AddressOrigin, InterfaceAddress } from '../link/interface-address.ts'
import type { Neighbour } from '../link/neighbour.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { ANY_SOURCE } from '../multicast/source-filter.ts'
import { lacking } from '../stack-parts.ts'
import type { AdvertiseOptions } from './advertise-options.ts'
import { DuplicateAddressDetection } from './duplicate-address-detection.ts'
import type { Ipv6Mode, Ipv6Options } from './ipv6-options.ts'
import { LinkLocalOrigin } from './link-local-origin.ts'
import { ndInput } from './nd-input.ts'
import { ALL_ROUTERS, NdOutput, solicitedNodeGroup } from './nd-output.ts'
import type { Redirects } from './redirects.ts'
import type { RouterAdvertiser } from './router-advertiser.ts'
import type { RouterDiscovery } from './router-discovery.ts'

/** Octets of a hop limit that nobody advertised: RFC 1700, as Linux. */
const HOP_LIMIT_DEFAULT = 64
/** RFC 4861 section 10, in milliseconds: REACHABLE_TIME and RETRANS_TIMER. */
const REACHABLE_TIME = 30_000
const RETRANS_TIMER = 1000

const source = new IpAddress()

/** What an interface that speaks IPv6 has besides: neighbour discovery and what routers have told. */
export class Ipv6Interface {
  readonly interface: NetworkInterface
  readonly mode: Ipv6Mode
  readonly temporaryAddresses: boolean
  /** CurHopLimit: what packets that ask for no other go with. */
  hopLimit: number = HOP_LIMIT_DEFAULT
  /** LinkMTU: that of the device, or less where a router said so. */
  mtu: number
  /** BaseReachableTime and RetransTimer, in milliseconds. */
  reachableTime: number = REACHABLE_TIME
  retransmitTime: number = RETRANS_TIMER
  readonly output: NdOutput
  /** null: this stack believes none. */
  readonly redirects: Redirects | null
  /** What routers have told; null where nobody listens to them: in the mode 'static'. */
  readonly discovery: RouterDiscovery | null
  /** The advertising of this stack as a router on this link; null where it does none. */
  advertiser: RouterAdvertiser | null = null
  /** What the last router said of DHCPv6 (RFC 4861 section 4.2): there are addresses to be had by it (M), or other things to be known (O). */
  managed = false
  other = false
  /** Called, a little later, when that has changed. */
  onManaged: (() => void) | null = null
  /** Called, a little later, with an address that another node has, when no other is tried in its place. */
  onRefused: ((address: IpAddress) => void) | null = null
  readonly #detects: boolean
  /** Who waits in `settled`. */
  #waiting: ((usable: boolean) => void)[] = []
  #refused = false
  #refusing = false

  constructor(networkInterface: NetworkInterface, options: Ipv6Options) {
    this.interface = networkInterface
    this.mode = options.mode
    this.mtu = networkInterface.mtu
    this.temporaryAddresses = options.temporaryAddresses
    this.#detects = options.duplicateAddressDetection && networkInterface.neighbours !== null
    this.output = new NdOutput(networkInterface)
    const { routers } = networkInterface.stack.parts
    this.redirects = routers?.redirects(networkInterface) ?? null
    this.discovery = options.mode === 'auto' ? (routers?.discovery(this) ?? null) : null
  }

  /** Whether neighbours are told that we are a router: RFC 4861 section 6.2.2. */
  get isRouter(): boolean {
    return this.advertiser !== null || this.interface.stack.forwarding
  }

  /** The link-local address, once it may be used; null before. */
  get linkLocal(): IpAddress | null {
    for (const own of this.interface.addresses) {
      if (!own.tentative && !own.address.isV4 && own.address.isLinkLocal) return own.address
    }
    return null
  }

  /** How many addresses there are here that were formed with prefixes of routers. */
  get formedAddresses(): number {
    return this.interface.addresses.filter((own) => own.origin !== null && !own.address.isLinkLocal).length
  }

  /** Resolvers that routers have named, the newest last (RFC 8106); a link-local one is on this interface's link. */
  get nameServers(): readonly IpAddress[] {
    return this.discovery?.nameServers.values ?? []
  }

  /** Domains to search that routers have named, without a dot at the end. */
  get searchDomains(): readonly string[] {
    return this.discovery?.searchDomains.values ?? []
  }

  /** The interface has been attached: makes the link-local address, solicits routers. */
  start(): void {
    const { stack, addresses } = this.interface
    // RFC 4291 section 2.8: a router is in the group of all routers on each of its links.
    if (stack.forwarding) this.interface.groups.set(this, ALL_ROUTERS, ANY_SOURCE)
    const given = addresses.some((own) => !own.address.isV4 && own.address.isLinkLocal)
    if (!given) new LinkLocalOrigin(this).form()
  }

  /** An address is to be used: true where it must be asked for first; then `stack.useAddress` or `removeAddress` follows. */
  claim(entry: InterfaceAddress): boolean {
    const { neighbours, groups } = this.interface
    // First of all: what is tentative is not yet the source of the report that the group is joined with (RFC 3590).
    entry.tentative = this.#detects
    if (neighbours !== null) groups.set(entry, solicitedNodeGroup(entry.address), ANY_SOURCE)
    if (!this.#detects) {
      this.#ready(entry, true)
      return false
    }
    entry.detection = new DuplicateAddressDetection(this, entry)
    entry.detection.start()
    return true
  }

  /** Enters an address that was not given by hand, `origin`'s. */
  form(address: IpAddress, origin: AddressOrigin): InterfaceAddress {
    const { stack } = this.interface
    const entry = new InterfaceAddress(address, 64)
    entry.origin = origin
    // That a prefix is on the link says another flag than that it forms addresses; fe80::/10 always is.
    entry.prefixOnLink = address.isLinkLocal
    this.interface.enterAddress(entry)
    if (!this.claim(entry)) stack.useAddress(this.interface, entry)
    return entry
  }

  /** For the detection: nobody else has the address. */
  accept(entry: InterfaceAddress): void {
    const { stack } = this.interface
    entry.detection = null
    entry.tentative = false
    stack.useAddress(this.interface, entry)
    this.#ready(entry, false)
    this.check()
  }

  /** Another node has the address that we asked for: it is given up. */
  refuse(entry: InterfaceAddress): void {
    const { stack } = this.interface
    stack.counters.addressesRefused++
    this.#refusing = true
    stack.removeAddress(this.interface, entry)
    const again = entry.origin?.refused(entry) ?? false
    this.#refusing = false
    if (!again) {
      this.#refused = true
      stack.clock.defer(() => this.onRefused?.(entry.address))
    }
    this.check()
  }

  /** An address is gone. */
  dropped(entry: InterfaceAddress): void {
    entry.detection?.stop()
    entry.detection = null
    entry.tentative = false
    if (!entry.address.isV4) this.interface.groups.set(entry, solicitedNodeGroup(entry.address), null)
    entry.origin?.dropped(entry)
    this.check()
  }

  /** See `NetworkInterface.settled`. */
  settled(): Promise<boolean> {
    return new Promise((resolve) => {
      // Who waits for this has no socket yet that would keep the process alive.
      if (this.#waiting.length === 0) this.interface.stack.clock.hold?.()
      this.#waiting.push(resolve)
      this.check()
    })
  }

  /** Advertises this stack as a router: see `NetworkInterface.advertise`. */
  advertise(options: AdvertiseOptions): RouterAdvertiser {
    const { advertising } = this.interface.stack.parts
    if (advertising === null) throw lacking('advertise', 'routing')
    if (this.advertiser !== null) throw new Error('advertise: this interface advertises already')
    this.advertiser = advertising.advertiser(this, options)
    this.advertiser.start()
    return this.advertiser
  }

  /** A message of neighbour discovery (types 133 to 137) arrived for us, its checksum right. */
  input(packet: IpPacket, type: number): void {
    const { counters } = this.interface.stack
    counters.ndReceived++
    if (!ndInput(this, packet, type)) counters.ndErrors++
  }

  /** Asks for a neighbour's hardware address. By multicast, or only the neighbour itself. */
  solicit(neighbour: Neighbour, unicast: boolean): void {
    const from = this.#sourceFor(neighbour)
    if (from !== null) this.output.solicitNeighbour(from, neighbour.address, unicast ? neighbour : null)
  }

  /** A neighbour has been found, or does not answer. */
  reachabilityChanged(neighbour: Neighbour, reachable: boolean): void {
    if (!reachable) this.redirects?.forget(neighbour.address)
    this.discovery?.reachabilityChanged(neighbour.address, reachable)
  }

  /** For the discovery: what a router says of DHCPv6. */
  manage(managed: boolean, other: boolean): void {
    if (managed === this.managed && other === this.other) return
    this.managed = managed
    this.other = other
    this.interface.stack.clock.defer(() => this.onManaged?.())
  }

  /** A node is no router any more, or no default router: ways by it are looked up again (RFC 4861 section 6.3.5). */
  routerGone(address: IpAddress): void {
    this.redirects?.forget(address)
    this.discovery?.remove(address)
  }

  /** The default router to send by, of those that were advertised; null where there is none. */
  defaultRouter(_destination: IpAddress): IpAddress | null {
    return this.discovery?.routers.choose() ?? null
  }

  close(): void {
    this.advertiser?.close()
    this.discovery?.close()
    for (const own of this.interface.addresses) own.detection?.stop()
    this.#tell(false)
  }

  /** `undelayed`: no random time has passed since the interface came up. */
  #ready(entry: InterfaceAddress, undelayed: boolean): void {
    const { stack, neighbours } = this.interface
    // RFC 4861 section 7.2.6: who knew another node by this address learns better.
    if (neighbours !== null) this.output.advertise(entry.address, null, this.isRouter)
    entry.origin?.accepted(entry)
    if (!entry.address.isLinkLocal) return
    // RFC 4861 section 6.3.7: no second random delay behind that of the detection.
    this.discovery?.solicitation.begin(undelayed ? randomFraction(stack.random) : 0)
    this.advertiser?.start()
  }

  /** Something has changed: tells those who wait until all is settled, if it is. */
  check(): void {
    if (this.#refusing || this.#waiting.length === 0) return
    if (this.interface.addresses.some((own) => own.tentative && !own.address.isV4)) return
    const usable = !this.#refused
    // Routers have not been heard yet, nor asked in vain.
    if (usable && this.discovery !== null && !this.discovery.told) return
    this.#refused = false
    this.#tell(usable)
  }

  #tell(usable: boolean): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    this.interface.stack.clock.release?.()
    for (const resolve of waiting) resolve(usable)
  }

  // RFC 4861 section 7.2.2: the source of the packet that waits, where it is one of this interface; else the link-local address.
  #sourceFor(neighbour: Neighbour): IpAddress | null {
    const known = neighbour.readWaitingSource(source)
    let best: IpAddress | null = null
    for (const own of this.interface.addresses) {
      if (own.tentative || own.address.isV4) continue
      if (known && own.address.equals(source)) return own.address
      if (best === null || own.address.isLinkLocal) best = own.address
    }
    return best
  }
}
