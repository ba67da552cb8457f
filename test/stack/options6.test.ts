// Read first: ipv6(7), ip(7), RFC 3493, RFC 3542. Defaults, limits and errors were seen on Linux 6.18.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_BIND_ADDRESS_NO_PORT,
  IP_FREEBIND,
  IP_LOCAL_PORT_RANGE,
  IP_MINTTL,
  IP_TRANSPARENT,
  IP_UNICAST_IF,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_ADDRFORM,
  IPV6_AUTOFLOWLABEL,
  IPV6_CHECKSUM,
  IPV6_DONTFRAG,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO,
  IPV6_FLOWINFO_SEND,
  IPV6_FREEBIND,
  IPV6_HDRINCL,
  IPV6_HOPOPTS,
  IPV6_MINHOPCOUNT,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PATHMTU,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_RECVORIGDSTADDR,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_RTHDR,
  IPV6_TCLASS,
  IPV6_TRANSPARENT,
  IPV6_UNICAST_HOPS,
  IPV6_UNICAST_IF,
  IPV6_V6ONLY,
  SO_BINDTOIFINDEX,
  SO_MARK,
  SO_NO_CHECK,
  SO_PEEK_OFF,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RXQ_OVFL,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_TIMESTAMP,
  SO_TIMESTAMPNS,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  SOL_UDP,
  UDP_CORK,
  UDP_GRO,
  UDP_NO_CHECK6_RX,
  UDP_SEGMENT,
} from '../../src/base/constants.ts'
import {
  EADDRNOTAVAIL,
  EINPROGRESS,
  EINVAL,
  ENODEV,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
} from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { ipv4, OneStack, OURS as OURS4, PEER as PEER4, parse, udp } from './one-stack.ts'
import { OneStack6, OURS, PEER, parse6 } from './one-stack6.ts'
import { hex, toHex } from './script-device.ts'
import { TwoStacks } from './two-stacks.ts'

const ON = Uint8Array.of(1, 0, 0, 0)

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

function open(stack: Stack, family = AF_INET6, type = SOCK_DGRAM, protocol = 0): Endpoint {
  const endpoint = stack.socket(family, type, protocol)
  if (typeof endpoint === 'number') throw new Error(`socket gave ${endpoint}`)
  return endpoint
}

/** The value as an int, the octets of one that is none, or a negated errno. */
function get(endpoint: Endpoint, level: number, name: number): number | string {
  const value = new Uint8Array(64)
  const length = endpoint.getOption(level, name, value)
  if (length < 0) return length
  return length === 4 ? new DataView(value.buffer).getInt32(0, true) : toHex(value.subarray(0, length))
}

/** A value and what it becomes, or the errno that refuses it. */
type Trial = readonly [value: number, outcome: number]

