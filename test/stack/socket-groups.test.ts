// Read first: RFC 3678, ip(7) and ipv6(7) on membership. What the options say was tried on Linux 6.18.

import { describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_ADD_SOURCE_MEMBERSHIP,
  IP_BLOCK_SOURCE,
  IP_DROP_MEMBERSHIP,
  IP_DROP_SOURCE_MEMBERSHIP,
  IP_MSFILTER,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_UNBLOCK_SOURCE,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  MCAST_BLOCK_SOURCE,
  MCAST_JOIN_GROUP,
  MCAST_JOIN_SOURCE_GROUP,
  MCAST_LEAVE_GROUP,
  MCAST_LEAVE_SOURCE_GROUP,
  MCAST_MSFILTER,
  MCAST_UNBLOCK_SOURCE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import type { GroupFilter, GroupRequest } from '../../src/base/group-request.ts'
import type { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import { Socket } from '../../src/socket/socket.ts'
import { SocketError } from '../../src/socket/socket-error.ts'
import type { GroupTable } from '../../src/stack/multicast/group-table.ts'
import { Stack } from '../../src/stack/stack.ts'

/** Two hosts with two cables between them; groups go by the first unless something else is said. */
class Hosts {
  readonly clock = new ManualClock(1000)
  readonly left: Stack
  readonly right: Stack

  constructor() {
    this.left = new Stack({ clock: this.clock, random: new SeededRandom(1) })
    this.right = new Stack({ clock: this.clock, random: new SeededRandom(2) })
    for (const i of [0, 1]) {
      const cable = new Cable()
      const address = (host: number) => [`10.0.${i}.${host}/24`, `2001:db8:${i}::${host}/64`]
      const duplicateAddressDetection = false
      this.left.attach(cable.left, { address: address(1), name: `eth${i}`, duplicateAddressDetection })
      this.right.attach(cable.right, { address: address(2), name: `eth${i}`, duplicateAddressDetection })
    }
    this.run(10)
  }

  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  member(family: number, port = 7, stack = this.right): Socket {
    const socket = new Socket(stack, family, SOCK_DGRAM)
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    socket.bind({ address: '', port })
    return socket
  }
}

/** null, or the name of the errno. */
function outcome(run: () => void): string | null {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof SocketError) return error.code
    throw error
  }
}

function set(socket: Socket, level: number, name: number, value: GroupRequest | GroupFilter): string | null {
  // The table types the value by the constant, which is not one here.
  return outcome(() => socket.setsockopt(level, name, value as never))
}

const IPV4 = {
  family: AF_INET,
  level: IPPROTO_IP,
  group: '224.5.5.5',
  other: '224.5.5.6',
  unicast: '10.1.1.1',
  sources: ['10.0.0.1', '192.0.2.7', '192.0.2.8'],
  most: 10,
} as const
const IPV6 = {
  family: AF_INET6,
  level: IPPROTO_IPV6,
  group: 'ff05::5',
  other: 'ff05::6',
  unicast: '2001:db8::77',
  sources: ['2001:db8:0::1', '2001:db8::7', '2001:db8::8'],
  most: 64,
} as const

