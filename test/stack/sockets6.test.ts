// Read first: ipv6(7), RFC 3493, RFC 4007. What bind, connect, sendto and their like say was tried on Linux 6.18.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_ADDRFORM,
  IPV6_DONTFRAG,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO_SEND,
  IPV6_HOPOPTS,
  IPV6_MTU,
  IPV6_MULTICAST_HOPS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  SO_BINDTODEVICE,
  SO_DOMAIN,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  SOL_UDP,
  UDP_NO_CHECK6_RX,
  UDP_NO_CHECK6_TX,
} from '../../src/base/constants.ts'
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  ECONNREFUSED,
  EINPROGRESS,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENODEV,
  ENOTCONN,
  EPERM,
} from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import { type Endpoint, Message } from '../../src/socket/provider.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack } from '../../src/stack/stack.ts'
import { icmp6, ipv6, OneStack6, OURS, PEER, parse6, udp6 } from './one-stack6.ts'
import { hex, ScriptDevice, toHex } from './script-device.ts'

const ON = Uint8Array.of(1, 0, 0, 0)

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer)
}

/** Two hosts with two cables between them, and on each cable addresses of both families and link-local ones. */
class Twins {
  readonly clock = new ManualClock(1000)
  readonly left: Stack
  readonly right: Stack
  readonly links: readonly (readonly [NetworkInterface, NetworkInterface])[]

  constructor() {
    this.left = new Stack({ clock: this.clock, random: new SeededRandom(1) })
    this.right = new Stack({ clock: this.clock, random: new SeededRandom(2) })
    const duplicateAddressDetection = false
    this.links = [0, 1].map((i) => {
      const cable = new Cable()
      const address = (host: number) => [`10.0.${i}.${host}/24`, `2001:db8:${i}::${host}/64`, `fe80::${i}:${host}/64`]
      return [
        this.left.attach(cable.left, { address: address(1), duplicateAddressDetection }),
        this.right.attach(cable.right, { address: address(2), duplicateAddressDetection }),
      ] as const
    })
    this.run(10)
  }

  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }
}

function open(stack: Stack, family = AF_INET6, type = SOCK_DGRAM, protocol = 0): Endpoint {
  const endpoint = stack.socket(family, type, protocol)
  if (typeof endpoint === 'number') throw new Error(`socket gave ${endpoint}`)
  return endpoint
}

function bound(stack: Stack, address: string, port: number, v6only = false): Endpoint {
  const endpoint = open(stack, address.includes(':') ? AF_INET6 : AF_INET)
  if (v6only) expect(endpoint.setOption(IPPROTO_IPV6, IPV6_V6ONLY, ON)).toBe(0)
  expect(endpoint.bind(SocketAddress.internet(address, port))).toBe(0)
  return endpoint
}

function send(endpoint: Endpoint, address: string, port: number, text = 'x'): number {
  const name = SocketAddress.internet(address, port)
  return endpoint.sendmsg(new Message([new TextEncoder().encode(text)], name), 0)
}

/** Who sent what waits, or the errno. */
function take(endpoint: Endpoint): string | number {
  const message = new Message([new Uint8Array(100)], new SocketAddress())
  const length = endpoint.recvmsg(message, 0)
  return length < 0 ? length : String(message.name)
}

function nameOf(endpoint: Endpoint): SocketAddress {
  const address = new SocketAddress()
  expect(endpoint.localAddress(address)).toBe(0)
  return address
}

function peerOf(endpoint: Endpoint): SocketAddress {
  const address = new SocketAddress()
  expect(endpoint.peerAddress(address)).toBe(0)
  return address
}

