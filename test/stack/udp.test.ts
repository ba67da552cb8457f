import { beforeEach, describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  FIONREAD,
  IP_PKTINFO,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_ERROR,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
} from '../../src/base/errno.ts'
import { IpAddress } from '../../src/base/ip-address.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { CHECKSUM_PARTIAL, Offload, SEGMENT_UDP } from '../../src/device/device.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import { ANY_SOURCE } from '../../src/stack/multicast/group-table.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { ipv4, OneStack, octets, parse, same, udp } from './one-stack.ts'
import { TwoStacks } from './two-stacks.ts'

const ON = Uint8Array.of(1, 0, 0, 0)
const LEFT = '10.0.0.1'
const RIGHT = '10.0.0.2'

function open(stack: Stack, address = '', port = -1): Endpoint {
  const endpoint = stack.socket(AF_INET, SOCK_DGRAM, 0) as Endpoint
  if (port >= 0) expect(endpoint.bind(SocketAddress.internet(address, port))).toBe(0)
  return endpoint
}

function sendTo(endpoint: Endpoint, data: Uint8Array | string, address: string, port: number, flags = 0): number {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return endpoint.sendmsg(new Message([bytes], SocketAddress.internet(address, port)), flags)
}

/** "text from address:port", or the errno. */
function take(endpoint: Endpoint, flags = 0, room = 100): string | number {
  const buffer = new Uint8Array(room)
  const message = new Message([buffer], new SocketAddress())
  const result = endpoint.recvmsg(message, flags)
  if (result < 0) return result
  return `${new TextDecoder().decode(buffer.subarray(0, Math.min(result, room)))} from ${message.name}`
}

function name(endpoint: Endpoint): string {
  const address = new SocketAddress()
  expect(endpoint.localAddress(address)).toBe(0)
  return address.toString()
}

function option(endpoint: Endpoint, option: number, value = ON): void {
  expect(endpoint.setOption(SOL_SOCKET, option, value)).toBe(0)
}

let hosts: TwoStacks
beforeEach(() => {
  hosts = new TwoStacks()
})

describe('addresses', () => {
  test('UDP: a socket has no address until it is bound, connected or sends (ip(7))', () => {
    const bound = open(hosts.left)
    expect(name(bound)).toBe('0.0.0.0:0')
    expect(bound.bind(SocketAddress.internet(LEFT, 0))).toBe(0)
    expect(name(bound)).toMatch(/^10\.0\.0\.1:(3[2-9]|[45]\d|60)\d{3}$/)
    const connected = open(hosts.left)
    connected.connect(SocketAddress.internet(RIGHT, 7))
    expect(name(connected)).toMatch(/^10\.0\.0\.1:\d{5}$/)
    const sending = open(hosts.left)
    sendTo(sending, 'x', RIGHT, 7)
    expect(name(sending)).toMatch(/^0\.0\.0\.0:\d{5}$/)
  })

  test.each([
    ['an address that is not ours', SocketAddress.internet('10.0.0.9', 0), EADDRNOTAVAIL],
    ['an IPv6 address', SocketAddress.internet('::1', 0), EAFNOSUPPORT],
    ['a family that is none', new SocketAddress(77), EAFNOSUPPORT],
  ])('UDP: bind to %s fails', (_what, address, errno) => {
    expect(open(hosts.left).bind(address)).toBe(-errno)
  })

  test('UDP: bind to ours, the wildcard, a loopback address, a broadcast address and a group works', () => {
    for (const address of [LEFT, '', '127.0.0.1', '127.1.2.3', '10.0.0.255', '255.255.255.255', '224.0.0.1']) {
      expect(name(open(hosts.left, address, 4000))).toContain(':4000')
      hosts = new TwoStacks()
    }
  })

  test('UDP: bind a second time: EINVAL', () => {
    expect(open(hosts.left, '', 4000).bind(SocketAddress.internet('', 4001))).toBe(-EINVAL)
  })

  test('UDP: a taken port: EADDRINUSE, unless the addresses differ or both share (socket(7))', () => {
    open(hosts.left, LEFT, 4000)
    expect(open(hosts.left).bind(SocketAddress.internet(LEFT, 4000))).toBe(-EADDRINUSE)
    expect(open(hosts.left).bind(SocketAddress.internet('', 4000))).toBe(-EADDRINUSE)
    expect(open(hosts.left).bind(SocketAddress.internet('127.0.0.1', 4000))).toBe(0)
    for (const share of [SO_REUSEADDR, SO_REUSEPORT]) {
      const port = 5000 + share
      const first = open(hosts.left)
      option(first, share)
      expect(first.bind(SocketAddress.internet('', port))).toBe(0)
      expect(open(hosts.left).bind(SocketAddress.internet('', port))).toBe(-EADDRINUSE)
      const second = open(hosts.left)
      option(second, share)
      expect(second.bind(SocketAddress.internet('', port))).toBe(0)
    }
  })

  test('UDP: a port that was closed can be had again', () => {
    open(hosts.left, '', 4000).close()
    open(hosts.left, '', 4000)
    expect(hosts.left.ports.udp.size).toBe(1)
  })

  test('UDP: without privilege a port below 1024: EACCES', () => {
    hosts = new TwoStacks({}, { privileged: false })
    expect(open(hosts.left).bind(SocketAddress.internet('', 1023))).toBe(-EACCES)
    expect(open(hosts.left).bind(SocketAddress.internet('', 1024))).toBe(0)
  })

  test('UDP: after close every call says EBADF, and nothing is left', () => {
    const endpoint = open(hosts.left, '', 4000)
    expect(hosts.left.descriptors.size).toBe(1)
    expect(endpoint.close()).toBe(0)
    const address = new SocketAddress(AF_INET)
    const bytes = new Uint8Array(4)
    const results = [
      endpoint.close(),
      endpoint.bind(address),
      endpoint.connect(address),
      endpoint.listen(1),
      endpoint.accept(null),
      endpoint.send(bytes, 0, 4, 0),
      endpoint.send(bytes, 0, 4, MSG_MORE),
      endpoint.recv(bytes, 0, 4, 0),
      endpoint.sendmsg(new Message([bytes]), 0),
      endpoint.recvmsg(new Message([bytes]), 0),
      endpoint.shutdown(SHUT_RD),
      endpoint.getOption(SOL_SOCKET, SO_ERROR, bytes),
      endpoint.setOption(SOL_SOCKET, SO_BROADCAST, bytes),
      endpoint.ioctl(FIONREAD),
      endpoint.localAddress(address),
      endpoint.peerAddress(address),
    ]
    expect(results).toEqual(results.map(() => -EBADF))
    expect([hosts.left.descriptors.size, hosts.left.ports.udp.size, hosts.left.time.count]).toEqual([0, 0, 0])
  })
})

