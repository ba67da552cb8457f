// A host of either family on a link whose other side is the test, which speaks of groups and sources by letters: 'g' and 'h' are
// groups, 'a' to 'f' sources, and so is any number.

import { read16, write16 } from '../../src/base/bytes.ts'
import { internetChecksum, internetSum, pseudoSum } from '../../src/base/checksum.ts'
import { IPPROTO_ICMPV6, IPPROTO_IGMP, IPPROTO_UDP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import type { GroupTable, SourceFilter } from '../../src/stack/multicast/group-table.ts'
import { Stack, type StackOptions } from '../../src/stack/stack.ts'
import { GroupRecord } from '../../src/wire/group-record.ts'
import { ICMPV6_MLD_DONE, ICMPV6_MLD_QUERY, ICMPV6_MLD_REPORT_V1, ICMPV6_MLD_REPORT_V2 } from '../../src/wire/icmpv6.ts'
import {
  IGMP_LEAVE,
  IGMP_QUERY,
  IGMP_REPORT_V1,
  IGMP_REPORT_V2,
  IGMP_REPORT_V3,
  IgmpMessage,
  readIgmp,
  writeIgmpQuery,
  writeIgmpV2,
} from '../../src/wire/igmp.ts'
import { Ipv4Header, ipv4ChecksumRight, readIpv4, writeIpv4 } from '../../src/wire/ipv4.ts'
import { Ipv6Header, readIpv6, readIpv6Address, writeIpv6, writeIpv6Address } from '../../src/wire/ipv6.ts'
import { MldMessage, readMld, writeMldQuery, writeMldV1 } from '../../src/wire/mld.ts'
import { writeUdp } from '../../src/wire/udp.ts'
import { hex, ScriptDevice } from './script-device.ts'

export type Family = 'IGMP' | 'MLD'
export const FAMILIES: readonly Family[] = ['IGMP', 'MLD']

const RECORDS = ['', 'IS_IN', 'IS_EX', 'TO_IN', 'TO_EX', 'ALLOW', 'BLOCK']
const LETTERS = 'abcdef'
const GROUPS = 'ghijkl'

/** What of a message that is not usual a test wants. */
export interface MessageFields {
  source?: string
  destination?: string
  hopLimit?: number
  routerAlert?: boolean
  /** Octets behind the message. */
  more?: number
  wrongChecksum?: boolean
}

export interface QueryFields extends MessageFields {
  maxResponseTime?: number
  robustness?: number
  /** Seconds. */
  queryInterval?: number
  sources?: string
}

export class GroupHost {
  readonly family: Family
  readonly clock = new ManualClock(1000)
  readonly device: ScriptDevice
  readonly stack: Stack
  readonly link: NetworkInterface
  readonly ends: Uint8Array[] = []

  constructor(family: Family, options: Partial<StackOptions> = {}, device = new ScriptDevice('ip')) {
    this.family = family
    this.device = device
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(5), ...options })
    this.link = this.stack.attach(device, { address: family === 'IGMP' ? '192.0.2.1/24' : 'fe80::1/64', name: 'eth0' })
    device.take()
  }

  get groups(): GroupTable {
    return this.link.groups as GroupTable
  }

  // Names

  /** 'g' → 239.1.0.1 or ff0e::1; 'a' → 198.51.100.1 or 2001:db8::1; all else as it is written. */
  address(name: string): IpAddress {
    const v4 = this.family === 'IGMP'
    if (/^\d+$/.test(name)) {
      return v4 ? IpAddress.v4(0x0a000000 + Number(name)) : new IpAddress(0x20010db8, 0, 1, Number(name))
    }
    const letter = LETTERS.indexOf(name)
    if (letter >= 0) return v4 ? IpAddress.v4(0xc6336401 + letter) : new IpAddress(0x20010db8, 0, 0, 1 + letter)
    const group = GROUPS.indexOf(name)
    if (group >= 0) return v4 ? IpAddress.v4(0xef010001 + group) : new IpAddress(0xff0e0000, 0, 0, 1 + group)
    const address = IpAddress.parse(name)
    if (address === null) throw new TypeError(`no name: ${name}`)
    return address
  }

  name(address: IpAddress): string {
    for (const name of LETTERS + GROUPS) if (this.address(name).equals(address)) return name
    const number = this.family === 'IGMP' ? address.d - 0x0a000000 : address.d
    if (number > 0 && this.address(String(number)).equals(address)) return String(number)
    return address.toString()
  }

  /** 'all', 'all but a b', 'a b' or 'none'. */
  filter(text: string): SourceFilter | null {
    if (text === 'none') return null
    const except = /^all( but)?/.exec(text)
    const names = (except === null ? text : text.slice(except[0].length)).split(' ').filter((name) => name !== '')
    return { include: except === null, sources: names.map((name) => this.address(name)) }
  }

  // What the host does

  /** `owner`, who may be named, wants to hear `text` of the group. */
  set(group: string, text: string, owner: object = this): number {
    return this.link.groups.set(owner, this.address(group), this.filter(text))
  }

  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  /** What was sent since the last call. */
  took(): string[] {
    return this.device.take().map((packet) => this.read(packet))
  }

  /** What is sent in the next `ms` milliseconds, and when of them. */
  timeline(ms: number): [number, string][] {
    const start = this.clock.now()
    const events: [number, string][] = []
    for (let at = start; at < start + ms; ) {
      at = Math.min(this.clock.nextAt(), start + ms)
      this.clock.advanceTo(at)
      this.clock.settle()
      for (const text of this.took()) events.push([at - start, text])
    }
    return events
  }

  /** The same without the times. */
  events(ms: number): string[] {
    return this.timeline(ms).map(([, text]) => text)
  }

  // What a packet says

  /** "TO_EX g(a b), ALLOW h(c)", "report g", "leave g"; with where it went if that is not where it should. Checks all of it. */
  read(packet: Uint8Array): string {
    return this.family === 'IGMP' ? this.#readIgmp(packet) : this.#readMld(packet)
  }

  #readIgmp(packet: Uint8Array): string {
    const header = new Ipv4Header()
    const message = new IgmpMessage()
    if (!readIpv4(header, packet, 0, packet.length)) throw new Error('not an IPv4 packet')
    const { headerLength, totalLength, protocol, ttl, tos } = header
    if (protocol !== IPPROTO_IGMP || !ipv4ChecksumRight(packet, 0, headerLength)) throw new Error('not IGMP')
    if (headerLength !== 24 || read16(packet, 20) !== 0x9404 || read16(packet, 22) !== 0) throw new Error('no alert')
    if (ttl !== 1 || tos !== 0xc0) throw new Error(`TTL ${ttl}, TOS ${tos}`)
    if (internetSum(packet, 24, totalLength) !== 0xffff) throw new Error('bad checksum')
    if (!readIgmp(message, packet, 24, totalLength)) throw new Error('malformed')
    const { type } = message
    const group = IpAddress.v4(message.group)
    const to = IpAddress.v4(header.destination).toString()
    this.ends.push(packet)
    if (type === IGMP_REPORT_V3)
      return this.#records(packet, message.count, message.list, totalLength, to, '224.0.0.22')
    const name = this.name(group)
    if (type === IGMP_REPORT_V2 && to === group.toString()) return `report ${name}`
    if (type === IGMP_REPORT_V1 && to === group.toString()) return `old report ${name}`
    if (type === IGMP_LEAVE && to === '224.0.0.2') return `leave ${name}`
    throw new Error(`type ${type} to ${to}`)
  }

  #readMld(packet: Uint8Array): string {
    const header = new Ipv6Header()
    const message = new MldMessage()
    if (!readIpv6(header, packet, 0, packet.length)) throw new Error('not an IPv6 packet')
    const { nextHeader, hopLimit, source, destination } = header
    if (nextHeader !== 0 || packet[40] !== IPPROTO_ICMPV6 || packet[41] !== 0) throw new Error('no options')
    if (read16(packet, 42) !== 0x0502 || read16(packet, 44) !== 0) throw new Error('no alert')
    if (hopLimit !== 1) throw new Error(`hop limit ${hopLimit}`)
    const pseudo = pseudoSum(source, destination, IPPROTO_ICMPV6, packet.length - 48)
    if (internetSum(packet, 48, packet.length, pseudo) !== 0xffff) throw new Error('bad checksum')
    if (!readMld(message, packet, 48, packet.length)) throw new Error('malformed')
    const { type, group } = message
    const to = destination.toString()
    if (type === ICMPV6_MLD_REPORT_V2) {
      return this.#records(packet, message.count, message.list, packet.length, to, 'ff02::16')
    }
    const name = this.name(group)
    if (type === ICMPV6_MLD_REPORT_V1 && to === group.toString()) return `report ${name}`
    if (type === ICMPV6_MLD_DONE && to === 'ff02::2') return `leave ${name}`
    throw new Error(`type ${type} to ${to}`)
  }

  #records(packet: Uint8Array, count: number, list: number, end: number, to: string, wanted: string): string {
    if (to !== wanted) throw new Error(`a report to ${to}`)
    const v4 = this.family === 'IGMP'
    const address = new IpAddress()
    const readAddress = (at: number) => {
      if (v4) address.setV4((read16(packet, at) << 16) | read16(packet, at + 2))
      else readIpv6Address(address, packet, at)
      return this.name(address)
    }
    const record = new GroupRecord(v4 ? 4 : 16)
    record.begin(list, count, end)
    const texts: string[] = []
    while (record.next(packet)) {
      const sources: string[] = []
      for (let i = 0; i < record.sourceCount; i++) sources.push(readAddress(record.sources + i * record.addressLength))
      texts.push(`${RECORDS[record.type]} ${readAddress(record.group)}(${sources.join(' ')})`)
    }
    if (texts.length !== count || record.end !== end) throw new Error('records that do not fill the report')
    return texts.join(', ')
  }

  // What the link brings

  /** A query of the newest version: about all groups, or one, or sources of one. */
  query(group: string | null = null, fields: QueryFields = {}): void {
    const { maxResponseTime = 10_000, robustness = 2, queryInterval = 125, sources = '' } = fields
    const names = sources.split(' ').filter((name) => name !== '')
    const list = names.map((name) => this.address(name))
    const about = group === null ? null : this.address(group)
    const bytes = new Uint8Array(28 + 16 * list.length + (fields.more ?? 0))
    const { length } = list
    if (this.family === 'IGMP') {
      let at = writeIgmpQuery(bytes, 0, maxResponseTime, about?.d ?? 0, false, robustness, queryInterval, length)
      for (const { d } of list) {
        write16(bytes, at, d >>> 16)
        write16(bytes, at + 2, d & 0xffff)
        at += 4
      }
      this.#deliver(bytes.subarray(0, at + (fields.more ?? 0)), about, fields)
      return
    }
    const unspecified = new IpAddress()
    let at = writeMldQuery(bytes, 0, maxResponseTime, about ?? unspecified, false, robustness, queryInterval, length)
    for (const source of list) {
      writeIpv6Address(bytes, at, source)
      at += 16
    }
    this.#deliver(bytes.subarray(0, at + (fields.more ?? 0)), about, fields)
  }

  /** A query of the version before: IGMPv2, MLDv1. */
  oldQuery(group: string | null = null, fields: QueryFields = {}): void {
    const about = group === null ? null : this.address(group)
    const { maxResponseTime = 10_000 } = fields
    const bytes = new Uint8Array(24)
    const end =
      this.family === 'IGMP'
        ? writeIgmpV2(bytes, 0, IGMP_QUERY, maxResponseTime, about?.d ?? 0)
        : writeMldV1(bytes, 0, ICMPV6_MLD_QUERY, maxResponseTime, about ?? new IpAddress())
    this.#deliver(bytes.subarray(0, end), about, fields)
  }

  /** Another host's report in the version before. */
  oldReport(group: string, fields: MessageFields = {}): void {
    const about = this.address(group)
    const bytes = new Uint8Array(24)
    const end =
      this.family === 'IGMP'
        ? writeIgmpV2(bytes, 0, IGMP_REPORT_V2, 0, about.d)
        : writeMldV1(bytes, 0, ICMPV6_MLD_REPORT_V1, 0, about)
    this.#deliver(bytes.subarray(0, end), about, fields)
  }

  /** An IGMP message as it is. */
  igmp(message: Uint8Array, destination: string, fields: MessageFields = {}): void {
    this.#deliver(message, this.address(destination), fields)
  }

  /** A datagram to port 4000. */
  datagram(group: string, source: string): void {
    const [to, from] = [this.address(group), this.address(source)]
    const v4 = this.family === 'IGMP'
    const datagram = new Uint8Array(12)
    writeUdp(datagram, 0, 4000, 4000, 12, 0)
    write16(datagram, 6, internetChecksum(datagram, 0, 12, pseudoSum(from, to, IPPROTO_UDP, 12)) || 0xffff)
    const packet = new Uint8Array(v4 ? 32 : 52)
    packet.set(datagram, packet.length - 12)
    if (v4) writeIpv4(packet, 0, 20, 0, 32, 1, false, false, 0, 9, IPPROTO_UDP, from.d, to.d)
    else writeIpv6(packet, 0, 0, 0, 12, IPPROTO_UDP, 9, from, to)
    this.device.deliver(packet)
  }

  #deliver(message: Uint8Array, group: IpAddress | null, fields: MessageFields): void {
    const v4 = this.family === 'IGMP'
    const alert = fields.routerAlert ?? true
    const headerLength = v4 ? (alert ? 24 : 20) : alert ? 48 : 40
    const packet = new Uint8Array(headerLength + message.length)
    packet.set(message, headerLength)
    const source = this.address(fields.source ?? (v4 ? '192.0.2.2' : 'fe80::2'))
    const all = this.address(v4 ? '224.0.0.1' : 'ff02::1')
    const destination = fields.destination === undefined ? (group ?? all) : this.address(fields.destination)
    const hopLimit = fields.hopLimit ?? 1
    const { length } = message
    if (v4) {
      write16(packet, headerLength + 2, internetChecksum(packet, headerLength, packet.length))
      if (alert) packet.set(hex('94 04 00 00'), 20)
      writeIpv4(
        packet,
        0,
        headerLength,
        0xc0,
        packet.length,
        1,
        false,
        false,
        0,
        hopLimit,
        IPPROTO_IGMP,
        source.d,
        destination.d,
      )
    } else {
      const pseudo = pseudoSum(source, destination, IPPROTO_ICMPV6, length)
      write16(packet, headerLength + 2, internetChecksum(packet, headerLength, packet.length, pseudo))
      if (alert) packet.set(hex('3a 00 05 02 00 00 01 00'), 40)
      const next = alert ? 0 : IPPROTO_ICMPV6
      writeIpv6(packet, 0, 0, 0, packet.length - 40, next, hopLimit, source, destination)
    }
    if (fields.wrongChecksum) packet[headerLength + 3] = (packet[headerLength + 3] as number) ^ 1
    this.device.deliver(packet)
  }
}