const IPV6: readonly (readonly [string, number, number | string, ...Trial[]])[] = [
  ['IPV6_UNICAST_HOPS', IPV6_UNICAST_HOPS, 64, [-2, -EINVAL], [256, -EINVAL], [0, 0], [255, 255], [-1, 64]],
  ['IPV6_MULTICAST_HOPS', IPV6_MULTICAST_HOPS, 1, [-2, -EINVAL], [256, -EINVAL], [0, 0], [7, 7], [-1, 1]],
  ['IPV6_MULTICAST_IF', IPV6_MULTICAST_IF, 0, [99, -ENODEV], [2, 2], [0, 0]],
  ['IPV6_MULTICAST_LOOP', IPV6_MULTICAST_LOOP, 1, [2, -EINVAL], [0, 0], [1, 1]],
  ['IPV6_MULTICAST_ALL', IPV6_MULTICAST_ALL, 1, [0, 0], [2, 1]],
  ['IPV6_MTU_DISCOVER', IPV6_MTU_DISCOVER, 1, [-1, -EINVAL], [6, -EINVAL], [5, 5]],
  ['IPV6_V6ONLY', IPV6_V6ONLY, 0, [2, 1], [0, 0]],
  ['IPV6_RECVERR', IPV6_RECVERR, 0, [1, 1], [0, 0]],
  ['IPV6_TCLASS', IPV6_TCLASS, 0, [-2, -EINVAL], [256, -EINVAL], [255, 255], [-1, 0]],
  ['IPV6_DONTFRAG', IPV6_DONTFRAG, 0, [7, 1]],
  ['IPV6_FLOWINFO', IPV6_FLOWINFO, 0, [1, 1]],
  ['IPV6_FLOWINFO_SEND', IPV6_FLOWINFO_SEND, 0, [1, 1]],
  ['IPV6_AUTOFLOWLABEL', IPV6_AUTOFLOWLABEL, 1, [0, 0]],
  ['IPV6_MINHOPCOUNT', IPV6_MINHOPCOUNT, 0, [-1, -EINVAL], [256, -EINVAL], [255, 255]],
  ['IPV6_RECVPKTINFO', IPV6_RECVPKTINFO, 0, [1, 1], [0, 0]],
  ['IPV6_RECVTCLASS', IPV6_RECVTCLASS, 0, [5, 1]],
  ['IPV6_RECVORIGDSTADDR', IPV6_RECVORIGDSTADDR, 0, [1, 1]],
  ['IPV6_TRANSPARENT', IPV6_TRANSPARENT, 0, [1, 1]],
  ['IPV6_FREEBIND', IPV6_FREEBIND, 0, [1, 1]],
  ['IPV6_PKTINFO', IPV6_PKTINFO, -ENOPROTOOPT],
  ['IPV6_HOPOPTS', IPV6_HOPOPTS, ''],
  ['IPV6_CHECKSUM', IPV6_CHECKSUM, -ENOPROTOOPT, [2, -ENOPROTOOPT]],
  ['IPV6_HDRINCL', IPV6_HDRINCL, -ENOPROTOOPT, [1, -ENOPROTOOPT]],
  ['IPV6_ADDRFORM', IPV6_ADDRFORM, -ENOTCONN, [AF_INET, -ENOTCONN], [AF_INET6, -EINVAL]],
  ['IPV6_PATHMTU', IPV6_PATHMTU, -ENOTCONN],
  ['one that there is not', 999, -ENOPROTOOPT, [1, -ENOPROTOOPT]],
]

