// What an established connection holds while nothing is under way: no ring, no scoreboard, nothing of congestion control, no object of
// what it rarely needs; and what it has in common with others is one object.

import { describe, expect, test } from 'vitest'
import { EMPTY_RING } from '../../src/base/byte-ring.ts'
import { AF_INET, IP_TTL, IPPROTO_IP, SOCK_STREAM } from '../../src/base/constants.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import type { Connection } from '../../src/tcp/connection.ts'

/** `count` connections on which something was said each way, and their ends. */
async function talk(count: number, octets: number, before: (socket: Socket) => void = () => {}) {
  const net = new Simulation({ seed: 1 })
  const alice = net.host('alice')
  const bob = net.host('bob')
  net.link(alice, bob, { delay: 5 })
  const sockets: Socket[] = []
  const listener = bob.listen(80)
  bob.run(async () => {
    for (let i = 0; i < count; i++) {
      const socket = await listener.accept()
      sockets.push(socket)
      await read(socket, octets)
      await socket.send(new Uint8Array(octets))
    }
  })
  alice.run(async (host) => {
    for (let i = 0; i < count; i++) {
      const socket = host.socket(AF_INET, SOCK_STREAM)
      before(socket)
      await socket.connect({ address: host.lookup('bob'), port: 80 })
      sockets.push(socket)
      await socket.send(new Uint8Array(octets))
      await read(socket, octets)
    }
    await host.sleep(5000)
  })
  await net.run()
  return { net, sockets, connections: sockets.map(connectionOf) }
}

async function read(socket: Socket, octets: number): Promise<void> {
  const buffer = new Uint8Array(octets)
  for (let length = 0; length < octets; ) length += await socket.recv(buffer)
}

function connectionOf(socket: Socket): Connection {
  const endpoint = socket.provider.endpoint(socket.fd)
  if (!(endpoint instanceof TcpEndpoint) || endpoint.connection === null) throw new Error('it has no connection')
  return endpoint.connection
}

describe('an established connection at rest', () => {
  test.each([64, 20_000])(
    'after %i octets each way it holds no ring, no scoreboard and no state of CUBIC',
    async (octets) => {
      const { net, connections } = await talk(3, octets)
      expect(connections).toHaveLength(6)
      for (const c of connections) {
        expect(c.sendRing).toBe(EMPTY_RING)
        expect(c.receiveRing).toBe(EMPTY_RING)
        expect(c.flight).toBeNull()
        expect(c.controlState).toBeNull()
      }
      expect([EMPTY_RING.length, EMPTY_RING.capacity]).toEqual([0, 0])
      for (const host of net.hosts) expect(host.stack.tcp.memory.used).toBe(0)
      net.close()
    },
  )

  test('its addresses and its wishes are those of the others', async () => {
    const { net, connections } = await talk(3, 64)
    for (const host of net.hosts) {
      const own = connections.filter((c) => c.host === host.stack.tcp)
      expect(own).toHaveLength(3)
      for (const part of ['local', 'remote', 'wishes', 'rare'] as const) {
        expect(new Set(own.map((c) => (c as unknown as Record<string, unknown>)[part])).size, part).toBe(1)
      }
    }
    net.close()
  })

  test('who wishes for something has wishes of his own, and the others keep theirs', async () => {
    let first = true
    const { net, connections } = await talk(2, 64, (socket) => {
      if (first) socket.setsockopt(IPPROTO_IP, IP_TTL, 7)
      first = false
    })
    const clients = connections.filter((c) => c.remotePort === 80)
    expect(clients.map((c) => c.ttl)).toEqual([7, 64])
    expect(clients.map((c) => c.keepAliveTime)).toEqual([7_200_000, 7_200_000])
    net.close()
  })
})