describe('sending and receiving', () => {
  test("UDP: a datagram brings its sender's address", () => {
    const server = open(hosts.right, '', 7)
    const client = open(hosts.left, LEFT, 4000)
    expect(sendTo(client, 'hello', RIGHT, 7)).toBe(5)
    expect(take(server)).toBe(-EAGAIN)
    hosts.run()
    expect(take(server)).toBe('hello from 10.0.0.1:4000')
    expect(take(server)).toBe(-EAGAIN)
  })

  test.each([0, 1, 1471, 1472, 1473, 2953, 40_000, 65_507])('UDP: %i octets arrive as they were sent', (size) => {
    for (const offloads of [false, true]) {
      hosts = new TwoStacks({ offloads })
      const server = open(hosts.right, '', 7)
      const client = open(hosts.left)
      expect(sendTo(client, octets(size), RIGHT, 7)).toBe(size)
      hosts.run()
      const buffer = new Uint8Array(66_000)
      expect(server.recv(buffer, 0, buffer.length, 0)).toBe(size)
      expect(same(buffer.slice(0, size), octets(size))).toBe(true)
    }
  })

  test('UDP: more than 65,507 octets: EMSGSIZE', () => {
    const client = open(hosts.left)
    expect(sendTo(client, octets(65_508), RIGHT, 7)).toBe(-EMSGSIZE)
    expect(sendTo(client, octets(70_000), RIGHT, 7)).toBe(-EMSGSIZE)
  })

  test('UDP: on loopback too, to every own address', () => {
    const server = open(hosts.left, '', 7)
    const client = open(hosts.left, '', 4000)
    for (const address of ['127.0.0.1', LEFT, '127.3.2.1', '0.0.0.0']) {
      expect(sendTo(client, 'x', address, 7)).toBe(1)
      expect(take(server)).toBe(-EAGAIN)
      hosts.run()
      expect(take(server)).toBe(`x from ${address === LEFT ? LEFT : '127.0.0.1'}:4000`)
    }
  })

  test('UDP: what does not fit into the buffer is cut off (recv(2))', () => {
    const server = open(hosts.right, '', 7)
    const client = open(hosts.left, LEFT, 4000)
    for (let i = 0; i < 4; i++) sendTo(client, 'hello', RIGHT, 7)
    hosts.run()
    expect(server.ioctl(FIONREAD)).toBe(5)
    const buffer = new Uint8Array(3)
    expect(server.recv(buffer, 0, 3, 0)).toBe(3)
    expect(server.recv(buffer, 0, 3, MSG_TRUNC)).toBe(5)
    const message = new Message([buffer])
    expect(server.recvmsg(message, 0)).toBe(3)
    expect(message.flags).toBe(MSG_TRUNC)
    message.buffers = [new Uint8Array(5)]
    expect(server.recvmsg(message, 0)).toBe(5)
    expect(message.flags).toBe(0)
    expect(server.ioctl(FIONREAD)).toBe(0)
  })

  test('UDP: MSG_PEEK leaves the datagram', () => {
    const server = open(hosts.right, '', 7)
    sendTo(open(hosts.left, LEFT, 4000), 'hello', RIGHT, 7)
    hosts.run()
    expect(take(server, MSG_PEEK)).toBe('hello from 10.0.0.1:4000')
    expect(take(server, MSG_PEEK | MSG_TRUNC, 2)).toBe('he from 10.0.0.1:4000')
    expect(take(server)).toBe('hello from 10.0.0.1:4000')
    expect(take(server)).toBe(-EAGAIN)
  })

  test('UDP: several buffers are gathered and scattered', () => {
    const server = open(hosts.right, '', 7)
    const parts = [octets(3), octets(0), octets(1000), octets(1)]
    const client = open(hosts.left)
    expect(client.sendmsg(new Message(parts, SocketAddress.internet(RIGHT, 7)), 0)).toBe(1004)
    hosts.run()
    const into = [new Uint8Array(1), new Uint8Array(500), new Uint8Array(600)]
    expect(server.recvmsg(new Message(into), 0)).toBe(1004)
    const all = [...(into[0] as Uint8Array), ...(into[1] as Uint8Array), ...(into[2] as Uint8Array).subarray(0, 503)]
    expect(all).toEqual(parts.flatMap((part) => [...part]))
  })

  test('UDP: MSG_MORE puts a datagram together (udp(7), send(2))', () => {
    const server = open(hosts.right, '', 7)
    const client = open(hosts.left, LEFT, 4000)
    expect(sendTo(client, 'one ', RIGHT, 7, MSG_MORE)).toBe(4)
    expect(client.send(new TextEncoder().encode('two '), 0, 4, MSG_MORE)).toBe(4)
    hosts.run()
    expect(take(server)).toBe(-EAGAIN)
    // Where the first part was sent counts.
    expect(sendTo(client, 'three', LEFT, 9)).toBe(5)
    hosts.run()
    expect(take(server)).toBe('one two three from 10.0.0.1:4000')
    expect(sendTo(client, octets(60_000), RIGHT, 7, MSG_MORE)).toBe(60_000)
    expect(sendTo(client, octets(6000), RIGHT, 7)).toBe(-EMSGSIZE)
    expect(sendTo(client, 'again', RIGHT, 7)).toBe(5)
    hosts.run()
    expect(take(server)).toBe('again from 10.0.0.1:4000')
  })

  test('UDP: the last part of a datagram that a full device refused is brought again', () => {
    const host = new OneStack()
    const client = host.udp(4000)
    sendTo(client, 'one ', '192.0.2.2', 7, MSG_MORE)
    host.device.full = true
    expect(sendTo(client, 'two', '192.0.2.2', 7)).toBe(-EAGAIN)
    host.device.hasRoom()
    expect(sendTo(client, 'two', '192.0.2.2', 7)).toBe(3)
    expect(new TextDecoder().decode(parse(host.device.take()[0] as Uint8Array).payload.subarray(8))).toBe('one two')
  })

  test.each([
    ['nobody, unconnected', (e: Endpoint) => e.send(octets(1), 0, 1, 0), EDESTADDRREQ],
    ['port 0', (e: Endpoint) => sendTo(e, 'x', RIGHT, 0), EINVAL],
    ['an IPv6 address', (e: Endpoint) => sendTo(e, 'x', '::1', 7), EAFNOSUPPORT],
    ['a network without a route', (e: Endpoint) => sendTo(e, 'x', '192.0.2.1', 7), ENETUNREACH],
    ['broadcast without SO_BROADCAST', (e: Endpoint) => sendTo(e, 'x', '10.0.0.255', 7), EACCES],
    ['all without SO_BROADCAST', (e: Endpoint) => sendTo(e, 'x', '255.255.255.255', 7), EACCES],
    ['anybody out of band', (e: Endpoint) => sendTo(e, 'x', RIGHT, 7, MSG_OOB), EOPNOTSUPP],
  ])('UDP: sending to %s fails', (_what, send, errno) => {
    expect(send(open(hosts.left))).toBe(-errno)
  })

  test('UDP: listen and accept are not for datagrams', () => {
    const endpoint = open(hosts.left)
    expect([endpoint.listen(1), endpoint.accept(null)]).toEqual([-EOPNOTSUPP, -EOPNOTSUPP])
  })

  test('UDP: broadcast reaches every matching socket, at home as well (RFC 919)', () => {
    const sender = open(hosts.left, LEFT, 4000)
    option(sender, SO_BROADCAST)
    const hearing: Endpoint[] = []
    for (const [stack, address] of [
      [hosts.right, ''],
      [hosts.right, '10.0.0.255'],
      [hosts.left, ''],
    ] as const) {
      const endpoint = open(stack)
      option(endpoint, SO_REUSEADDR)
      expect(endpoint.bind(SocketAddress.internet(address, 7))).toBe(0)
      hearing.push(endpoint)
    }
    const specific = open(hosts.right)
    option(specific, SO_REUSEADDR)
    expect(specific.bind(SocketAddress.internet(RIGHT, 7))).toBe(0)
    expect(sendTo(sender, 'all', '10.0.0.255', 7)).toBe(3)
    hosts.run()
    expect(hearing.map((endpoint) => take(endpoint))).toEqual(new Array(3).fill('all from 10.0.0.1:4000'))
    expect(hearing.map((endpoint) => take(endpoint))).toEqual(new Array(3).fill(-EAGAIN))
    expect(take(specific)).toBe(-EAGAIN)
  })

  test('UDP: the limited broadcast needs no route but a link', () => {
    const sender = open(hosts.left, LEFT, 4000)
    option(sender, SO_BROADCAST)
    const server = open(hosts.right, '', 7)
    expect(sendTo(sender, 'all', '255.255.255.255', 7)).toBe(3)
    hosts.run()
    expect(take(server)).toBe('all from 10.0.0.1:4000')
  })

  test('UDP: a group is heard by those who joined, with a time to live of 1 (RFC 1112 section 6.1)', () => {
    const host = new OneStack()
    const sender = host.udp(4000)
    sendTo(sender, 'x', '224.0.0.251', 5353)
    expect(parse(host.device.take()[0] as Uint8Array).ttl).toBe(1)
    const group = IpAddress.parse('224.0.0.251') as IpAddress
    hosts.right.interfaces[1]?.groups.set(hosts, group, ANY_SOURCE)
    const server = open(hosts.right, '', 5353)
    sendTo(open(hosts.left, LEFT, 4000), 'x', '224.0.0.251', 5353)
    hosts.run()
    expect(take(server)).toBe('x from 10.0.0.1:4000')
  })
})

