import { write16 } from '../../src/base/bytes.ts'
import { internetChecksum, internetSum, pseudoSum } from '../../src/base/checksum.ts'
import { IPPROTO_ICMPV6, IPPROTO_UDP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Offload } from '../../src/device/device.ts'
import { FRAME_HEADROOM, ipOutput } from '../../src/stack/ip/ip-output.ts'
import type { Neighbour } from '../../src/stack/link/neighbour.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import type { Ipv6Interface } from '../../src/stack/nd/ipv6-interface.ts'
import { type AttachOptions, Stack, type StackOptions } from '../../src/stack/stack.ts'
import { IPV6_HEADER_LENGTH, Ipv6Header, readIpv6, writeIpv6 } from '../../src/wire/ipv6.ts'
import {
  NeighbourMessage,
  RouterAdvertisement,
  readNeighbourMessage,
  readRouterAdvertisement,
  readRouterSolicitation,
  writeNeighbourAdvertisement,
  writeNeighbourSolicitation,
  writeRedirect,
  writeRouterAdvertisement,
  writeRouterSolicitation,
} from '../../src/wire/ndp.ts'
import { writeDnsSearchList, writeDnsServers } from '../../src/wire/ndp-dns-options.ts'
import {
  NdpOption,
  writeNdpMtu,
  writeNdpSixOctets,
  writePrefixInformation,
  writeRouteInformation,
} from '../../src/wire/ndp-options.ts'
import type { RouterPreference } from '../../src/wire/ndp-preference.ts'
import { writeUdp } from '../../src/wire/udp.ts'
import { hex, ScriptDevice, toHex } from './script-device.ts'

/** Hardware addresses: ours is 02:00:00:00:00:01, that of the peer with the last octet n ends in n. */
export const US = '02 00 00 00 00 01'
export const HER = '02 00 00 00 00 02'
export const OTHER = '02 00 00 00 00 03'
/** IPv6 addresses. */
export const OURS = '2001:db8::1'
export const HERS = '2001:db8::2'
/** A router of the link, and another one. */
export const ROUTER = 'fe80::a'
export const ROUTER2 = 'fe80::b'

export function address(text: string): IpAddress {
  const parsed = IpAddress.parse(text)
  if (parsed === null) throw new TypeError(`no address: ${text}`)
  return parsed
}

