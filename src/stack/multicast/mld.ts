// Read first: RFC 3810 sections 5, 6.2 and 8, RFC 2710, RFC 3590.

import { write16 } from '../../base/bytes.ts'
import { internetChecksum, pseudoSum } from '../../base/checksum.ts'
import { IPPROTO_HOPOPTS, IPPROTO_ICMPV6 } from '../../base/constants.ts'
import { ANY_V6, IpAddress } from '../../base/ip-address.ts'
import { Offload } from '../../device/device.ts'
import {
  ICMPV6_CHECKSUM_OFFSET,
  ICMPV6_MLD_DONE,
  ICMPV6_MLD_QUERY,
  ICMPV6_MLD_REPORT_V1,
  ICMPV6_MLD_REPORT_V2,
} from '../../wire/icmpv6.ts'
import { IPV6_HEADER_LENGTH, IPV6_NEXT_HEADER_OFFSET, readIpv6Address, writeIpv6Address } from '../../wire/ipv6.ts'
import {
  MLD_RECORD_LENGTH,
  MLD_REPORT_LENGTH,
  MldMessage,
  readMld,
  writeMldRecord,
  writeMldReport,
  writeMldV1,
} from '../../wire/mld.ts'
import { FRAME_HEADROOM } from '../ip/ip-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { Route } from '../ip/route.ts'
import { ExtensionChain } from '../ip6/extension-chain.ts'
import { ipv6OutputWithHeaders } from '../ip6/ipv6-output.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { ALL_NODES } from './all-hosts.ts'
import { type Age, type GroupProtocol, GroupQuery, type GroupReporter } from './group-reporter.ts'

/** ff02::2, to which a node says that it stops listening: RFC 2710 section 4. */
const ALL_ROUTERS = new IpAddress(0xff020000, 0, 0, 2)
/** ff02::16: RFC 3810 section 5.2.14. */
const REPORTED_TO = new IpAddress(0xff020000, 0, 0, 0x16)

const OPTION_PAD1 = 0
const OPTION_ROUTER_ALERT = 5
/** RFC 2711: "look at this, it is MLD", and two octets of padding. */
const HOP_BY_HOP: ExtensionChain = new ExtensionChain([
  { type: IPPROTO_HOPOPTS, bytes: Uint8Array.of(0, 0, OPTION_ROUTER_ALERT, 2, 0, 0, 1, 0), perFragment: true },
])

const NOTHING = new Offload()
const message = new MldMessage()
const query = new GroupQuery()

/** MLD on one interface: the messages. */
export class Mld implements GroupProtocol {
  readonly #interface: NetworkInterface
  readonly addressLength = 16
  readonly recordLength: number = MLD_RECORD_LENGTH
  readonly recordsStart: number = FRAME_HEADROOM + MLD_REPORT_LENGTH
  /** Something has been reported from no address: routers have not heard it (RFC 3590 section 4). */
  nameless = false

  constructor(networkInterface: NetworkInterface) {
    this.#interface = networkInterface
  }

  get bytes(): Uint8Array {
    return this.#interface.stack.frame
  }

  get recordsEnd(): number {
    return FRAME_HEADROOM + this.#mtu - IPV6_HEADER_LENGTH - HOP_BY_HOP.bytes.length
  }

