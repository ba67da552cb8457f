// Read first: ip(7), ipv6(7), udp(7), socket(7), RFC 3542 sections 4 to 6. What is told and refused was seen on Linux 6.18.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IP_RECVOPTS,
  IP_RECVORIGDSTADDR,
  IP_RECVTOS,
  IP_RECVTTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO,
  IPV6_HOPOPTS,
  IPV6_PKTINFO,
  IPV6_RECVDSTOPTS,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVHOPOPTS,
  IPV6_RECVORIGDSTADDR,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  MSG_PEEK,
  SO_PEEK_OFF,
  SO_RCVBUF,
  SO_RXQ_OVFL,
  SO_TIMESTAMP,
  SO_TIMESTAMPNS,
  SOCK_DGRAM,
  SOL_SOCKET,
  SOL_UDP,
  UDP_CORK,
  UDP_GRO,
  UDP_SEGMENT,
} from '../../src/base/constants.ts'
import { EAGAIN, EINVAL, EMSGSIZE, ENODEV } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { CHECKSUM_VERIFIED, Offload, SEGMENT_UDP } from '../../src/device/device.ts'
import {
  hopLimit,
  pktinfo,
  readDrops,
  readHopLimit,
  readOriginalDestination,
  readPacketInfo,
  readSegmentSize,
  readTimestamp,
  readTrafficClass,
  segmentSize,
  timeToLive,
  trafficClass,
  typeOfService,
} from '../../src/socket/control-message.ts'
import { type ControlMessage, type Endpoint, Message } from '../../src/socket/provider.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { ipv4, OneStack, OURS as OURS4, PEER as PEER4, parse, udp } from './one-stack.ts'
import { ipv6, OneStack6, OURS as OURS6, PEER as PEER6, parse6, udp6 } from './one-stack6.ts'
import { hex, toHex } from './script-device.ts'

const ON = Uint8Array.of(1, 0, 0, 0)

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

function open(stack: Stack, family: number, port: number): Endpoint {
  const endpoint = stack.socket(family, SOCK_DGRAM, 0) as Endpoint
  expect(endpoint.bind(SocketAddress.internet(family === AF_INET ? '' : '::', port))).toBe(0)
  return endpoint
}

function ask(endpoint: Endpoint, level: number, ...names: readonly number[]): void {
  for (const name of names) expect(endpoint.setOption(level, name, ON)).toBe(0)
}

function receive(endpoint: Endpoint, room = 2000): Message {
  const message = new Message([new Uint8Array(room)], new SocketAddress())
  expect(endpoint.recvmsg(message, 0)).toBeGreaterThanOrEqual(0)
  return message
}

/** Level, type and octets of each. */
function listed(message: Message): string[] {
  return message.control.map(({ level, type, data }) => `${level} ${type}: ${toHex(data)}`)
}

function sending(endpoint: Endpoint, to: string, ...control: readonly ControlMessage[]): number {
  const message = new Message([Uint8Array.of(1)], SocketAddress.internet(to, 9))
  message.control = [...control]
  return endpoint.sendmsg(message, 0)
}

