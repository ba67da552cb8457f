// Read first: socket(7) SO_RCVTIMEO and SO_SNDTIMEO, poll(2). Who waits, how long, and in which order.

import { expect, test } from 'vitest'
import {
  MSG_WAITALL,
  POLLIN,
  POLLOUT,
  SHUT_WR,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDTIMEO,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { stateOf } from './drive.ts'
import { berkeley, octets, PORT, withPort } from './scene.ts'

berkeley('Time limits and aborts', (scene) => {
  test('SO_RCVTIMEO ends recv, recvfrom and accept with EAGAIN, at its time', async () => {
    const { hosts } = scene()
    const [, server] = await scene().pair()
    const receiver = scene().receiver()
    const listener = scene().listener(PORT + 1)
    for (const socket of [server, receiver, listener]) socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 700)
    const waits = [() => server.recv(octets(1)), () => receiver.recvfrom(octets(1)), () => listener.accept()]
    for (const wait of waits) {
      const start = hosts.now()
      expect(await hosts.failure(wait())).toMatchObject({ code: 'EAGAIN' })
      expect(hosts.now() - start).toBe(700)
    }
  })

  test('SO_SNDTIMEO ends send with the part that was taken, or EAGAIN', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_SNDTIMEO, 300)
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 5000)
    server.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000)
    const count = await hosts.drive(client.send(octets(10_000_000)))
    expect(count).toBeLessThan(10_000_000)
    // The window is closed; probes of it go on, and the buffer stays full.
    await hosts.drive(client.send(octets(10_000_000)).catch(() => 0))
    expect(await hosts.failure(client.send(octets(1_000_000)))).toMatchObject({ message: 'send EAGAIN' })
  })

  test('the timeout of a call goes before that of the socket', async () => {
    const { hosts } = scene()
    const [, server] = await scene().pair()
    server.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 700)
    const start = hosts.now()
    expect(await hosts.failure(server.recv(octets(1), 0, { timeout: 50 }))).toMatchObject({ code: 'EAGAIN' })
    expect(hosts.now() - start).toBe(50)
  })

  test('an aborted reader loses no data: the next one gets it', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const abort = new AbortController()
    const first = server.recv(new Uint8Array(9), 0, { signal: abort.signal })
    const second = server.recv(new Uint8Array(9))
    abort.abort('enough')
    await expect(first).rejects.toBe('enough')
    await client.send(octets(5))
    expect(await hosts.drive(second)).toBe(5)
  })

  test('an aborted accept loses no connection', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const abort = new AbortController()
    const accepting = listener.accept({ signal: abort.signal })
    const connecting = scene().connect()
    abort.abort()
    await expect(accepting).rejects.toBe(abort.signal.reason)
    const client = await connecting
    const server = await scene().accept(listener)
    expect(server.getpeername().equals(client.getsockname())).toBe(true)
    void hosts
  })

  test('AbortSignal.any of many waits disturbs none of the others', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const aborts = Array.from({ length: 10 }, () => new AbortController())
    const rooms = aborts.map(() => new Uint8Array(3))
    const waits = aborts.map((abort, i) => server.recv(rooms[i] as Uint8Array, MSG_WAITALL, { signal: abort.signal }))
    for (const wait of waits) wait.catch(() => {})
    for (const i of [0, 3, 9]) (aborts[i] as AbortController).abort()
    await client.send(octets(21))
    const results = await hosts.drive(Promise.allSettled(waits))
    expect(results.map((result) => result.status)).toEqual(
      aborts.map((abort) => (abort.signal.aborted ? 'rejected' : 'fulfilled')),
    )
    const got = rooms.filter((_, i) => !(aborts[i] as AbortController).signal.aborted)
    expect(got).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => octets(3, 3 * i)))
  })

  test('readers of one datagram socket each get whole datagrams, in turn', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    const sender = scene().datagram()
    const got: number[][] = [[], [], []]
    const readers = got.map(async (list) => {
      for (let i = 0; i < 4; i++) {
        const room = new Uint8Array(50)
        const { length } = await receiver.recvfrom(room)
        expect(length).toBe(20)
        list.push(room[0] as number)
      }
    })
    for (let i = 0; i < 12; i++) {
      const datagram = new Uint8Array(20)
      datagram[0] = i
      await sender.sendto(datagram, scene().at())
      await hosts.pass(5)
    }
    await hosts.drive(Promise.all(readers))
    expect(got).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7, 10],
      [2, 5, 8, 11],
    ])
  })
})

