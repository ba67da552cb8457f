// Read first: ip(7) on IP_RECVERR, recv(2) on MSG_ERRQUEUE. What is told was seen on Linux 6.18.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_RECVERR,
  IP_RECVTTL,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  MSG_ERRQUEUE,
  MSG_TRUNC,
  POLLERR,
  POLLOUT,
  SO_EE_ORIGIN_ICMP,
  SO_EE_ORIGIN_ICMP6,
  SO_EE_ORIGIN_LOCAL,
  SO_ERROR,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { EAGAIN, ECONNREFUSED, EHOSTUNREACH, EINPROGRESS, EMSGSIZE } from '../../src/base/errno.ts'
import type { ExtendedError } from '../../src/base/extended-error.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { readExtendedError, readHopLimit } from '../../src/socket/control-message.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import type { Stack } from '../../src/stack/stack.ts'
import { icmp, ipv4, OneStack, PEER as PEER4 } from './one-stack.ts'
import { icmp6, ipv6, OneStack6, PEER as PEER6 } from './one-stack6.ts'

const ON = Uint8Array.of(1, 0, 0, 0)
const REQUEST = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 1, 9, 9)
const REQUEST6 = Uint8Array.of(128, 0, 0, 0, 0, 0, 0, 1, 9, 9)

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

function open(stack: Stack, family: number, type = SOCK_DGRAM, protocol = 0): Endpoint {
  const endpoint = stack.socket(family, type, protocol)
  if (typeof endpoint === 'number') throw new Error(`socket gave ${endpoint}`)
  const [level, name] = family === AF_INET ? [IPPROTO_IP, IP_RECVERR] : [IPPROTO_IPV6, IPV6_RECVERR]
  expect(endpoint.setOption(level, name, ON)).toBe(0)
  return endpoint
}

interface Told {
  readonly data: string
  readonly flags: number
  readonly name: string
  readonly error: ExtendedError | null
  readonly hopLimit: number | null
}

/** What the error queue has first, or the errno. */
function told(endpoint: Endpoint, room = 100): Told | number {
  const buffer = new Uint8Array(room)
  const message = new Message([buffer], new SocketAddress())
  const length = endpoint.recvmsg(message, MSG_ERRQUEUE)
  if (length < 0) return length
  return {
    data: new TextDecoder().decode(buffer.subarray(0, length)),
    flags: message.flags,
    name: String(message.name),
    error: readExtendedError(message),
    hopLimit: readHopLimit(message),
  }
}

function soError(endpoint: Endpoint): number {
  const value = new Uint8Array(4)
  endpoint.getOption(SOL_SOCKET, SO_ERROR, value)
  return new DataView(value.buffer).getInt32(0, true)
}

/** A host of one family whose packets the test sees, and the errors that it can be told of them. */
interface Host {
  readonly stack: Stack
  send(endpoint: Endpoint, data: Uint8Array | string, port?: number): number
  /** The router 9 says of the packet sent last: time exceeded, port unreachable, too big. */
  exceeded(): void
  refused(): void
  tooBig(mtu: number): void
}

function host4(): Host {
  const host = new OneStack()
  const answer = (type: number, code: number, low = 0) => {
    const [packet] = host.device.take() as [Uint8Array]
    const message = icmp(type, code, 0, low, packet.subarray(0, 548))
    host.device.deliver(ipv4(message, { protocol: IPPROTO_ICMP, source: '192.0.2.9', ttl: 61 }))
  }
  return {
    stack: host.stack,
    send: (endpoint, data, port = 9) => endpoint.sendmsg(message(data, PEER4, port), 0),
    exceeded: () => answer(11, 0),
    refused: () => answer(3, 3),
    tooBig: (mtu) => answer(3, 4, mtu),
  }
}

function host6(): Host {
  const host = new OneStack6()
  const fields = { source: '2001:db8::9', next: IPPROTO_ICMPV6, hopLimit: 61 }
  const answer = (type: number, code: number, word = 0) => {
    const [packet] = host.device.take() as [Uint8Array]
    host.device.deliver(ipv6(icmp6(type, code, word, packet.subarray(0, 1232), fields), fields))
  }
  return {
    stack: host.stack,
    send: (endpoint, data, port = 9) => endpoint.sendmsg(message(data, PEER6, port), 0),
    exceeded: () => answer(3, 0),
    refused: () => answer(1, 4),
    tooBig: (mtu) => answer(2, 0, mtu),
  }
}

function message(data: Uint8Array | string, to: string, port: number): Message {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return new Message([bytes], SocketAddress.internet(to, port))
}