describe('the receive buffer', () => {
  test('UDP: what it has no room for is dropped and counted', () => {
    const server = open(hosts.right, '', 7)
    option(server, SO_RCVBUF, Uint8Array.of(0, 8, 0, 0))
    const client = open(hosts.left)
    for (let i = 0; i < 20; i++) {
      sendTo(client, octets(1000), RIGHT, 7)
      hosts.run()
    }
    let got = 0
    while (server.recv(new Uint8Array(1000), 0, 1000, 0) === 1000) got++
    expect(got).toBe(3)
    expect(hosts.right.counters.udpReceiveBufferErrors).toBe(17)
  })

  test('UDP: one datagram is always taken, however small the buffer', () => {
    const server = open(hosts.right, '', 7)
    option(server, SO_RCVBUF, Uint8Array.of(0, 0, 0, 0))
    const client = open(hosts.left)
    for (let i = 0; i < 3; i++) sendTo(client, octets(60_000), RIGHT, 7)
    hosts.run()
    const buffer = new Uint8Array(60_000)
    expect(server.recv(buffer, 0, 60_000, 0)).toBe(60_000)
    expect(server.recv(buffer, 0, 60_000, 0)).toBe(-EAGAIN)
  })

  test('UDP: a large datagram of the device stands for several, the last one shorter', () => {
    const host = new OneStack()
    const server = host.udp(7)
    const offload = new Offload()
    offload.checksum = CHECKSUM_PARTIAL
    offload.segment = SEGMENT_UDP
    offload.segmentSize = 1000
    host.device.deliverWith(ipv4(udp(5, 7, octets(2500))), offload)
    const buffer = new Uint8Array(2500)
    const lengths = [0, 1000, 2000].map((at) => server.recv(buffer, at, at + 1000, 0))
    expect(lengths).toEqual([1000, 1000, 500])
    expect(same(buffer, octets(2500))).toBe(true)
    expect(server.recv(buffer, 0, 1, 0)).toBe(-EAGAIN)
  })

  test('UDP: datagrams of all lengths go through it in order, however often it wraps', () => {
    const server = open(hosts.right, '', 7)
    const client = open(hosts.left)
    const buffer = new Uint8Array(4000)
    let sent = 0
    let got = 0
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 1 + (round % 7); i++, sent++) sendTo(client, octets((sent * 131) % 3000), RIGHT, 7)
      hosts.run()
      const keep = round % 5
      while (sent - got > keep) {
        expect(server.recv(buffer, 0, 4000, 0)).toBe((got * 131) % 3000)
        expect(same(buffer.slice(0, (got * 131) % 3000), octets((got * 131) % 3000))).toBe(true)
        got++
      }
    }
  })
})

