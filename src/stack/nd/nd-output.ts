// Read first: RFC 4861 sections 4, 6.3.7, 7.2.2, 7.2.4 and 7.2.6.

import { write16 } from '../../base/bytes.ts'
import { internetChecksum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_ICMPV6 } from '../../base/constants.ts'
import { ANY_V6, IpAddress } from '../../base/ip-address.ts'
import { Offload } from '../../device/device.ts'
import { ETHERNET_HEADER_LENGTH } from '../../wire/ethernet.ts'
import { ICMPV6_CHECKSUM_OFFSET } from '../../wire/icmpv6.ts'
import { IPV6_HEADER_LENGTH, IPV6_MTU_MIN, writeIpv6 } from '../../wire/ipv6.ts'
import {
  NDP_HOP_LIMIT,
  writeNeighbourAdvertisement,
  writeNeighbourSolicitation,
  writeRouterSolicitation,
} from '../../wire/ndp.ts'
import {
  NDP_OPTION_NONCE,
  NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS,
  NDP_OPTION_TARGET_LINK_LAYER_ADDRESS,
  writeNdpSixOctets,
} from '../../wire/ndp-options.ts'
import type { Neighbour } from '../link/neighbour.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { ALL_NODES } from '../multicast/all-hosts.ts'

/** ff02::2 */
export const ALL_ROUTERS: IpAddress = new IpAddress(0xff020000, 0, 0, 2)

/** The group in which the node with `address` is asked for: RFC 4291 section 2.7.1. */
export function solicitedNodeGroup(address: IpAddress): IpAddress {
  return new IpAddress(0xff020000, 0, 1, 0xff000000 | (address.d & 0xffffff))
}

/** Whether `address` is in ff02::1:ff00:0/104. */
export function isSolicitedNodeGroup(address: IpAddress): boolean {
  return address.a === (0xff020000 | 0) && address.b === 0 && address.c === 1 && address.d >>> 24 === 0xff
}

/** A device may want 32 octets in front of the frame. */
const FRAME_HEADROOM = 32 + ETHERNET_HEADER_LENGTH

/**
 * Where messages are written, of whichever interface: each is sent before the next begins. Not the stack's frame: a packet that is
 * about to wait for an answer still lies in that. No message is longer than 1280.
 */
const frame = new Uint8Array(FRAME_HEADROOM + IPV6_MTU_MIN)

/** Messages of neighbour discovery on their way out of one interface. */
export class NdOutput {
  readonly #interface: NetworkInterface
  readonly #nothing = new Offload()
  readonly bytes: Uint8Array = frame
  /** Where messages are to be written, their checksum field zero. */
  readonly start: number = FRAME_HEADROOM + IPV6_HEADER_LENGTH

  constructor(networkInterface: NetworkInterface) {
    this.#interface = networkInterface
  }

  /** Asks who has `target`, of all in its group, or only `neighbour`. */
  solicitNeighbour(source: IpAddress, target: IpAddress, neighbour: Neighbour | null): void {
    this.#interface.stack.counters.ndSolicitationsSent++
    const end = this.sourceOption(writeNeighbourSolicitation(this.bytes, this.start, target))
    this.send(source, neighbour === null ? solicitedNodeGroup(target) : target, neighbour, end)
  }

  /** Asks whether anybody has `target`: RFC 4862 section 5.4.2, with the nonce of RFC 7527. */
  solicitDuplicate(target: IpAddress, nonceHigh: number, nonceLow: number): void {
    this.#interface.stack.counters.ndSolicitationsSent++
    const options = writeNeighbourSolicitation(this.bytes, this.start, target)
    const end = writeNdpSixOctets(this.bytes, options, NDP_OPTION_NONCE, nonceHigh, nonceLow)
    this.send(ANY_V6, solicitedNodeGroup(target), null, end)
  }

  /** Says that `target` is ours: to the neighbour that asked, or to all. */
  advertise(target: IpAddress, neighbour: Neighbour | null, isRouter: boolean): void {
    const { stack, hardwareHigh, hardwareLow } = this.#interface
    stack.counters.ndAdvertisementsSent++
    const solicited = neighbour !== null
    const options = writeNeighbourAdvertisement(this.bytes, this.start, isRouter, solicited, true, target)
    const type = NDP_OPTION_TARGET_LINK_LAYER_ADDRESS
    const end = writeNdpSixOctets(this.bytes, options, type, hardwareHigh, hardwareLow)
    this.send(target, neighbour?.address ?? ALL_NODES, neighbour, end)
  }

  /** Asks for routers. */
  solicitRouters(source: IpAddress): void {
    this.#interface.stack.counters.ndRouterSolicitationsSent++
    const end = this.sourceOption(writeRouterSolicitation(this.bytes, this.start))
    this.send(source, ALL_ROUTERS, null, end)
  }

  /** Writes our hardware address at `at`, where we have one, and returns where the next option goes. */
  sourceOption(at: number): number {
    if (this.#interface.neighbours === null) return at
    const { hardwareHigh, hardwareLow } = this.#interface
    return writeNdpSixOctets(this.bytes, at, NDP_OPTION_SOURCE_LINK_LAYER_ADDRESS, hardwareHigh, hardwareLow)
  }

  /** Sends the message that ends at `end`, to a group or to `neighbour`. What a full device refuses is lost, as on any link. */
  send(source: IpAddress, destination: IpAddress, neighbour: Neighbour | null, end: number): void {
    const { bytes, start } = this
    const networkInterface = this.#interface
    if (networkInterface.closed) return
    const length = end - start
    const sum = pseudoSum(source, destination, IPPROTO_ICMPV6, length)
    write16(bytes, start + ICMPV6_CHECKSUM_OFFSET, internetChecksum(bytes, start, end, sum))
    const at = start - IPV6_HEADER_LENGTH
    writeIpv6(bytes, at, 0, 0, length, IPPROTO_ICMPV6, NDP_HOP_LIMIT, source, destination)
    networkInterface.stack.counters.outRequests++
    networkInterface.output(neighbour, destination.d, bytes, at, end, IPV6_HEADER_LENGTH, this.#nothing)
  }
}
