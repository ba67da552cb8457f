// Read first: RFC 1122 sections 2.3 and 2.4, RFC 894, RFC 1112 section 6.4.

import { checkInteger } from '../../base/argument.ts'
import { read16, read32 } from '../../base/bytes.ts'
import { EMSGSIZE, ENOBUFS } from '../../base/errno.ts'
import { ANY_V6, IpAddress } from '../../base/ip-address.ts'
import {
  CHECKSUM_PARTIAL,
  type Device,
  type FrameReceiver,
  Offload,
  SEGMENT_NONE,
  SEGMENT_UDP,
} from '../../device/device.ts'
import { ARP_LENGTH, ARP_REQUEST, writeArp } from '../../wire/arp.ts'
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  EthernetHeader,
  HARDWARE_BROADCAST_HIGH,
  HARDWARE_BROADCAST_LOW,
  HARDWARE_GROUP_BIT,
  HARDWARE_MULTICAST_HIGH,
  HARDWARE_MULTICAST6_HIGH,
  hardwareMulticastLow,
  readEthernet,
  writeEthernet,
} from '../../wire/ethernet.ts'
import { IPV4_MTU_MIN } from '../../wire/ipv4.ts'
import { IPV6_MTU_MIN } from '../../wire/ipv6.ts'
import { completePartialChecksum } from '../../wire/partial-checksum.ts'
import type { StackEndpoint } from '../endpoint/endpoint.ts'
import type { ReversePathCheck } from '../ip/reverse-path.ts'
import { ipv4Input } from '../ip4/ipv4-input.ts'
import { ipv6Input } from '../ip6/ipv6-input.ts'
import type { LeanStack } from '../lean-stack.ts'
import { type LinkGroups, OwnGroups } from '../multicast/link-groups.ts'
import type { AdvertiseOptions } from '../nd/advertise-options.ts'
import { Ipv6Interface } from '../nd/ipv6-interface.ts'
import type { Ipv6Options } from '../nd/ipv6-options.ts'
import type { RouterAdvertiser } from '../nd/router-advertiser.ts'
import { arpInput } from './arp-input.ts'
import type { FrameTap } from './frame-tap.ts'
import type { InterfaceAddress } from './interface-address.ts'
import type { Neighbour } from './neighbour.ts'
import { NeighbourTable } from './neighbour-table.ts'

/** Room in front of frames of our own making: a device may want 32 octets. */
const ARP_HEADROOM = 32

/** RFC 5227 section 1.1, in milliseconds. */
const DEFEND_INTERVAL = 10_000

type GatheringDevice = Device & Required<Pick<Device, 'transmitGathered'>>

/** A device with addresses: where a stack meets a link. */
export class NetworkInterface implements FrameReceiver {
  readonly stack: LeanStack
  readonly device: Device
  readonly name: string
  /** Counts from 1, as if_nametoindex(3). */
  readonly index: number
  /** The longest packet for this link: see `setMtu`. */
  mtu: number
  readonly addresses: InterfaceAddress[] = []
  /** null on a medium without hardware addresses. */
  readonly neighbours: NeighbourTable | null
  readonly hardwareHigh: number
  readonly hardwareLow: number
  /** What is asked of the sources of packets that come in here. */
  reversePath: ReversePathCheck = 'off'
  /** Whether the device sends payload from where it lies, if its checksum is left to do. */
  readonly gathers: boolean
  closed = false
  /** Who watches what passes; null: nobody does. */
  tap: FrameTap | null = null
  readonly #ethernet: boolean
  readonly #header = new EthernetHeader()
  readonly #offload = new Offload()
  /** What ARP leaves to a device. Not #offload: a packet that is about to wait for the answer still needs that. */
  readonly #nothing = new Offload()
  readonly #arpFrame = new Uint8Array(ARP_HEADROOM + ETHERNET_HEADER_LENGTH + ARP_LENGTH)
  /** The groups of both families that we are a member of here. */
  readonly groups: LinkGroups
  /** Neighbour discovery and all that goes with it; null where this interface does not speak IPv6. */
  readonly ipv6: Ipv6Interface | null
  /** The IPv4 address that most packets are for. */
  #first = 0
  /** The same for IPv6; unspecified where there is none. */
  readonly #firstV6 = new IpAddress()
  /** Endpoints that were refused by the device and wait until it is writable. */
  #waiting: StackEndpoint[] = []