describe('connected', () => {
  test('UDP: send needs no address, and only the peer is heard (udp(7))', () => {
    const server = open(hosts.right, '', 7)
    const stranger = open(hosts.right, '', 8)
    const client = open(hosts.left, '', 4000)
    expect(client.connect(SocketAddress.internet(RIGHT, 7))).toBe(0)
    const peer = new SocketAddress()
    expect(client.peerAddress(peer)).toBe(0)
    expect(peer.toString()).toBe('10.0.0.2:7')
    expect(name(client)).toBe('10.0.0.1:4000')
    expect(client.send(octets(3), 0, 3, 0)).toBe(3)
    hosts.run()
    expect(take(server)).toContain('from 10.0.0.1:4000')
    sendTo(stranger, 'no', LEFT, 4000)
    sendTo(server, 'yes', LEFT, 4000)
    hosts.run()
    expect(take(client)).toBe('yes from 10.0.0.2:7')
    expect(take(client)).toBe(-EAGAIN)
    // To others it can send all the same.
    expect(sendTo(client, 'x', RIGHT, 8)).toBe(1)
    hosts.run()
    expect(take(stranger)).toBe('x from 10.0.0.1:4000')
  })

  test('UDP: a connected socket is found before one that is bound (RFC 1122 section 4.1.3.5)', () => {
    const bound = open(hosts.left)
    const connected = open(hosts.left)
    for (const endpoint of [connected, bound]) {
      option(endpoint, SO_REUSEADDR)
      expect(endpoint.bind(SocketAddress.internet(LEFT, 4000))).toBe(0)
    }
    connected.connect(SocketAddress.internet(RIGHT, 7))
    const server = open(hosts.right, '', 7)
    const other = open(hosts.right, '', 8)
    sendTo(server, 'a', LEFT, 4000)
    sendTo(other, 'b', LEFT, 4000)
    hosts.run()
    expect(take(connected)).toBe('a from 10.0.0.2:7')
    expect(take(bound)).toBe('b from 10.0.0.2:8')
  })

  test('UDP: AF_UNSPEC dissolves: port and address that bind did not choose are given back (connect(2))', () => {
    const client = open(hosts.left)
    client.connect(SocketAddress.internet(RIGHT, 7))
    expect(client.connect(new SocketAddress(AF_UNSPEC))).toBe(0)
    expect(name(client)).toBe('0.0.0.0:0')
    expect(client.peerAddress(new SocketAddress())).toBe(-ENOTCONN)
    expect(hosts.left.ports.udp.size).toBe(0)
    const bound = open(hosts.left, LEFT, 4000)
    bound.connect(SocketAddress.internet(RIGHT, 7))
    bound.connect(new SocketAddress(AF_UNSPEC))
    expect(name(bound)).toBe('10.0.0.1:4000')
    sendTo(open(hosts.right, '', 9), 'x', LEFT, 4000)
    hosts.run()
    expect(take(bound)).toBe('x from 10.0.0.2:9')
  })

  test('UDP: connecting anew changes the peer', () => {
    const client = open(hosts.left, '', 4000)
    client.connect(SocketAddress.internet(RIGHT, 7))
    client.connect(SocketAddress.internet(RIGHT, 8))
    const seven = open(hosts.right, '', 7)
    const eight = open(hosts.right, '', 8)
    sendTo(seven, 'no', LEFT, 4000)
    sendTo(eight, 'yes', LEFT, 4000)
    hosts.run()
    expect(take(client)).toBe('yes from 10.0.0.2:8')
  })

  test.each([
    ['an IPv6 address', SocketAddress.internet('::1', 7), EAFNOSUPPORT],
    ['a network without a route', SocketAddress.internet('192.0.2.1', 7), ENETUNREACH],
    ['broadcast without SO_BROADCAST', SocketAddress.internet('10.0.0.255', 7), EACCES],
  ])('UDP: connect to %s fails', (_what, address, errno) => {
    const client = open(hosts.left)
    expect(client.connect(address)).toBe(-errno)
    expect(client.peerAddress(new SocketAddress())).toBe(-ENOTCONN)
  })

  test('UDP: a port that nobody has: ECONNREFUSED once, by recv, send or SO_ERROR (RFC 1122 section 4.1.3.3)', () => {
    const client = open(hosts.left)
    client.connect(SocketAddress.internet(RIGHT, 9))
    const refused = () => {
      expect(client.send(octets(1), 0, 1, 0)).toBe(1)
      hosts.run(2000)
      expect(client.readiness() & POLLERR).toBe(POLLERR)
    }
    refused()
    expect(client.recv(octets(1), 0, 1, 0)).toBe(-ECONNREFUSED)
    expect(client.recv(octets(1), 0, 1, 0)).toBe(-EAGAIN)
    refused()
    expect(client.send(octets(1), 0, 1, 0)).toBe(-ECONNREFUSED)
    refused()
    const value = new Uint8Array(4)
    expect(client.getOption(SOL_SOCKET, SO_ERROR, value)).toBe(4)
    expect([...value]).toEqual([ECONNREFUSED, 0, 0, 0])
    client.getOption(SOL_SOCKET, SO_ERROR, value)
    expect([...value]).toEqual([0, 0, 0, 0])
    expect(client.readiness()).toBe(POLLOUT)
  })

  test('UDP: of two that are connected to different ports only the one that was refused hears of it (udp(7))', () => {
    const client = open(hosts.left)
    const other = open(hosts.left)
    client.connect(SocketAddress.internet(RIGHT, 9))
    other.connect(SocketAddress.internet(RIGHT, 10))
    expect(client.send(octets(1), 0, 1, 0)).toBe(1)
    hosts.run(2000)
    expect(other.readiness()).toBe(POLLOUT)
    expect(take(other)).toBe(-EAGAIN)
    expect(client.recv(octets(1), 0, 1, 0)).toBe(-ECONNREFUSED)
  })

  test('UDP: an unconnected socket does not hear of it (udp(7))', () => {
    const client = open(hosts.left)
    sendTo(client, 'x', RIGHT, 9)
    hosts.run()
    expect(hosts.right.counters.udpNoPorts).toBe(1)
    expect(take(client)).toBe(-EAGAIN)
  })
})