const FAMILIES = [
  {
    name: 'IPv4',
    family: AF_INET,
    make: host4,
    peer: `${PEER4}:9`,
    router: '192.0.2.9',
    origin: SO_EE_ORIGIN_ICMP,
    exceeded: [11, 0],
    refused: [3, 3],
    discover: [IPPROTO_IP, IP_MTU_DISCOVER],
    hops: [IPPROTO_IP, IP_RECVTTL],
    ping: [IPPROTO_ICMP, REQUEST],
  },
  {
    name: 'IPv6',
    family: AF_INET6,
    make: host6,
    peer: `[${PEER6}]:9`,
    router: '2001:db8::9',
    origin: SO_EE_ORIGIN_ICMP6,
    exceeded: [3, 0],
    refused: [1, 4],
    discover: [IPPROTO_IPV6, IPV6_MTU_DISCOVER],
    hops: [IPPROTO_IPV6, IPV6_RECVHOPLIMIT],
    ping: [IPPROTO_ICMPV6, REQUEST6],
  },
] as const

describe.each(FAMILIES)('the error queue, $name (ip(7), IP_RECVERR)', (given) => {
  const { family, make, peer, router, origin, exceeded, refused, discover, hops, ping } = given

  test('UDP: who reported what, of which packet, what was in it, and the hops that the report had left', () => {
    const host = make()
    const endpoint = open(host.stack, family)
    endpoint.setOption(hops[0], hops[1], ON)
    expect(told(endpoint)).toBe(-EAGAIN)
    host.send(endpoint, 'hello')
    host.exceeded()
    expect(endpoint.readiness()).toBe(POLLERR | POLLOUT)
    const first = told(endpoint)
    expect(first).toMatchObject({ data: 'hello', flags: MSG_ERRQUEUE, name: peer, hopLimit: 61 })
    expect(first).toMatchObject({
      error: { errno: EHOSTUNREACH, origin, type: exceeded[0], code: exceeded[1], info: 0, data: 0 },
    })
    expect((first as Told).error?.offender?.toString()).toContain(router)
    expect([told(endpoint), endpoint.readiness(), soError(endpoint)]).toEqual([-EAGAIN, POLLOUT, 0])
  })

  test('UDP: errors wait in order; SO_ERROR gives that of the last, and of the next when one was read', () => {
    const host = make()
    const endpoint = open(host.stack, family)
    host.send(endpoint, 'a')
    host.exceeded()
    // The call that meets the error sends nothing.
    expect([host.send(endpoint, 'b', 10), host.send(endpoint, 'b', 10)]).toEqual([-EHOSTUNREACH, 1])
    host.refused()
    expect((told(endpoint) as Told).error?.errno).toBe(EHOSTUNREACH)
    expect(soError(endpoint)).toBe(ECONNREFUSED)
    expect(endpoint.readiness()).toBe(POLLERR | POLLOUT)
    expect(told(endpoint)).toMatchObject({
      data: 'b',
      error: { errno: ECONNREFUSED, type: refused[0], code: refused[1] },
    })
    expect(endpoint.readiness()).toBe(POLLOUT)
  })

  test('UDP: an error that waits is told to the next call, once; the queue keeps it', () => {
    const host = make()
    const endpoint = open(host.stack, family)
    host.send(endpoint, 'a')
    host.refused()
    expect(endpoint.recv(new Uint8Array(9), 0, 9, 0)).toBe(-ECONNREFUSED)
    expect(endpoint.recv(new Uint8Array(9), 0, 9, 0)).toBe(-EAGAIN)
    expect(told(endpoint)).toMatchObject({ data: 'a' })
  })

  test('what is longer than the buffers is cut, and MSG_TRUNC says so; recv reads the queue too', () => {
    const host = make()
    const endpoint = open(host.stack, family)
    for (let i = 0; i < 2; i++) {
      host.send(endpoint, 'hello')
      host.refused()
      soError(endpoint)
    }
    expect(told(endpoint, 3)).toMatchObject({ data: 'hel', flags: MSG_ERRQUEUE | MSG_TRUNC })
    expect(endpoint.recv(new Uint8Array(9), 0, 9, MSG_ERRQUEUE)).toBe(5)
  })

  test('too long for the path: EMSGSIZE, the MTU is in the queue; what the path says shrinks it', () => {
    const host = make()
    const endpoint = open(host.stack, family)
    endpoint.setOption(discover[0], discover[1], int(IP_PMTUDISC_DO))
    const long = new Uint8Array(1473)
    expect(host.send(endpoint, long)).toBe(-EMSGSIZE)
    expect(endpoint.readiness()).toBe(POLLERR | POLLOUT)
    // A local error is none of SO_ERROR.
    expect(soError(endpoint)).toBe(0)
    const local = { errno: EMSGSIZE, origin: SO_EE_ORIGIN_LOCAL, type: 0, code: 0, info: 1500, data: 0, offender: null }
    expect(told(endpoint)).toMatchObject({ data: '', error: local })
    host.send(endpoint, long.subarray(0, 1400))
    host.tooBig(1300)
    const reported = told(endpoint) as Told
    expect(reported).toMatchObject({ name: peer, error: { errno: EMSGSIZE, origin, info: 1300 } })
    expect(host.send(endpoint, long.subarray(0, 1400))).toBe(-EMSGSIZE)
    expect(told(endpoint)).toMatchObject({ error: { ...local, info: 1300 } })
  })

  test('without the option there is no queue, and it going off empties it', () => {
    const host = make()
    const endpoint = open(host.stack, family)
    host.send(endpoint, 'a')
    host.exceeded()
    const [level, name] = family === AF_INET ? [IPPROTO_IP, IP_RECVERR] : [IPPROTO_IPV6, IPV6_RECVERR]
    endpoint.setOption(level, name, int(0))
    expect(told(endpoint)).toBe(-EAGAIN)
    soError(endpoint)
    host.send(endpoint, 'a')
    host.exceeded()
    expect([told(endpoint), endpoint.readiness()]).toEqual([-EAGAIN, POLLOUT])
  })

  test('as many as the receive buffer holds', () => {
    const host = make()
    const endpoint = open(host.stack, family)
    endpoint.setOption(SOL_SOCKET, SO_RCVBUF, int(0))
    for (let i = 0; i < 20; i++) {
      host.send(endpoint, new Uint8Array(400))
      host.exceeded()
      soError(endpoint)
    }
    let count = 0
    while (typeof told(endpoint) !== 'number') count++
    expect(count).toBe(3)
  })

  test('ICMP: ping and raw sockets have one, with their message quoted', () => {
    const host = make()
    for (const type of [SOCK_DGRAM, SOCK_RAW]) {
      const endpoint = open(host.stack, family, type, ping[0])
      host.send(endpoint, ping[1], 0)
      host.exceeded()
      const { data, error } = told(endpoint) as Told
      expect([data.charCodeAt(0) === 8 || data.length > 8, error?.errno, error?.origin]).toEqual([
        true,
        EHOSTUNREACH,
        origin,
      ])
      endpoint.close()
    }
    const raw = open(host.stack, family, SOCK_RAW, IPPROTO_UDP)
    const udp = open(host.stack, family)
    host.send(udp, 'hello')
    host.refused()
    expect((told(raw) as Told).data).toMatch(/hello$/)
    expect((told(udp) as Told).data).toBe('hello')
  })

  test('TCP: an attempt that a router ends is told of with its segment; a connection goes on', () => {
    const host = make()
    const endpoint = open(host.stack, family, SOCK_STREAM)
    expect(endpoint.connect(SocketAddress.internet(family === AF_INET ? PEER4 : PEER6, 9))).toBe(-EINPROGRESS)
    host.refused()
    const { name, data, error } = told(endpoint) as Told
    expect([name, data.length >= 8, error?.errno, error?.origin]).toEqual([peer, true, ECONNREFUSED, origin])
    expect(told(endpoint)).toBe(-EAGAIN)
  })
})

test('an AF_INET6 socket that talks IPv4 hears of it by IP_RECVERR, in addresses of its own family', () => {
  const host = new OneStack()
  const endpoint = open(host.stack, AF_INET6)
  endpoint.setOption(IPPROTO_IP, IP_RECVERR, ON)
  endpoint.setOption(IPPROTO_IPV6, IPV6_RECVERR, int(0))
  endpoint.sendmsg(message('hello', `::ffff:${PEER4}`, 9), 0)
  const [packet] = host.device.take() as [Uint8Array]
  host.device.deliver(ipv4(icmp(3, 3, 0, 0, packet), { protocol: IPPROTO_ICMP, source: '192.0.2.9' }))
  const { name, error } = told(endpoint) as Told
  expect([name, error?.origin, error?.offender?.address]).toEqual([
    `[::ffff:${PEER4}]:9`,
    SO_EE_ORIGIN_ICMP,
    '::ffff:192.0.2.9',
  ])
})