describe('level IPPROTO_IPV6 (ipv6(7))', () => {
  for (const [label, name, initial, ...trials] of IPV6) {
    test(`option ${label}`, () => {
      const { stack } = new OneStack6()
      const endpoint = open(stack)
      expect(get(endpoint, IPPROTO_IPV6, name)).toBe(initial)
      for (const [value, outcome] of trials) {
        const before = get(endpoint, IPPROTO_IPV6, name)
        const result = endpoint.setOption(IPPROTO_IPV6, name, int(value))
        expect([value, result]).toEqual([value, outcome < 0 ? outcome : 0])
        expect([value, get(endpoint, IPPROTO_IPV6, name)]).toEqual([value, outcome < 0 ? before : outcome])
      }
      if (trials.length > 0 && (trials[0] as Trial)[1] !== -ENOPROTOOPT) {
        expect(endpoint.setOption(IPPROTO_IPV6, name, Uint8Array.of(1))).toBe(-EINVAL)
      }
    })
  }

  test('is none to AF_INET, and IPPROTO_IP is one to AF_INET6', () => {
    const { stack } = new OneStack6()
    const four = open(stack, AF_INET)
    expect(get(four, IPPROTO_IPV6, IPV6_V6ONLY)).toBe(-EOPNOTSUPP)
    expect(four.setOption(IPPROTO_IPV6, IPV6_V6ONLY, ON)).toBe(-ENOPROTOOPT)
    const six = open(stack)
    expect(get(six, IPPROTO_IP, 2)).toBe(64)
    for (const level of [6, 77]) {
      expect(get(six, level, 1)).toBe(-ENOPROTOOPT)
      expect(six.setOption(level, 1, ON)).toBe(-ENOPROTOOPT)
    }
  })

  test('streams have no hops and no interface of groups', () => {
    const stream = open(new OneStack6().stack, AF_INET6, SOCK_STREAM)
    for (const name of [IPV6_MULTICAST_HOPS, IPV6_MULTICAST_IF]) {
      expect(stream.setOption(IPPROTO_IPV6, name, ON)).toBe(-ENOPROTOOPT)
    }
    // ECN's two bits are TCP's own.
    stream.setOption(IPPROTO_IPV6, IPV6_TCLASS, int(255))
    expect(get(stream, IPPROTO_IPV6, IPV6_TCLASS)).toBe(252)
  })

  test('IPV6_MTU and IPV6_PATHMTU of a connected socket', () => {
    const endpoint = open(new OneStack6().stack)
    endpoint.connect(SocketAddress.internet(PEER, 9))
    expect(get(endpoint, IPPROTO_IPV6, IPV6_MTU)).toBe(1500)
    expect(get(endpoint, IPPROTO_IPV6, IPV6_PATHMTU)).toBe(
      '0a 00 00 09 00 00 00 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02 00 00 00 00 dc 05 00 00',
    )
  })

  test('a routing header is none that we know: EINVAL', () => {
    const endpoint = open(new OneStack6().stack)
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_RTHDR, hex('00 02 00 00 00 00 00 00'))).toBe(-EINVAL)
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_DSTOPTS, new Uint8Array(520))).toBe(0)
  })

  test('IPV6_PKTINFO: the source and interface of every packet (RFC 3542 section 6.6)', () => {
    const host = new OneStack6()
    host.stack.addAddress(host.link, SocketAddress.internet('2001:db8::5', 0).ip, 64)
    host.run(3000)
    host.device.take()
    const endpoint = open(host.stack)
    const info = (address: string, index: number) => {
      const value = new Uint8Array(20)
      const { a, b, c, d } = SocketAddress.internet(address, 0).ip
      new DataView(value.buffer).setInt32(0, a)
      for (const [i, word] of [a, b, c, d].entries()) new DataView(value.buffer).setInt32(4 * i, word)
      value[16] = index
      return value
    }
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_PKTINFO, info('2001:db8::5', 2))).toBe(0)
    endpoint.sendmsg(new Message([ON], SocketAddress.internet(PEER, 9)), 0)
    expect(String(parse6(host.device.take()[0]).source)).toBe('2001:db8::5')
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_PKTINFO, info('::', 99))).toBe(-ENODEV)
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_PKTINFO, new Uint8Array(19))).toBe(-EINVAL)
    endpoint.setOption(IPPROTO_IPV6, IPV6_PKTINFO, info('::', 0))
    endpoint.sendmsg(new Message([ON], SocketAddress.internet(PEER, 9)), 0)
    expect(String(parse6(host.device.take()[0]).source)).toBe(OURS)
  })

  test('IPV6_UNICAST_IF, IP_UNICAST_IF: a number in network order; EADDRNOTAVAIL for none', () => {
    const { stack } = new OneStack6()
    for (const [family, level, name] of [
      [AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_IF],
      [AF_INET, IPPROTO_IP, IP_UNICAST_IF],
    ] as const) {
      const endpoint = open(stack, family)
      expect(endpoint.setOption(level, name, Uint8Array.of(0, 0, 0, 2))).toBe(0)
      expect(get(endpoint, level, name)).toBe(0x02000000)
      expect(endpoint.setOption(level, name, Uint8Array.of(0, 0, 0, 99))).toBe(-EADDRNOTAVAIL)
    }
  })
})