  get #mtu(): number {
    return this.#interface.ipv6?.mtu ?? this.#interface.mtu
  }

  /** On a link of two as well: the other may be a router. Only to ourselves there is nothing to say. */
  get speaks(): boolean {
    return !this.#interface.closed && this.#interface !== this.#interface.stack.loopback
  }

  /** RFC 3810 section 6: nothing is said of all nodes and of groups whose packets do not leave the node. */
  isReported(address: IpAddress): boolean {
    return ((address.a >>> 16) & 15) > 1 && !address.equals(ALL_NODES)
  }

  /** The link-local address to report from; :: where there is none that can be used yet. */
  get source(): IpAddress {
    for (const own of this.#interface.addresses) {
      if (!own.tentative && !own.address.isV4 && own.address.isLinkLocal) return own.address
    }
    return ANY_V6
  }

  // Down

  writeRecord(at: number, type: number, address: IpAddress, sourceCount: number): number {
    return writeMldRecord(this.bytes, at, type, address, sourceCount)
  }

  writeSource(at: number, source: IpAddress): void {
    writeIpv6Address(this.bytes, at, source)
  }

  sendReport(count: number, end: number): void {
    writeMldReport(this.bytes, FRAME_HEADROOM, count)
    this.#send(REPORTED_TO, end)
  }

  sendOldReport(address: IpAddress, _age: Age): void {
    this.#send(address, writeMldV1(this.bytes, FRAME_HEADROOM, ICMPV6_MLD_REPORT_V1, 0, address))
  }

  sendLeave(address: IpAddress): void {
    this.#send(ALL_ROUTERS, writeMldV1(this.bytes, FRAME_HEADROOM, ICMPV6_MLD_DONE, 0, address))
  }

  // What a full device refuses is lost, as on any link.
  #send(destination: IpAddress, end: number): void {
    const { stack } = this.#interface
    const { frame } = stack
    const { source } = this
    if (source.isUnspecified) this.nameless = true
    const pseudo = pseudoSum(source, destination, IPPROTO_ICMPV6, end - FRAME_HEADROOM)
    write16(frame, FRAME_HEADROOM + ICMPV6_CHECKSUM_OFFSET, internetChecksum(frame, FRAME_HEADROOM, end, pseudo))
    const route = new Route(this.#interface, source, destination, null, this.#mtu)
    stack.counters.mldSent++
    ipv6OutputWithHeaders(stack, route, IPPROTO_ICMPV6, 1, 0, 0, true, HOP_BY_HOP, frame, FRAME_HEADROOM, end, NOTHING)
  }

  // Up

  readSource(source: IpAddress, bytes: Uint8Array, at: number): void {
    readIpv6Address(source, bytes, at)
  }

  /** A message arrived for us, its checksum right. */
  input(packet: IpPacket, reporter: GroupReporter): void {
    const { counters } = this.#interface.stack
    const { bytes, payloadStart, payloadEnd } = packet
    counters.mldReceived++
    // RFC 3810 section 6.2: what is not all of this has come from elsewhere, or past a router.
    if (
      packet.ttl !== 1 ||
      packet.source.isV4 ||
      !packet.source.isLinkLocal ||
      !hasRouterAlert(packet) ||
      !readMld(message, bytes, payloadStart, payloadEnd)
    ) {
      counters.mldInErrors++
      return
    }
    if (message.type === ICMPV6_MLD_QUERY) {
      if (queryValid(packet)) this.#query(reporter, bytes)
      else counters.mldInErrors++
    } else if (message.type === ICMPV6_MLD_REPORT_V1) {
      reporter.heard(message.group)
    }
  }

  #query(reporter: GroupReporter, bytes: Uint8Array): void {
    query.age = message.version === 1 ? 1 : 0
    // RFC 3810 section 8.2.1: here one about a group counts as well.
    query.present = true
    query.group = message.group.isUnspecified ? null : message.group
    query.maxResponseTime = message.maxResponseTime
    query.robustness = message.robustness
    query.queryInterval = message.queryInterval * 1000
    query.bytes = bytes
    query.sources = message.list
    query.sourceCount = message.count
    reporter.query(query)
  }
}

/** Whether an ICMPv6 message of this type is one of MLD. */
export function isMld(type: number): boolean {
  return (type >= ICMPV6_MLD_QUERY && type <= ICMPV6_MLD_DONE) || type === ICMPV6_MLD_REPORT_V2
}

function queryValid(packet: IpPacket): boolean {
  if (!message.group.isUnspecified) return !message.group.isV4 && message.group.isMulticast
  return !packet.destination.isMulticast || packet.destination.equals(ALL_NODES)
}

/** Whether the packet has the router alert of MLD among its hop-by-hop options, which were looked at on the way here. */
function hasRouterAlert({ bytes, start }: IpPacket): boolean {
  if (bytes[start + IPV6_NEXT_HEADER_OFFSET] !== IPPROTO_HOPOPTS) return false
  const header = start + IPV6_HEADER_LENGTH
  const end = header + 8 * (1 + (bytes[header + 1] as number))
  for (let at = header + 2; at < end; ) {
    const type = bytes[at] as number
    if (type === OPTION_PAD1) {
      at++
    } else {
      if (type === OPTION_ROUTER_ALERT) return bytes[at + 2] === 0 && bytes[at + 3] === 0
      at += 2 + (bytes[at + 1] as number)
    }
  }
  return false
}