describe('ports of both families (ipv6(7), IPV6_V6ONLY)', () => {
  const CASES: readonly (readonly [string, boolean, string, boolean, boolean])[] = [
    ['::', false, '0.0.0.0', false, false],
    ['0.0.0.0', false, '::', false, false],
    ['::', true, '0.0.0.0', false, true],
    ['0.0.0.0', false, '::', true, true],
    ['::', false, '127.0.0.1', false, false],
    ['::', true, '127.0.0.1', false, true],
    ['::1', false, '127.0.0.1', false, true],
    ['::1', false, '0.0.0.0', false, true],
    ['::1', false, '::', false, false],
    ['::1', false, '::', true, false],
    ['::', false, '::', true, false],
    ['::ffff:127.0.0.1', false, '127.0.0.1', false, false],
    ['::ffff:0.0.0.0', false, '0.0.0.0', false, false],
    ['::ffff:0.0.0.0', false, '::', true, true],
    ['::ffff:0.0.0.0', false, '::', false, false],
    ['::ffff:0.0.0.0', false, '::1', false, true],
  ]

  for (const [kind, type] of [
    ['UDP', SOCK_DGRAM],
    ['TCP', SOCK_STREAM],
  ] as const) {
    test.each(CASES)(
      `${kind}: %s (only: %s) and %s (only: %s) can both be bound: %s`,
      (one, oneOnly, other, only, both) => {
        const { left } = new Twins()
        const results = [
          [one, oneOnly],
          [other, only],
        ].map(([address, v6only]) => {
          const text = address as string
          const endpoint = open(left, text.includes(':') ? AF_INET6 : AF_INET, type)
          if (v6only === true) endpoint.setOption(IPPROTO_IPV6, IPV6_V6ONLY, ON)
          return endpoint.bind(SocketAddress.internet(text, 4000))
        })
        expect(results).toEqual([0, both ? 0 : -EADDRINUSE])
      },
    )
  }

  test('UDP: :: hears both families, alone only its own, the mapped wildcard IPv4', () => {
    const twins = new Twins()
    const { left } = twins
    const both = bound(left, '::', 1)
    const only = bound(left, '::', 2, true)
    const mapped = bound(left, '::ffff:0.0.0.0', 3)
    const four = open(left, AF_INET)
    const six = open(left)
    for (const port of [1, 2, 3]) {
      send(four, '127.0.0.1', port)
      send(six, '::1', port)
    }
    twins.run()
    expect(take(both)).toMatch(/^\[::ffff:127\.0\.0\.1\]:/)
    expect(take(both)).toMatch(/^\[::1\]:/)
    expect(take(only)).toMatch(/^\[::1\]:/)
    expect(take(only)).toBe(-EAGAIN)
    expect(take(mapped)).toMatch(/^\[::ffff:127\.0\.0\.1\]:/)
    expect(take(mapped)).toBe(-EAGAIN)
  })

  test('UDP, TCP: of two on the wildcard that share a port, IPv4 goes to that of AF_INET', () => {
    const twins = new Twins()
    const { left } = twins
    const [six, four] = [AF_INET6, AF_INET].map((family) => {
      const endpoint = open(left, family)
      endpoint.setOption(SOL_SOCKET, SO_REUSEADDR, ON)
      expect(endpoint.bind(SocketAddress.internet(family === AF_INET ? '' : '::', 5))).toBe(0)
      return endpoint
    }) as [Endpoint, Endpoint]
    send(open(left, AF_INET), '127.0.0.1', 5)
    twins.run()
    expect([take(six), typeof take(four)]).toEqual([-EAGAIN, 'string'])
    // Whichever came last.
    const later = open(left)
    later.setOption(SOL_SOCKET, SO_REUSEADDR, ON)
    later.bind(SocketAddress.internet('::', 5))
    send(open(left, AF_INET), '127.0.0.1', 5)
    twins.run()
    expect([take(later), typeof take(four)]).toEqual([-EAGAIN, 'string'])
    const listeners = [AF_INET6, AF_INET].map((family) => {
      const endpoint = open(left, family, SOCK_STREAM)
      endpoint.setOption(SOL_SOCKET, SO_REUSEPORT, ON)
      expect(endpoint.bind(SocketAddress.internet(family === AF_INET ? '' : '::', 5))).toBe(0)
      expect(endpoint.listen(20)).toBe(0)
      return endpoint
    })
    for (let i = 0; i < 8; i++) open(left, AF_INET, SOCK_STREAM).connect(SocketAddress.internet('127.0.0.1', 5))
    twins.run(10)
    const accepted = listeners.map((listener) => {
      let count = 0
      while (typeof listener.accept(null) !== 'number') count++
      return count
    })
    expect(accepted).toEqual([0, 8])
  })

  test.each(['::', '2001:db8:0::1'])(
    'UDP: SO_REUSEPORT spreads peers over sockets on %s, each peer to the same',
    (address) => {
      const twins = new Twins()
      const sockets = [0, 1, 2].map(() => {
        const endpoint = open(twins.left)
        endpoint.setOption(SOL_SOCKET, SO_REUSEPORT, ON)
        expect(endpoint.bind(SocketAddress.internet(address, 7000))).toBe(0)
        return endpoint
      })
      const senders = Array.from({ length: 24 }, () => open(twins.right))
      for (let round = 0; round < 2; round++) for (const sender of senders) send(sender, '2001:db8::1', 7000)
      twins.run(10)
      const seen = sockets.map((socket) => {
        const names: string[] = []
        for (let name = take(socket); typeof name === 'string'; name = take(socket)) names.push(name)
        return names
      })
      expect(Math.min(...seen.map((names) => names.length))).toBeGreaterThan(0)
      for (const names of seen) expect(names.length).toBe(2 * new Set(names).size)
      expect(seen.flat().length).toBe(48)
    },
  )

  test('IPV6_V6ONLY comes too late once there is a port: EINVAL', () => {
    const { left } = new Twins()
    expect(bound(left, '::1', 9).setOption(IPPROTO_IPV6, IPV6_V6ONLY, ON)).toBe(-EINVAL)
    const stream = open(left, AF_INET6, SOCK_STREAM)
    stream.bind(SocketAddress.internet('::1', 9))
    expect(stream.setOption(IPPROTO_IPV6, IPV6_V6ONLY, ON)).toBe(-EINVAL)
  })
})