describe('sharing a port', () => {
  test('UDP: SO_REUSEPORT spreads peers over sockets, each peer always to the same (socket(7))', () => {
    const servers = Array.from({ length: 4 }, () => {
      const server = open(hosts.right)
      option(server, SO_REUSEPORT)
      expect(server.bind(SocketAddress.internet('', 7))).toBe(0)
      return server
    })
    const clients = Array.from({ length: 64 }, () => open(hosts.left))
    for (let round = 0; round < 2; round++) {
      for (const client of clients) sendTo(client, 'x', RIGHT, 7)
      hosts.run()
    }
    const seen = servers.map((server) => {
      const peers: string[] = []
      for (let got = take(server); typeof got === 'string'; got = take(server)) peers.push(got)
      return peers
    })
    for (const peers of seen) {
      expect(peers.length).toBeGreaterThan(4)
      expect(peers.length).toBe(2 * new Set(peers).size)
    }
    expect(seen.flat().length).toBe(128)
  })

  test('UDP: an address of its own goes before the wildcard', () => {
    const specific = open(hosts.right)
    const wildcard = open(hosts.right)
    for (const [endpoint, address] of [
      [specific, RIGHT],
      [wildcard, ''],
    ] as const) {
      option(endpoint, SO_REUSEADDR)
      endpoint.bind(SocketAddress.internet(address, 7))
    }
    sendTo(open(hosts.left, LEFT, 4000), 'x', RIGHT, 7)
    hosts.run()
    expect(take(specific)).toBe('x from 10.0.0.1:4000')
    expect(take(wildcard)).toBe(-EAGAIN)
  })

  test('UDP: bound to an interface, others are not heard (socket(7), SO_BINDTODEVICE)', () => {
    const server = open(hosts.left, '', 7)
    option(server, SO_BINDTODEVICE, new TextEncoder().encode('eth0\0'))
    sendTo(open(hosts.left), 'x', '127.0.0.1', 7)
    hosts.run()
    expect(take(server)).toBe(-EAGAIN)
    sendTo(open(hosts.right, '', 9), 'y', LEFT, 7)
    hosts.run()
    expect(take(server)).toBe('y from 10.0.0.2:9')
  })
})

