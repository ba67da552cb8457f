// Read first: ipv6(7), RFC 3542 section 3, RFC 4443 section 4. What is refused was tried on Linux 6.18.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  ICMP6_FILTER,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_RAW,
  IPV6_CHECKSUM,
  IPV6_HDRINCL,
  SOCK_DGRAM,
  SOCK_RAW,
  SOL_ICMPV6,
} from '../../src/base/constants.ts'
import {
  EADDRNOTAVAIL,
  EAGAIN,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
} from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { echoRequest, icmp6, ipv6, OneStack6, OURS, PEER, parse6 } from './one-stack6.ts'
import { hex, toHex } from './script-device.ts'

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

function open(stack: Stack, type: number, protocol: number): Endpoint {
  const endpoint = stack.socket(AF_INET6, type, protocol)
  if (typeof endpoint === 'number') throw new Error(`socket gave ${endpoint}`)
  return endpoint
}

function sendTo(endpoint: Endpoint, data: Uint8Array, address = PEER, port = 0): number {
  return endpoint.sendmsg(new Message([data], SocketAddress.internet(address, port)), 0)
}

function take(endpoint: Endpoint): string | number {
  const room = new Uint8Array(100)
  const length = endpoint.recv(room, 0, 100, 0)
  return length < 0 ? length : toHex(room.subarray(0, length))
}

function option(endpoint: Endpoint, level: number, name: number): string | number {
  const value = new Uint8Array(64)
  const length = endpoint.getOption(level, name, value)
  return length < 0 ? length : toHex(value.subarray(0, length))
}

const REQUEST = hex('80 00 00 00  00 07 00 01  aa bb')

