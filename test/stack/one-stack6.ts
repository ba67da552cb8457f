import { write16 } from '../../src/base/bytes.ts'
import { internetChecksum, internetSum, pseudoSum } from '../../src/base/checksum.ts'
import { IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../src/base/constants.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack, type StackOptions } from '../../src/stack/stack.ts'
import { writeIcmpv6 } from '../../src/wire/icmpv6.ts'
import { Ipv6Header, readIpv6, writeIpv6 } from '../../src/wire/ipv6.ts'
import { writeUdp } from '../../src/wire/udp.ts'
import { ScriptDevice } from './script-device.ts'

export const OURS = '2001:db8::1'
export const PEER = '2001:db8::2'

/** The address that `text` writes. */
export function ip(text: string): IpAddress {
  const address = IpAddress.parse(text)
  if (address === null) throw new TypeError(`no address: ${text}`)
  return address
}

/** The stack at 2001:db8::1/64 on a device without hardware addresses, whose other side is the test. */
export class OneStack6 {
  readonly clock = new ManualClock(5000)
  readonly device: ScriptDevice
  readonly stack: Stack
  readonly link: NetworkInterface

  constructor(options: Partial<StackOptions> = {}, device = new ScriptDevice('ip')) {
    this.device = device
    this.stack = new Stack({ clock: this.clock, random: new SeededRandom(7), ...options })
    this.link = this.stack.attach(device, { address: `${OURS}/64`, name: 'eth0' })
    this.stack.addRoute('::/0', { via: '2001:db8::fe' })
    this.run(3000)
    device.take()
  }

  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  /** Delivers one packet; what the stack sent in answer. */
  answers(packet: Uint8Array): Uint8Array[] {
    this.device.take()
    this.device.deliver(packet)
    return this.device.take()
  }
}

export interface Packet6Fields {
  source?: string
  destination?: string
  next?: number
  hopLimit?: number
  trafficClass?: number
  flowLabel?: number
  /** Extension headers, outermost first: each says of which type it is; what follows is filled in. */
  headers?: readonly { readonly type: number; readonly bytes: Uint8Array }[]
}

/** An IPv6 packet from 2001:db8::2 to 2001:db8::1, unless `fields` say otherwise. */
export function ipv6(payload: Uint8Array, fields: Packet6Fields = {}): Uint8Array {
  const { headers = [], next = IPPROTO_UDP } = fields
  const parts = headers.map(({ bytes }, i) => {
    const copy = bytes.slice()
    copy[0] = headers[i + 1]?.type ?? next
    return copy
  })
  const body = Uint8Array.from([...parts.flatMap((part) => [...part]), ...payload])
  const packet = new Uint8Array(40 + body.length)
  writeIpv6(
    packet,
    0,
    fields.trafficClass ?? 0,
    fields.flowLabel ?? 0,
    body.length,
    headers[0]?.type ?? next,
    fields.hopLimit ?? 64,
    ip(fields.source ?? PEER),
    ip(fields.destination ?? OURS),
  )
  packet.set(body, 40)
  return packet
}

function summed(message: Uint8Array, at: number, protocol: number, fields: Packet6Fields): Uint8Array {
  const sum = pseudoSum(ip(fields.source ?? PEER), ip(fields.destination ?? OURS), protocol, message.length)
  write16(message, at, internetChecksum(message, 0, message.length, sum) || 0xffff)
  return message
}

/** A UDP datagram with its checksum. */
export function udp6(from: number, to: number, data: Uint8Array, fields: Packet6Fields = {}): Uint8Array {
  const datagram = new Uint8Array(8 + data.length)
  writeUdp(datagram, 0, from, to, datagram.length, 0)
  datagram.set(data, 8)
  return summed(datagram, 6, IPPROTO_UDP, fields)
}

/** An ICMPv6 message with its checksum. */
export function icmp6(
  type: number,
  code: number,
  word: number,
  data: Uint8Array = new Uint8Array(0),
  fields: Packet6Fields = {},
): Uint8Array {
  const message = new Uint8Array(8 + data.length)
  writeIcmpv6(message, 0, type, code, word)
  message.set(data, 8)
  return summed(message, 2, IPPROTO_ICMPV6, fields)
}

/** An echo request with its IPv6 header. */
export function echoRequest(fields: Packet6Fields = {}, data = Uint8Array.of(1, 2, 3)): Uint8Array {
  return ipv6(icmp6(128, 0, 0x00070001, data, fields), { next: IPPROTO_ICMPV6, ...fields })
}

export interface Parsed6 extends Ipv6Header {
  payload: Uint8Array
}

/** The header of an IPv6 packet, after the checksum of what it carries (UDP, TCP, ICMPv6) was found to be right. */
export function parse6(packet: Uint8Array | undefined): Parsed6 {
  if (packet === undefined) throw new Error('no packet')
  const header = new Ipv6Header()
  if (!readIpv6(header, packet, 0, packet.length)) throw new Error('not an IPv6 packet')
  const payload = packet.slice(40, 40 + header.payloadLength)
  const { nextHeader, source, destination } = header
  if (nextHeader === IPPROTO_UDP || nextHeader === IPPROTO_TCP || nextHeader === IPPROTO_ICMPV6) {
    const sum = pseudoSum(source, destination, nextHeader, payload.length)
    if (internetSum(payload, 0, payload.length, sum) !== 0xffff) throw new Error('bad transport checksum')
  }
  return Object.assign(header, { payload })
}