describe('shutdown and readiness', () => {
  test('UDP: shutdown(SHUT_WR): EPIPE; shutdown(SHUT_RD): end of data (shutdown(2))', () => {
    const client = open(hosts.left, '', 4000)
    client.connect(SocketAddress.internet(RIGHT, 7))
    expect(client.shutdown(SHUT_WR)).toBe(0)
    expect(client.send(octets(1), 0, 1, 0)).toBe(-EPIPE)
    expect(client.readiness()).toBe(POLLOUT)
    expect(client.recv(octets(1), 0, 1, 0)).toBe(-EAGAIN)
    expect(client.shutdown(SHUT_RD)).toBe(0)
    expect(client.recv(octets(1), 0, 1, 0)).toBe(0)
    expect(client.readiness()).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP)
  })

  test('UDP: shutdown of an unconnected socket: ENOTCONN; of no way that there is: EINVAL', () => {
    expect(open(hosts.left).shutdown(SHUT_RDWR)).toBe(-ENOTCONN)
    expect(open(hosts.left).shutdown(9)).toBe(-EINVAL)
  })

  test('UDP: the watcher is told at the end of the burst, once for all of it', () => {
    const server = open(hosts.right, '', 7)
    const told: number[] = []
    server.watch({ ready: (events) => told.push(events) })
    const client = open(hosts.left)
    for (let i = 0; i < 5; i++) sendTo(client, 'x', RIGHT, 7)
    expect(told).toEqual([])
    hosts.run()
    expect(told).toEqual([POLLIN])
    expect(server.readiness()).toBe(POLLIN | POLLOUT)
    sendTo(client, 'x', RIGHT, 7)
    hosts.run()
    expect(told).toEqual([POLLIN, POLLIN])
  })

  test('UDP: a watcher that throws does not keep the others from being told', () => {
    const told: string[] = []
    const servers = ['a', 'b', 'c'].map((label, i) => {
      const server = open(hosts.right, '', 7 + i)
      server.watch({
        ready: () => {
          told.push(label)
          if (label === 'a') throw new Error('from a watcher')
        },
      })
      return server
    })
    const client = open(hosts.left)
    for (let i = 0; i < servers.length; i++) sendTo(client, 'x', RIGHT, 7 + i)
    expect(() => hosts.run()).toThrow('from a watcher')
    hosts.run()
    expect(told).toEqual(['a', 'b', 'c'])
  })

  test('UDP: a device without room: EAGAIN, and POLLOUT when it has', () => {
    const host = new OneStack()
    const client = host.udp(4000)
    const told: number[] = []
    client.watch({ ready: (events) => told.push(events) })
    host.device.full = true
    expect(sendTo(client, 'x', '192.0.2.2', 7)).toBe(-EAGAIN)
    expect(client.readiness()).toBe(0)
    host.device.hasRoom()
    host.run()
    expect(told).toEqual([POLLOUT])
    expect(client.readiness()).toBe(POLLOUT)
    expect(sendTo(client, 'x', '192.0.2.2', 7)).toBe(1)
  })

  test('UDP: no queue of errors is kept', () => {
    expect(take(open(hosts.left), MSG_ERRQUEUE)).toBe(-EAGAIN)
  })
})

