// Read first: dup(2), close(2).

import { describe, expect, it, test } from 'vitest'
import { AF_INET, AF_UNIX, SO_LINGER, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { drive, failure, settle, stateOf } from '../berkeley/drive.ts'
import { MemoryProvider } from './memory-provider.ts'
import { octets } from './world.ts'

const kinds: readonly [string, (clock: ManualClock) => Provider, () => number][] = [
  ['a stack', (clock) => new Stack({ clock, random: new SeededRandom(1) }), () => AF_INET],
  ['a stack, Unix sockets', (clock) => new Stack({ clock, random: new SeededRandom(1) }), () => AF_UNIX],
  ['memory', (clock) => new MemoryProvider(clock, 1000), () => AF_INET],
]

describe.each(kinds)('dup(2) on %s', (_, make, family) => {
  const clock = new ManualClock()
  const provider = make(clock)
  let port = 80

  async function pair(): Promise<[Socket, Socket]> {
    if (family() === AF_UNIX) return Socket.pair(provider, AF_UNIX, SOCK_STREAM)
    const listener = new Socket(provider, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: ++port })
    listener.listen()
    const client = new Socket(provider, AF_INET, SOCK_STREAM)
    await drive(clock, client.connect({ address: '127.0.0.1', port }))
    const server = await drive(clock, listener.accept())
    await listener.close()
    return [client, server]
  }

  it('gives the lowest free descriptor, and either sends and receives', async () => {
    const [client, server] = await pair()
    const copy = server.dup()
    expect(copy.fd).not.toBe(server.fd)
    expect(provider.endpoint(copy.fd)).not.toBe(null)
    expect([copy.family, copy.type, copy.protocol]).toEqual([server.family, server.type, server.protocol])
    await client.send(octets(4))
    await settle(clock)
    expect(copy.tryRecv(new Uint8Array(1))).toBe(1)
    expect(server.tryRecv(new Uint8Array(9))).toBe(3)
    copy.trySend(octets(3))
    await settle(clock)
    expect(client.tryRecv(new Uint8Array(9))).toBe(3)
    for (const socket of [client, server, copy]) void socket.close()
    await settle(clock)
  })

  it.each(['the first', 'the copy'])(
    'the connection lives until the last is closed: %s closes first',
    async (which) => {
      const [client, server] = await pair()
      const copy = server.dup()
      const order = which === 'the first' ? [server, copy] : [copy, server]
      const receiving = client.recv(new Uint8Array(9))
      await order[0]?.close()
      await settle(clock)
      expect(await stateOf(receiving)).toBe('pending')
      await order[1]?.send(octets(2))
      expect(await drive(clock, receiving)).toBe(2)
      await client.send(octets(5))
      expect(await drive(clock, (order[1] as Socket).recv(new Uint8Array(9)))).toBe(5)
      await order[1]?.close()
      expect(await drive(clock, client.recv(new Uint8Array(9)))).toBe(0)
      void client.close()
      await settle(clock)
      expect([3, 4, 5, 6].map((fd) => provider.endpoint(fd))).toEqual([null, null, null, null])
    },
  )

  it('who waits through either is served, and who waits through one that closes gets EBADF', async () => {
    const [client, server] = await pair()
    const copy = server.dup()
    const third = copy.dup()
    const waiting = [server, copy, third].map((socket) => socket.recv(new Uint8Array(2)))
    const refused = failure(clock, waiting[1] as Promise<number>)
    void copy.close()
    expect(await refused).toMatchObject({ code: 'EBADF' })
    await client.send(octets(4))
    expect(await drive(clock, Promise.all([waiting[0], waiting[2]]))).toEqual([2, 2])
    for (const socket of [client, server, third]) void socket.close()
    await settle(clock)
  })

  it('a watcher that throws keeps no other from being told', async () => {
    const [client, server] = await pair()
    const copies = [server, server.dup(), server.dup()]
    const told: number[] = []
    const watchers = copies.map((socket, i) => {
      const watcher = {
        ready: () => {
          told.push(i)
          socket.removeWatcher(watcher)
          throw new Error(`watcher ${i}`)
        },
      }
      socket.addWatcher(watcher)
      return watcher
    })
    client.trySend(octets(1))
    let thrown = 0
    for (let i = 0; i < 10; i++) {
      try {
        clock.settle()
      } catch {
        thrown++
      }
    }
    expect([thrown > 0, told]).toEqual([true, watchers.map((_, i) => i)])
    for (const socket of [client, ...copies]) void socket.close()
    await settle(clock)
  })
})

describe('dup', () => {
  const clock = new ManualClock()
  const stack = new Stack({ clock, random: new SeededRandom(1), limits: { descriptors: 2 } })

  it('of a closed socket: EBADF; where no descriptor is free: EMFILE', async () => {
    const socket = new Socket(stack, AF_INET, SOCK_DGRAM)
    const copy = socket.dup()
    expect(() => copy.dup()).toThrow('dup EMFILE')
    await copy.close()
    expect(() => copy.dup()).toThrow('dup EBADF')
    expect(stack.dup(99)).toBe(-9)
    expect(() => Socket.fromDescriptor(stack, 99)).toThrow('EBADF')
    await socket.close()
    expect(stack.descriptors.size).toBe(0)
  })

  it('closed endpoints answer -EBADF through every descriptor, and closing is once for each', () => {
    const endpoint = stack.socket(AF_INET, SOCK_DGRAM, 0)
    if (typeof endpoint === 'number') throw new Error('no socket')
    const copy = stack.dup(endpoint.fd)
    if (typeof copy === 'number') throw new Error('no duplicate')
    expect([endpoint.close(), endpoint.close()]).toEqual([0, -9])
    expect([copy.listen(1), copy.close(), copy.close(), copy.listen(1)]).toEqual([-95, 0, -9, -9])
    expect([copy.fd, endpoint.close()]).toEqual([-1, -9])
  })

  it('of a stack that closes: who waits through any is told', async () => {
    const other = new Stack({ clock, random: new SeededRandom(1) })
    const socket = new Socket(other, AF_INET, SOCK_DGRAM)
    socket.bind({ address: '127.0.0.1', port: 9 })
    const copy = socket.dup()
    const waiting = [socket, copy].map((one) => failure(clock, one.recv(new Uint8Array(1))))
    other.close()
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'EBADF' })
    expect(other.descriptors.size).toBe(0)
  })
})

test.each([
  ['until the peer has read', true],
  ['for its time', false],
])('close of the last descriptor waits as SO_LINGER asks, whichever it is: %s', async (_, reads) => {
  for (const last of [0, 1]) {
    const clock = new ManualClock()
    const stack = new Stack({ clock, random: new SeededRandom(1) })
    const listener = new Socket(stack, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 80 })
    listener.listen()
    const client = new Socket(stack, AF_INET, SOCK_STREAM)
    await drive(clock, client.connect({ address: '127.0.0.1', port: 80 }))
    const both = [client, client.dup()] as const
    client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
    // The peer's window is full: what is left cannot be delivered until it reads.
    while ((client.trySend(new Uint8Array(100_000)) as number) > 0) await settle(clock)
    await drive(clock, (both[1 - last] as Socket).close())
    const closing = (both[last] as Socket).close()
    await settle(clock)
    expect(await stateOf(closing)).toBe('pending')
    if (reads) {
      const server = await drive(clock, listener.accept())
      while ((await drive(clock, server.recv(new Uint8Array(1_000_000)))) > 0);
    }
    await drive(clock, closing)
    expect(clock.now() < 5000).toBe(reads)
    stack.close()
  }
})
