// Read first: udp(7), ip(7), connect(2), send(2), recv(2), RFC 768, RFC 1122 section 4.1.

import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  FIONREAD,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_UNICAST_HOPS,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLIN,
  POLLOUT,
  SHUT_RD,
  SHUT_WR,
  SO_BROADCAST,
  SO_ERROR,
  SO_RCVBUF,
  SO_REUSEPORT,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import { berkeley, octets, PORT, withPort } from './scene.ts'

berkeley('sendto(2) and recvfrom(2)', (scene) => {
  test('a datagram arrives whole, with the address of who sent it; an answer goes back there', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    const room = new Uint8Array(100)
    const receiving = server.recvfrom(room)
    expect(await client.sendto(octets(20), scene().at())).toBe(20)
    const { length, address, flags } = await hosts.drive(receiving)
    expect([length, flags]).toEqual([20, 0])
    expect(room.subarray(0, 20)).toEqual(octets(20))
    expect(address?.address).toBe(hosts.clientAddress)
    // The first sendto has taken a port.
    expect(address?.port).toBe(client.getsockname().port)
    expect(client.getsockname().address).toBe(hosts.any)
    await server.sendto(octets(5), address as SocketAddress)
    const answer = await hosts.drive(client.recvfrom(room))
    expect([answer.address?.address, answer.address?.port]).toEqual([hosts.serverAddress, PORT])
  })

  test('each recv gives one datagram; what does not fit is lost, and MSG_TRUNC says so', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    await client.sendto(octets(10), scene().at())
    await client.sendto(octets(7, 50), scene().at())
    await hosts.pass(5)
    const room = new Uint8Array(4)
    expect(await server.recvfrom(room)).toMatchObject({ length: 4, flags: MSG_TRUNC })
    expect(await server.recvfrom(room, MSG_TRUNC)).toMatchObject({ length: 7, flags: MSG_TRUNC })
    expect(room).toEqual(octets(4, 50))
    expect(server.tryRecvfrom(room)).toBe(-EAGAIN)
  })

  test('an empty datagram is a datagram', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    expect(await scene().datagram().sendto(octets(0), scene().at())).toBe(0)
    await hosts.pass(5)
    expect(server.readiness & POLLIN).toBe(POLLIN)
    expect(server.ioctl(FIONREAD)).toBe(0)
    expect(await server.recvfrom(octets(9))).toMatchObject({ length: 0, flags: 0 })
    expect(server.readiness & POLLIN).toBe(0)
  })

  test('FIONREAD is the length of the next one, MSG_PEEK shows it', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    await client.sendto(octets(5), scene().at())
    await client.sendto(octets(1), scene().at())
    await hosts.pass(5)
    expect(server.ioctl(FIONREAD)).toBe(5)
    const peeked = await server.recvfrom(new Uint8Array(9), MSG_PEEK)
    expect(peeked).toMatchObject({ length: 5 })
    expect(peeked.address?.port).toBe(client.getsockname().port)
    expect(await server.recv(new Uint8Array(9))).toBe(5)
    expect(await server.recv(new Uint8Array(9))).toBe(1)
  })

  // What the length field of the IP header can say: that of IPv6 does not count the header.
  test('65507 octets go, 65527 by IPv6, in fragments where they must; one more is EMSGSIZE', async () => {
    const { hosts } = scene()
    const most = hosts.any === '::' && !hosts.serverAddress.includes('.') ? 65_527 : 65_507
    const server = scene().receiver()
    const client = scene().datagram()
    expect(await client.sendto(octets(most), scene().at())).toBe(most)
    const room = new Uint8Array(70_000)
    expect(await hosts.drive(server.recv(room))).toBe(most)
    expect(Buffer.compare(room.subarray(0, most), octets(most))).toBe(0)
    expect(await hosts.failure(client.sendto(octets(most + 1), scene().at()))).toMatchObject({
      message: `sendto EMSGSIZE ${hosts.serverAddress}:${PORT}`,
    })
  })

  test('sendmsg gathers, recvmsg scatters and names the sender', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    const to = SocketAddress.internet(hosts.serverAddress, PORT)
    expect(await client.sendmsg(new Message([octets(3), octets(0), octets(5, 3)], to))).toBe(8)
    const message = new Message([new Uint8Array(2), new Uint8Array(4)], new SocketAddress())
    expect(await hosts.drive(server.recvmsg(message))).toBe(6)
    expect(message.flags).toBe(MSG_TRUNC)
    expect(message.buffers).toEqual([octets(2), octets(4, 2)])
    expect(message.name?.port).toBe(client.getsockname().port)
  })

  test('errors: no peer, port 0, another family, no route, urgent', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EDESTADDRREQ' })
    expect(await hosts.failure(client.sendto(octets(1), scene().at(0)))).toMatchObject({ code: 'EINVAL' })
    // udpv6_sendmsg of Linux says EINVAL.
    const other = hosts.family === AF_INET ? SocketAddress.internet('::1', 9) : new SocketAddress(77)
    expect(await hosts.failure(client.sendto(octets(1), other))).toMatchObject({
      code: hosts.family === AF_INET ? 'EAFNOSUPPORT' : 'EINVAL',
    })
    for (const address of scene().foreign) {
      expect(await hosts.failure(client.sendto(octets(1), { address, port: 9 }))).toMatchObject({ code: 'ENETUNREACH' })
    }
    // send(2) says so of every datagram socket; udpv6_sendmsg of Linux does not look at it.
    const urgent = client.sendto(octets(1), scene().at(), MSG_OOB)
    if (hosts.kernel && hosts.serverAddress === '::1') expect(await hosts.drive(urgent)).toBe(1)
    else expect(await hosts.failure(urgent)).toMatchObject({ code: 'EOPNOTSUPP' })
    expect(() => client.getpeername()).toThrow('getpeername ENOTCONN')
    expect(() => client.shutdown(SHUT_WR)).toThrow('shutdown ENOTCONN')
  })

  test('the receive buffer is bounded: what does not fit is dropped, and nobody is told', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    server.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000)
    const client = scene().datagram()
    for (let i = 0; i < 100; i++) {
      await hosts.drive(client.sendto(octets(1000, i), scene().at()))
      await hosts.pass(2)
    }
    let count = 0
    const room = new Uint8Array(2000)
    for (; server.tryRecv(room) === 1000; count++) expect(room.subarray(0, 1000)).toEqual(octets(1000, count))
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThanOrEqual(10)
    await client.sendto(octets(1), scene().at())
    expect(await hosts.drive(server.recv(room))).toBe(1)
  })

  test('recv waits; MSG_DONTWAIT does not; POLLOUT always holds', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    await expect(server.recv(octets(1), MSG_DONTWAIT)).rejects.toMatchObject({ code: 'EAGAIN' })
    const polling = poll([{ socket: server, events: POLLIN }])
    await scene().datagram().sendto(octets(1), scene().at())
    expect((await hosts.drive(polling))[0].revents).toBe(POLLIN)
    expect(server.readiness).toBe(POLLIN | POLLOUT)
  })

  test('nobody listens: an unconnected socket hears nothing of it', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    for (let i = 0; i < 2; i++) {
      expect(await client.sendto(octets(1), scene().at())).toBe(1)
      await hosts.pass(5)
    }
    expect(client.readiness).toBe(POLLOUT)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
  })

  test('a socket on the wildcard receives for every address of its host', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const near = scene().datagram(hosts.server)
    const [one, other] = hosts.loopbacks ?? ['::1', '::ffff:127.5.6.7']
    await near.sendto(octets(1), { address: one, port: PORT })
    expect((await hosts.drive(server.recvfrom(octets(9)))).address?.address).toBe(one)
    await near.sendto(octets(1), { address: other, port: PORT })
    expect(await hosts.drive(server.recv(octets(9)))).toBe(1)
    await scene().datagram().sendto(octets(1), scene().at())
    expect((await hosts.drive(server.recvfrom(octets(9)))).address?.address).toBe(hosts.clientAddress)
  })

  test('of a socket on the address and one on the wildcard, the closer one receives', async () => {
    const { hosts } = scene()
    const far = scene().datagram(hosts.server)
    const near = scene().datagram(hosts.server)
    for (const socket of [far, near]) socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
    far.bind({ address: '', port: PORT })
    near.bind(scene().at())
    await scene().datagram().sendto(octets(1), scene().at())
    expect(await hosts.drive(near.recv(octets(9)))).toBe(1)
    expect(far.tryRecv(octets(9))).toBe(-EAGAIN)
  })

  test('SO_REUSEPORT spreads senders over all who share the port, each sender to one', async () => {
    const { hosts } = scene()
    const servers = [0, 1].map(() => {
      const server = scene().datagram(hosts.server)
      server.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
      server.bind({ address: '', port: PORT })
      return server
    })
    const seen = servers.map(() => new Set<number>())
    for (let i = 0; i < 24; i++) {
      const client = scene().datagram()
      for (let j = 0; j < 3; j++) await client.sendto(octets(1), scene().at())
    }
    await hosts.pass(20)
    for (const [i, server] of servers.entries()) {
      for (let got = server.tryRecvfrom(octets(9)); typeof got !== 'number'; got = server.tryRecvfrom(octets(9))) {
        seen[i]?.add(got.address?.port as number)
      }
    }
    const [first, second] = seen as [Set<number>, Set<number>]
    expect(first.size + second.size).toBe(24)
    expect(Math.min(first.size, second.size)).toBeGreaterThan(0)
    expect([...first].some((port) => second.has(port))).toBe(false)
  })
})