describe('what recvmsg tells beside the data', () => {
  test('nothing that nobody has asked for', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, AF_INET6, 7)
    host.device.deliver(ipv6(udp6(9, 7, Uint8Array.of(1))))
    expect(receive(endpoint).control).toEqual([])
  })

  test('AF_INET6: where it came in, hop limit, traffic class, flow, the address it was sent to', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, AF_INET6, 7)
    ask(endpoint, IPPROTO_IPV6, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_FLOWINFO)
    ask(endpoint, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR)
    // Those of IPv4 say nothing of IPv6.
    ask(endpoint, IPPROTO_IP, IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR)
    host.device.deliver(ipv6(udp6(9, 7, Uint8Array.of(1)), { hopLimit: 33, trafficClass: 0xb8, flowLabel: 0x12345 }))
    const message = receive(endpoint)
    expect(listed(message)).toEqual([
      '41 50: 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 02 00 00 00',
      '41 52: 21 00 00 00',
      '41 67: b8 00 00 00',
      '41 11: 0b 81 23 45',
      '41 74: 0a 00 00 07 00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00',
    ])
    expect(readPacketInfo(message)).toEqual({ address: OURS6, ifindex: 2 })
    expect([readHopLimit(message), readTrafficClass(message)]).toEqual([33, 0xb8])
    expect(readOriginalDestination(message)?.toString()).toBe(`[${OURS6}]:7`)
  })

  test('AF_INET6 about IPv4: the mapped address, and what ip(7) has', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET6, 7)
    ask(endpoint, IPPROTO_IPV6, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_RECVORIGDSTADDR)
    ask(endpoint, IPPROTO_IP, IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR)
    host.device.deliver(ipv4(udp(9, 7, Uint8Array.of(1)), { ttl: 33, tos: 0x10 }))
    expect(listed(receive(endpoint))).toEqual([
      '41 50: 00 00 00 00 00 00 00 00 00 00 ff ff c0 00 02 01 02 00 00 00',
      '0 8: 02 00 00 00 c0 00 02 01 c0 00 02 01',
      '0 2: 21 00 00 00',
      '0 1: 10',
      '0 20: 02 00 00 07 c0 00 02 01 00 00 00 00 00 00 00 00',
    ])
  })

  test('the extension headers, each whole (RFC 3542 sections 8 and 9)', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, AF_INET6, 7)
    ask(endpoint, IPPROTO_IPV6, IPV6_RECVHOPOPTS, IPV6_RECVDSTOPTS)
    const options = hex('00 00 01 04 00 00 00 00')
    const headers = [
      { type: 0, bytes: options },
      { type: 60, bytes: options },
    ]
    host.device.deliver(ipv6(udp6(9, 7, Uint8Array.of(1, 2)), { headers }))
    const message = receive(endpoint)
    expect(listed(message)).toEqual([
      `41 ${IPV6_HOPOPTS}: 3c 00 01 04 00 00 00 00`,
      `41 ${IPV6_DSTOPTS}: 11 00 01 04 00 00 00 00`,
    ])
    expect(toHex((message.buffers[0] as Uint8Array).subarray(0, 3))).toBe('01 02 00')
  })

  test('the options of an IPv4 header (ip(7), IP_RECVOPTS)', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET, 7)
    ask(endpoint, IPPROTO_IP, IP_RECVOPTS)
    const options = hex('01 07 07 04 00 00 00 00')
    host.device.deliver(ipv4(udp(9, 7, Uint8Array.of(1)), { options }), ipv4(udp(9, 7, Uint8Array.of(2))))
    expect(listed(receive(endpoint))).toEqual(['0 6: 01 07 07 04 00 00 00 00'])
    expect(listed(receive(endpoint))).toEqual([])
  })

  test('SO_TIMESTAMP, SO_TIMESTAMPNS: when it came, by the clock; the last that was set', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET, 7)
    ask(endpoint, SOL_SOCKET, SO_TIMESTAMPNS, SO_TIMESTAMP)
    host.run(1234.5)
    host.device.deliver(ipv4(udp(9, 7, Uint8Array.of(1))))
    host.run(1000)
    const message = receive(endpoint)
    expect(listed(message)).toEqual(['1 29: 06 00 00 00 00 00 00 00 04 94 03 00 00 00 00 00'])
    expect(readTimestamp(message)).toBe(6234.5)
    ask(endpoint, SOL_SOCKET, SO_TIMESTAMPNS)
    host.device.deliver(ipv4(udp(9, 7, Uint8Array.of(1))))
    const next = receive(endpoint)
    expect([next.control.length, next.control[0]?.type, readTimestamp(next)]).toEqual([1, 35, 7234.5])
  })

  test('SO_RXQ_OVFL: how many had been dropped by then, from the first on', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET, 7)
    ask(endpoint, SOL_SOCKET, SO_RXQ_OVFL)
    endpoint.setOption(SOL_SOCKET, SO_RCVBUF, int(0))
    const packet = ipv4(udp(9, 7, new Uint8Array(1000)))
    for (let i = 0; i < 5; i++) host.device.deliver(packet)
    const before = [receive(endpoint), receive(endpoint)]
    host.device.deliver(packet)
    expect(before[0]?.control).toEqual([])
    expect([...before, receive(endpoint)].map(readDrops)).toEqual([0, 0, 3])
  })
})

