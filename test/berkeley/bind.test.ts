// Read first: bind(2), ip(7), socket(7) SO_REUSEADDR and SO_REUSEPORT.

import { closeSync, openSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_UDP,
  SO_DOMAIN,
  SO_PROTOCOL,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Socket } from '../../src/socket/socket.ts'
import { berkeley, octets, PORT, type Scene, withPort } from './scene.ts'

/** The lowest descriptors of this process that are free: there may be others between them. */
function freeDescriptors(count: number): readonly number[] {
  const taken = Array.from({ length: count }, () => openSync('/dev/null', 'r'))
  for (const fd of taken) closeSync(fd)
  return taken
}

berkeley('socket(2)', (scene) => {
  test('descriptors are the lowest free ones, and what a socket is can be read back', () => {
    const { hosts } = scene()
    // With the first socket of a thread the kernel's has a descriptor to wait by.
    const before = scene().datagram(hosts.server)
    const free = hosts.kernel ? freeDescriptors(2) : [before.fd + 1, before.fd + 2]
    const first = scene().stream(hosts.server)
    const second = scene().datagram(hosts.server)
    expect([first.fd, second.fd]).toEqual(free)
    const { fd } = first
    void first.close()
    const third = scene().datagram(hosts.server)
    expect(third.fd).toBe(fd)
    expect(third.getsockopt(SOL_SOCKET, SO_DOMAIN)).toBe(scene().hosts.family)
    expect(third.getsockopt(SOL_SOCKET, SO_TYPE)).toBe(SOCK_DGRAM)
    expect(third.getsockopt(SOL_SOCKET, SO_PROTOCOL)).toBe(IPPROTO_UDP)
  })

  test('combinations that there are not: EPROTONOSUPPORT, ESOCKTNOSUPPORT', () => {
    const { server, family } = scene().hosts
    expect(() => new Socket(server, family, SOCK_STREAM, IPPROTO_UDP)).toThrow('socket EPROTONOSUPPORT')
    expect(() => new Socket(server, family, SOCK_SEQPACKET)).toThrow('socket ESOCKTNOSUPPORT')
    expect(() => new Socket(server, 77, SOCK_STREAM)).toThrow('socket EAFNOSUPPORT')
  })
})

for (const [kind, make] of [
  ['stream', (scene: Scene) => scene.stream(scene.hosts.server)],
  ['datagram', (scene: Scene) => scene.datagram(scene.hosts.server)],
] as const) {
  berkeley(`bind(2) of a ${kind} socket`, (scene) => {
    test('a new socket has no address: the wildcard, port 0', () => {
      const { address, port } = make(scene()).getsockname()
      expect([address, port]).toEqual([scene().hosts.any, 0])
    })

    test('getsockname tells the address that was bound', () => {
      const socket = make(scene())
      socket.bind(scene().at())
      const { address, port } = socket.getsockname()
      expect([address, port]).toEqual([scene().hosts.serverAddress, PORT])
    })

    test('port 0 takes an ephemeral port, another one each time', () => {
      const ports = new Set<number>()
      for (let i = 0; i < 20; i++) {
        const socket = make(scene())
        socket.bind({ address: '', port: 0 })
        const { port } = socket.getsockname()
        expect(port).toBeGreaterThanOrEqual(32768)
        expect(port).toBeLessThanOrEqual(60999)
        ports.add(port)
      }
      expect(ports.size).toBe(20)
    })

    test('a port that is taken: EADDRINUSE', () => {
      make(scene()).bind(scene().at())
      expect(() => make(scene()).bind(scene().at())).toThrow(
        expect.objectContaining({
          code: 'EADDRINUSE',
          syscall: 'bind',
          port: PORT,
          message: `bind EADDRINUSE ${scene().hosts.serverAddress}:${PORT}`,
        }),
      )
    })

    test('the wildcard address conflicts with every other, either way round', () => {
      const wildcard = make(scene())
      wildcard.bind({ address: '', port: PORT })
      expect(() => make(scene()).bind(scene().at())).toThrow('EADDRINUSE')
      make(scene()).bind(scene().at(PORT + 1))
      expect(() => make(scene()).bind({ address: scene().hosts.any, port: PORT + 1 })).toThrow('EADDRINUSE')
    })

    test('another address of the same host has the port to itself', () => {
      const { loopbacks, serverAddress } = scene().hosts
      const [one, other] = loopbacks ?? [serverAddress, '::ffff:127.0.0.1']
      make(scene()).bind({ address: one, port: PORT })
      make(scene()).bind({ address: other, port: PORT })
    })

    test('the port is free again when its socket is closed', async () => {
      const socket = make(scene())
      socket.bind(scene().at())
      await socket.close()
      make(scene()).bind(scene().at())
    })

    test('an address that is not of this host: EADDRNOTAVAIL', () => {
      for (const address of scene().foreign) {
        expect(() => make(scene()).bind({ address, port: PORT })).toThrow(/^bind EADDRNOTAVAIL .*:4242$/)
      }
    })

    test('a second bind: EINVAL', () => {
      const socket = make(scene())
      socket.bind(scene().at())
      expect(() => socket.bind(scene().at(PORT + 1))).toThrow('bind EINVAL')
    })

    // A struct sockaddr_in is shorter than AF_INET6 takes.
    test('an address of another family: EAFNOSUPPORT; one that is too short: EINVAL', () => {
      const four = scene().hosts.family === AF_INET
      const other = new SocketAddress(four ? AF_INET6 : AF_INET)
      expect(() => make(scene()).bind(other)).toThrow(four ? 'bind EAFNOSUPPORT' : 'bind EINVAL')
      expect(() => make(scene()).bind(new SocketAddress(77))).toThrow('bind EAFNOSUPPORT')
    })

    test('SO_REUSEPORT: as many as have set it share a port; one that has not cannot join', () => {
      const sockets = [make(scene()), make(scene()), make(scene())] as const
      for (const socket of sockets.slice(0, 2)) {
        socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
        socket.bind(scene().at())
      }
      expect(() => sockets[2].bind(scene().at())).toThrow('EADDRINUSE')
    })

    test('SO_REUSEADDR on both: the wildcard and an address share a port, while none listens', () => {
      const [first, second, third] = [make(scene()), make(scene()), make(scene())]
      first.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      second.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      first.bind({ address: '', port: PORT })
      second.bind(scene().at())
      expect(() => third.bind(scene().at())).toThrow('EADDRINUSE')
    })

    test('streams and datagrams have ports of their own', () => {
      make(scene()).bind(scene().at())
      const other = kind === 'stream' ? scene().datagram(scene().hosts.server) : scene().stream(scene().hosts.server)
      other.bind(scene().at())
    })
  })
}