describe.each([
  ['IPv4', IPV4],
  ['IPv6', IPV6],
] as const)('MCAST_… of %s (RFC 3678 section 5)', (_name, { family, level, group, other, unicast, sources, most }) => {
  const [near, far, farther] = sources

  test('joining and leaving: EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV', () => {
    const socket = new Hosts().member(family)
    const join = (request: GroupRequest) => set(socket, level, MCAST_JOIN_GROUP, request)
    const leave = (request: GroupRequest) => set(socket, level, MCAST_LEAVE_GROUP, request)
    expect([join({ group }), join({ group }), join({ group, ifindex: 3 })]).toEqual([null, 'EADDRINUSE', null])
    expect([join({ group: unicast }), join({ group, ifindex: 99 })]).toEqual(['EINVAL', 'ENODEV'])
    expect([leave({ group, ifindex: 2 }), leave({ group, ifindex: 2 })]).toEqual([null, 'EADDRNOTAVAIL'])
    expect([leave({ group, ifindex: 3 }), leave({ group: other })]).toEqual([null, 'EADDRNOTAVAIL'])
  })

  test('of one source, and all but one: modes do not mix', () => {
    const socket = new Hosts().member(family)
    const doing = (name: number, source: string, to: string = group) =>
      set(socket, level, name, { group: to, source, ifindex: 2 })
    expect(doing(MCAST_BLOCK_SOURCE, near)).toBe('EINVAL')
    expect(doing(MCAST_JOIN_SOURCE_GROUP, near)).toBe(null)
    expect(doing(MCAST_JOIN_SOURCE_GROUP, near)).toBe('EADDRNOTAVAIL')
    expect(doing(MCAST_JOIN_SOURCE_GROUP, far)).toBe(null)
    expect(doing(MCAST_BLOCK_SOURCE, farther)).toBe('EINVAL')
    expect(doing(MCAST_LEAVE_SOURCE_GROUP, farther)).toBe('EADDRNOTAVAIL')
    expect([doing(MCAST_LEAVE_SOURCE_GROUP, near), doing(MCAST_LEAVE_SOURCE_GROUP, far)]).toEqual([null, null])
    expect(doing(MCAST_LEAVE_SOURCE_GROUP, far)).toBe('EINVAL')
    // All, and then one: the mode of an empty filter still changes.
    expect(set(socket, level, MCAST_JOIN_GROUP, { group: other, ifindex: 2 })).toBe(null)
    expect(doing(MCAST_BLOCK_SOURCE, near, other)).toBe(null)
    expect(doing(MCAST_BLOCK_SOURCE, near, other)).toBe('EADDRNOTAVAIL')
    expect(doing(MCAST_JOIN_SOURCE_GROUP, far, other)).toBe('EINVAL')
    expect(doing(MCAST_UNBLOCK_SOURCE, near, other)).toBe(null)
    expect(doing(MCAST_UNBLOCK_SOURCE, near, other)).toBe('EADDRNOTAVAIL')
    expect(doing(MCAST_JOIN_SOURCE_GROUP, far, other)).toBe(null)
    // The other family's addresses are no sources.
    const stranger = family === AF_INET ? '2001:db8::1' : '192.0.2.1'
    expect(doing(MCAST_JOIN_SOURCE_GROUP, stranger, other)).toBe('EADDRNOTAVAIL')
  })

  test('a whole filter, told again; as many sources as Linux takes', () => {
    const socket = new Hosts().member(family)
    const about = { group, ifindex: 2 }
    const filter = (mode: 'include' | 'exclude', list: readonly string[]) =>
      set(socket, level, MCAST_MSFILTER, { ...about, mode, sources: list })
    const told = () => socket.getsockopt(level, MCAST_MSFILTER, about as never)
    expect(filter('exclude', [near])).toBe('EINVAL')
    expect(outcome(told)).toBe('EADDRNOTAVAIL')
    set(socket, level, MCAST_JOIN_GROUP, about)
    expect(told()).toEqual({ group, ifindex: 2, mode: 'exclude', sources: [] })
    expect(filter('include', [near, far])).toBe(null)
    expect(told()).toEqual({ group, ifindex: 2, mode: 'include', sources: [near, far].map(short) })
    const many = Array.from({ length: most + 1 }, (_, i) =>
      family === AF_INET ? `192.0.2.${i + 1}` : `2001:db8::${i + 1}`,
    )
    expect([filter('exclude', many), filter('exclude', many.slice(1))]).toEqual(['ENOBUFS', null])
    expect((told() as GroupFilter).sources).toHaveLength(most)
    expect(filter('include', [])).toBe(null)
    expect(outcome(told)).toBe('EADDRNOTAVAIL')
  })

  test('what a member hears: its sources, on its interface, until it leaves or is closed', async () => {
    const hosts = new Hosts()
    const socket = hosts.member(family)
    const sender = new Socket(hosts.left, family, SOCK_DGRAM)
    const heard = async (): Promise<boolean> => {
      await sender.sendto(Uint8Array.of(1), { address: group, port: 7 })
      hosts.run(10)
      return socket.tryRecv(new Uint8Array(9)) !== -EAGAIN
    }
    expect(await heard()).toBe(false)
    set(socket, level, MCAST_JOIN_GROUP, { group, ifindex: 2 })
    expect(await heard()).toBe(true)
    set(socket, level, MCAST_BLOCK_SOURCE, { group, ifindex: 2, source: near })
    expect(await heard()).toBe(false)
    set(socket, level, MCAST_UNBLOCK_SOURCE, { group, ifindex: 2, source: near })
    expect(await heard()).toBe(true)
    set(socket, level, MCAST_LEAVE_GROUP, { group, ifindex: 2 })
    set(socket, level, MCAST_JOIN_GROUP, { group, ifindex: 3 })
    expect(await heard()).toBe(false)
    set(socket, level, MCAST_JOIN_SOURCE_GROUP, { group, ifindex: 2, source: near })
    expect(await heard()).toBe(true)
    const groups = hosts.right.interfaceNamed('eth0')?.groups as GroupTable
    expect(groups.stateOf(parse(group))).not.toBeNull()
    await socket.close()
    expect(groups.stateOf(parse(group))).toBeNull()
  })

  // Linux's IP_MULTICAST_ALL: on, as it has been from the start.
  test('a socket on the wildcard hears groups that others here have joined, unless it is told not to', async () => {
    const hosts = new Hosts()
    const member = hosts.member(family)
    const [all, own] = [hosts.member(family), hosts.member(family)]
    set(member, level, MCAST_JOIN_GROUP, { group })
    const option = family === AF_INET ? IP_MULTICAST_ALL : IPV6_MULTICAST_ALL
    own.setsockopt(level, option, false)
    expect([all.getsockopt(level, option), own.getsockopt(level, option)]).toEqual([true, false])
    await new Socket(hosts.left, family, SOCK_DGRAM).sendto(Uint8Array.of(1), { address: group, port: 7 })
    hosts.run(10)
    expect([member, all, own].map((socket) => socket.tryRecv(new Uint8Array(9)))).toEqual([1, 1, -EAGAIN])
  })

  test('raw sockets hear the groups that they have joined', async () => {
    const hosts = new Hosts()
    const raw = new Socket(hosts.right, family, SOCK_RAW, 99)
    raw.setsockopt(level, family === AF_INET ? IP_MULTICAST_ALL : IPV6_MULTICAST_ALL, false)
    const sender = new Socket(hosts.left, family, SOCK_RAW, 99)
    const heard = async (): Promise<boolean> => {
      await sender.sendto(Uint8Array.of(1, 2, 3, 4), { address: group, port: 0 })
      hosts.run(10)
      return raw.tryRecv(new Uint8Array(99)) !== -EAGAIN
    }
    const member = hosts.member(family)
    set(member, level, MCAST_JOIN_GROUP, { group })
    expect(await heard()).toBe(false)
    set(raw, level, MCAST_JOIN_GROUP, { group })
    expect(await heard()).toBe(true)
  })

  test('what is sent to a group is heard on this host too, unless MULTICAST_LOOP is off', async () => {
    const hosts = new Hosts()
    const here = hosts.member(family, 7, hosts.left)
    const there = hosts.member(family)
    for (const socket of [here, there]) set(socket, level, MCAST_JOIN_GROUP, { group })
    const sender = new Socket(hosts.left, family, SOCK_DGRAM)
    const heard = async (): Promise<boolean[]> => {
      await sender.sendto(Uint8Array.of(1), { address: group, port: 7 })
      hosts.run(10)
      return [here, there].map((socket) => socket.tryRecv(new Uint8Array(9)) === 1)
    }
    expect(await heard()).toEqual([true, true])
    sender.setsockopt(level, family === AF_INET ? IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP, false)
    expect(await heard()).toEqual([false, true])
  })

  test('MULTICAST_IF says by which interface groups go', async () => {
    const hosts = new Hosts()
    const socket = hosts.member(family)
    set(socket, level, MCAST_JOIN_GROUP, { group, ifindex: 3 })
    const sender = new Socket(hosts.left, family, SOCK_DGRAM)
    if (family === AF_INET) {
      expect(outcome(() => sender.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, 99))).toBe('EADDRNOTAVAIL')
      expect(outcome(() => sender.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, '10.0.9.9'))).toBe('EADDRNOTAVAIL')
      sender.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, '10.0.1.1')
      expect(sender.getsockopt(IPPROTO_IP, IP_MULTICAST_IF)).toBe('10.0.1.1')
    } else {
      expect(outcome(() => sender.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_IF, 99))).toBe('ENODEV')
      sender.setsockopt(IPPROTO_IPV6, IPV6_MULTICAST_IF, 3)
      expect(sender.getsockopt(IPPROTO_IPV6, IPV6_MULTICAST_IF)).toBe(3)
    }
    await sender.sendto(Uint8Array.of(1), { address: group, port: 7 })
    hosts.run(10)
    const received = socket.tryRecvfrom(new Uint8Array(9))
    expect(typeof received === 'number' ? received : received.address?.address).toBe(
      family === AF_INET ? '10.0.1.1' : '2001:db8:1::1',
    )
  })

  test('a stream is no member of anything: EPROTO', () => {
    const socket = new Socket(new Hosts().left, family, SOCK_STREAM)
    expect(set(socket, level, MCAST_JOIN_GROUP, { group })).toBe('EPROTO')
  })
})