describe('what control messages of sendmsg ask for', () => {
  test('IPv6: hop limit, traffic class, source address and interface, headers, for this datagram alone', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, AF_INET6, 7)
    const options = { level: IPPROTO_IPV6, type: IPV6_DSTOPTS, data: hex('00 00 01 04 00 00 00 00') }
    host.device.take()
    expect(
      sending(endpoint, PEER6, hopLimit(9), trafficClass(0x20), pktinfo({ address: OURS6, ifindex: 2 }), options),
    ).toBe(1)
    const [packet] = host.device.take() as [Uint8Array]
    expect(toHex(packet.subarray(6, 8))).toBe('3c 09')
    expect(toHex(packet.subarray(40, 48))).toBe('11 00 01 04 00 00 00 00')
    expect(packet[0] === 0x62 && packet[1] !== undefined && packet[1] >> 4 === 0).toBe(true)
    sending(endpoint, PEER6)
    const plain = parse6(host.device.take()[0])
    expect([plain.hopLimit, plain.trafficClass, plain.nextHeader]).toEqual([64, 0, 17])
  })

  test('IPv4: time to live, type of service, source address', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET, 7)
    expect(sending(endpoint, PEER4, timeToLive(9), typeOfService(0x20), pktinfo({ address: OURS4, ifindex: 2 }))).toBe(
      1,
    )
    const header = parse(host.device.take()[0] as Uint8Array)
    expect([header.ttl, header.tos]).toEqual([9, 0x20])
  })

  test('an AF_INET6 socket that sends IPv4 heeds those of IPv4, and IPV6_PKTINFO with a mapped address', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET6, 7)
    const to = `::ffff:${PEER4}`
    expect(sending(endpoint, to, timeToLive(9), { level: IPPROTO_IPV6, type: 52, data: int(500) })).toBe(1)
    expect(parse(host.device.take()[0] as Uint8Array).ttl).toBe(9)
    expect(sending(endpoint, to, pktinfo({ address: `::ffff:${OURS4}`, ifindex: 0 }))).toBe(1)
    expect(sending(endpoint, to, pktinfo({ address: '::1', ifindex: 0 }))).toBe(-EINVAL)
  })

  const v6 = (type: number, data: Uint8Array) => ({ level: IPPROTO_IPV6, type, data })
  const v4 = (type: number, data: Uint8Array) => ({ level: IPPROTO_IP, type, data })
  test.each([
    ['IPv6: hop limit −2', AF_INET6, v6(52, int(-2)), -EINVAL],
    ['IPv6: hop limit 256', AF_INET6, v6(52, int(256)), -EINVAL],
    ['IPv6: hop limit of one octet', AF_INET6, v6(52, Uint8Array.of(1)), -EINVAL],
    ['IPv6: traffic class 256', AF_INET6, v6(67, int(256)), -EINVAL],
    ['IPv6: of another level', AF_INET6, { level: 77, type: 1, data: int(1) }, 1],
    ['IPv6: one that there is not', AF_INET6, v6(99, int(1)), -EINVAL],
    ["IPv6: IPv4's", AF_INET6, v4(2, int(0)), 1],
    ['IPv6: an interface that there is not', AF_INET6, pktinfo({ address: '::', ifindex: 99 }), -ENODEV],
    ['IPv6: an address of nobody here', AF_INET6, pktinfo({ address: '2001:db8::99', ifindex: 0 }), -EINVAL],
    ['IPv6: a short struct', AF_INET6, v6(IPV6_PKTINFO, new Uint8Array(8)), -EINVAL],
    ['IPv6: UDP_SEGMENT as an int', AF_INET6, { level: SOL_UDP, type: UDP_SEGMENT, data: int(1) }, -EINVAL],
    ['IPv6: IPV6_DONTFRAG 2', AF_INET6, v6(62, int(2)), -EINVAL],
    ['IPv6: one of the socket that there is not', AF_INET6, { level: SOL_SOCKET, type: 77, data: int(1) }, -EINVAL],
    ['IPv4: of another level', AF_INET, { level: 77, type: 1, data: int(1) }, 1],
    ["IPv4: IPv6's", AF_INET, v6(52, int(5)), 1],
    ['IPv4: one that there is not', AF_INET, v4(99, int(1)), -EINVAL],
    ['IPv4: time to live 0', AF_INET, v4(2, int(0)), -EINVAL],
    ['IPv4: type of service 300', AF_INET, v4(1, int(300)), -EINVAL],
    ['IPv4: an interface that there is not', AF_INET, pktinfo({ address: '0.0.0.0', ifindex: 99 }), -ENODEV],
    ['IPv4: rights, which are for Unix sockets', AF_INET, { level: SOL_SOCKET, type: 1, data: int(1) }, 1],
  ])('%s', (_what, family, message, result) => {
    const { stack } = family === AF_INET ? new OneStack() : new OneStack6()
    expect(sending(open(stack, family, 7), family === AF_INET ? PEER4 : PEER6, message)).toBe(result)
  })
})

