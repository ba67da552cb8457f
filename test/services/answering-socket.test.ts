import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_ADD_MEMBERSHIP,
  SO_BROADCAST,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import { DatagramServer } from '../../src/services/datagram-server.ts'
import { echoDatagram } from '../../src/services/echo.ts'
import { HostsFile } from '../../src/services/names/hosts-file.ts'
import { encodeMessage } from '../../src/services/names/message.ts'
import { NameServer } from '../../src/services/names/name-server.ts'
import { Socket } from '../../src/socket/socket.ts'
import type { NetworkInterface } from '../../src/stack/link/network-interface.ts'
import { Stack } from '../../src/stack/stack.ts'
import { drive } from '../berkeley/drive.ts'

const PORT = 4000
const GROUP = 'ff02::4a46'

// The server is on two links, and has two addresses of each family on the first; the clients reach all of them by their own link.
let clock: ManualClock
let server: Stack
let near: Stack
let far: Stack
let serving: { run(): Promise<void>; close(): Promise<void> }[]

function host(seed: number): Stack {
  return new Stack({ clock, random: new SeededRandom(seed) })
}

beforeEach(() => {
  clock = new ManualClock(1000)
  const [a, b] = [new Cable(), new Cable()]
  const settled = { duplicateAddressDetection: false } as const
  server = host(1)
  near = host(2)
  far = host(3)
  server.attach(a.left, {
    ...settled,
    name: 'eth0',
    address: ['10.0.0.1/24', '10.0.0.7/24', '2001:db8::1/64', '2001:db8::7/64'],
  })
  server.attach(b.left, { ...settled, name: 'eth1', address: ['10.0.1.1/24', '2001:db8:1::1/64'] })
  near.attach(a.right, { ...settled, name: 'eth0', address: ['10.0.0.2/24', '2001:db8::2/64'] })
  far.attach(b.right, { ...settled, name: 'eth0', address: ['10.0.1.2/24', '2001:db8:1::2/64'] })
  near.addRoute('0.0.0.0/0', { via: '10.0.0.1' })
  near.addRoute('::/0', { via: '2001:db8::1' })
  far.addRoute('0.0.0.0/0', { via: '10.0.1.1' })
  far.addRoute('::/0', { via: '2001:db8:1::1' })
  serving = []
})

afterEach(async () => {
  for (const one of serving) await drive(clock, one.close())
  expect(server.descriptors.size).toBe(0)
  for (const stack of [server, near, far]) stack.close()
})

type Kind = 'DatagramServer' | 'NameServer'

/** Serves on a wildcard socket of `family`; one of AF_INET6 serves both. */
function serve(kind: Kind, family: number, prepare: (socket: Socket) => void = () => {}): void {
  const socket = new Socket(server, family, SOCK_DGRAM)
  socket.bind({ address: family === AF_INET ? '0.0.0.0' : '::', port: PORT })
  prepare(socket)
  const forwarder = new NameServer({ resolver: null, hosts: new HostsFile('192.0.2.1 h.example') })
  const one = kind === 'NameServer' ? forwarder.datagrams(socket) : new DatagramServer(socket, echoDatagram)
  serving.push(one)
  void one.run()
}

const query = encodeMessage({ id: 7, question: { name: 'h.example', type: 'A', class: 1 } })

/** Whom an answer comes from that is asked at `to`; null where none comes. */
async function answerer(client: Stack, to: SocketAddress, connect: boolean, from = ''): Promise<string | null> {
  const socket = new Socket(client, to.family, SOCK_DGRAM)
  try {
    if (to.family === AF_INET) socket.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
    if (from !== '') socket.bind({ address: from, port: 5555 })
    if (connect) await socket.connect(to)
    await drive(clock, connect ? socket.send(query) : socket.sendto(query, to))
    const answer = await drive(
      clock,
      socket.recvfrom(new Uint8Array(512), 0, { timeout: 1000 }).catch(() => null),
    )
    if (answer === null) return null
    expect(answer.length).toBeGreaterThanOrEqual(query.length)
    return answer.address?.ip.toString() ?? null
  } finally {
    await socket.close()
  }
}