describe('addresses of AF_INET6 sockets (bind(2), connect(2), send(2))', () => {
  const only = (endpoint: Endpoint) => endpoint.setOption(IPPROTO_IPV6, IPV6_V6ONLY, ON)
  const at = (text: string) => SocketAddress.internet(text, 9)

  test.each([
    ['link-local without a scope', 'fe80::1', SOCK_DGRAM, -EINVAL],
    ['link-local of an interface that there is not', 'fe80::0:1%99', SOCK_DGRAM, -ENODEV],
    ['link-local of another interface', 'fe80::0:1%3', SOCK_DGRAM, -EADDRNOTAVAIL],
    ['link-local of its interface', 'fe80::0:1%2', SOCK_DGRAM, 0],
    ['a group on a link without a scope', 'ff02::1', SOCK_DGRAM, -EINVAL],
    ['a group', 'ff05::1', SOCK_DGRAM, 0],
    ['a group, a stream', 'ff05::1', SOCK_STREAM, -EINVAL],
    ['an address of nobody here', '2001:db8:7::1', SOCK_DGRAM, -EADDRNOTAVAIL],
    ['an IPv4 address of ours', '::ffff:10.0.0.1', SOCK_STREAM, 0],
    ['an IPv4 address of nobody here', '::ffff:10.0.0.77', SOCK_STREAM, -EADDRNOTAVAIL],
  ])('bind to %s', (_what, address, type, result) => {
    const endpoint = open(new Twins().left, AF_INET6, type)
    expect(endpoint.bind(at(address))).toBe(result)
    if (result === 0) expect(nameOf(endpoint).toString()).toBe(at(address).toString())
  })

  test('an IPv4 address is none to a socket of IPv6 alone', () => {
    const { left } = new Twins()
    const [binding, sending, connecting, stream] = [SOCK_DGRAM, SOCK_DGRAM, SOCK_DGRAM, SOCK_STREAM].map((type) => {
      const endpoint = open(left, AF_INET6, type)
      only(endpoint)
      return endpoint
    }) as [Endpoint, Endpoint, Endpoint, Endpoint]
    const mapped = at('::ffff:10.0.0.2')
    expect(binding.bind(at('::ffff:10.0.0.1'))).toBe(-EINVAL)
    expect(send(sending, '::ffff:10.0.0.2', 9)).toBe(-ENETUNREACH)
    expect([connecting.connect(mapped), stream.connect(mapped)]).toEqual([-ENETUNREACH, -ENETUNREACH])
  })

  test('who is bound by one family does not reach the other', () => {
    const { left } = new Twins()
    const cases = [
      ['::ffff:10.0.0.1', '2001:db8:0::2', -EAFNOSUPPORT],
      ['::ffff:0.0.0.0', '2001:db8:0::2', -EAFNOSUPPORT],
      ['2001:db8:0::1', '::ffff:10.0.0.2', -ENETUNREACH],
    ] as const
    for (const [local, remote, errno] of cases) {
      const results = [SOCK_DGRAM, SOCK_DGRAM, SOCK_STREAM].map((type, i) => {
        const endpoint = open(left, AF_INET6, type)
        expect(endpoint.bind(SocketAddress.internet(local, 0))).toBe(0)
        return i === 0 ? send(endpoint, remote, 9) : endpoint.connect(at(remote))
      })
      expect([local, results]).toEqual([local, [errno, errno, errno]])
    }
  })

  test('connect to the wildcard is to this host, by the family that the socket is bound to', () => {
    const { left } = new Twins()
    const six = open(left)
    expect(six.connect(at('::'))).toBe(0)
    expect([peerOf(six).address, nameOf(six).address]).toEqual(['::1', '::1'])
    const mapped = open(left)
    mapped.bind(SocketAddress.internet('::ffff:127.0.0.1', 0))
    expect(mapped.connect(at('::'))).toBe(0)
    expect(peerOf(mapped).address).toBe('::ffff:127.0.0.1')
  })

  test('sendto takes an IPv4 address as such, or mapped; AF_INET takes no IPv6 address', () => {
    const twins = new Twins()
    const receiver = bound(twins.right, '', 9)
    const six = open(twins.left)
    expect([send(six, '10.0.0.2', 9), send(six, '::ffff:10.0.0.2', 9)]).toEqual([1, 1])
    twins.run(10)
    for (let i = 0; i < 2; i++) expect(take(receiver)).toMatch(/^10\.0\.0\.1:/)
    expect(send(open(twins.left, AF_INET), '::1', 9)).toBe(-EAFNOSUPPORT)
  })

  test('IPV6_ADDRFORM makes a socket that is connected to IPv4 one of AF_INET', () => {
    const { left } = new Twins()
    const form = (of: Endpoint) => of.setOption(IPPROTO_IPV6, IPV6_ADDRFORM, int(AF_INET))
    const six = open(left)
    expect(form(six)).toBe(-ENOTCONN)
    six.connect(at('::1'))
    expect(form(six)).toBe(-EADDRNOTAVAIL)
    const endpoint = open(left)
    endpoint.connect(at('::ffff:127.0.0.1'))
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_ADDRFORM, int(AF_INET6))).toBe(-EINVAL)
    expect(form(endpoint)).toBe(0)
    const domain = new Uint8Array(4)
    endpoint.getOption(SOL_SOCKET, SO_DOMAIN, domain)
    expect([domain[0], peerOf(endpoint).toString()]).toEqual([AF_INET, '127.0.0.1:9'])
  })
})