describe('many datagrams in one call (udp(7), UDP_SEGMENT, UDP_GRO), one in many (UDP_CORK)', () => {
  test.each([
    ['IPv4', AF_INET],
    ['IPv6', AF_INET6],
  ])('UDP_SEGMENT, %s: pieces of so many octets, the last of what is left', (_name, family) => {
    const host = family === AF_INET ? new OneStack() : new OneStack6()
    const endpoint = open(host.stack, family, 7)
    const data = Uint8Array.from({ length: 25 }, (_, i) => i)
    const name = SocketAddress.internet(family === AF_INET ? PEER4 : PEER6, 9)
    const pieces = (): string[] => {
      const packets = host.device.take()
      return packets.map((packet) => toHex((family === AF_INET ? parse(packet) : parse6(packet)).payload.subarray(8)))
    }
    endpoint.setOption(SOL_UDP, UDP_SEGMENT, int(10))
    host.device.take()
    expect(endpoint.sendmsg(new Message([data], name), 0)).toBe(25)
    expect(pieces()).toEqual([data.subarray(0, 10), data.subarray(10, 20), data.subarray(20)].map(toHex))
    const message = new Message([data], name)
    message.control = [segmentSize(20)]
    endpoint.sendmsg(message, 0)
    expect(pieces()).toEqual([data.subarray(0, 20), data.subarray(20)].map(toHex))
    expect(endpoint.sendmsg(new Message([new Uint8Array(1290)], name), 0)).toBe(-EINVAL)
    expect(endpoint.setOption(SOL_UDP, UDP_SEGMENT, int(65_536))).toBe(-EINVAL)
  })

  test('UDP_GRO: what a device has put together comes as one, with the length of its pieces', () => {
    const host = new OneStack()
    const [whole, apart] = [open(host.stack, AF_INET, 7), open(host.stack, AF_INET, 8)]
    ask(whole, SOL_UDP, UDP_GRO)
    const offload = new Offload()
    offload.checksum = CHECKSUM_VERIFIED
    offload.segment = SEGMENT_UDP
    offload.segmentSize = 4
    for (const port of [7, 8]) host.device.deliverWith(ipv4(udp(9, port, new Uint8Array(10))), offload)
    const message = new Message([new Uint8Array(99)], null)
    expect([whole.recvmsg(message, 0), readSegmentSize(message)]).toEqual([10, 4])
    const room = new Uint8Array(99)
    expect([1, 2, 3, 4].map(() => apart.recv(room, 0, 99, 0))).toEqual([4, 4, 2, -EAGAIN])
  })

  test('UDP_CORK: the parts go as one when it comes out', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, AF_INET6, 7)
    endpoint.connect(SocketAddress.internet(PEER6, 9))
    host.device.take()
    ask(endpoint, SOL_UDP, UDP_CORK)
    for (const octet of [1, 2, 3]) expect(endpoint.send(Uint8Array.of(octet), 0, 1, 0)).toBe(1)
    expect(host.device.take()).toEqual([])
    expect(endpoint.setOption(SOL_UDP, UDP_CORK, int(0))).toBe(0)
    const packets = host.device.take()
    expect([packets.length, toHex(parse6(packets[0]).payload.subarray(8))]).toEqual([1, '01 02 03'])
    ask(endpoint, SOL_UDP, UDP_CORK)
    endpoint.send(new Uint8Array(60_000), 0, 60_000, 0)
    expect(endpoint.send(new Uint8Array(6000), 0, 6000, 0)).toBe(-EMSGSIZE)
  })
})

test('SO_PEEK_OFF: a look begins behind the last; a datagram that is taken moves it back by what was copied (socket(7))', () => {
  const host = new OneStack()
  const endpoint = open(host.stack, AF_INET, 7)
  endpoint.setOption(SOL_SOCKET, SO_PEEK_OFF, int(0))
  const encoder = new TextEncoder()
  for (const text of ['abcdef', 'ghij', 'kl']) host.device.deliver(ipv4(udp(9, 7, encoder.encode(text))))
  const look = (length: number, flags = MSG_PEEK): [string | number, number] => {
    const room = new Uint8Array(length)
    const count = endpoint.recv(room, 0, length, flags)
    const value = new Uint8Array(4)
    endpoint.getOption(SOL_SOCKET, SO_PEEK_OFF, value)
    const offset = new DataView(value.buffer).getInt32(0, true)
    return [count < 0 ? count : new TextDecoder().decode(room.subarray(0, count)), offset]
  }
  expect([look(2), look(2), look(9), look(9), look(9), look(9)]).toEqual([
    ['ab', 2],
    ['cd', 4],
    ['ef', 6],
    ['ghij', 10],
    ['kl', 12],
    [-EAGAIN, 12],
  ])
  expect([look(3, 0), look(9)]).toEqual([
    ['abc', 9],
    [-EAGAIN, 9],
  ])
})
