import { describe, expect, test } from 'vitest'
import { AF_INET, IP_OPTIONS, IPPROTO_ICMP, IPPROTO_IP, SOCK_DGRAM, SOCK_RAW } from '../../src/base/constants.ts'
import { EMSGSIZE } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import { bits, icmp, ipv4, OneStack, octets, PEER, parse } from './one-stack.ts'

// The clock of OneStack stands at 5000 ms: 80 00 13 88, the first bit since that is not universal time.
const OUR_ADDRESS = 'c0 00 02 01'
const OUR_TIME = '80 00 13 88'

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.split(/\s+/).filter(Boolean), (octet) => Number.parseInt(octet, 16))
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(' ')
}

function optionsOf(packet: Uint8Array): string {
  return toHex(packet.subarray(20, parse(packet).headerLength))
}

function ask(host: OneStack, options: string): Uint8Array {
  host.device.deliver(ipv4(icmp(8, 0, 0x1234, 1, octets(16)), { protocol: IPPROTO_ICMP, options: hex(options) }))
  const [answer] = host.device.take()
  return answer as Uint8Array
}

describe('ICMP echo: what the request has recorded comes back, ourselves entered (RFC 1122 section 3.2.2.6)', () => {
  test.each([
    ['a record route', '07 0b 08  0a 00 00 01  00 00 00 00  00', `07 0b 0c 0a 00 00 01 ${OUR_ADDRESS} 00`],
    ['a full record route stays as it is', '07 07 08  0a 00 00 01  00', '07 07 08 0a 00 00 01 00'],
    ['behind no operations', '01 01 07 07 04 00 00 00 00 00 00 00', `07 07 08 ${OUR_ADDRESS} 00`],
    ['times', '44 0c 05 00  00 00 00 00  00 00 00 00', `44 0c 09 00 ${OUR_TIME} 00 00 00 00`],
    ['addresses and times', '44 0c 05 01  00 00 00 00  00 00 00 00', `44 0c 0d 01 ${OUR_ADDRESS} ${OUR_TIME}`],
    ['times at our address', `44 0c 05 03  ${OUR_ADDRESS}  00 00 00 00`, `44 0c 0d 03 ${OUR_ADDRESS} ${OUR_TIME}`],
    ["times at another's address", '44 0c 05 03  0a 00 00 01  00 00 00 00', '44 0c 05 03 0a 00 00 01 00 00 00 00'],
    ['no room for a time: counted', '44 08 09 10  00 00 00 01', '44 08 09 20 00 00 00 01'],
    ['a flag that nobody has defined', '44 08 05 02  00 00 00 00', '44 08 05 02 00 00 00 00'],
    ['both', '07 07 04 00 00 00 00  44 08 05 00 00 00 00 00  00', `07 07 08 ${OUR_ADDRESS} 44 08 09 00 ${OUR_TIME} 00`],
    ['others are not', '94 04 00 00', ''],
  ])('%s', (_what, request, reply) => {
    const answer = ask(new OneStack(), request)
    expect(optionsOf(answer)).toBe(reply)
    const { payload, destination } = parse(answer)
    expect(payload[0]).toBe(0)
    expect(toHex(payload.subarray(8))).toBe(toHex(octets(16)))
    expect(destination).toBe(bits(PEER))
  })

  test.each([
    ['room for part of an address', '01 07 06 04 00 00 00 00', 23],
    ['room for part of a time', '44 07 05 00 00 00 00 00', 22],
    ['room for an address without its time', '44 08 05 01 00 00 00 00', 22],
    ['a count that overflows', '01 44 04 05 f0 00 00 00', 24],
    ['two record routes', '07 03 04 07 03 04 00 00', 23],
    ['two timestamps', '44 04 05 00 44 04 05 00', 24],
  ])('%s is a parameter problem (RFC 791)', (_what, request, at) => {
    const host = new OneStack()
    const { payload } = parse(ask(host, request))
    expect(toHex(payload.subarray(0, 2))).toBe('0c 00')
    expect(payload[4]).toBe(at)
    expect(host.stack.counters.badOptions).toBe(1)
  })

  test('the answer is cut where it must be, and its options go with the first fragment', () => {
    const host = new OneStack()
    const options = hex('07 07 04 00 00 00 00 00')
    const whole = icmp(8, 0, 1, 1, octets(1600))
    const send = (part: Uint8Array, offset: number, more: boolean) =>
      host.device.deliver(ipv4(part, { protocol: IPPROTO_ICMP, options, more, offset }))
    send(whole.subarray(0, 1400), 0, true)
    send(whole.subarray(1400), 1400, false)
    const packets = host.device.take()
    expect(packets.map((packet) => optionsOf(packet))).toEqual([`07 07 08 ${OUR_ADDRESS} 00`, ''])
    expect(packets.map((packet) => packet.length)).toEqual([28 + 1472, 20 + 136])
  })
})