describe('scopes (RFC 4007)', () => {
  test('UDP: the sender of a datagram on a link comes with its link', () => {
    const twins = new Twins()
    const receiver = bound(twins.right, '::', 9)
    expect(send(open(twins.left), 'fe80::0:2%2', 9)).toBe(1)
    expect(send(open(twins.left), 'fe80::1:2%3', 9)).toBe(1)
    twins.run(10)
    expect(take(receiver)).toMatch(/^\[fe80::1%2\]:/)
    expect(take(receiver)).toMatch(/^\[fe80::1:1%3\]:/)
  })

  test('UDP: connect to a link-local address wants a scope, and binds to it', () => {
    const { left } = new Twins()
    const endpoint = open(left)
    expect(endpoint.connect(SocketAddress.internet('fe80::0:2', 9))).toBe(-EINVAL)
    expect(endpoint.connect(SocketAddress.internet('fe80::0:2%2', 9))).toBe(0)
    expect(peerOf(endpoint).toString()).toBe('[fe80::2%2]:9')
    expect(nameOf(endpoint).toString()).toMatch(/^\[fe80::1%2\]:/)
    expect(endpoint.connect(SocketAddress.internet('fe80::1:2%3', 9))).toBe(-EINVAL)
    const device = new Uint8Array(16)
    const length = endpoint.getOption(SOL_SOCKET, SO_BINDTODEVICE, device)
    expect(new TextDecoder().decode(device.subarray(0, length - 1))).toBe(left.interfaces[1]?.name)
  })

  test('TCP: connect wants one as well; accept, getpeername and getsockname tell it', () => {
    const twins = new Twins()
    const listener = open(twins.right, AF_INET6, SOCK_STREAM)
    listener.bind(SocketAddress.internet('::', 9))
    listener.listen(5)
    const client = open(twins.left, AF_INET6, SOCK_STREAM)
    expect(client.connect(SocketAddress.internet('fe80::0:2', 9))).toBe(-EINVAL)
    expect(client.connect(SocketAddress.internet('fe80::0:2%2', 9))).toBe(-EINPROGRESS)
    twins.run(10)
    const peer = new SocketAddress()
    const server = listener.accept(peer) as Endpoint
    expect(peer.toString()).toMatch(/^\[fe80::1%2\]:/)
    expect(nameOf(server).toString()).toBe('[fe80::2%2]:9')
    expect([peerOf(client).toString(), nameOf(client).scopeId]).toEqual(['[fe80::2%2]:9', 2])
  })

  test('where there is but one link, it must be said all the same', () => {
    const { stack } = new OneStack6()
    const to = SocketAddress.internet('fe80::9', 9)
    expect([SOCK_STREAM, SOCK_DGRAM].map((type) => open(stack, AF_INET6, type).connect(to))).toEqual([-EINVAL, -EINVAL])
  })

  test('TCP: a listener bound to an interface goes before one that is not, and hears nothing else', () => {
    const twins = new Twins()
    const [any, eth] = [null, twins.right.interfaces[2]?.name ?? ''].map((name) => {
      const listener = open(twins.right, AF_INET6, SOCK_STREAM)
      listener.setOption(SOL_SOCKET, SO_REUSEPORT, ON)
      if (name !== null) listener.setOption(SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(name))
      expect(listener.bind(SocketAddress.internet('::', 9))).toBe(0)
      expect(listener.listen(5)).toBe(0)
      return listener
    }) as [Endpoint, Endpoint]
    const reached = (address: string): number[] => {
      open(twins.left, AF_INET6, SOCK_STREAM).connect(SocketAddress.internet(address, 9))
      twins.run(20)
      return [any, eth].map((listener) => (typeof listener.accept(null) === 'number' ? 0 : 1))
    }
    expect(reached('2001:db8:1::2')).toEqual([0, 1])
    expect(reached('2001:db8:0::2')).toEqual([1, 0])
    expect(reached('::ffff:10.0.1.2')).toEqual([0, 1])
    any.close()
    expect(reached('2001:db8:0::2')).toEqual([0, 0])
  })
})

