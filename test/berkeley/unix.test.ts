// What holds of sockets on any host holds of its Unix sockets. Read first: unix(7), socketpair(2).

import { expect, test } from 'vitest'
import {
  AF_UNIX,
  MSG_WAITALL,
  POLLIN,
  POLLOUT,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../../src/base/constants.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { readRights, rights } from '../../src/socket/control-message.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { berkeley, octets, type Scene } from './scene.ts'

function unix(scene: Scene, type: number, path?: string): Socket {
  const socket = scene.keep(new Socket(scene.hosts.server, AF_UNIX, type))
  if (path !== undefined) socket.bind(SocketAddress.unix(path))
  return socket
}

function pair(scene: Scene, type: number = SOCK_STREAM): [Socket, Socket] {
  const [left, right] = Socket.pair(scene.hosts.server, AF_UNIX, type)
  return [scene.keep(left), scene.keep(right)]
}

berkeley('Unix sockets', (scene) => {
  test('a server accepts clients on a path while others wait, and echoes to each', async () => {
    const { hosts } = scene()
    const listener = unix(scene(), SOCK_STREAM, '\0echo')
    listener.listen()
    const clients = [1, 2, 3].map(() => unix(scene(), SOCK_STREAM))
    await hosts.drive(Promise.all(clients.map((client) => client.connect({ path: '\0echo' }))))
    for (const [i, client] of clients.entries()) {
      const server = await scene().accept(listener)
      await client.send(octets(10, i))
      const room = new Uint8Array(10)
      await hosts.drive(server.recv(room, MSG_WAITALL))
      await server.send(room)
      const back = new Uint8Array(10)
      expect(await hosts.drive(client.recv(back, MSG_WAITALL))).toBe(10)
      expect(back).toEqual(octets(10, i))
    }
  })

  test('a pair moves octets both ways at once, more than all buffers hold', async () => {
    const { hosts } = scene()
    const [left, right] = pair(scene())
    const sending = [left.send(octets(1_000_000)), right.send(octets(700_000, 5))]
    const there = new Uint8Array(1_000_000)
    const back = new Uint8Array(700_000)
    const receiving = [right.recv(there, MSG_WAITALL), left.recv(back, MSG_WAITALL)]
    expect(await hosts.drive(Promise.all([...sending, ...receiving]))).toEqual([1_000_000, 700_000, 1_000_000, 700_000])
    expect(Buffer.compare(there, octets(1_000_000))).toBe(0)
    expect(Buffer.compare(back, octets(700_000, 5))).toBe(0)
  })

  test('datagrams and records keep their bounds', async () => {
    for (const type of [SOCK_DGRAM, SOCK_SEQPACKET]) {
      const [left, right] = pair(scene(), type)
      for (const length of [5, 0, 3]) await left.send(octets(length))
      const lengths = []
      for (let i = 0; i < 3; i++) lengths.push(await right.recv(new Uint8Array(10)))
      expect(lengths).toEqual([5, 0, 3])
    }
  })

  test('a name is octets: one that is no UTF-8 is bound, found and told, and is no other (unix(7))', async () => {
    const { hosts } = scene()
    const name = (last: number) => SocketAddress.unix(Uint8Array.of(0, 0x61, 0, 0xff, last))
    const [one, other] = [unix(scene(), SOCK_DGRAM), unix(scene(), SOCK_DGRAM)]
    one.bind({ path: Uint8Array.of(0, 0x61, 0, 0xff, 0xfe) })
    other.bind(name(0xfd))
    expect(one.getsockname()).toEqual(name(0xfe))
    await one.sendto(octets(3), other.getsockname())
    const { length, address } = await hosts.drive(other.recvfrom(new Uint8Array(9)))
    expect([length, address?.equals(name(0xfe)), address?.equals(name(0xfd))]).toEqual([3, true, false])
  })

  test('poll waits on Unix and Internet sockets at once', async () => {
    const { hosts } = scene()
    const [left, right] = pair(scene())
    const receiver = scene().receiver()
    const waiting = () =>
      poll([
        { socket: right, events: POLLIN },
        { socket: receiver, events: POLLIN },
        { socket: left, events: POLLIN },
      ])
    const first = waiting()
    await left.send(octets(1))
    expect((await hosts.drive(first)).map(({ revents }) => revents)).toEqual([POLLIN, 0, 0])
    await right.recv(new Uint8Array(1))
    const second = waiting()
    await scene().datagram().sendto(octets(1), scene().at())
    expect((await hosts.drive(second)).map(({ revents }) => revents)).toEqual([0, POLLIN, 0])
    expect(left.readiness).toBe(POLLOUT)
  })

  test('a connection that one program has accepted is passed to another, which goes on with it', async () => {
    const { hosts } = scene()
    const [parent, child] = pair(scene())
    const [client, server] = await scene().pair()
    const message = new Message([Uint8Array.of(1)])
    message.control.push(rights([server.fd]))
    await parent.sendmsg(message)
    await server.close()
    const received = new Message([new Uint8Array(1)])
    await hosts.drive(child.recvmsg(received))
    const [fd] = readRights(received)
    const passed = scene().keep(Socket.fromDescriptor(hosts.server, fd as number))
    await passed.send(octets(4))
    expect(await hosts.drive(client.recv(new Uint8Array(9)))).toBe(4)
    expect(passed.getpeername().address).toBe(hosts.clientAddress)
  })

  test('both ends closed, nothing is left, whatever was not read', async () => {
    const [left, right] = pair(scene())
    await left.send(octets(1000))
    await left.close()
    await right.close()
    expect(scene().hosts.open()).toBe(0)
  })
})