  constructor(stack: LeanStack, device: Device, name: string, index: number, ipv6: Ipv6Options) {
    this.stack = stack
    this.device = device
    this.name = name
    this.index = index
    this.mtu = device.mtu
    const { features } = device
    this.gathers = features.gather === true && features.checksum && device.transmitGathered !== undefined
    this.#ethernet = device.medium === 'ethernet'
    const hardware = device.hardwareAddress
    this.hardwareHigh = hardware === null ? 0 : read16(hardware, 0)
    this.hardwareLow = hardware === null ? 0 : read32(hardware, 2)
    this.neighbours = this.#ethernet ? new NeighbourTable(this) : null
    this.groups = stack.parts.groups?.(this) ?? new OwnGroups()
    this.ipv6 = ipv6.mode === 'none' ? null : new Ipv6Interface(this, ipv6)
  }

  // Addresses and groups. The stack keeps the table of all own addresses: change them through it.

  /** For the stack: see `Stack.addAddress`. */
  enterAddress(address: InterfaceAddress): void {
    this.addresses.push(address)
    this.addressesChanged()
  }

  /** For the stack: see `Stack.removeAddress`. */
  dropAddress(address: InterfaceAddress): void {
    const index = this.addresses.indexOf(address)
    if (index >= 0) this.addresses.splice(index, 1)
    address.probe?.stop()
    this.ipv6?.dropped(address)
    this.addressesChanged()
  }

  /** For the stack: an address is no longer tentative. */
  addressesChanged(): void {
    const usable = this.addresses.filter((own) => !own.tentative)
    this.#first = usable.find((own) => own.address.isV4)?.address.d ?? 0
    this.#firstV6.set(usable.find((own) => !own.address.isV4 && !own.address.isLinkLocal)?.address ?? ANY_V6)
    this.groups.addressesChanged()
  }

  /** Whether `bits` is this interface's first address: the answer for nearly every packet. */
  isFirst(bits: number): boolean {
    return bits === this.#first && bits !== 0
  }

  /** The same for an IPv6 address. */
  isFirstV6(address: IpAddress): boolean {
    const first = this.#firstV6
    return first.d === address.d && first.a === address.a && first.equals(address) && !first.isUnspecified
  }

  /** The IPv4 address to send from to `hop`: one of its subnet, or the first; null where there is none. */
  sourceFor(hop: IpAddress | null): IpAddress | null {
    let first: IpAddress | null = null
    for (const own of this.addresses) {
      if (own.tentative || !own.address.isV4) continue
      if (hop !== null && own.contains(hop)) return own.address
      first ??= own.address
    }
    return first
  }

  /**
   * What the device carries has changed (ip-link(8): set mtu): packets of up to `mtu` octets from now on. Of IPv6 it is the limit that a
   * router's word is not above (RFC 4861 section 6.3.4), and no less than the 1280 octets of RFC 8200 section 5.
   */
  setMtu(mtu: number): void {
    checkInteger('mtu', mtu, IPV4_MTU_MIN, 65535)
    this.mtu = mtu
    if (this.ipv6 !== null) this.ipv6.mtu = Math.max(mtu, IPV6_MTU_MIN)
    this.stack.tablesChanged()
  }

  /** The longest packet for `destination` on this link: of IPv6, what routers have advertised (RFC 4861 section 6.3.4). */
  mtuFor(destination: IpAddress): number {
    return destination.isV4 || this.ipv6 === null ? this.mtu : this.ipv6.mtu
  }

  /** Whether `address` is the broadcast address of a subnet of this interface, or the limited one. */
  isBroadcast(address: IpAddress): boolean {
    if (address.isLimitedBroadcast) return true
    for (const own of this.addresses) if (own.broadcast?.equals(address)) return true
    return false
  }

  /** The same for an IPv4 address as 32 bits. */
  isBroadcastBits(bits: number): boolean {
    if (bits === -1) return true
    for (let i = 0; i < this.addresses.length; i++) {
      const broadcast = this.addresses[i]?.broadcast ?? null
      if (broadcast !== null && broadcast.d === bits) return true
    }
    return false
  }

  /**
   * Resolves when none of the IPv6 addresses is asked for any more (RFC 4862 section 5.4), within about two seconds; in the mode
   * 'auto' not before a router was heard, or nobody has answered for four seconds. True when the addresses may be used, false where
   * one had to be given up since this was last asked, or the interface was closed.
   */
  settled(): Promise<boolean> {
    return this.ipv6?.settled() ?? Promise.resolve(true)
  }

  /**
   * Tells the hosts of this link what they need to reach the world by this stack, which should be `forwarding` (RFC 4861 section
   * 6.2): prefixes to form addresses with, itself as default router, resolvers. Goes on until it, or the interface, is closed.
   * TypeError and RangeError name the option that cannot be; Error: the interface does not speak IPv6, or advertises already.
   *
   * ```ts
   * const advertiser = networkInterface.advertise({ prefixes: ['2001:db8:1::/64'], nameServers: ['2001:db8:1::1'] })
   * ```
   */
  advertise(options: AdvertiseOptions): RouterAdvertiser {
    if (this.ipv6 === null) throw new Error('advertise: this interface does not speak IPv6')
    return this.ipv6.advertise(options)
  }