describe('UDP over IPv6: checksums (RFC 8200 section 8.1)', () => {
  function unchecked(port: number): Uint8Array {
    const packet = ipv6(udp6(7, port, Uint8Array.of(1, 2, 3)))
    packet[46] = 0
    packet[47] = 0
    return packet
  }

  test('none at all is not taken, unless the socket has asked for it (RFC 6935)', () => {
    const host = new OneStack6()
    const strict = bound(host.stack, '::', 1)
    const lenient = bound(host.stack, '::', 2)
    expect(lenient.setOption(SOL_UDP, UDP_NO_CHECK6_RX, ON)).toBe(0)
    host.device.deliver(unchecked(1), unchecked(2))
    expect([take(strict), take(lenient)]).toEqual([-EAGAIN, `[${PEER}]:7`])
    expect([host.stack.counters.udpInErrors, host.device.take()]).toEqual([1, []])
  })

  test('a wrong one is not taken; a right one is', () => {
    const host = new OneStack6()
    const endpoint = bound(host.stack, '::', 1)
    const packet = ipv6(udp6(7, 1, Uint8Array.of(1, 2, 3)))
    const wrong = packet.slice()
    wrong[50] = 9
    host.device.deliver(wrong)
    expect(take(endpoint)).toBe(-EAGAIN)
    host.device.deliver(packet)
    expect(take(endpoint)).toBe(`[${PEER}]:7`)
  })

  test('one is always sent, and a sum of zero as ffff; none where the socket has asked for none', () => {
    const host = new OneStack6()
    const endpoint = bound(host.stack, OURS, 1000)
    // The data makes the sum: of all 65536 two octets one gives zero.
    let zero = 0
    const name = SocketAddress.internet(PEER, 9)
    for (let i = 0; i < 65_536; i++) {
      endpoint.sendmsg(new Message([Uint8Array.of(i >> 8, i)], name), 0)
      const [packet] = host.device.take()
      const { payload } = parse6(packet)
      expect(payload[6] !== 0 || payload[7] !== 0).toBe(true)
      if (payload[6] === 255 && payload[7] === 255) zero++
    }
    expect(zero).toBe(1)
    endpoint.setOption(SOL_UDP, UDP_NO_CHECK6_TX, ON)
    endpoint.sendmsg(new Message([Uint8Array.of(1)], name), 0)
    expect(toHex((host.device.take()[0] as Uint8Array).subarray(46, 48))).toBe('00 00')
  })

  test('nobody listens: port unreachable, and ECONNREFUSED where it is a socket of ours that hears so', () => {
    const host = new OneStack6()
    const [answer] = host.answers(ipv6(udp6(7, 1, Uint8Array.of(1))))
    expect([...parse6(answer).payload.subarray(0, 2)]).toEqual([1, 4])
    const endpoint = bound(host.stack, OURS, 1000)
    endpoint.connect(SocketAddress.internet(PEER, 9))
    endpoint.send(Uint8Array.of(1), 0, 1, 0)
    const [sent] = host.device.take() as [Uint8Array]
    host.device.deliver(ipv6(icmp6(1, 4, 0, sent), { next: 58 }))
    expect(take(endpoint)).toBe(-ECONNREFUSED)
  })
})