describe('IP_OPTIONS: in the header of what is sent, ourselves entered (RFC 1122 section 3.2.1.8)', () => {
  const to = SocketAddress.internet(PEER, 7)

  function endpoint(host: OneStack, type: number, protocol: number, options: string): Endpoint {
    const made = host.stack.socket(AF_INET, type, protocol) as Endpoint
    expect(made.setOption(IPPROTO_IP, IP_OPTIONS, hex(options))).toBe(0)
    return made
  }

  function send(from: Endpoint, data: Uint8Array): number {
    return from.sendmsg(new Message([data], to), 0)
  }

  test.each([
    ['UDP', SOCK_DGRAM, 0, octets(10)],
    ['ping', SOCK_DGRAM, IPPROTO_ICMP, icmp(8, 0, 0, 1, octets(2))],
    ['raw', SOCK_RAW, IPPROTO_ICMP, icmp(8, 0, 0, 1, octets(2))],
  ])('%s', (_what, type, protocol, data) => {
    const host = new OneStack()
    const from = endpoint(host, type, protocol, '07 07 04 00 00 00 00 44 08 05 00 00 00 00 00 94 04 00 00')
    for (let i = 0; i < 2; i++) {
      expect(send(from, data)).toBe(data.length)
      const [packet] = host.device.take()
      // `parse` has looked at the checksums of both headers.
      expect(optionsOf(packet as Uint8Array)).toBe(`07 07 08 ${OUR_ADDRESS} 44 08 09 00 ${OUR_TIME} 94 04 00 00 00`)
    }
    expect(from.setOption(IPPROTO_IP, IP_OPTIONS, new Uint8Array(0))).toBe(0)
    expect(send(from, data)).toBe(data.length)
    expect(optionsOf(host.device.take()[0] as Uint8Array)).toBe('')
  })

  test('every fragment has those whose copied flag is set, the first has all (RFC 791 section 3.2)', () => {
    const host = new OneStack()
    const from = endpoint(host, SOCK_DGRAM, 0, '07 07 04 00 00 00 00 01 94 04 00 00')
    expect(send(from, octets(4000))).toBe(4000)
    const packets = host.device.take()
    expect(packets.map((packet) => optionsOf(packet))).toEqual([
      `07 07 08 ${OUR_ADDRESS} 01 94 04 00 00`,
      '94 04 00 00',
      '94 04 00 00',
    ])
    const payload = packets.flatMap((packet) => [...parse(packet).payload])
    expect(toHex(Uint8Array.from(payload.slice(8)))).toBe(toHex(octets(4000)))
    expect(packets.map((packet) => parse(packet).fragmentOffset)).toEqual([0, 1464, 1464 + 1472])
  })

  test('they count against the path MTU and the length of a packet', () => {
    const host = new OneStack()
    const from = endpoint(host, SOCK_DGRAM, 0, '94 04 00 00')
    send(from, octets(1468))
    send(from, octets(1469))
    const packets = host.device.take()
    expect(packets.map((packet) => parse(packet).dontFragment)).toEqual([true, false, false])
    expect(send(from, octets(65507))).toBe(-EMSGSIZE)
  })
})