describe.each<Kind>(['DatagramServer', 'NameServer'])(
  'the answer of a %s leaves from the address that was asked',
  (kind) => {
    test.each([
      ['the first of its link', AF_INET, 'near', '10.0.0.1'],
      ['the second of its link', AF_INET, 'near', '10.0.0.7'],
      ['that of another link', AF_INET, 'near', '10.0.1.1'],
      ['the second of another link', AF_INET, 'far', '10.0.0.7'],
      ['the first of its link', AF_INET6, 'near', '2001:db8::1'],
      ['the second of its link', AF_INET6, 'near', '2001:db8::7'],
      ['that of another link', AF_INET6, 'near', '2001:db8:1::1'],
      ['the second of another link', AF_INET6, 'far', '2001:db8::7'],
      ['by IPv4 on a socket of IPv6, the second', AF_INET6, 'near', '10.0.0.7'],
      ['by IPv4 on a socket of IPv6, another link', AF_INET6, 'far', '10.0.0.1'],
    ])('%s (RFC 2181 4.1): %i, %s, %s', async (_, family, from, address) => {
      serve(kind, family)
      const client = from === 'near' ? near : far
      expect(await answerer(client, SocketAddress.internet(address, PORT), true)).toBe(address)
    })

    test('also where it is of that link alone (RFC 4007 6)', async () => {
      serve(kind, AF_INET6)
      for (const [client, link] of [
        [near, server.interfaceNamed('eth0')],
        [far, server.interfaceNamed('eth1')],
      ] as const) {
        const own = link?.ipv6?.linkLocal?.toString() ?? ''
        expect(own).toMatch(/^fe80:/)
        const to = SocketAddress.internet(own, PORT)
        to.scopeId = client.interfaceNamed('eth0')?.index ?? 0
        expect(await answerer(client, to, true)).toBe(own)
      }
    })

    test.each([
      [AF_INET, '10.0.0.1', '172.16.0.1', '10.0.1.2'],
      [AF_INET6, '10.0.0.1', '172.16.0.1', '10.0.1.2'],
      [AF_INET6, '2001:db8::7', '2001:db8:9::1', '2001:db8:1::2'],
    ])(
      'and by the way that the routing table says: socket of family %i, asked at %s by %s',
      async (family, to, from, via) => {
        // The address is on the near host and, further off, on the far one, which is where the server finds it.
        const source = SocketAddress.internet(from, 5555)
        for (const client of [near, far]) {
          client.addAddress(client.interfaceNamed('eth0') as NetworkInterface, source.ip, 128)
        }
        server.addRoute(`${from}/${source.ip.isV4 ? 32 : 128}`, { via })
        serve(kind, family)
        const asking = new Socket(near, source.family, SOCK_DGRAM)
        const hearing = new Socket(far, source.family, SOCK_DGRAM)
        for (const socket of [asking, hearing]) socket.bind(source)
        await asking.sendto(query, SocketAddress.internet(to, PORT))
        const answer = await drive(clock, hearing.recvfrom(new Uint8Array(512), 0, { timeout: 1000 }))
        expect(answer.address?.ip.toString()).toBe(to)
        for (const socket of [asking, hearing]) await socket.close()
      },
    )

    test('but by its own link where the address that was asked is of that alone (RFC 4007 6)', async () => {
      serve(kind, AF_INET6)
      server.addRoute('2001:db8::2/128', { via: '2001:db8:1::2' })
      const own = server.interfaceNamed('eth0')?.ipv6?.linkLocal ?? null
      const to = new SocketAddress(AF_INET6, own ?? undefined, PORT)
      to.scopeId = near.interfaceNamed('eth0')?.index ?? 0
      expect(await answerer(near, to, false, '2001:db8::2')).toBe(own?.toString())
    })

    test.each([
      ['255.255.255.255', AF_INET],
      ['10.0.0.255', AF_INET],
      ['255.255.255.255', AF_INET6],
      ['10.0.0.255', AF_INET6],
    ])(
      'but for what was sent to all, %s on a socket of family %i: any of its own (RFC 2181 4.1)',
      async (to, family) => {
        serve(kind, family)
        expect(await answerer(near, SocketAddress.internet(to, PORT), false)).toBe('10.0.0.1')
      },
    )

    test('but for what was sent to a group: any of its own', async () => {
      const ifindex = server.interfaceNamed('eth0')?.index ?? 0
      serve(kind, AF_INET6, (socket) => socket.setsockopt(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, { group: GROUP, ifindex }))
      const to = SocketAddress.internet(GROUP, PORT)
      to.scopeId = near.interfaceNamed('eth0')?.index ?? 0
      expect(await answerer(near, to, false)).toMatch(/^(fe80:|2001:db8::[17]$)/)
    })

    test.each([
      [AF_INET, '10.0.0.1', '10.0.0.7'],
      [AF_INET6, '10.0.0.1', '10.0.0.7'],
      [AF_INET6, '2001:db8::1', '2001:db8::7'],
    ])(
      'each of several that came at once, from one peer to two addresses: family %i, %s and %s',
      async (family, a, b) => {
        serve(kind, family)
        const asked = [a, b, b, a, b, a].map((address) => SocketAddress.internet(address, PORT))
        const socket = new Socket(near, asked[0]?.family as number, SOCK_DGRAM)
        for (const to of asked) await socket.sendto(query, to)
        const answered: string[] = []
        for (const _ of asked) {
          const answer = await drive(clock, socket.recvfrom(new Uint8Array(512), 0, { timeout: 1000 }))
          answered.push(answer.address?.ip.toString() ?? '')
        }
        // Each address is asked for by itself before it is sent to: who is found first goes first.
        expect(answered.toSorted()).toEqual(asked.map(({ ip }) => ip.toString()).toSorted())
        await socket.close()
      },
    )

    test('a socket that is bound to one address answers from there', async () => {
      const socket = new Socket(server, AF_INET, SOCK_DGRAM)
      socket.bind({ address: '10.0.0.7', port: PORT })
      const one = new DatagramServer(socket, echoDatagram)
      serving.push(one)
      void one.run()
      expect(await answerer(near, SocketAddress.internet('10.0.0.7', PORT), true)).toBe('10.0.0.7')
    })
  },
)
