import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  ICMP_FILTER,
  IP_HDRINCL,
  IP_RECVERR,
  IPPROTO_ICMP,
  IPPROTO_IP,
  IPPROTO_RAW,
  IPPROTO_UDP,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_RAW,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import {
  EACCES,
  EADDRNOTAVAIL,
  EAGAIN,
  EINVAL,
  EMSGSIZE,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
} from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { bits, icmp, ipv4, OneStack, OURS, octets, PEER, parse, same, udp } from './one-stack.ts'
import { toHex } from './script-device.ts'
import { TwoStacks } from './two-stacks.ts'

function raw(stack: Stack, protocol: number): Endpoint {
  return stack.socket(AF_INET, SOCK_RAW, protocol) as Endpoint
}

function ping(stack: Stack): Endpoint {
  return stack.socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) as Endpoint
}

function sendTo(endpoint: Endpoint, data: Uint8Array, address: string, port = 0): number {
  return endpoint.sendmsg(new Message([data], SocketAddress.internet(address, port)), 0)
}

function take(endpoint: Endpoint): Uint8Array | number {
  const buffer = new Uint8Array(2000)
  const length = endpoint.recv(buffer, 0, buffer.length, 0)
  return length < 0 ? length : buffer.slice(0, length)
}

describe('raw sockets (raw(7))', () => {
  test('raw: the whole IP packet is received, its header first', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, IPPROTO_UDP)
    const packet = ipv4(udp(5, 7, octets(9)), { options: Uint8Array.of(1, 1, 1, 0) })
    host.device.deliver(packet)
    expect(take(endpoint)).toEqual(packet)
    const message = new Message([new Uint8Array(100)], new SocketAddress())
    host.device.deliver(packet)
    endpoint.recvmsg(message, 0)
    expect(message.name?.toString()).toBe('192.0.2.2:0')
  })

  test('raw: every socket of the protocol gets a copy, and so does the protocol itself', () => {
    const host = new OneStack()
    const copies = [raw(host.stack, IPPROTO_UDP), raw(host.stack, IPPROTO_UDP)]
    const others = [raw(host.stack, IPPROTO_ICMP), raw(host.stack, 200), raw(host.stack, IPPROTO_RAW)]
    const server = host.udp(7)
    host.device.deliver(ipv4(udp(5, 7, octets(9))))
    expect(copies.map((endpoint) => (take(endpoint) as Uint8Array).length)).toEqual([37, 37])
    expect(others.map(take)).toEqual([-EAGAIN, -EAGAIN, -EAGAIN])
    expect(take(server)).toEqual(octets(9))
  })

  test('raw: a protocol that a raw socket takes is not "unreachable"', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, 200)
    host.device.deliver(ipv4(octets(9), { protocol: 200 }))
    expect((take(endpoint) as Uint8Array).length).toBe(29)
    expect(host.device.take()).toEqual([])
    endpoint.close()
    host.device.deliver(ipv4(octets(9), { protocol: 200 }))
    expect(host.device.take().length).toBe(1)
  })

  test('raw: bound and connected, only what fits is received', () => {
    const host = new OneStack()
    const bound = raw(host.stack, IPPROTO_UDP)
    expect(bound.bind(SocketAddress.internet('127.0.0.1', 0))).toBe(0)
    const connected = raw(host.stack, IPPROTO_UDP)
    expect(connected.connect(SocketAddress.internet('192.0.2.3', 0))).toBe(0)
    host.device.deliver(ipv4(udp(5, 7, octets(9))))
    expect([take(bound), take(connected)]).toEqual([-EAGAIN, -EAGAIN])
    host.device.deliver(ipv4(udp(5, 7, octets(9), { source: '192.0.2.3' }), { source: '192.0.2.3' }))
    expect((take(connected) as Uint8Array).length).toBe(37)
    expect(take(bound)).toBe(-EAGAIN)
  })

  test('raw: what is sent gets a header of ours', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, 200)
    endpoint.setOption(IPPROTO_IP, 2, Uint8Array.of(9, 0, 0, 0))
    expect(sendTo(endpoint, octets(11), PEER)).toBe(11)
    expect(parse(host.device.take()[0] as Uint8Array)).toMatchObject({
      source: bits(OURS),
      destination: bits(PEER),
      protocol: 200,
      ttl: 9,
      payload: octets(11),
    })
    expect(sendTo(endpoint, octets(4000), PEER)).toBe(4000)
    expect(host.device.take().length).toBe(3)
    expect(sendTo(endpoint, octets(65_516), PEER)).toBe(-EMSGSIZE)
  })

  test("raw: with IP_HDRINCL the header is the program's; length, checksum, and what is 0 are filled in", () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, IPPROTO_RAW)
    const packet = ipv4(octets(11), { source: '0.0.0.0', destination: '203.0.113.9', ttl: 1, protocol: 200, id: 0 })
    packet.fill(0xff, 2, 4)
    packet.fill(0xff, 10, 12)
    expect(sendTo(endpoint, packet, '203.0.113.9')).toBe(31)
    const sent = parse(host.device.take()[0] as Uint8Array)
    expect(sent).toMatchObject({ source: bits(OURS), totalLength: 31, ttl: 1, protocol: 200, payload: octets(11) })
    expect(sent.identification).not.toBe(0)
    // A source that is not ours is the program's business.
    sendTo(
      endpoint,
      ipv4(octets(11), { source: '9.9.9.9', destination: '203.0.113.9', id: 77, protocol: 200 }),
      '203.0.113.9',
    )
    expect(parse(host.device.take()[0] as Uint8Array)).toMatchObject({ source: bits('9.9.9.9'), identification: 77 })
  })

  test('raw: a header that is none: EINVAL; a packet longer than the link takes: EMSGSIZE (raw(7))', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, 200)
    expect(endpoint.setOption(IPPROTO_IP, IP_HDRINCL, Uint8Array.of(1, 0, 0, 0))).toBe(0)
    expect(sendTo(endpoint, octets(19), PEER)).toBe(-EINVAL)
    expect(sendTo(endpoint, ipv4(octets(9)).fill(0x4f, 0, 1), PEER)).toBe(-EINVAL)
    expect(sendTo(endpoint, ipv4(octets(9)).fill(0x65, 0, 1), PEER)).toBe(-EINVAL)
    expect(sendTo(endpoint, ipv4(octets(1481)), PEER)).toBe(-EMSGSIZE)
    expect(sendTo(endpoint, ipv4(octets(1480)), PEER)).toBe(1500)
    expect(host.device.take().length).toBe(1)
  })

  test('raw: IP_HDRINCL is for raw sockets only, and IPPROTO_RAW cannot do without', () => {
    const host = new OneStack()
    expect(host.udp().setOption(IPPROTO_IP, IP_HDRINCL, Uint8Array.of(1, 0, 0, 0))).toBe(-ENOPROTOOPT)
    const endpoint = raw(host.stack, IPPROTO_RAW)
    endpoint.setOption(IPPROTO_IP, IP_HDRINCL, Uint8Array.of(0, 0, 0, 0))
    const value = new Uint8Array(4)
    expect(endpoint.getOption(IPPROTO_IP, IP_HDRINCL, value)).toBe(4)
    expect(value[0]).toBe(1)
  })

  test('raw: ICMP_FILTER blocks the types whose bits are set', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, IPPROTO_ICMP)
    expect(endpoint.setOption(SOL_RAW, ICMP_FILTER, Uint8Array.of(0, 1, 0, 0))).toBe(0)
    host.device.deliver(ipv4(icmp(8, 0, 1, 1, octets(4)), { protocol: 1 }))
    host.device.deliver(ipv4(icmp(0, 0, 1, 1, octets(4)), { protocol: 1 }))
    expect((take(endpoint) as Uint8Array)[20]).toBe(0)
    expect(take(endpoint)).toBe(-EAGAIN)
    const value = new Uint8Array(4)
    expect(endpoint.getOption(SOL_RAW, ICMP_FILTER, value)).toBe(4)
    expect([...value]).toEqual([0, 1, 0, 0])
    expect(endpoint.setOption(SOL_RAW, ICMP_FILTER, Uint8Array.of(0))).toBe(-EINVAL)
    expect(endpoint.setOption(SOL_RAW, 2, value)).toBe(-ENOPROTOOPT)
    expect(raw(host.stack, 200).setOption(SOL_RAW, ICMP_FILTER, value)).toBe(-EOPNOTSUPP)
  })

  test('raw: a full receive buffer drops and counts', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, 200)
    endpoint.setOption(SOL_SOCKET, SO_RCVBUF, Uint8Array.of(1, 0, 0, 0))
    for (let i = 0; i < 10; i++) host.device.deliver(ipv4(octets(1000), { protocol: 200 }))
    expect(host.stack.counters).toMatchObject({ rawReceived: 2, rawReceiveBufferErrors: 8 })
  })

  test('raw: an ICMP error is told to a connected socket', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, 200)
    endpoint.connect(SocketAddress.internet(PEER, 0))
    const quoted = ipv4(octets(20), { source: OURS, destination: PEER, protocol: 200 })
    host.device.deliver(ipv4(icmp(3, 2, 0, 0, quoted), { protocol: 1 }))
    expect(take(endpoint)).toBe(-92)
  })

  test('raw: not without privilege: EPERM', () => {
    expect(new OneStack({ privileged: false }).stack.socket(AF_INET, SOCK_RAW, 1)).toBe(-EPERM)
  })

  test('raw: to broadcast without SO_BROADCAST: EACCES', () => {
    expect(sendTo(raw(new OneStack().stack, 200), octets(4), '192.0.2.255')).toBe(-EACCES)
  })

  test('raw: closing leaves nothing', () => {
    const host = new OneStack()
    const endpoint = raw(host.stack, 200)
    endpoint.close()
    const left: Endpoint[] = []
    host.stack.raw.forEach((one) => {
      left.push(one)
    })
    expect([left, host.stack.descriptors.size]).toEqual([[], 0])
  })
})