  // Up

  receive(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
    if (this.closed) return
    if (this.tap !== null) this.tap.passes(this, bytes, start, end, offload, true)
    this.stack.beginBurst()
    if (!this.#ethernet) {
      this.stack.counters.inReceives++
      if (end > start && (bytes[start] as number) >>> 4 === 6) ipv6Input(this, bytes, start, end, offload, false)
      else ipv4Input(this, bytes, start, end, offload, false)
      return
    }
    const header = this.#header
    if (!readEthernet(header, bytes, start, end)) {
      this.stack.counters.linkDiscards++
      return
    }
    const toMany = (header.destinationHigh & HARDWARE_GROUP_BIT) !== 0
    if (!toMany && (header.destinationLow !== this.hardwareLow || header.destinationHigh !== this.hardwareHigh)) {
      this.stack.counters.linkDiscards++
      return
    }
    if (header.type === ETHERTYPE_IPV4) {
      this.stack.counters.inReceives++
      ipv4Input(this, bytes, start + ETHERNET_HEADER_LENGTH, end, offload, toMany)
    } else if (header.type === ETHERTYPE_IPV6) {
      this.stack.counters.inReceives++
      ipv6Input(this, bytes, start + ETHERNET_HEADER_LENGTH, end, offload, toMany)
    } else if (header.type === ETHERTYPE_ARP) {
      arpInput(this, bytes, start + ETHERNET_HEADER_LENGTH, end, header)
    } else {
      this.stack.counters.linkDiscards++
    }
  }

  flush(): void {
    if (!this.closed) this.stack.flush()
  }

  writable(): void {
    if (this.closed) return
    this.stack.time.refresh()
    const waiting = this.#waiting
    if (waiting.length > 0) {
      this.#waiting = []
      for (const endpoint of waiting) endpoint.roomAgain()
    }
    this.stack.writable(this)
  }

  /** Has `endpoint.roomAgain` called when the device, which just refused a frame, has room. */
  awaitRoom(endpoint: StackEndpoint): void {
    if (!this.#waiting.includes(endpoint)) this.#waiting.push(endpoint)
  }

  // Down

  /**
   * Sends the IP packet `bytes[start, end)`, to `neighbour` where the medium needs one. `offload` counts from the transport
   * header, `headerLength` octets after `start`; it is not changed. In front of `start` there is room for the link's header.
   * 0, -ENOBUFS where the device has no room, -EHOSTUNREACH where the neighbour does not answer.
   */
  output(
    neighbour: Neighbour | null,
    destination: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    headerLength: number,
    offload: Offload,
  ): number {
    const own = this.#offload
    const { device } = this
    if (offload.checksum === CHECKSUM_PARTIAL) {
      own.set(offload)
      own.checksumStart += headerLength
      own.headerLength += headerLength
      if (own.segment !== SEGMENT_NONE) {
        const { largeSegment, largeDatagram } = device.features
        if (end - start > (own.segment === SEGMENT_UDP ? (largeDatagram ?? 0) : largeSegment)) return -EMSGSIZE
      }
      if (!this.gathers) own.join(bytes, end)
      if (!device.features.checksum) {
        completePartialChecksum(bytes, start + own.checksumStart, own.checksumOffset, end)
        own.clear()
      }
    } else {
      own.clear()
    }
    if (!this.#ethernet) return this.#transmit(bytes, start, end, own)
    if (neighbour === null) {
      // Groups go to their hardware address (RFC 2464 section 7, RFC 1112 section 6.4); all else that has no neighbour to all.
      if ((bytes[start] as number) >>> 4 === 6)
        return this.#frame(HARDWARE_MULTICAST6_HIGH, destination, bytes, start, end, own)
      if (destination >>> 28 === 0xe) {
        return this.#frame(HARDWARE_MULTICAST_HIGH, hardwareMulticastLow(destination), bytes, start, end, own)
      }
      return this.#frame(HARDWARE_BROADCAST_HIGH, HARDWARE_BROADCAST_LOW, bytes, start, end, own)
    }
    // A neighbour that the table gave up meanwhile is looked for again; its route says so to its keeper.
    const hop = neighbour.removed ? (this.neighbours as NeighbourTable).ensure(neighbour.address) : neighbour
    if (hop.use()) return this.#frame(hop.hardwareHigh, hop.hardwareLow, bytes, start, end, own)
    own.join(bytes, end)
    return hop.wait(bytes, start, end, own)
  }

  /** Sends an IP packet, whose `offload` counts from `start`, to a hardware address. */
  transmitTo(
    hardwareHigh: number,
    hardwareLow: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    offload: Offload,
  ): number {
    const own = this.#offload
    own.set(offload)
    return this.#frame(hardwareHigh, hardwareLow, bytes, start, end, own)
  }

  #frame(
    hardwareHigh: number,
    hardwareLow: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    offload: Offload,
  ): number {
    const at = start - ETHERNET_HEADER_LENGTH
    const type = (bytes[start] as number) >>> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4
    writeEthernet(bytes, at, hardwareHigh, hardwareLow, this.hardwareHigh, this.hardwareLow, type)
    if (offload.checksum === CHECKSUM_PARTIAL) {
      offload.checksumStart += ETHERNET_HEADER_LENGTH
      offload.headerLength += ETHERNET_HEADER_LENGTH
    }
    return this.#transmit(bytes, at, end, offload)
  }

  #transmit(bytes: Uint8Array, start: number, end: number, offload: Offload): number {
    const { device } = this
    const taken =
      offload.payload === null
        ? device.transmit(bytes, start, end, offload)
        : (device as GatheringDevice).transmitGathered(bytes, start, end, offload)
    if (!taken) {
      this.stack.counters.outDiscards++
      return -ENOBUFS
    }
    if (this.tap !== null) this.tap.passes(this, bytes, start, end, offload, false)
    return 0
  }