describe('addresses that are not ours (ip(7))', () => {
  test.each([
    ['IP_FREEBIND', AF_INET, IPPROTO_IP, IP_FREEBIND, '198.51.100.7'],
    ['IP_TRANSPARENT', AF_INET, IPPROTO_IP, IP_TRANSPARENT, '198.51.100.7'],
    ['IPV6_FREEBIND', AF_INET6, IPPROTO_IPV6, IPV6_FREEBIND, '2001:db8:7::7'],
    ['IPV6_TRANSPARENT', AF_INET6, IPPROTO_IPV6, IPV6_TRANSPARENT, '2001:db8:7::7'],
  ])('%s lets one be bound, of a stream too', (_what, family, level, name, address) => {
    const { stack } = new OneStack6()
    for (const type of [SOCK_DGRAM, SOCK_STREAM]) {
      const endpoint = open(stack, family, type)
      const local = SocketAddress.internet(address, 7)
      expect(endpoint.bind(local)).toBe(-EADDRNOTAVAIL)
      endpoint.setOption(level, name, ON)
      expect(endpoint.bind(local)).toBe(0)
    }
  })

  test('what was bound before its address is there receives as soon as it is', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET)
    endpoint.setOption(IPPROTO_IP, IP_FREEBIND, ON)
    endpoint.bind(SocketAddress.internet('192.0.2.77', 7))
    const packet = ipv4(udp(9, 7, ON, { destination: '192.0.2.77' }), { destination: '192.0.2.77' })
    const waiting = () => endpoint.recv(new Uint8Array(9), 0, 9, 0)
    host.device.deliver(packet)
    expect(waiting()).toBe(-11)
    host.stack.addAddress(host.link, SocketAddress.internet('192.0.2.77', 0).ip, 128)
    host.device.deliver(packet)
    expect(waiting()).toBe(4)
  })

  test('only IP_TRANSPARENT sends from one; it takes privilege', () => {
    const host = new OneStack()
    const endpoint = open(host.stack, AF_INET)
    endpoint.setOption(IPPROTO_IP, IP_FREEBIND, ON)
    endpoint.bind(SocketAddress.internet('198.51.100.7', 7))
    const send = () => endpoint.sendmsg(new Message([ON], SocketAddress.internet(PEER4, 9)), 0)
    expect(send()).toBeLessThan(0)
    endpoint.setOption(IPPROTO_IP, IP_TRANSPARENT, ON)
    expect(send()).toBe(4)
    expect(parse(host.device.take()[0] as Uint8Array).source).toBe((198 << 24) | (51 << 16) | (100 << 8) | 7)
    const poor = open(new OneStack({ privileged: false }).stack, AF_INET)
    expect(poor.setOption(IPPROTO_IP, IP_TRANSPARENT, ON)).toBe(-EPERM)
    expect(poor.setOption(IPPROTO_IP, IP_TRANSPARENT, int(0))).toBe(0)
  })
})

describe('ports (ip(7))', () => {
  test('IP_LOCAL_PORT_RANGE: where a port is chosen from, within that of the system', () => {
    const { stack } = new OneStack()
    const range = (low: number, high: number) => int(low | (high << 16))
    for (const type of [SOCK_DGRAM, SOCK_STREAM]) {
      const ports = [0, 1, 2].map(() => {
        const endpoint = open(stack, AF_INET, type)
        expect(endpoint.setOption(IPPROTO_IP, IP_LOCAL_PORT_RANGE, range(40_000, 40_002))).toBe(0)
        endpoint.bind(SocketAddress.internet('', 0))
        const name = new SocketAddress()
        endpoint.localAddress(name)
        return name.port
      })
      expect(ports.sort()).toEqual([40_000, 40_001, 40_002])
    }
    const endpoint = open(stack, AF_INET)
    expect(endpoint.setOption(IPPROTO_IP, IP_LOCAL_PORT_RANGE, range(40_010, 40_000))).toBe(-EINVAL)
    expect(endpoint.setOption(IPPROTO_IP, IP_LOCAL_PORT_RANGE, Uint8Array.of(1))).toBe(-EINVAL)
    // A bound that the system has not is not heeded.
    endpoint.setOption(IPPROTO_IP, IP_LOCAL_PORT_RANGE, range(1000, 32_768))
    endpoint.bind(SocketAddress.internet('', 0))
    const name = new SocketAddress()
    endpoint.localAddress(name)
    expect(name.port).toBe(32_768)
  })

  test('IP_BIND_ADDRESS_NO_PORT: an address without a port, which connect takes', () => {
    const host = new OneStack()
    for (const type of [SOCK_DGRAM, SOCK_STREAM]) {
      const endpoint = open(host.stack, AF_INET, type)
      endpoint.setOption(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, ON)
      const name = new SocketAddress()
      expect(endpoint.bind(SocketAddress.internet(OURS4, 0))).toBe(0)
      endpoint.localAddress(name)
      expect(name.toString()).toBe(`${OURS4}:0`)
      expect(endpoint.connect(SocketAddress.internet(PEER4, 9))).toBe(type === SOCK_DGRAM ? 0 : -EINPROGRESS)
      endpoint.localAddress(name)
      expect([name.address, name.port > 32_767]).toEqual([OURS4, true])
    }
  })
})