/** A message or an option: whatever `write` writes. */
function written(write: (bytes: Uint8Array) => number): Uint8Array {
  const bytes = new Uint8Array(1400)
  return bytes.slice(0, write(bytes))
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

export const sourceIs = (hardware: string): Uint8Array => hex(`01 01 ${hardware}`)
export const targetIs = (hardware: string): Uint8Array => hex(`02 01 ${hardware}`)
export const nonceIs = (high: number, low: number): Uint8Array =>
  written((bytes) => writeNdpSixOctets(bytes, 0, 14, high, low))
export const mtuIs = (mtu: number): Uint8Array => written((bytes) => writeNdpMtu(bytes, 0, mtu))

/** "2001:db8:1::/64" with flags "LA" and lifetimes in seconds. */
export function prefixIs(text: string, flags: string, valid: number, preferred: number): Uint8Array {
  const [prefix = '', length = ''] = text.split('/')
  const on = flags.includes('L')
  const autonomous = flags.includes('A')
  return written((bytes) =>
    writePrefixInformation(bytes, 0, address(prefix), Number(length), on, autonomous, valid, preferred),
  )
}

export function routeIs(text: string, preference: RouterPreference, lifetime: number): Uint8Array {
  const [prefix = '', length = ''] = text.split('/')
  return written((bytes) => writeRouteInformation(bytes, 0, address(prefix), Number(length), preference, lifetime))
}

export const serversAre = (lifetime: number, ...servers: string[]): Uint8Array =>
  written((bytes) => writeDnsServers(bytes, 0, lifetime, servers.map(address)))
export const domainsAre = (lifetime: number, ...names: string[]): Uint8Array =>
  written((bytes) => writeDnsSearchList(bytes, 0, lifetime, names))

export const solicitation = (target: string, ...options: Uint8Array[]): Uint8Array =>
  joined(
    written((bytes) => writeNeighbourSolicitation(bytes, 0, address(target))),
    ...options,
  )

/** `flags`: of "RSO". */
export const advertisement = (target: string, flags: string, ...options: Uint8Array[]): Uint8Array => {
  const [router, solicited, override] = [...'RSO'].map((flag) => flags.includes(flag)) as [boolean, boolean, boolean]
  return joined(
    written((bytes) => writeNeighbourAdvertisement(bytes, 0, router, solicited, override, address(target))),
    ...options,
  )
}

export const routerSolicitation = (...options: Uint8Array[]): Uint8Array =>
  joined(
    written((bytes) => writeRouterSolicitation(bytes, 0)),
    ...options,
  )

export interface AdvertisedFields {
  readonly managed?: boolean
  readonly other?: boolean
  readonly hopLimit?: number
  readonly preference?: RouterPreference
  readonly lifetime?: number
  readonly reachableTime?: number
  readonly retransmitTime?: number
}

export function routerAdvertisement(fields: AdvertisedFields, ...options: Uint8Array[]): Uint8Array {
  const { hopLimit = 0, preference = 0, lifetime = 1800, reachableTime = 0, retransmitTime = 0 } = fields
  const { managed = false, other = false } = fields
  return joined(
    written((bytes) =>
      writeRouterAdvertisement(bytes, 0, hopLimit, managed, other, preference, lifetime, reachableTime, retransmitTime),
    ),
    ...options,
  )
}

export const redirect = (target: string, destination: string, ...options: Uint8Array[]): Uint8Array =>
  joined(
    written((bytes) => writeRedirect(bytes, 0, address(target), address(destination))),
    ...options,
  )

export interface FrameFields {
  readonly source?: string
  readonly destination?: string
  readonly hopLimit?: number
  readonly from?: string
  readonly code?: number
}

/** A frame with an ICMPv6 message, by default from 2001:db8::2 to 2001:db8::1. */
export function frame(message: Uint8Array, fields: FrameFields = {}): Uint8Array {
  const source = address(fields.source ?? HERS)
  const destination = address(fields.destination ?? OURS)
  const packet = new Uint8Array(IPV6_HEADER_LENGTH + message.length)
  writeIpv6(packet, 0, 0, 0, message.length, IPPROTO_ICMPV6, fields.hopLimit ?? 255, source, destination)
  packet.set(message, IPV6_HEADER_LENGTH)
  if (fields.code !== undefined) packet[IPV6_HEADER_LENGTH + 1] = fields.code
  const sum = pseudoSum(source, destination, IPPROTO_ICMPV6, message.length)
  write16(packet, IPV6_HEADER_LENGTH + 2, internetChecksum(packet, IPV6_HEADER_LENGTH, packet.length, sum))
  return framed(packet, fields.from)
}

/** A frame with an IPv6 packet, to the hardware address that its destination wants. */
export function framed(packet: Uint8Array, from: string = HER): Uint8Array {
  const many = packet[24] === 0xff
  const to = many ? `33 33 ${toHex(packet.subarray(36, 40))}` : US
  return joined(hex(`${to} ${from} 86 dd`), packet)
}

/** A stack at 2001:db8::1/64 and fe80::1/64 on an Ethernet whose other side is the test; nobody asks for addresses by default. */
export class NdHost {
  readonly clock = new ManualClock(5000)
  readonly device: ScriptDevice
  readonly stack: Stack
  readonly link: NetworkInterface
  readonly ipv6: Ipv6Interface

  constructor(attach: AttachOptions = {}, options: Partial<StackOptions> = {}, seed = 7) {
    this.device = new ScriptDevice('ethernet')
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(seed), ...options })
    const standard = { address: [`${OURS}/64`, 'fe80::1/64'], duplicateAddressDetection: false, name: 'eth0' }
    this.link = this.stack.attach(this.device, { ...standard, ...attach })
    this.ipv6 = this.link.ipv6 as Ipv6Interface
    if (attach.duplicateAddressDetection !== true) this.took()
  }

  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  /** Sends a UDP datagram of 4 octets to `destination`; what `routeTo` or `ipOutput` gives. */
  send(destination: string = HERS): number {
    const { stack } = this
    stack.time.refresh()
    const route = stack.routeTo(address(destination), null, null)
    if (typeof route === 'number') return route
    const end = FRAME_HEADROOM + 12
    writeUdp(stack.frame, FRAME_HEADROOM, 9, 9, 12, 0)
    return ipOutput(stack, route, IPPROTO_UDP, -1, 0, false, stack.frame, FRAME_HEADROOM, end, new Offload())
  }

  neighbour(text: string): Neighbour | null {
    return this.link.neighbours?.get(address(text)) ?? null
  }

  deliver(message: Uint8Array, fields: FrameFields = {}): void {
    this.device.deliver(frame(message, fields))
  }

  /** A message of the router fe80::a with the hardware address 02:00:00:00:00:0a, to all nodes. */
  fromRouter(message: Uint8Array, router: string = ROUTER): void {
    this.deliver(message, { source: router, destination: 'ff02::1', from: hardwareOf(router) })
  }

  /** What was sent, in words; messages about groups are left out. */
  took(): string[] {
    return this.device
      .take()
      .map((bytes) => inWords(bytes))
      .filter((words) => words !== '')
  }

  /** The IPv6 addresses of the link, with what holds of them. */
  addresses(): string[] {
    return this.link.addresses.map((own) => {
      const words = [own.tentative && 'tentative', own.temporary && 'temporary', own.deprecated && 'deprecated']
      return [own.address.toString(), ...words.filter((word) => word !== false)].join(' ')
    })
  }

  /** The IPv6 routes of the link by prefix and gateway. */
  routes(): string[] {
    return this.stack.routes.entries
      .filter((entry) => entry.interface === this.link)
      .map((entry) => `${entry.prefix}/${entry.length}${entry.gateway === null ? '' : ` via ${entry.gateway}`}`)
  }
}