describe('checksums (RFC 768, RFC 1122 section 4.1.3.4)', () => {
  const datagram = (change: (packet: Uint8Array) => void) => {
    const host = new OneStack()
    const server = host.udp(7)
    const packet = ipv4(udp(5, 7, octets(20)))
    change(packet)
    host.device.deliver(packet)
    expect(host.device.take()).toEqual([])
    return [server.recv(new Uint8Array(40), 0, 40, 0), host.stack.counters.udpInErrors]
  }

  test('UDP: a right one is taken, a wrong one dropped without a word, none taken', () => {
    expect(datagram(() => {})).toEqual([20, 0])
    expect(datagram((packet) => packet.fill(9, 30, 31))).toEqual([-EAGAIN, 1])
    expect(
      datagram((packet) => {
        packet.fill(0, 26, 28)
        packet.fill(9, 30, 31)
      }),
    ).toEqual([20, 0])
  })

  test('UDP: a length that is wrong, and port 0, are dropped without a word', () => {
    expect(datagram((packet) => packet.fill(29, 25, 26))).toEqual([-EAGAIN, 1])
    expect(datagram((packet) => packet.fill(7, 25, 26))).toEqual([-EAGAIN, 1])
    expect(datagram((packet) => packet.fill(0, 22, 24).fill(0, 26, 28))).toEqual([-EAGAIN, 1])
  })

  test('UDP: octets behind the length of the datagram are no part of it', () => {
    const host = new OneStack()
    const server = host.udp(7)
    host.device.deliver(ipv4(Uint8Array.from([...udp(5, 7, octets(20)), 1, 2, 3])))
    expect(server.recv(new Uint8Array(40), 0, 40, 0)).toBe(20)
  })

  test('UDP: one is always sent, and right', () => {
    const host = new OneStack()
    const client = host.udp(4000)
    for (let size = 0; size < 200; size++) {
      sendTo(client, octets(size), '192.0.2.2', 7)
      const { payload } = parse(host.device.take()[0] as Uint8Array)
      expect(payload.subarray(6, 8)).not.toEqual(Uint8Array.of(0, 0))
    }
  })
})