describe('who may be how far away (RFC 5082)', () => {
  test.each([
    ['a connection', false],
    ['a listener', true],
  ])('IP_MINTTL of %s: segments with fewer hops left are not looked at', (_what, listening) => {
    const hosts = new TwoStacks()
    const server = open(hosts.right, AF_INET, SOCK_STREAM)
    server.bind(SocketAddress.internet('', 9))
    const client = open(hosts.left, AF_INET, SOCK_STREAM)
    expect(server.setOption(IPPROTO_IP, IP_MINTTL, int(256))).toBe(-EINVAL)
    if (listening) server.setOption(IPPROTO_IP, IP_MINTTL, int(255))
    server.listen(5)
    client.connect(SocketAddress.internet('10.0.0.2', 9))
    hosts.run(10)
    const accepted = server.accept(null)
    if (typeof accepted === 'number') {
      expect(hosts.right.tcp.connections.count).toBe(0)
      expect(listening).toBe(true)
      client.setOption(IPPROTO_IP, 2, int(255))
      hosts.run(2000)
      expect(typeof server.accept(null)).toBe('object')
      return
    }
    expect(listening).toBe(false)
    accepted.setOption(IPPROTO_IP, IP_MINTTL, int(255))
    client.send(ON, 0, 4, 0)
    hosts.run(10)
    expect(accepted.recv(new Uint8Array(9), 0, 9, 0)).toBe(-11)
    expect(hosts.right.tcp.counters.tooFar).toBe(1)
    client.setOption(IPPROTO_IP, 2, int(255))
    hosts.run(1000)
    expect(accepted.recv(new Uint8Array(9), 0, 9, 0)).toBe(4)
  })
})