  /** Asks who has the neighbour's address. By broadcast, or only the neighbour itself, to see whether it is still there. */
  sendArpRequest(neighbour: Neighbour, unicast: boolean): void {
    if (this.closed) return
    const source = this.sourceFor(neighbour.address)
    if (source === null) return
    this.stack.counters.arpRequestsSent++
    this.sendArp(
      unicast ? neighbour.hardwareHigh : HARDWARE_BROADCAST_HIGH,
      unicast ? neighbour.hardwareLow : HARDWARE_BROADCAST_LOW,
      ARP_REQUEST,
      source.d,
      0,
      0,
      neighbour.address.d,
    )
  }

  /** Sends an ARP packet in a frame to the given hardware address. What a full device refuses is lost, as on any link. */
  sendArp(
    frameHigh: number,
    frameLow: number,
    operation: number,
    senderProtocol: number,
    targetHardwareHigh: number,
    targetHardwareLow: number,
    targetProtocol: number,
  ): void {
    const bytes = this.#arpFrame
    const at = ARP_HEADROOM
    writeEthernet(bytes, at, frameHigh, frameLow, this.hardwareHigh, this.hardwareLow, ETHERTYPE_ARP)
    writeArp(
      bytes,
      at + ETHERNET_HEADER_LENGTH,
      operation,
      this.hardwareHigh,
      this.hardwareLow,
      senderProtocol,
      targetHardwareHigh,
      targetHardwareLow,
      targetProtocol,
    )
    const taken = this.device.transmit(bytes, at, bytes.length, this.#nothing)
    if (taken && this.tap !== null) this.tap.passes(this, bytes, at, bytes.length, this.#nothing, false)
  }

  /** Asks whether anybody has an address that we want: from 0.0.0.0, so that nobody's cache changes (RFC 5227 section 2.1.1). */
  sendArpProbe(bits: number): void {
    if (this.closed) return
    this.stack.counters.arpRequestsSent++
    this.sendArp(HARDWARE_BROADCAST_HIGH, HARDWARE_BROADCAST_LOW, ARP_REQUEST, 0, 0, 0, bits)
  }

  /** Tells everybody that an address is ours: RFC 5227 section 2.3. */
  sendArpAnnouncement(bits: number): void {
    if (this.closed) return
    this.stack.counters.arpRequestsSent++
    this.sendArp(HARDWARE_BROADCAST_HIGH, HARDWARE_BROADCAST_LOW, ARP_REQUEST, bits, 0, 0, bits)
  }

  /**
   * Another host uses an address of ours. One that we are only probing for is given up; one that is ours is defended, but not more
   * often than every ten seconds, so that two who both do so do not flood the link: RFC 5227 section 2.4(c).
   */
  addressConflict(entry: InterfaceAddress): void {
    if (entry.tentative) {
      entry.probe?.conflict()
      return
    }
    const { time } = this.stack
    if (entry.defended && ((time.now - entry.defendedAt) | 0) < DEFEND_INTERVAL) return
    entry.defended = true
    entry.defendedAt = time.now
    this.sendArpAnnouncement(entry.address.d)
  }

  /** For the stack: see `Stack.removeInterface`. */
  close(): void {
    if (this.closed) return
    // First: a router says good-bye.
    this.ipv6?.close()
    this.closed = true
    for (const address of this.addresses) address.probe?.stop()
    this.groups.close()
    this.neighbours?.clear()
    this.#waiting = []
    this.device.close()
  }
}