describe('the options of one family alone', () => {
  test('IP_ADD_MEMBERSHIP names the interface by number or by an address of its own (ip(7))', () => {
    const socket = new Hosts().member(AF_INET)
    const group = '224.5.5.5'
    expect(set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group, address: '10.0.1.2' })).toBe(null)
    expect(set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group, ifindex: 3 })).toBe('EADDRINUSE')
    expect(set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group, address: '10.0.9.9' })).toBe('ENODEV')
    expect(set(socket, IPPROTO_IP, IP_DROP_MEMBERSHIP, { group })).toBe('EADDRNOTAVAIL')
    expect(set(socket, IPPROTO_IP, IP_DROP_MEMBERSHIP, { group, address: '10.0.1.2' })).toBe(null)
    // A struct ip_mreq has no number.
    expect(
      outcome(() => socket.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, Uint8Array.of(224, 5, 5, 5, 0, 0, 0, 0))),
    ).toBe(null)
    expect(outcome(() => socket.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, Uint8Array.of(224, 5, 5)))).toBe('EINVAL')
  })

  test('20 groups of a socket, as igmp_max_memberships: ENOBUFS', () => {
    const socket = new Hosts().member(AF_INET)
    for (let i = 1; i <= 20; i++) {
      expect(set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group: `224.6.0.${i}` })).toBe(null)
    }
    expect(set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group: '224.6.0.21' })).toBe('ENOBUFS')
  })

  test('IP_ADD_SOURCE_MEMBERSHIP and its like, IP_MSFILTER', () => {
    const socket = new Hosts().member(AF_INET)
    const of = (source: string) => ({ group: '224.5.5.5', address: '10.0.0.2', source })
    expect(set(socket, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, of('10.0.0.1'))).toBe(null)
    expect(set(socket, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, of('10.0.0.9'))).toBe(null)
    expect(set(socket, IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, of('10.0.0.1'))).toBe(null)
    const about = { group: '224.5.5.5', address: '10.0.0.2' }
    expect(socket.getsockopt(IPPROTO_IP, IP_MSFILTER, about)).toEqual({
      ...about,
      mode: 'include',
      sources: ['10.0.0.9'],
    })
    socket.setsockopt(IPPROTO_IP, IP_MSFILTER, { ...about, mode: 'exclude', sources: ['10.0.0.1'] })
    expect(set(socket, IPPROTO_IP, IP_UNBLOCK_SOURCE, of('10.0.0.1'))).toBe(null)
    expect(set(socket, IPPROTO_IP, IP_BLOCK_SOURCE, of('10.0.0.7'))).toBe(null)
    expect(socket.getsockopt(IPPROTO_IP, IP_MSFILTER, about).sources).toEqual(['10.0.0.7'])
  })

  test('IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP; a group of a link needs its interface to be reached', () => {
    const socket = new Hosts().member(AF_INET6)
    expect(set(socket, IPPROTO_IPV6, IPV6_JOIN_GROUP, { group: 'ff02::5', ifindex: 3 })).toBe(null)
    expect(set(socket, IPPROTO_IPV6, IPV6_LEAVE_GROUP, { group: 'ff02::5' })).toBe(null)
    expect(set(socket, IPPROTO_IPV6, IPV6_LEAVE_GROUP, { group: 'ff02::5' })).toBe('EADDRNOTAVAIL')
    expect(set(socket, IPPROTO_IPV6, IPV6_LEAVE_GROUP, { group: '2001:db8::1' })).toBe('EINVAL')
    // AF_INET6 sockets are members of groups of IPv4 as well.
    expect(set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group: '224.5.5.5' })).toBe(null)
  })

  test('IP_MULTICAST_TTL: 1, −1 for that again; 0 stays here; streams have none', () => {
    const { left } = new Hosts()
    const socket = new Socket(left, AF_INET, SOCK_DGRAM)
    expect(socket.getsockopt(IPPROTO_IP, IP_MULTICAST_TTL)).toBe(1)
    for (const [value, result] of [
      [7, 7],
      [-1, 1],
      [0, 0],
    ] as const) {
      socket.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, value)
      expect(socket.getsockopt(IPPROTO_IP, IP_MULTICAST_TTL)).toBe(result)
    }
    expect(outcome(() => socket.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 256))).toBe('EINVAL')
    const stream = new Socket(left, AF_INET, SOCK_STREAM)
    expect(outcome(() => stream.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 2))).toBe('EINVAL')
  })
})

function parse(text: string): IpAddress {
  return SocketAddress.internet(text, 0).ip
}

function short(text: string): string {
  return String(parse(text))
}
