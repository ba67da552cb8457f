// Jackfield's own system: interfaces and their addresses, routing, and the sockets over them. What happens in it is a pure
// function of frames, calls, its clock and its randomness.

import type { Clock } from '../base/clock.ts'
import { AF_INET, AF_INET6, AF_UNIX, POLLNVAL } from '../base/constants.ts'
import type { Credentials } from '../base/credentials.ts'
import { EAFNOSUPPORT, EBADF, ENETDOWN, EOPNOTSUPP } from '../base/errno.ts'
import { type IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from '../base/ip-address.ts'
import type { Random } from '../base/random.ts'
import { Timekeeper } from '../base/timekeeper.ts'
import type { Device } from '../device/device.ts'
import { Loopback } from '../device/loopback.ts'
import { DescriptorTable } from '../socket/descriptor-table.ts'
import { OpenDescription, type OwnEndpoint } from '../socket/open-description.ts'
import type { OptionFormat } from '../socket/option-format.ts'
import type { Endpoint, Provider, Watcher } from '../socket/provider.ts'
import { ReadyList, type ReadyNode } from '../socket/ready-list.ts'
import type { UnixSystem } from '../unix/unix-system.ts'
import { createEndpoint } from './endpoint/create-endpoint.ts'
import { PortTable } from './endpoint/port-table.ts'
import { dispatchError } from './ip/deliver.ts'
import type { ForwardingWays } from './ip/forwarding-ways.ts'
import { sendHostUnreachable } from './ip/icmp-error.ts'
import { IcmpRateLimit } from './ip/icmp-rate-limit.ts'
import { FRAME_HEADROOM } from './ip/ip-output.ts'
import { IpPacket } from './ip/ip-packet.ts'
import { OwnCopies } from './ip/own-copies.ts'
import { PathMtuTable } from './ip/path-mtu.ts'
import type { Prefix } from './ip/prefix-text.ts'
import { Reassembly } from './ip/reassembly.ts'
import type { Route } from './ip/route.ts'
import { RouteCache } from './ip/route-cache.ts'
import { findRoute } from './ip/routing.ts'
import { routingEntryOf } from './ip/routing-entry-of.ts'
import { RoutingEntry, RoutingTable } from './ip/routing-table.ts'
import { packetOfReport, reportOfUnreachable } from './ip/unreachable-report.ts'
import { Ipv4Identification } from './ip4/ipv4-identification.ts'
import { Ipv6Identification } from './ip6/ipv6-identification.ts'
import { AddressProbe } from './link/address-probe.ts'
import { freeName } from './link/free-name.ts'
import { InterfaceAddress } from './link/interface-address.ts'
import { NetworkInterface } from './link/network-interface.ts'
import { OwnAddresses } from './link/own-addresses.ts'
import { type Ipv6Options, STATIC_IPV6 } from './nd/ipv6-options.ts'
import { maskedPrefix } from './nd/masked-prefix.ts'
import { StableIdentifiers } from './nd/stable-identifiers.ts'
import { StackCounters } from './stack-counters.ts'
import { DEFAULT_STACK_LIMITS, type StackLimits } from './stack-limits.ts'
import {
  type AttachOptions,
  checkStackOptions,
  defaultCredentials,
  type RouteOptions,
  readAttachOptions,
  type StackOptions,
} from './stack-options.ts'
import { type StackPart, type StackSlots, slotsOf } from './stack-parts.ts'
import type { PingLayer } from './transport/ping-layer.ts'
import type { RawLayer } from './transport/raw-layer.ts'
import { TcpLayer } from './transport/tcp-layer.ts'
import { IcmpReport } from './transport/transport.ts'
import { UdpLayer } from './transport/udp-layer.ts'

/** Room behind the longest packet, so that copying in whole words may go over its end. */
const FRAME_SLACK = 64

const LOOPBACK_ADDRESSES: readonly Prefix[] = [
  { address: LOOPBACK_V4, length: 104 },
  { address: LOOPBACK_V6, length: 128 },
]

/**
 * A TCP/IP system of its own: a provider of sockets over devices that carry frames.
 *
 * ```ts
 * const stack = new Stack({ clock, random })
 * stack.attach(device, { address: '192.0.2.1/24' })
 * stack.addRoute('default', { via: '192.0.2.254' })
 * const socket = new Socket(stack, AF_INET, SOCK_STREAM)
 * ```
 */
export class LeanStack implements Provider {
  readonly name: string
  readonly clock: Clock
  readonly optionFormat: OptionFormat
  readonly random: Random
  readonly time: Timekeeper
  readonly privileged: boolean
  readonly limits: StackLimits
  /** What it has of what it may lack. */
  readonly parts: StackSlots
  readonly counters: StackCounters = new StackCounters()
  readonly descriptors: DescriptorTable<OwnEndpoint>
  readonly interfaces: NetworkInterface[] = []
  readonly loopback: NetworkInterface
  readonly routes: RoutingTable = new RoutingTable()
  readonly pathMtus: PathMtuTable
  readonly ports: { readonly tcp: PortTable; readonly udp: PortTable; readonly icmp: PortTable }
  /** Where packets are composed, the transport header at FRAME_HEADROOM. One call's: whoever sends may overwrite it. */
  readonly frame: Uint8Array = new Uint8Array(FRAME_HEADROOM + 65535 + FRAME_SLACK)
  readonly packet: IpPacket = new IpPacket()
  readonly report: IcmpReport = new IcmpReport()
  readonly unreachable: IpPacket = new IpPacket()
  readonly identification: Ipv4Identification
  readonly identificationV6: Ipv6Identification
  /** Mixes flow labels, so that nothing can be learnt from them. */
  readonly flowKey: number
  /** Whether packets for others are passed on: the stack is a router. */
  forwarding: boolean
  /** By which; null: it cannot. */
  readonly ways: ForwardingWays | null
  readonly reassembly: Reassembly
  readonly copies: OwnCopies
  /** The packet that is being read is a copy of our own (OwnCopies). */
  hearsItself = false
  readonly icmpRateLimit: IcmpRateLimit
  /** What the IPv6 addresses are made of that it gives itself: RFC 7217. */
  readonly stableIdentifiers: StableIdentifiers
  readonly udp: UdpLayer
  /** null: it has no such sockets. */
  readonly raw: RawLayer | null
  readonly ping: PingLayer | null
  readonly tcp: TcpLayer
  /** For whom the programs on it act. */
  readonly credentials: Credentials
  /** null: it has no Unix sockets. */
  readonly unix: UnixSystem | null
  readonly #routeCache: RouteCache
  readonly #own: OwnAddresses
  readonly #ready: ReadyList
  readonly #flushTask = () => {
    this.#flushScheduled = false
    this.time.refresh()
    this.flush()
  }
  #flushScheduled = false
  #burst = false
  /** A burst ends: watchers are told. */
  flushing = false
  #nextIndex = 1
  #closed = false

  /** `parts`: what it shall have of what it may lack. TypeError and RangeError name the option that is none or cannot be. */
  constructor(options: StackOptions, parts: readonly StackPart[] = []) {
    this.parts = slotsOf(parts)
    this.optionFormat = this.parts.optionFormat
    checkStackOptions(options, this.parts)
    this.name = options.name ?? 'userspace'
    this.clock = options.clock
    this.random = options.random
    this.privileged = options.privileged ?? true
    this.limits = { ...DEFAULT_STACK_LIMITS, ...options.limits }
    this.time = new Timekeeper(options.clock, () => this.flush())
    this.descriptors = new DescriptorTable(this.limits.descriptors)
    this.pathMtus = new PathMtuTable(this)
    this.ports = {
      tcp: new PortTable(this.random, true, this.privileged),
      udp: new PortTable(this.random, false, this.privileged),
      icmp: new PortTable(this.random, false, true),
    }
    this.identification = new Ipv4Identification(this.random)
    this.identificationV6 = new Ipv6Identification(this.random)
    this.flowKey = this.random.int32() | 1
    this.stableIdentifiers = new StableIdentifiers(this.random)
    this.forwarding = options.forwarding ?? false
    this.ways = this.parts.ways?.(this) ?? null
    this.reassembly = new Reassembly(this)
    this.copies = new OwnCopies(this, this.clock)
    this.icmpRateLimit = new IcmpRateLimit(this)
    this.#routeCache = new RouteCache(this.limits.routes, this.random.int32())
    this.#ready = new ReadyList()
    this.#own = new OwnAddresses(this.random.int32())
    this.udp = new UdpLayer(this)
    this.raw = this.parts.raw?.(this) ?? null
    this.ping = this.parts.ping?.(this) ?? null
    this.tcp = new TcpLayer(this, options.profile, options.tcp)
    this.credentials = options.credentials ?? defaultCredentials(this.privileged)
    this.unix = this.parts.unix?.(this) ?? null
    this.loopback = this.#attach(new Loopback(), 'lo', LOOPBACK_ADDRESSES, STATIC_IPV6)
  }

  // Sockets

  /** See `Provider.socket`. Besides streams and datagrams: raw sockets (raw(7)) and ICMP echo sockets (SOCK_DGRAM, IPPROTO_ICMP). -ENETDOWN: the stack is closed. */
  socket(family: number, type: number, protocol: number): Endpoint | number {
    if (this.#closed) return -ENETDOWN
    if (family === AF_UNIX) return this.unix?.socket(type, protocol) ?? -EAFNOSUPPORT
    return createEndpoint(this, family, type, protocol)
  }

  socketpair(family: number, type: number, protocol: number): readonly [Endpoint, Endpoint] | number {
    if (this.#closed) return -ENETDOWN
    if (family === AF_UNIX) return this.unix?.pair(type, protocol) ?? -EAFNOSUPPORT
    return family === AF_INET || family === AF_INET6 ? -EOPNOTSUPP : -EAFNOSUPPORT
  }

  dup(fd: number): Endpoint | number {
    const endpoint = this.descriptors.get(fd)
    return endpoint === null ? -EBADF : OpenDescription.of(endpoint).duplicate(this.descriptors)
  }

  endpoint(fd: number): Endpoint | null {
    return this.descriptors.get(fd)
  }

  // Interfaces and addresses

  /**
   * Connects the stack to a device. The stack owns it from now on and closes it with itself. Throws, before it does anything, a
   * TypeError for an option that there is not or an address that is none, a RangeError for an address that no host on a link can
   * have (of the loopback, a group, a broadcast or network address) and a device that is attached already.
   *
   * ```ts
   * const networkInterface = stack.attach(device, { address: ['192.0.2.1/24', '198.51.100.1/32'], name: 'eth0' })
   * ```
   */
  attach(device: Device, options: AttachOptions = {}): NetworkInterface {
    if (this.#closed) throw new Error('attach: the stack is closed')
    const { name = device.name, prefixes, ipv6, reversePath } = readAttachOptions(device, options, this.parts)
    const networkInterface = this.#attach(device, name, prefixes, ipv6)
    networkInterface.reversePath = reversePath
    return networkInterface
  }

  #attach(device: Device, wanted: string, prefixes: readonly Prefix[], ipv6: Ipv6Options): NetworkInterface {
    const networkInterface = new NetworkInterface(this, device, freeName(this, wanted), this.#nextIndex++, ipv6)
    device.attach(networkInterface, this.clock)
    this.interfaces.push(networkInterface)
    for (const { address, length } of prefixes) this.addAddress(networkInterface, address, length)
    // The loopback, the first of all, is no link with neighbours: it has no link-local address (as on Linux).
    if (this.interfaces.length > 1) networkInterface.ipv6?.start()
    return networkInterface
  }

  /**
   * Gives an interface an address of which the first `prefixLength` of 128 bits name its network, and the route to that. An IPv6
   * address on a link is used once nobody there has said that it is his (RFC 4862 section 5.4): see `NetworkInterface.settled`.
   */
  addAddress(networkInterface: NetworkInterface, address: IpAddress, prefixLength: number): InterfaceAddress {
    const entry = new InterfaceAddress(address, prefixLength)
    networkInterface.enterAddress(entry)
    // That its network is on the link does not depend on whether the address is ours: gateways can be named at once, as on Linux.
    this.#enterPrefix(networkInterface, entry)
    if (networkInterface.ipv6 === null || address.isV4 || !networkInterface.ipv6.claim(entry)) {
      this.useAddress(networkInterface, entry)
    }
    return entry
  }

  /**
   * The same, but asks first whether another host on the link has the address (RFC 5227): it is used from when `decided` is called
   * with true, 4 to 7 seconds later; with false it has been given up.
   */
  probeAddress(
    networkInterface: NetworkInterface,
    address: IpAddress,
    prefixLength: number,
    decided: (usable: boolean) => void,
  ): InterfaceAddress {
    const entry = new InterfaceAddress(address, prefixLength)
    entry.tentative = true
    entry.probe = new AddressProbe(networkInterface, entry, (usable) => {
      entry.tentative = false
      if (usable) this.useAddress(networkInterface, entry)
      else this.removeAddress(networkInterface, entry)
      decided(usable)
    })
    networkInterface.enterAddress(entry)
    entry.probe.start()
    return entry
  }

  /** For the link layer: nobody else has the address. It is ours from now on. */
  useAddress(networkInterface: NetworkInterface, entry: InterfaceAddress): void {
    this.#own.add(entry.address, networkInterface)
    networkInterface.addressesChanged()
    this.#enterPrefix(networkInterface, entry)
    this.tablesChanged()
  }

  #enterPrefix(networkInterface: NetworkInterface, entry: InterfaceAddress): void {
    const { address, prefixLength } = entry
    if (prefixLength === 128 || !entry.prefixOnLink || this.routes.hasOf(entry)) return
    // Of IPv6 addresses on a link the source is chosen for each destination: RFC 6724.
    const source = address.isV4 ? address : null
    const prefix = maskedPrefix(address, prefixLength)
    this.routes.add(new RoutingEntry(prefix, prefixLength, null, networkInterface, 0, source, entry))
    this.tablesChanged()
  }

  /** Takes an address from an interface, and the routes that depend on it. */
  removeAddress(networkInterface: NetworkInterface, entry: InterfaceAddress): void {
    networkInterface.dropAddress(entry)
    this.#own.delete(entry.address, networkInterface)
    this.routes.removeWhere((route) => route.owner === entry || (route.source?.equals(entry.address) ?? false))
    this.tablesChanged()
  }

  /** Disconnects from the device and closes it; the interface's addresses and routes go with it. */
  removeInterface(networkInterface: NetworkInterface): void {
    const index = this.interfaces.indexOf(networkInterface)
    if (index < 0) return
    this.interfaces.splice(index, 1)
    this.#own.deleteAll(networkInterface)
    this.routes.removeWhere((route) => route.interface === networkInterface)
    networkInterface.close()
    this.tablesChanged()
    // Connections that waited for room in its device look for another way.
    this.tcp.writable(networkInterface)
  }

  /** The number of the interface with this name: if_nametoindex(3). */
  interfaceIndex(name: string): number {
    return this.interfaceNamed(name)?.index ?? 0
  }

  /** The interface with this number; null where there is none. */
  interfaceWithIndex(index: number): NetworkInterface | null {
    return this.interfaces.find((networkInterface) => networkInterface.index === index) ?? null
  }

  /** The interface with this name; null where there is none. */
  interfaceNamed(name: string): NetworkInterface | null {
    return this.interfaces.find((networkInterface) => networkInterface.name === name) ?? null
  }

  /** The interface that has this address; null where it is not ours. */
  interfaceOf(address: IpAddress): NetworkInterface | null {
    return this.#own.owner(address) ?? (this.isOwnAddress(address) ? this.loopback : null)
  }

  /** The first interface that is not the loopback and speaks IPv4, or IPv6; null where there is none. */
  firstLink(v4 = true): NetworkInterface | null {
    return this.interfaces.find((link) => link !== this.loopback && (v4 || link.ipv6 !== null)) ?? null
  }

  /** Whether packets to `address` are for this host: an address of an interface, or any of 127/8. */
  isOwnAddress(address: IpAddress): boolean {
    return this.#own.has(address)
  }

  /** The same for an IPv4 address as 32 bits. */
  isOwnBits(bits: number): boolean {
    return this.#own.hasBits(bits)
  }

  /** Whether `address` is the limited broadcast, or that of a subnet on one of our links. */
  isBroadcastAddress(address: IpAddress): boolean {
    return this.interfaces.some((networkInterface) => networkInterface.isBroadcast(address))
  }

  // Routing

  /**
   * Adds a route to "192.0.2.0/24", "2001:db8::/32", "default" (of the family of `via`), or one address. Throws a TypeError for
   * text that is none of these, a RangeError for a gateway that is on no link and an interface that there is not.
   *
   * ```ts
   * stack.addRoute('default', { via: '192.0.2.254' })
   * ```
   */
  addRoute(prefix: string, options: RouteOptions = {}): RoutingEntry {
    if (this.#closed) throw new Error('addRoute: the stack is closed')
    const entry = routingEntryOf(this, prefix, options)
    this.routes.add(entry)
    this.tablesChanged()
    return entry
  }

  removeRoute(entry: RoutingEntry): void {
    this.routes.removeWhere((other) => other === entry)
    this.tablesChanged()
  }

  /**
   * The way to `destination`, from `source` and through `networkInterface` where they are given. What it gives is shared and
   * marked stale when it is no longer right. -ENETUNREACH: no route; -EADDRNOTAVAIL: `source` is not ours, or there is none;
   * -EINVAL: `source` can be nobody's.
   */
  routeTo(destination: IpAddress, source: IpAddress | null, networkInterface: NetworkInterface | null): Route | number {
    const route = this.wayTo(destination, source, networkInterface)
    if (typeof route === 'number') this.counters.outNoRoutes++
    return route
  }

  /** The same for what is not sent by ourselves: who asks counts what finds no way. */
  wayTo(destination: IpAddress, source: IpAddress | null, networkInterface: NetworkInterface | null): Route | number {
    const cached = this.#routeCache.get(destination, source, networkInterface)
    if (cached !== null && !cached.neighbour?.removed) return cached
    const route = findRoute(this, destination, source, networkInterface)
    if (typeof route === 'number') return route
    if (cached !== null) this.#routeCache.forget(destination)
    this.#routeCache.add(destination, source, networkInterface, route)
    return route
  }

  /** Addresses or routes have changed: every route that was handed out is to be looked up again. */
  tablesChanged(): void {
    this.#routeCache.clear()
    this.ways?.clear()
  }

  /**
   * The path of the packet that `report` is about carries less than we thought. For a transport, once it has seen that the quoted
   * packet is one it sent (RFC 5927 section 7): the path MTU to its destination shrinks, and routes there become stale.
   */
  reducePathMtu(report: IcmpReport): void {
    if (report.mtu === 0) return
    const { destination } = report
    const route = this.routeTo(destination, null, null)
    if (typeof route === 'number' || route.interface === this.loopback) return
    if (route.metrics.mtuLocked) return
    if (this.pathMtus.reduce(destination, report.mtu, route.interface.mtu)) this.pathChanged(destination)
  }

  /** The path MTU to `destination` is another: routes there are to be looked up again. */
  pathChanged(destination: IpAddress): void {
    this.#routeCache.forget(destination)
  }

  // Packets

  /** For the link layer: the IP packet in `bytes[start, end)` found no neighbour that answers. */
  hostUnreachable(bytes: Uint8Array, start: number, end: number): void {
    if (!reportOfUnreachable(this.report, bytes, start, end)) return
    if (this.isOwnAddress(this.report.source)) dispatchError(this, this.report)
    else if (this.forwarding) sendHostUnreachable(this, packetOfReport(this.unreachable, this.report, start))
  }

  // Bursts

  /** For an interface, before each frame: reads the clock once a burst. */
  beginBurst(): void {
    if (this.#burst) return
    this.#burst = true
    this.time.refresh()
  }

  /** Ends a burst: what TCP has put off is done, and watchers are told. */
  flush(): void {
    this.#burst = false
    if (this.flushing) return
    this.flushing = true
    try {
      for (;;) {
        this.tcp.flush()
        if (this.#ready.empty) break
        this.#ready.run()
      }
      this.tcp.deferAcks()
    } finally {
      this.flushing = false
      // A watcher threw: the others are told a little later.
      if (!this.#ready.empty) this.scheduleFlush()
    }
  }

  /** Has `flush` run soon, after the running code has returned. For what happens outside of bursts. */
  scheduleFlush(): void {
    if (this.#flushScheduled || this.#burst || this.flushing || this.#closed) return
    this.#flushScheduled = true
    this.clock.defer(this.#flushTask)
  }

  /** Has the endpoint's watcher told of `events` at the end of the burst, or soon. */
  markReady(endpoint: ReadyNode, events: number): void {
    this.#ready.add(endpoint, events)
    this.scheduleFlush()
  }

  /** For an interface: its device has room again. */
  writable(networkInterface: NetworkInterface): void {
    this.tcp.writable(networkInterface)
    if (!this.#burst) this.flush()
  }

  /**
   * Closes every socket and device: calls that wait get EBADF, `poll` POLLNVAL. The stack gives back all it holds and does nothing
   * any more; new sockets are refused with ENETDOWN.
   */
  close(): void {
    if (this.#closed) return
    const watchers: (Watcher | null)[] = []
    this.descriptors.forEach((endpoint) => {
      watchers.push(endpoint.watcher)
      endpoint.close()
    })
    this.#closed = true
    this.tcp.close()
    this.unix?.close()
    for (const networkInterface of [...this.interfaces]) this.removeInterface(networkInterface)
    this.copies.close()
    this.reassembly.clear()
    this.pathMtus.clear()
    this.time.stop()
    for (const watcher of watchers) watcher?.ready(POLLNVAL)
  }
}