describe('SOL_SOCKET and SOL_UDP', () => {
  test.each([
    ['SO_TIMESTAMP', SOL_SOCKET, SO_TIMESTAMP],
    ['SO_TIMESTAMPNS', SOL_SOCKET, SO_TIMESTAMPNS],
    ['SO_RXQ_OVFL', SOL_SOCKET, SO_RXQ_OVFL],
    ['SO_NO_CHECK', SOL_SOCKET, SO_NO_CHECK],
    ['UDP_CORK', SOL_UDP, UDP_CORK],
    ['UDP_GRO', SOL_UDP, UDP_GRO],
    ['UDP_NO_CHECK6_RX', SOL_UDP, UDP_NO_CHECK6_RX],
  ])('option %s is off, and on by any int but 0', (_what, level, name) => {
    const endpoint = open(new OneStack6().stack)
    expect(get(endpoint, level, name)).toBe(0)
    expect(endpoint.setOption(level, name, int(5))).toBe(0)
    expect(get(endpoint, level, name)).toBe(1)
    expect(endpoint.setOption(level, name, int(0))).toBe(0)
    expect(get(endpoint, level, name)).toBe(0)
    expect(endpoint.setOption(level, name, Uint8Array.of(1))).toBe(-EINVAL)
  })

  test('UDP_SEGMENT takes 16 bits; what there is not: ENOPROTOOPT', () => {
    const endpoint = open(new OneStack6().stack)
    for (const value of [-1, 65_536]) expect(endpoint.setOption(SOL_UDP, UDP_SEGMENT, int(value))).toBe(-EINVAL)
    expect(endpoint.setOption(SOL_UDP, UDP_SEGMENT, int(65_535))).toBe(0)
    expect([get(endpoint, SOL_UDP, UDP_SEGMENT), get(endpoint, SOL_UDP, 99)]).toEqual([65_535, -ENOPROTOOPT])
    expect(endpoint.setOption(SOL_UDP, 99, ON)).toBe(-ENOPROTOOPT)
  })

  test('SO_BINDTOIFINDEX binds to an interface by its number', () => {
    const endpoint = open(new OneStack6().stack)
    expect([
      get(endpoint, SOL_SOCKET, SO_BINDTOIFINDEX),
      endpoint.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, int(2)),
    ]).toEqual([0, 0])
    expect(get(endpoint, SOL_SOCKET, SO_BINDTOIFINDEX)).toBe(2)
    expect(endpoint.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, int(-1))).toBe(-EINVAL)
    expect(endpoint.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, int(99))).toBe(-ENODEV)
    endpoint.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, int(0))
    expect(get(endpoint, SOL_SOCKET, SO_BINDTOIFINDEX)).toBe(0)
  })

  test('SO_MARK is kept; SO_RCVBUFFORCE and SO_SNDBUFFORCE know no ceiling; all three take privilege', () => {
    const endpoint = open(new OneStack6().stack)
    endpoint.setOption(SOL_SOCKET, SO_MARK, int(7))
    endpoint.setOption(SOL_SOCKET, SO_RCVBUFFORCE, int(10 << 20))
    endpoint.setOption(SOL_SOCKET, SO_SNDBUFFORCE, int(10 << 20))
    expect([SO_MARK, SO_RCVBUF, SO_SNDBUF].map((name) => get(endpoint, SOL_SOCKET, name))).toEqual([
      7,
      20 << 20,
      20 << 20,
    ])
    const poor = open(new OneStack6({ privileged: false }).stack)
    for (const name of [SO_MARK, SO_RCVBUFFORCE, SO_SNDBUFFORCE]) {
      expect(poor.setOption(SOL_SOCKET, name, int(7))).toBe(-EPERM)
    }
  })

  test('SO_PRIORITY, of a socket or a message, is for anybody up to 6, above that it takes privilege (socket(7))', () => {
    const message = new Message([Uint8Array.of(1)], SocketAddress.internet('::1', 9))
    const outcomes = (privileged: boolean) => {
      const endpoint = open(new OneStack6({ privileged }).stack)
      return [0, 6, 7, -1].map((priority) => {
        message.control = [{ level: SOL_SOCKET, type: SO_PRIORITY, data: int(priority) }]
        return [endpoint.setOption(SOL_SOCKET, SO_PRIORITY, int(priority)), Math.min(0, endpoint.sendmsg(message, 0))]
      })
    }
    expect(outcomes(true).map(([option]) => option)).toEqual([0, 0, 0, 0])
    expect(outcomes(false).map(([option]) => option)).toEqual([0, 0, -EPERM, -EPERM])
    expect(outcomes(true).map(([, sent]) => sent)).not.toContain(-EPERM)
    expect(outcomes(false).map(([, sent]) => sent === -EPERM)).toEqual([false, false, true, true])
  })

  test('SO_PEEK_OFF is one of UDP', () => {
    const { stack } = new OneStack6()
    expect(get(open(stack), SOL_SOCKET, SO_PEEK_OFF)).toBe(-1)
    const raw = open(stack, AF_INET6, SOCK_RAW, 99)
    expect([get(raw, SOL_SOCKET, SO_PEEK_OFF), raw.setOption(SOL_SOCKET, SO_PEEK_OFF, ON)]).toEqual([
      -EOPNOTSUPP,
      -EOPNOTSUPP,
    ])
  })
})
