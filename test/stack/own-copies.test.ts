import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_TTL,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_RECVPKTINFO,
  MCAST_JOIN_GROUP,
  SO_BROADCAST,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { ReversePathCheck } from '../../src/stack/ip/reverse-path.ts'
import { Stack } from '../../src/stack/stack.ts'
import { ScriptDevice } from './script-device.ts'

/** A host on two links, eth0 and eth1. */
class TwoLinks {
  readonly clock = new ManualClock(5000)
  readonly stack = new Stack({ clock: this.clock, random: new SeededRandom(1) })
  readonly devices = [new ScriptDevice('ip'), new ScriptDevice('ip')] as const

  constructor(reversePath: ReversePathCheck = 'off') {
    this.devices.forEach((device, i) => {
      const address = [`10.0.${i}.1/24`, `2001:db8:${i}::1/64`]
      this.stack.attach(device, { name: `eth${i}`, address, reversePath })
    })
    this.run(3000)
  }

  run(ms = 0): void {
    this.clock.advanceTo(this.clock.now() + ms)
    this.clock.settle()
  }

  index(name: string): number {
    return this.stack.interfaceNamed(name)?.index ?? 0
  }
}

const families = [
  { name: 'IPv4', family: AF_INET, level: IPPROTO_IP, group: '239.1.2.3', info: IP_PKTINFO },
  {
    name: 'IPv6',
    family: AF_INET6,
    level: IPPROTO_IPV6,
    group: 'ff05::123',
    info: IPV6_RECVPKTINFO,
  },
] as const

test.each(families)(
  '$name: what we send to a group is heard by members on the link it went to, and only there (RFC 1112 section 6.1)',
  ({ family, level, group, info }) => {
    const host = new TwoLinks()
    const members = ['eth0', 'eth1'].map((name) => {
      const socket = new Socket(host.stack, family, SOCK_DGRAM)
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      socket.setsockopt(level, info, true)
      // Else a socket hears what any socket of this host has joined (ip(7)).
      if (level === IPPROTO_IP) socket.setsockopt(level, IP_MULTICAST_ALL, false)
      else socket.setsockopt(level, IPV6_MULTICAST_ALL, false)
      socket.bind({ address: group, port: 5000 })
      socket.setsockopt(level, MCAST_JOIN_GROUP, { group, ifindex: host.index(name) })
      return socket
    })
    const sender = new Socket(host.stack, family, SOCK_DGRAM)
    const buffer = new Uint8Array(10)
    for (const [i, name] of ['eth0', 'eth1'].entries()) {
      const index = host.index(name)
      if (level === IPPROTO_IP) sender.setsockopt(level, IP_MULTICAST_IF, `10.0.${i}.1`)
      else sender.setsockopt(level, IPV6_MULTICAST_IF, index)
      expect(sender.trySendto(Uint8Array.of(1, 2, i), { address: group, port: 5000 })).toBe(3)
      // Not from inside the call: law 3.
      expect(members[i]?.tryRecv(buffer)).toBe(-11)
      host.run()
      const message = new Message([buffer])
      expect(members[i]?.tryRecvmsg(message)).toBe(3)
      expect(buffer[2]).toBe(i)
      // It came in where it went out.
      const [control] = message.control
      expect(control?.data[level === IPPROTO_IP ? 0 : 16]).toBe(index)
      expect(members[1 - i]?.tryRecv(buffer)).toBe(-11)
    }
  },
)

test('a broadcast is heard by ourselves, as it went out', () => {
  const host = new TwoLinks()
  const server = new Socket(host.stack, AF_INET, SOCK_DGRAM)
  server.bind({ address: '', port: 7 })
  const sender = new Socket(host.stack, AF_INET, SOCK_DGRAM)
  sender.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
  expect(sender.trySendto(Uint8Array.of(9), { address: '10.0.1.255', port: 7 })).toBe(1)
  host.run()
  const buffer = new Uint8Array(10)
  const received = server.tryRecvfrom(buffer)
  expect(typeof received === 'number' ? received : received.address?.address).toBe('10.0.1.1')
})

test('copies that there is no room for are lost and counted', () => {
  const clock = new ManualClock(5000)
  const stack = new Stack({ clock, random: new SeededRandom(1), limits: { copyBytes: 3000 } })
  stack.attach(new ScriptDevice('ip'), { address: '10.0.0.1/24' })
  const server = new Socket(stack, AF_INET, SOCK_DGRAM)
  server.bind({ address: '', port: 7 })
  const sender = new Socket(stack, AF_INET, SOCK_DGRAM)
  sender.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
  for (let i = 0; i < 5; i++) sender.trySendto(new Uint8Array(1000), { address: '10.0.0.255', port: 7 })
  clock.settle()
  const buffer = new Uint8Array(1000)
  let got = 0
  while (server.tryRecv(buffer) === 1000) got++
  expect(got).toBeGreaterThan(0)
  expect(got + stack.counters.outDiscards).toBe(5)
})

/** A member of `group` on eth0, at port 5000. */
function memberOf(host: TwoLinks, family: number, level: number, group: string): Socket {
  const socket = new Socket(host.stack, family, SOCK_DGRAM)
  socket.bind({ address: family === AF_INET ? '0.0.0.0' : '::', port: 5000 })
  socket.setsockopt(level, MCAST_JOIN_GROUP, { group, ifindex: host.index('eth0') })
  return socket
}

function sendFrom(host: TwoLinks, family: number, level: number, group: string, hops: number): void {
  const sender = new Socket(host.stack, family, SOCK_DGRAM)
  if (level === IPPROTO_IP) sender.setsockopt(level, IP_MULTICAST_IF, '10.0.0.1')
  else sender.setsockopt(level, IPV6_MULTICAST_IF, host.index('eth0'))
  sender.setsockopt(level, level === IPPROTO_IP ? IP_MULTICAST_TTL : IPV6_MULTICAST_HOPS, hops)
  for (const device of host.devices) device.take()
  expect(sender.trySendto(Uint8Array.of(1, 2), { address: group, port: 5000 })).toBe(2)
}

test.each(families)('$name: a copy is ours wherever packets to us would go by (RFC 3704)', (by) => {
  const host = new TwoLinks('strict')
  const member = memberOf(host, by.family, by.level, by.group)
  sendFrom(host, by.family, by.level, by.group, 1)
  host.run()
  expect(member.tryRecv(new Uint8Array(10))).toBe(2)
})

test.each([
  ...families.map((family) => ({ ...family, hops: 0 })),
  { ...families[1], name: 'IPv6, ff01::', group: 'ff01::123', hops: 5 },
])(
  '$name: a packet without hops, or to a group of the interface, does not leave this host (RFC 1112 section 6.1, RFC 4291 section 2.7)',
  ({ family, level, group, hops }) => {
    const host = new TwoLinks()
    const member = memberOf(host, family, level, group)
    sendFrom(host, family, level, group, hops)
    expect(host.devices[0].take()).toEqual([])
    host.run()
    expect(member.tryRecv(new Uint8Array(10))).toBe(2)
  },
)