/** Of the routers of these tests: its last octet is that of the IPv6 address. */
export function hardwareOf(text: string): string {
  return `02 00 00 00 00 ${(address(text).d & 255).toString(16).padStart(2, '0')}`
}

const header = new Ipv6Header()
const neighbourMessage = new NeighbourMessage()
const router = new RouterAdvertisement()
const option = new NdpOption()

/** "NS 2001:db8::2 source 02…01 | fe80::1 > ff02::1:ff00:2 | 33…02"; '' for messages about groups. */
function inWords(bytes: Uint8Array): string {
  if (toHex(bytes.subarray(12, 14)) !== '86 dd') return toHex(bytes)
  if (!readIpv6(header, bytes, 14, bytes.length)) throw new Error('not an IPv6 packet')
  if (toHex(bytes.subarray(6, 12)) !== US) throw new Error('not from our hardware address')
  const start = 14 + IPV6_HEADER_LENGTH
  const { source, destination, payloadLength, hopLimit } = header
  const ends = `${source} > ${destination} | ${toHex(bytes.subarray(0, 6)).replaceAll(' ', ':')}`
  if (header.nextHeader === IPPROTO_UDP) return `UDP | ${ends}`
  // Behind a hop-by-hop header: a report of Multicast Listener Discovery.
  if (header.nextHeader !== IPPROTO_ICMPV6) return ''
  const end = start + payloadLength
  if (internetSum(bytes, start, end, pseudoSum(source, destination, IPPROTO_ICMPV6, payloadLength)) !== 0xffff) {
    throw new Error('bad ICMPv6 checksum')
  }
  const type = bytes[start] as number
  if (type >= 133 && type <= 137 && hopLimit !== 255) throw new Error(`hop limit ${hopLimit}`)
  const words: string[] = []
  let options = end
  if (type === 133) {
    if (!readRouterSolicitation(bytes, start, end)) throw new Error('malformed')
    words.push('RS')
    options = start + 8
  } else if (type === 134) {
    if (!readRouterAdvertisement(router, bytes, start, end)) throw new Error('malformed')
    words.push(`RA ${router.hopLimit} ${router.preference} ${router.lifetime}`)
    options = router.options
  } else if (type === 135 || type === 136) {
    if (!readNeighbourMessage(neighbourMessage, bytes, start, end)) throw new Error('malformed')
    const { target, router: isRouter, solicited, override } = neighbourMessage
    const flags = `${isRouter ? 'R' : ''}${solicited ? 'S' : ''}${override ? 'O' : ''}`
    words.push(type === 135 ? `NS ${target}` : `NA ${target} ${flags}`)
    options = neighbourMessage.options
  } else {
    words.push(`ICMPv6 ${type}`)
  }
  option.begin(options, end)
  while (option.next(bytes)) {
    const name = ['', 'source', 'target'][option.type]
    if (name !== undefined) words.push(`${name} ${toHex(bytes.subarray(option.start + 2, option.end)).slice(-2)}`)
    else words.push(option.type === 14 ? 'nonce' : toHex(bytes.subarray(option.start, option.end)))
  }
  return `${words.join(' ')} | ${ends}`
}