describe('what packets of a socket carry (ipv6(7), RFC 3542)', () => {
  function sent(host: OneStack6, endpoint: Endpoint, length = 1, to = PEER): Uint8Array[] {
    host.device.take()
    endpoint.sendmsg(new Message([new Uint8Array(length)], SocketAddress.internet(to, 9)), 0)
    return host.device.take()
  }

  test('hop limit and traffic class, that of groups apart', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack)
    expect(parse6(sent(host, endpoint)[0]).hopLimit).toBe(64)
    endpoint.setOption(IPPROTO_IPV6, IPV6_UNICAST_HOPS, int(3))
    endpoint.setOption(IPPROTO_IPV6, IPV6_TCLASS, int(0xb8))
    const header = parse6(sent(host, endpoint)[0])
    expect([header.hopLimit, header.trafficClass]).toEqual([3, 0xb8])
    expect(parse6(sent(host, endpoint, 1, 'ff05::9')[0]).hopLimit).toBe(1)
    endpoint.setOption(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int(7))
    expect(parse6(sent(host, endpoint, 1, 'ff05::9')[0]).hopLimit).toBe(7)
  })

  test('IPV6_FLOWINFO_SEND: the flow label of the address', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack)
    const name = SocketAddress.internet(PEER, 9)
    name.flowInfo = 0x12345
    const label = () => {
      endpoint.sendmsg(new Message([Uint8Array.of(1)], name), 0)
      return parse6(host.device.take()[0]).flowLabel
    }
    expect(label()).not.toBe(0x12345)
    endpoint.setOption(IPPROTO_IPV6, IPV6_FLOWINFO_SEND, ON)
    expect(label()).toBe(0x12345)
    endpoint.connect(name)
    endpoint.send(Uint8Array.of(1), 0, 1, 0)
    expect([parse6(host.device.take()[0]).flowLabel, peerOf(endpoint).flowInfo]).toEqual([0x12345, 0x12345])
  })

  test('extension headers that were set, in their order; a value of no octets takes them away', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack)
    const options = hex('00 00 01 04 00 00 00 00')
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_DSTOPTS, options)).toBe(0)
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_HOPOPTS, options)).toBe(0)
    const [packet] = sent(host, endpoint) as [Uint8Array]
    expect(toHex(packet.subarray(6, 7))).toBe('00')
    expect(toHex(packet.subarray(40, 56))).toBe('3c 00 01 04 00 00 00 00 11 00 01 04 00 00 00 00')
    expect(packet.length).toBe(40 + 16 + 9)
    const value = new Uint8Array(20)
    expect(endpoint.getOption(IPPROTO_IPV6, IPV6_HOPOPTS, value)).toBe(8)
    for (const name of [IPV6_HOPOPTS, IPV6_DSTOPTS]) endpoint.setOption(IPPROTO_IPV6, name, new Uint8Array(0))
    expect(sent(host, endpoint)[0]?.length).toBe(49)
    for (const bad of ['00 00 01', '00 01 01 04 00 00 00 00', '00 00 01 04 00 00 00 00 00']) {
      expect(endpoint.setOption(IPPROTO_IPV6, IPV6_HOPOPTS, hex(bad))).toBe(-EINVAL)
    }
  })

  test('who is not privileged sets no extension headers: EPERM', () => {
    const host = new OneStack6({ privileged: false })
    const options = hex('00 00 01 04 00 00 00 00')
    expect(open(host.stack).setOption(IPPROTO_IPV6, IPV6_HOPOPTS, options)).toBe(-EPERM)
  })

  test('what is too long is cut by the sender, into pieces of IPV6_MTU; IPV6_DONTFRAG: EMSGSIZE', () => {
    const host = new OneStack6()
    const endpoint = open(host.stack)
    expect(sent(host, endpoint, 1452)).toHaveLength(1)
    expect(sent(host, endpoint, 1453)).toHaveLength(2)
    expect(endpoint.setOption(IPPROTO_IPV6, IPV6_MTU, int(1279))).toBe(-EINVAL)
    endpoint.setOption(IPPROTO_IPV6, IPV6_MTU, int(1280))
    expect(sent(host, endpoint, 1452).map((packet) => packet.length)).toEqual([1280, 276])
    endpoint.setOption(IPPROTO_IPV6, IPV6_DONTFRAG, ON)
    const name = SocketAddress.internet(PEER, 9)
    expect(endpoint.sendmsg(new Message([new Uint8Array(1300)], name), 0)).toBe(-EMSGSIZE)
    expect(endpoint.sendmsg(new Message([new Uint8Array(65_528)], name), 0)).toBe(-EMSGSIZE)
  })
})

test('a mapped address never is on a wire of IPv6, nor one of IPv6 on a wire of IPv4', () => {
  const device = new ScriptDevice('ip')
  const clock = new ManualClock()
  const stack = new Stack({ clock, random: new SeededRandom(1) })
  stack.attach(device, { address: ['192.0.2.1/24', '2001:db8::1/64'], duplicateAddressDetection: false })
  clock.advanceTo(10_000)
  clock.settle()
  device.take()
  const endpoint = open(stack)
  send(endpoint, '::ffff:192.0.2.2', 9)
  send(endpoint, '2001:db8::2', 9)
  expect(device.take().map((packet) => (packet[0] as number) >> 4)).toEqual([4, 6])
})