describe('raw sockets of IPv6 (RFC 3542 section 3)', () => {
  test('what comes in begins behind the IPv6 header and its extensions, with who sent it', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_RAW, 99)
    const options = hex('00 00 01 04 00 00 00 00')
    host.device.deliver(ipv6(Uint8Array.of(1, 2, 3), { next: 99, headers: [{ type: 60, bytes: options }] }))
    const message = new Message([new Uint8Array(9)], new SocketAddress())
    expect(endpoint.recvmsg(message, 0)).toBe(3)
    expect(message.name?.toString()).toBe(`[${PEER}]:0`)
  })

  test('each gets its copy; only of its protocol, its addresses, its version', () => {
    const host = new OneStack6()
    const [one, two, other, elsewhere] = [99, 99, 98, 99].map((protocol) => open(host.stack, SOCK_RAW, protocol)) as [
      Endpoint,
      Endpoint,
      Endpoint,
      Endpoint,
    ]
    const four = host.stack.socket(AF_INET, SOCK_RAW, 99) as Endpoint
    elsewhere.connect(SocketAddress.internet('2001:db8::3', 0))
    host.device.deliver(ipv6(Uint8Array.of(7), { next: 99 }))
    expect([one, two, other, elsewhere, four].map(take)).toEqual(['07', '07', -EAGAIN, -EAGAIN, -EAGAIN])
  })

  test('ICMPv6: the checksum is filled in, over the pseudo-header too', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_RAW, IPPROTO_ICMPV6)
    expect(sendTo(endpoint, REQUEST)).toBe(10)
    const { payload, nextHeader } = parse6(host.device.take()[0])
    expect([nextHeader, payload[0], toHex(payload.subarray(4))]).toEqual([58, 128, '00 07 00 01 aa bb'])
    expect(sendTo(endpoint, REQUEST.subarray(0, 2))).toBe(-EINVAL)
  })

  test('ICMPv6: a message with a wrong checksum is not handed up', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_RAW, IPPROTO_ICMPV6)
    const packet = echoRequest()
    const wrong = packet.slice()
    wrong[50] = 99
    host.device.deliver(wrong)
    expect(take(endpoint)).toBe(-EAGAIN)
    host.device.deliver(packet)
    expect(take(endpoint)).toMatch(/^80 00/)
  })

  test('ICMP6_FILTER blocks types', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_RAW, IPPROTO_ICMPV6)
    expect(option(endpoint, SOL_ICMPV6, ICMP6_FILTER)).toBe(toHex(new Uint8Array(32)))
    // All but echo replies, type 129.
    const filter = new Uint8Array(32).fill(255)
    filter[16] = 0xfd
    expect(endpoint.setOption(SOL_ICMPV6, ICMP6_FILTER, filter)).toBe(0)
    host.device.deliver(echoRequest(), ipv6(icmp6(129, 0, 1), { next: IPPROTO_ICMPV6 }))
    expect([take(endpoint), take(endpoint)]).toEqual([expect.stringMatching(/^81 00/), -EAGAIN])
    const other = open(host.stack, SOCK_RAW, 99)
    expect(other.setOption(SOL_ICMPV6, ICMP6_FILTER, filter)).toBe(-EOPNOTSUPP)
    expect(option(other, SOL_ICMPV6, ICMP6_FILTER)).toBe(-EOPNOTSUPP)
  })

  test('IPV6_CHECKSUM: where the checksum of another protocol lies, filled in and verified', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_RAW, 99)
    expect(option(endpoint, IPPROTO_IPV6, IPV6_CHECKSUM)).toBe('ff ff ff ff')
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_CHECKSUM, int(3))).toBe(-EINVAL)
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_CHECKSUM, int(4))).toBe(0)
    // Pseudo-header of 2001:db8::1 → 2001:db8::2, length 6, protocol 99, and 0102 0304: complemented.
    expect(sendTo(endpoint, hex('01 02 03 04 00 00'))).toBe(6)
    const [packet] = host.device.take() as [Uint8Array]
    expect(toHex(packet.subarray(40))).toBe('01 02 03 04 a0 1b')
    const same = ipv6(packet.subarray(40), { next: 99 })
    const wrong = same.slice()
    wrong[41] = 9
    host.device.deliver(wrong, same)
    expect([take(endpoint), take(endpoint)]).toEqual(['01 02 03 04 a0 1b', -EAGAIN])
    expect(sendTo(endpoint, hex('01 02 03 04 00'))).toBe(-EINVAL)
    const icmp = open(host.stack, SOCK_RAW, IPPROTO_ICMPV6)
    expect(icmp.setOption(IPPROTO_IPV6, IPV6_CHECKSUM, int(2))).toBe(-EINVAL)
    expect(option(icmp, IPPROTO_IPV6, IPV6_CHECKSUM)).toBe('02 00 00 00')
  })

  test('IPV6_HDRINCL: all of the packet is the caller’s; IPPROTO_RAW implies it', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_RAW, IPPROTO_RAW)
    expect(option(endpoint, IPPROTO_IPV6, IPV6_HDRINCL)).toBe('01 00 00 00')
    const packet = ipv6(Uint8Array.of(1, 2, 3), { source: '2001:db8::77', destination: PEER, next: 59, hopLimit: 3 })
    expect(sendTo(endpoint, packet)).toBe(43)
    expect(host.device.take()[0]).toEqual(packet)
    expect(sendTo(endpoint, packet.subarray(0, 39))).toBe(-EINVAL)
    expect(sendTo(endpoint, new Uint8Array(1501))).toBe(-EMSGSIZE)
    const other = open(host.stack, SOCK_RAW, 99)
    other.setOption(IPPROTO_IPV6, IPV6_HDRINCL, int(1))
    sendTo(other, packet)
    expect(host.device.take()[0]).toEqual(packet)
  })

  test('addresses: the protocol for a port, bound as often as one likes, nothing of IPv4', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_RAW, IPPROTO_ICMPV6)
    const name = new SocketAddress()
    endpoint.localAddress(name)
    expect(name.toString()).toBe('[::]:58')
    for (let i = 0; i < 2; i++) expect(endpoint.bind(SocketAddress.internet(OURS, 0))).toBe(0)
    endpoint.localAddress(name)
    expect(name.toString()).toBe(`[${OURS}]:58`)
    expect([sendTo(endpoint, REQUEST, PEER, 7), sendTo(endpoint, REQUEST, PEER, 58)]).toEqual([-EINVAL, 10])
    const fresh = open(host.stack, SOCK_RAW, IPPROTO_ICMPV6)
    expect(sendTo(fresh, REQUEST, '::ffff:127.0.0.1')).toBe(-ENETUNREACH)
    expect(sendTo(fresh, REQUEST, '127.0.0.1')).toBe(-EINVAL)
    expect(fresh.bind(SocketAddress.internet('::ffff:127.0.0.1', 0))).toBe(-EADDRNOTAVAIL)
    expect(fresh.setOption(IPPROTO_IP, 2, int(9))).toBe(-ENOPROTOOPT)
    expect(option(fresh, IPPROTO_IP, 2)).toBe(-ENOPROTOOPT)
  })

  test('who is not privileged gets none: EPERM', () => {
    expect(new OneStack6({ privileged: false }).stack.socket(AF_INET6, SOCK_RAW, 58)).toBe(-EPERM)
  })
})