berkeley('bind(2) and listening streams', (scene) => {
  test('SO_REUSEADDR does not let two listen on one port', () => {
    const [first, second] = [scene().stream(scene().hosts.server), scene().stream(scene().hosts.server)]
    for (const socket of [first, second]) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    first.bind(scene().at())
    first.listen()
    expect(() => second.bind(scene().at())).toThrow('bind EADDRINUSE')
  })

  test('two that are bound to one port: only the first can listen', () => {
    const [first, second] = [scene().stream(scene().hosts.server), scene().stream(scene().hosts.server)]
    for (const socket of [first, second]) {
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
      socket.bind(scene().at())
    }
    first.listen()
    expect(() => second.listen()).toThrow('listen EADDRINUSE')
  })

  test.each([
    ['SO_REUSEADDR', SO_REUSEADDR],
    ['SO_REUSEPORT', SO_REUSEPORT],
  ])('%s, set after bind, counts for who comes next', (_, name) => {
    const [first, second] = [scene().stream(scene().hosts.server), scene().stream(scene().hosts.server)]
    first.bind(scene().at())
    second.setsockopt(SOL_SOCKET, name, true)
    expect(() => second.bind(scene().at())).toThrow('bind EADDRINUSE')
    first.setsockopt(SOL_SOCKET, name, true)
    second.bind(scene().at())
  })

  test('SO_REUSEADDR, taken back after bind, does not count any more', () => {
    const [first, second] = [scene().stream(scene().hosts.server), scene().stream(scene().hosts.server)]
    for (const socket of [first, second]) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    first.bind(scene().at())
    first.setsockopt(SOL_SOCKET, SO_REUSEADDR, false)
    expect(() => second.bind(scene().at())).toThrow('bind EADDRINUSE')
  })

  test('the port that connect took is shared with bind only where both have set SO_REUSEADDR', async () => {
    scene().listener()
    const client = await scene().connect()
    const other = scene().stream()
    other.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    expect(() => other.bind(client.getsockname())).toThrow('bind EADDRINUSE')
    client.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    other.bind(client.getsockname())
  })

  test('SO_REUSEADDR lets a server start again while connections of the last one are in TIME-WAIT', async () => {
    const { hosts } = scene()
    const listen = (reuse: boolean) => {
      const socket = scene().stream(hosts.server)
      socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, reuse)
      socket.bind({ address: '', port: PORT })
      socket.listen()
      return socket
    }
    const listener = listen(true)
    const client = await scene().connect()
    const server = await scene().accept(listener)
    await listener.close()
    // The side that closes first is the one that waits.
    await server.close()
    expect(await hosts.drive(client.recv(octets(1)))).toBe(0)
    await client.close()
    await hosts.pass(100)
    expect(() => listen(false)).toThrow('EADDRINUSE')
    listen(true)
    await scene().connect()
  })

  test('SO_REUSEPORT spreads connections over all who listen', async () => {
    const listeners = [0, 1].map(() => {
      const listener = scene().stream(scene().hosts.server)
      listener.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
      listener.bind(scene().at())
      listener.listen()
      return listener
    })
    for (let i = 0; i < 24; i++) await scene().connect()
    await scene().hosts.pass(10)
    const counts = listeners.map((listener) => {
      let count = 0
      for (let socket = listener.tryAccept(); typeof socket !== 'number'; socket = listener.tryAccept()) {
        scene().keep(socket)
        count++
      }
      return count
    })
    expect(counts.reduce((sum, count) => sum + count)).toBe(24)
    expect(Math.min(...counts)).toBeGreaterThan(0)
  })

  test('a listener on one address does not take connections to another', async () => {
    const { hosts } = scene()
    const listener = scene().stream(hosts.server)
    listener.bind({ address: scene().hosts.loopbacks?.[1] ?? '::ffff:127.0.0.9', port: PORT })
    listener.listen()
    const error = await hosts.failure(scene().stream().connect(scene().at()))
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('of a listener on the address and one on the wildcard, the closer one is asked', async () => {
    const { hosts } = scene()
    const near = scene().stream(hosts.server)
    const far = scene().stream(hosts.server)
    for (const socket of [near, far]) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
    far.bind({ address: '', port: PORT })
    far.listen()
    near.bind(scene().at())
    near.listen()
    await scene().connect()
    await hosts.pass(10)
    expect(typeof far.tryAccept()).toBe('number')
    await scene().accept(near)
  })

  test('a client may bind too: the server sees its port', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = scene().stream()
    client.bind({ address: hosts.clientAddress, port: 5555 })
    await hosts.drive(client.connect(scene().at()))
    const server = await scene().accept(listener)
    expect(server.getpeername().toString()).toBe(withPort(hosts.clientAddress, 5555))
  })
})