berkeley('poll(2)', (scene) => {
  test('over sockets of both hosts, streams, datagrams and listeners', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const receiver = scene().receiver()
    const listener = scene().listener(PORT + 1)
    const entries = [client, server, receiver, listener].map((socket) => ({ socket, events: POLLIN }))
    const wait = async () => (await hosts.drive(poll(entries))).map((entry) => entry.revents)
    await scene().datagram().sendto(octets(1), scene().at())
    expect(await wait()).toEqual([0, 0, POLLIN, 0])
    receiver.tryRecv(octets(1))
    await server.send(octets(1))
    expect(await wait()).toEqual([POLLIN, 0, 0, 0])
    client.tryRecv(octets(1))
    await scene().connect(PORT + 1)
    expect(await wait()).toEqual([0, 0, 0, POLLIN])
    await scene().accept(listener)
    client.shutdown(SHUT_WR)
    expect(await wait()).toEqual([0, POLLIN, 0, 0])
  })

  test('a time limit', async () => {
    const { hosts } = scene()
    const [client] = await scene().pair()
    const start = hosts.now()
    const [result] = await hosts.drive(poll([{ socket: client, events: POLLIN }], { timeout: 123 }))
    expect(result.revents).toBe(0)
    expect(hosts.now() - start).toBe(123)
    expect((await poll([{ socket: client, events: POLLIN | POLLOUT }], { timeout: 0 }))[0].revents).toBe(POLLOUT)
  })

  test('one loop over try… calls serves many connections', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const clients: Socket[] = []
    for (let i = 0; i < 10; i++) clients.push(await scene().connect())
    const servers: Socket[] = []
    let served = 0
    const serve = async () => {
      while (served < 10) {
        const entries = [listener, ...servers].map((socket) => ({ socket, events: POLLIN }))
        for (const { socket, revents } of await poll(entries)) {
          if (revents === 0) continue
          if (socket === listener) {
            servers.push(scene().keep(listener.tryAccept() as Socket))
          } else {
            const room = new Uint8Array(100)
            const count = socket.tryRecv(room)
            if (count > 0) socket.trySend(room.subarray(0, count))
            else {
              servers.splice(servers.indexOf(socket), 1)
              await socket.close()
              served++
            }
          }
        }
      }
    }
    const serving = serve()
    for (const [i, client] of clients.entries()) {
      await client.send(octets(40, i))
      const room = new Uint8Array(40)
      await hosts.drive(client.recv(room, MSG_WAITALL))
      expect(room).toEqual(octets(40, i))
      await client.close()
    }
    await hosts.drive(serving)
    expect(await stateOf(serving)).toBe('resolved')
  })
})

berkeley('Iteration', (scene) => {
  test('a server of two loops: connections, and the octets of each', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const serving = (async () => {
      const echoes: Promise<void>[] = []
      for await (const connection of listener.connections()) {
        echoes.push(
          (async () => {
            for await (const chunk of connection.chunks()) await connection.send(chunk)
            await connection.close()
          })(),
        )
        if (echoes.length === 5) break
      }
      await Promise.all(echoes)
    })()
    const clients: Socket[] = []
    for (let i = 0; i < 5; i++) clients.push(await scene().connect())
    for (const [i, client] of clients.entries()) {
      const sending = client.send(octets(100_000, i))
      const room = new Uint8Array(100_000)
      await hosts.drive(client.recv(room, MSG_WAITALL))
      await hosts.drive(sending)
      expect(Buffer.compare(room, octets(100_000, i))).toBe(0)
      client.shutdown(SHUT_WR)
      expect(await hosts.drive(client.recv(room))).toBe(0)
    }
    await hosts.drive(serving)
  })

  test('datagrams with who sent them', async () => {
    const { hosts } = scene()
    const receiver = scene().receiver()
    const sender = scene().datagram()
    sender.bind({ address: hosts.clientAddress, port: 6000 })
    for (let i = 1; i <= 3; i++) await sender.sendto(octets(i), scene().at())
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const { data, address } of receiver.datagrams()) {
        seen.push([data.length, address?.toString()])
        if (seen.length === 3) return
      }
    })()
    await hosts.drive(reading)
    expect(seen).toEqual([1, 2, 3].map((length) => [length, withPort(hosts.clientAddress, 6000)]))
  })
})

berkeley('What callers do to their memory while a call waits', (scene) => {
  test('a buffer that was transferred meanwhile: EFAULT, which is no end of the stream; nothing is lost', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const room = new Uint8Array(8)
    const reading = server.recv(room)
    await hosts.settle()
    structuredClone(room, { transfer: [room.buffer] })
    await client.send(octets(8))
    expect(await hosts.failure(reading)).toMatchObject({ message: 'recv EFAULT' })
    expect(await hosts.drive(server.recv(new Uint8Array(8)))).toBe(8)
  })

  test('a message that is none any more: its caller hears of it, and whoever waits behind it is served', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const message = new Message([new Uint8Array(4)])
    const [first, second] = [server.recvmsg(message), server.recv(new Uint8Array(8))]
    await hosts.settle()
    message.buffers = 'no buffers' as unknown as Uint8Array[]
    await client.send(octets(3))
    expect(await hosts.failure(first)).toBeInstanceOf(Error)
    expect(await hosts.drive(second)).toBe(3)
  })
})