describe('ICMPv6 echo sockets', () => {
  test('a request goes out with the identifier of the socket, its answer comes in', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_DGRAM, IPPROTO_ICMPV6)
    expect(sendTo(endpoint, REQUEST)).toBe(10)
    const { payload } = parse6(host.device.take()[0])
    const name = new SocketAddress()
    endpoint.localAddress(name)
    expect(((payload[4] as number) << 8) | (payload[5] as number)).toBe(name.port)
    const reply = icmp6(129, 0, (name.port << 16) | 1, Uint8Array.of(0xaa, 0xbb))
    const stranger = icmp6(129, 0, ((name.port ^ 1) << 16) | 1)
    host.device.deliver(ipv6(stranger, { next: 58 }), ipv6(reply, { next: 58 }))
    expect([take(endpoint), take(endpoint)]).toEqual([toHex(reply), -EAGAIN])
  })

  test.each([
    ['an echo request of IPv4', hex('08 00 00 00 00 00 00 01'), PEER, -EINVAL],
    ['an error', hex('01 00 00 00 00 00 00 01'), PEER, -EINVAL],
    ['less than a header', hex('80 00 00 00'), PEER, -EINVAL],
    ['to a link-local address without a scope', REQUEST, 'fe80::1', -EINVAL],
    ['to an IPv4 address', REQUEST, '127.0.0.1', -EINVAL],
  ])('refused: %s', (_what, data, address, errno) => {
    const host = new OneStack6()
    expect(sendTo(open(host.stack, SOCK_DGRAM, IPPROTO_ICMPV6), data, address)).toBe(errno)
    expect(host.device.take()).toEqual([])
  })

  // As a ping socket of Linux does on 2001:db8::1/64.
  test.each([
    ['nothing', null, 0],
    ['the wildcard', '::', 0],
    ['our address', OURS, 0],
    ['a group of the link', 'ff02::1', -EINVAL],
    ['a group', 'ff0e::1', -EINVAL],
    ["another host's address", '2001:db8::9', -EADDRNOTAVAIL],
  ])('bound to %s, the identifier is the port', (_what, address, expected) => {
    const host = new OneStack6()
    const endpoint = open(host.stack, SOCK_DGRAM, IPPROTO_ICMPV6)
    if (address !== null) expect(endpoint.bind(SocketAddress.internet(address, 0))).toBe(expected)
    if (expected !== 0) return
    expect(sendTo(endpoint, REQUEST, OURS)).toBe(10)
    host.run()
    const name = new SocketAddress()
    endpoint.localAddress(name)
    // Type and code; identifier, sequence number, data. The checksum is over addresses that are both ours.
    const reply = toHex(icmp6(129, 0, (name.port << 16) | 1, Uint8Array.of(0xaa, 0xbb)))
    const got = take(endpoint) as string
    expect([got.slice(0, 5), got.slice(12)]).toEqual([reply.slice(0, 5), reply.slice(12)])
    expect(sendTo(endpoint, REQUEST, 'ff02::1')).toBe(-EINVAL)
  })

  test('of the other version there is none: EPROTONOSUPPORT', () => {
    const { stack } = new OneStack6()
    expect(stack.socket(AF_INET6, SOCK_DGRAM, 1)).toBe(-EPROTONOSUPPORT)
    expect(stack.socket(AF_INET, SOCK_DGRAM, 58)).toBe(-EPROTONOSUPPORT)
  })

  test('of both families on one identifier each hears its own', () => {
    const host = new OneStack6()
    const six = open(host.stack, SOCK_DGRAM, IPPROTO_ICMPV6)
    const four = host.stack.socket(AF_INET, SOCK_DGRAM, 1) as Endpoint
    expect(six.bind(SocketAddress.internet('::', 77))).toBe(0)
    expect(four.bind(SocketAddress.internet('', 77))).toBe(0)
    sendTo(six, REQUEST, '::1')
    sendTo(four, hex('08 00 00 00 00 00 00 01'), '127.0.0.1')
    host.run()
    expect(take(six)).toMatch(/^81 00 .. .. 00 4d/)
    expect(take(four)).toMatch(/^00 00 .. .. 00 4d/)
    expect([take(six), take(four)]).toEqual([-EAGAIN, -EAGAIN])
  })
})
