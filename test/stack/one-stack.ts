import { write16 } from '../../src/base/bytes.ts'
import { internetChecksum, internetSum, pseudoHeaderSum } from '../../src/base/checksum.ts'
import { AF_INET, IPPROTO_ICMP, IPPROTO_UDP, SOCK_DGRAM } from '../../src/base/constants.ts'
import { parseIpv4 } from '../../src/base/ip-text.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack, type StackOptions } from '../../src/stack/stack.ts'
import { Ipv4Header, ipv4ChecksumRight, readIpv4, writeIpv4 } from '../../src/wire/ipv4.ts'
import { writeUdp } from '../../src/wire/udp.ts'
import { ScriptDevice } from './script-device.ts'

export const OURS = '192.0.2.1'
export const PEER = '192.0.2.2'

/** The stack at 192.0.2.1/24 on a device without hardware addresses, whose other side is the test. */
export class OneStack {
  readonly clock = new ManualClock(5000)
  readonly device: ScriptDevice
  readonly stack: Stack
  readonly link: NetworkInterface

  constructor(options: Partial<StackOptions> = {}, device = new ScriptDevice('ip')) {
    this.device = device
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(7), ...options })
    this.link = this.stack.attach(device, { address: `${OURS}/24`, name: 'eth0' })
    this.stack.addRoute('default', { via: '192.0.2.254' })
  }

  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  udp(port = 0, address = ''): Endpoint {
    const endpoint = this.stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
    if (port !== 0) {
      const result = endpoint.bind(SocketAddress.internet(address, port))
      if (result !== 0) throw new Error(`bind gave ${result}`)
    }
    return endpoint
  }
}

export function bits(address: string): number {
  const value = parseIpv4(address)
  if (value === null) throw new TypeError(`no address: ${address}`)
  return value
}

export interface PacketFields {
  source?: string
  destination?: string
  protocol?: number
  ttl?: number
  tos?: number
  id?: number
  dontFragment?: boolean
  more?: boolean
  offset?: number
  options?: Uint8Array
}

/** An IPv4 packet from 192.0.2.2 to 192.0.2.1, unless `fields` say otherwise. */
export function ipv4(payload: Uint8Array, fields: PacketFields = {}): Uint8Array {
  const options = fields.options ?? new Uint8Array(0)
  const headerLength = 20 + options.length
  const packet = new Uint8Array(headerLength + payload.length)
  packet.set(options, 20)
  packet.set(payload, headerLength)
  writeIpv4(
    packet,
    0,
    headerLength,
    fields.tos ?? 0,
    packet.length,
    fields.id ?? 1,
    fields.dontFragment ?? false,
    fields.more ?? false,
    fields.offset ?? 0,
    fields.ttl ?? 64,
    fields.protocol ?? IPPROTO_UDP,
    bits(fields.source ?? PEER),
    bits(fields.destination ?? OURS),
  )
  return packet
}

/** A UDP datagram with its checksum. */
export function udp(
  sourcePort: number,
  destinationPort: number,
  data: Uint8Array,
  fields: PacketFields = {},
): Uint8Array {
  const datagram = new Uint8Array(8 + data.length)
  writeUdp(datagram, 0, sourcePort, destinationPort, datagram.length, 0)
  datagram.set(data, 8)
  const sum = pseudoHeaderSum(
    bits(fields.source ?? PEER),
    bits(fields.destination ?? OURS),
    IPPROTO_UDP,
    datagram.length,
  )
  write16(datagram, 6, internetChecksum(datagram, 0, datagram.length, sum) || 0xffff)
  return datagram
}

/** An ICMP message with its checksum. */
export function icmp(type: number, code: number, high: number, low: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(8 + data.length)
  message[0] = type
  message[1] = code
  write16(message, 4, high)
  write16(message, 6, low)
  message.set(data, 8)
  write16(message, 2, internetChecksum(message, 0, message.length))
  return message
}

/** Whether two hold the same octets: many times faster than `toEqual`, for long ones. */
export function same(one: Uint8Array | null, other: Uint8Array): boolean {
  return one !== null && Buffer.compare(one, other) === 0
}

/** `count` octets that differ from their neighbours. */
export function octets(count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  for (let i = 0; i < count; i++) bytes[i] = i * 7 + (i >> 8)
  return bytes
}

/** The header of an IPv4 packet, after its checksums (header, UDP, ICMP) were found to be right. */
export function parse(packet: Uint8Array): Ipv4Header & { payload: Uint8Array } {
  const header = new Ipv4Header()
  if (!readIpv4(header, packet, 0, packet.length)) throw new Error('not an IPv4 packet')
  if (!ipv4ChecksumRight(packet, 0, header.headerLength)) throw new Error('bad header checksum')
  const { headerLength, totalLength, protocol } = header
  if (!header.moreFragments && header.fragmentOffset === 0) {
    const sum =
      protocol === IPPROTO_ICMP
        ? 0
        : pseudoHeaderSum(header.source, header.destination, protocol, totalLength - headerLength)
    if (protocol === IPPROTO_ICMP || protocol === IPPROTO_UDP) {
      if (internetSum(packet, headerLength, totalLength, sum) !== 0xffff) throw new Error('bad transport checksum')
    }
  }
  return Object.assign(header, { payload: packet.slice(headerLength, totalLength) })
}