berkeley('connect(2) of a datagram socket', (scene) => {
  test('is done at once; send and recv then need no address, and the local address is known', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    expect(client.tryConnect(scene().at())).toBe(0)
    expect(client.getsockname().address).toBe(hosts.clientAddress)
    expect(client.getpeername().toString()).toBe(withPort(hosts.serverAddress, PORT))
    expect(await client.send(octets(3))).toBe(3)
    const { address } = await hosts.drive(server.recvfrom(octets(9)))
    await server.sendto(octets(4), address as SocketAddress)
    expect(await hosts.drive(client.recv(octets(9)))).toBe(4)
  })

  test('only the peer is heard', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const stranger = scene().receiver(PORT + 1)
    const client = scene().datagram()
    await client.connect(scene().at())
    const here = client.getsockname()
    await stranger.sendto(octets(1), here)
    await server.sendto(octets(2), here)
    await hosts.pass(5)
    expect(client.tryRecv(octets(9))).toBe(2)
    expect(client.tryRecv(octets(9))).toBe(-EAGAIN)
  })

  test('sendto another address works all the same', async () => {
    const { hosts } = scene()
    scene().receiver()
    const other = scene().receiver(PORT + 1)
    const client = scene().datagram()
    await client.connect(scene().at())
    expect(await client.sendto(octets(3), scene().at(PORT + 1))).toBe(3)
    expect(await hosts.drive(other.recv(octets(9)))).toBe(3)
  })

  test('connect again changes the peer; AF_UNSPEC dissolves it', async () => {
    const { hosts } = scene()
    const second = scene().receiver(PORT + 1)
    const client = scene().datagram()
    await client.connect(scene().at())
    await client.connect(scene().at(PORT + 1))
    await client.send(octets(2))
    expect(await hosts.drive(second.recv(octets(9)))).toBe(2)
    await client.connect(new SocketAddress(AF_UNSPEC))
    expect(() => client.getpeername()).toThrow('ENOTCONN')
    expect([client.getsockname().address, client.getsockname().port]).toEqual([hosts.any, 0])
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ code: 'EDESTADDRREQ' })
  })

  test('nobody listens: ECONNREFUSED once, through send, recv or SO_ERROR (RFC 1122 4.1.3.3)', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    await client.connect(scene().at())
    await client.send(octets(1))
    await hosts.pass(5)
    expect(client.readiness & POLLERR).toBe(POLLERR)
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send ECONNREFUSED' })
    expect(await client.send(octets(1))).toBe(1)
    await hosts.pass(1005)
    expect(await hosts.failure(client.recv(octets(1)))).toMatchObject({ message: 'recv ECONNREFUSED' })
    expect(client.tryRecv(octets(1))).toBe(-EAGAIN)
    await client.send(octets(1))
    await hosts.pass(1005)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(111)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
  })

  test('a recv that waits hears of it too', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    await client.connect(scene().at())
    const waiting = client.recv(octets(1))
    await client.send(octets(1))
    expect(await hosts.failure(waiting)).toMatchObject({ message: 'recv ECONNREFUSED' })
  })

  test('shutdown: SHUT_WR makes send EPIPE, SHUT_RD makes recv 0', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    await client.connect(scene().at())
    client.shutdown(SHUT_WR)
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EPIPE' })
    const waiting = client.recv(octets(1))
    client.shutdown(SHUT_RD)
    expect(await hosts.drive(waiting)).toBe(0)
  })

  test('what is too long is EMSGSIZE, though an error waits or the socket is shut', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    await client.connect(scene().at())
    await client.send(octets(1))
    await hosts.pass(50)
    expect(await hosts.failure(client.send(octets(65_530)))).toMatchObject({ message: 'send EMSGSIZE' })
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send ECONNREFUSED' })
    client.shutdown(SHUT_WR)
    expect(await hosts.failure(client.send(octets(65_530)))).toMatchObject({ message: 'send EMSGSIZE' })
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EPIPE' })
  })

  test('no route: ENETUNREACH', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    for (const address of scene().foreign) {
      expect(await hosts.failure(client.connect({ address, port: 9 }))).toMatchObject({
        message: `connect ENETUNREACH ${address}:9`,
      })
    }
  })
})