describe('ICMP echo sockets (icmp(7))', () => {
  test('echo socket: a request goes out with its identifier and a right checksum, the answer comes in', () => {
    const hosts = new TwoStacks()
    const endpoint = ping(hosts.left)
    const other = ping(hosts.left)
    other.bind(SocketAddress.internet('', 77))
    const copies = raw(hosts.left, IPPROTO_ICMP)
    expect(sendTo(endpoint, icmp(8, 0, 0xdead, 5, octets(30)).fill(0xff, 2, 4), '10.0.0.2')).toBe(38)
    hosts.run()
    const address = new SocketAddress()
    endpoint.localAddress(address)
    expect(take(endpoint)).toEqual(icmp(0, 0, address.port, 5, octets(30)))
    expect(take(other)).toBe(-EAGAIN)
    expect((take(copies) as Uint8Array).length).toBe(58)
    expect(hosts.right.counters.icmpEchoRequests).toBe(1)
  })

  test('echo socket: the identifier can be chosen, and is had by one only', () => {
    const { stack } = new OneStack()
    expect(ping(stack).bind(SocketAddress.internet('', 77))).toBe(0)
    expect(ping(stack).bind(SocketAddress.internet('', 77))).toBe(-98)
  })

  // As a ping socket of Linux does on 192.0.2.1/24.
  test.each([
    ['nothing', null, 0],
    ['the wildcard', '', 0],
    ['our address', OURS, 0],
    ['the broadcast address', '192.0.2.255', -EADDRNOTAVAIL],
    ['the limited broadcast', '255.255.255.255', -EADDRNOTAVAIL],
    ['a group', '224.0.0.1', -EADDRNOTAVAIL],
    ["another host's address", '192.0.2.9', -EADDRNOTAVAIL],
  ])(
    'echo socket: bound to %s, its identifier is its port, and no broadcast goes unasked',
    (_what, address, expected) => {
      const host = new OneStack()
      const endpoint = ping(host.stack)
      if (address !== null) expect(endpoint.bind(SocketAddress.internet(address, 0))).toBe(expected)
      if (expected !== 0) return
      const request = icmp(8, 0, 0, 1, octets(4))
      expect(sendTo(endpoint, request, OURS)).toBe(12)
      host.run()
      const name = new SocketAddress()
      endpoint.localAddress(name)
      expect(take(endpoint)).toEqual(icmp(0, 0, name.port, 1, octets(4)))
      expect(sendTo(endpoint, request, '192.0.2.255')).toBe(-EACCES)
      expect(sendTo(endpoint, request, '255.255.255.255')).toBe(-EACCES)
      expect(host.device.take()).toEqual([])
      endpoint.setOption(SOL_SOCKET, SO_BROADCAST, Uint8Array.of(1, 0, 0, 0))
      expect(sendTo(endpoint, request, '192.0.2.255')).toBe(12)
      expect(parse(host.device.take()[0] as Uint8Array).destination).toBe(bits('192.0.2.255'))
      expect(sendTo(endpoint, request, '224.0.0.1')).toBe(12)
      expect(parse(host.device.take()[0] as Uint8Array).destination).toBe(bits('224.0.0.1'))
    },
  )

  test.each([
    ['an echo reply', icmp(0, 0, 1, 1, octets(4))],
    ['an error', icmp(3, 3, 0, 0, octets(28))],
    ['an echo request with a code', icmp(8, 1, 1, 1, octets(4))],
    ['less than a header', octets(7)],
  ])('echo socket: %s cannot be sent: EINVAL', (_what, message) => {
    expect(sendTo(ping(new OneStack().stack), message, PEER)).toBe(-EINVAL)
  })

  test('echo socket: 60,000 octets go and come back in fragments', () => {
    const hosts = new TwoStacks()
    const endpoint = ping(hosts.left)
    const request = icmp(8, 0, 0, 5, octets(60_000))
    expect(sendTo(endpoint, request, '10.0.0.2')).toBe(60_008)
    hosts.run()
    const buffer = new Uint8Array(61_000)
    expect(endpoint.recv(buffer, 0, buffer.length, 0)).toBe(60_008)
    expect(same(buffer.slice(8, 60_008), octets(60_000))).toBe(true)
  })

  test('echo socket: a host that cannot be reached is told where errors were asked for', () => {
    const hosts = new TwoStacks()
    const endpoint = ping(hosts.left)
    endpoint.setOption(IPPROTO_IP, IP_RECVERR, Uint8Array.of(1, 0, 0, 0))
    sendTo(endpoint, icmp(8, 0, 0, 1, octets(8)), '10.0.0.99')
    hosts.run(3000)
    expect(take(endpoint)).toBe(-113)
  })

  test('echo socket: bound to an interface, others are not heard', () => {
    const hosts = new TwoStacks()
    const endpoint = ping(hosts.left)
    endpoint.setOption(SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode('eth0'))
    sendTo(endpoint, icmp(8, 0, 0, 1, octets(4)), '127.0.0.1')
    hosts.run()
    expect(take(endpoint)).toBe(-EAGAIN)
    sendTo(endpoint, icmp(8, 0, 0, 1, octets(4)), '10.0.0.2')
    hosts.run()
    expect((take(endpoint) as Uint8Array).length).toBe(12)
  })

  test('echo socket: an answer from another than the connected peer is not heard', () => {
    const host = new OneStack()
    const endpoint = ping(host.stack)
    endpoint.bind(SocketAddress.internet('', 77))
    endpoint.connect(SocketAddress.internet('192.0.2.3', 0))
    host.device.deliver(ipv4(icmp(0, 0, 77, 1, octets(4)), { protocol: 1 }))
    expect(take(endpoint)).toBe(-EAGAIN)
    host.device.deliver(ipv4(icmp(0, 0, 77, 1, octets(4)), { protocol: 1, source: '192.0.2.3' }))
    expect(toHex(take(endpoint) as Uint8Array)).toMatch(/^00 00/)
  })
})