describe('control messages (ip(7))', () => {
  test('UDP: IP_PKTINFO, IP_RECVTTL and IP_RECVTOS tell what they say', () => {
    const server = open(hosts.right, '', 7)
    for (const one of [IP_PKTINFO, 12, 13]) expect(server.setOption(IPPROTO_IP, one, ON)).toBe(0)
    const client = open(hosts.left)
    client.setOption(IPPROTO_IP, IP_TTL, Uint8Array.of(33, 0, 0, 0))
    client.setOption(IPPROTO_IP, IP_TOS, Uint8Array.of(0x28, 0, 0, 0))
    sendTo(client, 'x', RIGHT, 7)
    hosts.run()
    const message = new Message([new Uint8Array(4)], new SocketAddress())
    expect(server.recvmsg(message, 0)).toBe(1)
    expect(message.control.map(({ level, type, data }) => [level, type, ...data])).toEqual([
      [IPPROTO_IP, IP_PKTINFO, 2, 0, 0, 0, 10, 0, 0, 2, 10, 0, 0, 2],
      [IPPROTO_IP, IP_TTL, 33, 0, 0, 0],
      [IPPROTO_IP, IP_TOS, 0x28],
    ])
  })

  test('UDP: a send may choose source, time to live and type of service for itself', () => {
    hosts.left.addAddress(hosts.left.interfaces[1] as never, IpAddress.v4(0x0a000009), 120)
    const raw = hosts.right.socket(AF_INET, 3, 17) as Endpoint
    const client = open(hosts.left)
    const message = new Message([octets(1)], SocketAddress.internet(RIGHT, 7))
    message.control = [
      { level: 0, type: IP_PKTINFO, data: Uint8Array.of(0, 0, 0, 0, 10, 0, 0, 9, 0, 0, 0, 0) },
      { level: 0, type: IP_TTL, data: Uint8Array.of(5, 0, 0, 0) },
      { level: 0, type: IP_TOS, data: Uint8Array.of(4) },
    ]
    expect(client.sendmsg(message, 0)).toBe(1)
    hosts.run()
    const packet = new Uint8Array(29)
    expect(raw.recv(packet, 0, 29, 0)).toBe(29)
    expect(parse(packet)).toMatchObject({ source: 0x0a000009, ttl: 5, tos: 4 })
    message.control = [{ level: 0, type: 99, data: octets(4) }]
    expect(client.sendmsg(message, 0)).toBe(-EINVAL)
    message.control = [{ level: 0, type: IP_TTL, data: octets(4) }]
    expect(client.sendmsg(message, 0)).toBe(-EINVAL)
  })
})

test('socket(2): families, types and protocols that there are not', () => {
  const { left } = hosts
  expect(left.socket(99, SOCK_DGRAM, 0)).toBe(-EAFNOSUPPORT)
  expect(left.socket(AF_INET, 5, 0)).toBe(-94)
  expect(left.socket(AF_INET, SOCK_DGRAM, 6)).toBe(-93)
  expect(left.socket(AF_INET, 1, 17)).toBe(-93)
  expect(left.socket(AF_INET, 3, 0)).toBe(-93)
  expect(left.socket(AF_INET, SOCK_DGRAM, 256)).toBe(-EINVAL)
  // ICMP of the other version.
  expect(left.socket(AF_INET, SOCK_DGRAM, 58)).toBe(-93)
  expect(left.socket(AF_INET6, SOCK_DGRAM, 1)).toBe(-93)
  expect(left.descriptors.size).toBe(0)
})

test('socket(2): descriptors are the lowest free ones, from 3; EMFILE when there are no more', () => {
  hosts = new TwoStacks({}, { limits: { descriptors: 3 } })
  const three = [open(hosts.left), open(hosts.left), open(hosts.left)]
  expect(three.map(({ fd }) => fd)).toEqual([3, 4, 5])
  expect(hosts.left.socket(AF_INET, SOCK_DGRAM, 0)).toBe(-24)
  three[1]?.close()
  expect(open(hosts.left).fd).toBe(4)
})