berkeley('Broadcast', (scene, onLink) => {
  test('without SO_BROADCAST: EACCES', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    const to = { address: '255.255.255.255', port: PORT }
    const error = await hosts.failure(client.sendto(octets(1), to))
    // With nothing but loopback there is no way there either.
    expect(error).toMatchObject({ code: hosts.silentAddress === null ? 'ENETUNREACH' : 'EACCES' })
  })

  onLink('goes to every socket that is bound to the port', async () => {
    const { hosts } = scene()
    const receivers = [0, 1].map(() => {
      const receiver = scene().datagram(hosts.server)
      receiver.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)
      receiver.bind({ address: '', port: PORT })
      return receiver
    })
    const other = scene().receiver(PORT + 1)
    const client = scene().datagram()
    client.setsockopt(SOL_SOCKET, SO_BROADCAST, true)
    for (const address of ['255.255.255.255', '192.0.2.255']) {
      expect(await client.sendto(octets(4), { address, port: PORT })).toBe(4)
      await hosts.pass(10)
      for (const receiver of receivers) expect(receiver.tryRecv(octets(9))).toBe(4)
    }
    expect(other.tryRecv(octets(9))).toBe(-EAGAIN)
  })
})

berkeley('Datagrams and the layers below', (scene, onLink) => {
  // icmp_err_convert of Linux: host unreachable is no error for a datagram socket, which hears of it with IP_RECVERR only.
  onLink('an address that nobody has: datagrams are taken, and lost; nobody is told', async () => {
    const { hosts } = scene()
    const client = scene().datagram()
    await client.connect({ address: scene().silentAddress, port: 9 })
    expect(await client.send(octets(1))).toBe(1)
    await hosts.pass(4000)
    expect(client.readiness).toBe(POLLOUT)
    expect(await client.send(octets(1))).toBe(1)
  })

  test('IP_TTL, IPV6_UNICAST_HOPS of 1 reaches a host on the link', async () => {
    const { hosts } = scene()
    const server = scene().receiver()
    const client = scene().datagram()
    client.setsockopt(IPPROTO_IP, IP_TTL, 1)
    if (hosts.family === AF_INET6) client.setsockopt(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1)
    await client.sendto(octets(1), scene().at())
    expect(await hosts.drive(server.recv(octets(9)))).toBe(1)
  })
})
