// Read first: RFC 3376 sections 4, 7 and 9, RFC 2236 section 2.

import { read32, write16, write32 } from '../../base/bytes.ts'
import { internetChecksum, internetSum } from '../../base/checksum.ts'
import { IPPROTO_IGMP } from '../../base/constants.ts'
import { ANY_V4, IpAddress } from '../../base/ip-address.ts'
import { Offload } from '../../device/device.ts'
import {
  IGMP_CHECKSUM_OFFSET,
  IGMP_LEAVE,
  IGMP_LENGTH,
  IGMP_QUERY,
  IGMP_RECORD_LENGTH,
  IGMP_REPORT_V1,
  IGMP_REPORT_V2,
  IgmpMessage,
  readIgmp,
  writeIgmpRecord,
  writeIgmpReport,
  writeIgmpV2,
} from '../../wire/igmp.ts'
import { IPV4_HEADER_LENGTH } from '../../wire/ipv4.ts'
import { Ipv4Options, readIpv4Options } from '../../wire/ipv4-options.ts'
import { FRAME_HEADROOM } from '../ip/ip-output.ts'
import type { IpPacket } from '../ip/ip-packet.ts'
import { Route } from '../ip/route.ts'
import { ipOutputWithOptions } from '../ip4/ip-output-with-options.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import { ALL_HOSTS } from './all-hosts.ts'
import { type Age, type GroupProtocol, GroupQuery, type GroupReporter } from './group-reporter.ts'

/** 224.0.0.2, to which a host says that it leaves: RFC 2236 section 9. */
const ALL_ROUTERS = IpAddress.v4(0xe0000002)
/** 224.0.0.22: RFC 3376 section 4.2.14. */
const REPORTED_TO = IpAddress.v4(0xe0000016)

/** RFC 3376 section 4: internetwork control. */
const PRECEDENCE = 0xc0
const ROUTER_ALERT = Uint8Array.of(148, 4, 0, 0)
/** A version 1 query does not say how long to wait: RFC 3376 section 7.2.1. */
const MAX_RESPONSE_TIME_V1 = 10_000

const NOTHING = new Offload()
const message = new IgmpMessage()
const options = new Ipv4Options()
const query = new GroupQuery()
const group = IpAddress.v4(0)

/** IGMP on one interface: the messages. */
export class Igmp implements GroupProtocol {
  readonly #interface: NetworkInterface
  readonly addressLength = 4
  readonly recordLength: number = IGMP_RECORD_LENGTH
  readonly recordsStart: number = FRAME_HEADROOM + IGMP_LENGTH

  constructor(networkInterface: NetworkInterface) {
    this.#interface = networkInterface
  }

  get bytes(): Uint8Array {
    return this.#interface.stack.frame
  }

  get recordsEnd(): number {
    return FRAME_HEADROOM + this.#interface.mtu - IPV4_HEADER_LENGTH - ROUTER_ALERT.length
  }

  /** On a link of two as well: the other may be a router. Only to ourselves there is nothing to say. */
  get speaks(): boolean {
    return !this.#interface.closed && this.#interface !== this.#interface.stack.loopback
  }

  /** All others of 224.0.0.0/24 are, for the sake of switches that look at reports; Linux does the same. */
  isReported(address: IpAddress): boolean {
    return !address.equals(ALL_HOSTS)
  }

  // Down

  writeRecord(at: number, type: number, address: IpAddress, sourceCount: number): number {
    return writeIgmpRecord(this.bytes, at, type, address.d, sourceCount)
  }

  writeSource(at: number, source: IpAddress): void {
    write32(this.bytes, at, source.d)
  }

  sendReport(count: number, end: number): void {
    writeIgmpReport(this.bytes, FRAME_HEADROOM, count)
    this.#send(REPORTED_TO, end)
  }

  sendOldReport(address: IpAddress, age: Age): void {
    const type = age === 2 ? IGMP_REPORT_V1 : IGMP_REPORT_V2
    this.#send(address, writeIgmpV2(this.bytes, FRAME_HEADROOM, type, 0, address.d))
  }

  sendLeave(address: IpAddress): void {
    this.#send(ALL_ROUTERS, writeIgmpV2(this.bytes, FRAME_HEADROOM, IGMP_LEAVE, 0, address.d))
  }

  // What a full device refuses is lost, as on any link. RFC 3376 section 4.2.13: a host without an address reports from 0.0.0.0.
  #send(destination: IpAddress, end: number): void {
    const out = this.#interface
    const { stack } = out
    write16(stack.frame, FRAME_HEADROOM + IGMP_CHECKSUM_OFFSET, internetChecksum(stack.frame, FRAME_HEADROOM, end))
    const route = new Route(out, out.sourceFor(null) ?? ANY_V4, destination, null, out.mtu)
    stack.counters.igmpSent++
    ipOutputWithOptions(
      stack,
      route,
      IPPROTO_IGMP,
      1,
      PRECEDENCE,
      true,
      ROUTER_ALERT,
      ROUTER_ALERT.length,
      stack.frame,
      FRAME_HEADROOM,
      end,
      NOTHING,
    )
  }

  // Up

  readSource(source: IpAddress, bytes: Uint8Array, at: number): void {
    source.setV4(read32(bytes, at))
  }

  /** A message arrived for us. */
  input(packet: IpPacket, reporter: GroupReporter): void {
    const { counters } = this.#interface.stack
    const { bytes, payloadStart, payloadEnd } = packet
    counters.igmpReceived++
    // Messages are sent with a TTL of 1: one with more has come from elsewhere, or past a router.
    if (
      packet.ttl !== 1 ||
      internetSum(bytes, payloadStart, payloadEnd) !== 0xffff ||
      !readIgmp(message, bytes, payloadStart, payloadEnd)
    ) {
      counters.igmpInErrors++
      return
    }
    group.setV4(message.group)
    if (message.type === IGMP_QUERY) {
      if (queryValid(packet)) this.#query(reporter, bytes)
      else counters.igmpInErrors++
    } else if (message.type === IGMP_REPORT_V1 || message.type === IGMP_REPORT_V2) {
      if (this.#isOnLink(packet.source)) reporter.heard(group)
      else counters.igmpInErrors++
    }
  }

  #query(reporter: GroupReporter, bytes: Uint8Array): void {
    const { version } = message
    const general = message.group === 0
    // One of version 2 about a group is answered in the version that is spoken: RFC 3376 section 7.2.1 looks at general ones.
    query.age = version === 1 ? 2 : version === 2 ? 1 : 0
    query.present = version === 1 || general
    query.group = general ? null : group
    query.maxResponseTime = version === 1 ? MAX_RESPONSE_TIME_V1 : message.maxResponseTime
    query.robustness = message.robustness
    query.queryInterval = message.queryInterval * 1000
    query.bytes = bytes
    query.sources = message.list
    query.sourceCount = message.count
    reporter.query(query)
  }

  // RFC 3376 section 9.2, against reports from elsewhere.
  #isOnLink(source: IpAddress): boolean {
    if (source.isUnspecified) return true
    for (const own of this.#interface.addresses) if (own.address.isV4 && own.contains(source)) return true
    return false
  }
}

// RFC 3376 section 9.1, against queries from elsewhere.
function queryValid(packet: IpPacket): boolean {
  if (message.version !== 1) {
    const first = packet.start + IPV4_HEADER_LENGTH
    if (!readIpv4Options(options, packet.bytes, first, packet.payloadStart) || !options.routerAlert) return false
  }
  if (message.group !== 0) return group.isMulticast
  return !packet.destination.isMulticast || packet.destination.equals(ALL_HOSTS)
}
