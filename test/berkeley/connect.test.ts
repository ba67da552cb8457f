// Read first: connect(2), accept(2), listen(2), RFC 9293 sections 3.5 and 3.10.1.

import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_SNDTIMEO,
  SOL_SOCKET,
  TCP_INFO,
  TCP_NODELAY,
  TCP_SYNCNT,
} from '../../src/base/constants.ts'
import { EAGAIN, EINPROGRESS } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_SENT } from '../../src/base/tcp-info.ts'
import { poll } from '../../src/socket/poll.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { stateOf } from './drive.ts'
import { berkeley, octets, PORT, withPort } from './scene.ts'

berkeley('connect(2) of a stream', (scene, onLink, slowly) => {
  test('takes a local address, and both ends name each other', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    expect(client.getsockname().address).toBe(hosts.clientAddress)
    expect(client.getsockname().port).toBeGreaterThanOrEqual(32768)
    expect(client.getpeername().toString()).toBe(withPort(hosts.serverAddress, PORT))
    expect(server.getpeername().equals(client.getsockname())).toBe(true)
    expect(server.getsockname().equals(client.getpeername())).toBe(true)
  })

  test('who has connected first is accepted first, though the other has sent', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const clients = [scene().stream(), scene().stream(), scene().stream()] as const
    for (const client of clients) await hosts.drive(client.connect(scene().at()))
    const sent = clients[2].send(octets(5))
    for (const client of clients) {
      const server = await scene().accept(listener)
      expect(server.getpeername().equals(client.getsockname())).toBe(true)
    }
    expect(await hosts.drive(sent)).toBe(5)
  })

  test('nobody listens: ECONNREFUSED', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    expect(await hosts.failure(client.connect(scene().at()))).toMatchObject({
      message: `connect ECONNREFUSED ${hosts.serverAddress}:${PORT}`,
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
      address: hosts.serverAddress,
      port: PORT,
    })
  })

  test('after a refusal the same socket may try again', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    await hosts.failure(client.connect(scene().at()))
    scene().listener()
    await hosts.drive(client.connect(scene().at()))
  })

  slowly('non-blocking: EINPROGRESS, EALREADY, then writable, SO_ERROR 0, EISCONN', async () => {
    const { hosts } = scene()
    scene().listener()
    const client = scene().stream()
    expect(client.tryConnect(scene().at())).toBe(-EINPROGRESS)
    expect(() => client.tryConnect(scene().at())).toThrow('connect EALREADY')
    expect(client.readiness & (POLLOUT | POLLIN)).toBe(0)
    const [result] = await hosts.drive(poll([{ socket: client, events: POLLOUT }]))
    expect(result.revents).toBe(POLLOUT)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
    // Linux tells a second time of the success, once, and then EISCONN.
    expect(client.tryConnect(scene().at())).toBe(0)
    expect(() => client.tryConnect(scene().at())).toThrow('connect EISCONN')
  })

  test('non-blocking and refused: POLLOUT, POLLERR and POLLHUP; SO_ERROR says ECONNREFUSED, once', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    expect(client.tryConnect(scene().at())).toBe(-EINPROGRESS)
    const [result] = await hosts.drive(poll([{ socket: client, events: POLLOUT | POLLIN }]))
    expect(result.revents).toBe(POLLOUT | POLLIN | POLLERR | POLLHUP)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(111)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
  })

  test('non-blocking: once it is writable SO_ERROR is 0, the next connect says so again, and then EISCONN', async () => {
    const { hosts } = scene()
    scene().listener()
    const client = scene().stream()
    expect(client.tryConnect(scene().at())).toBe(-EINPROGRESS)
    const [result] = await hosts.drive(poll([{ socket: client, events: POLLOUT }]))
    expect(result.revents).toBe(POLLOUT)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
    expect(client.tryConnect(scene().at())).toBe(0)
    expect(() => client.tryConnect(scene().at())).toThrow('connect EISCONN')
  })

  slowly('a second connect while the first waits: EALREADY; once connected: EISCONN', async () => {
    const { hosts } = scene()
    scene().listener()
    const client = scene().stream()
    const first = client.connect(scene().at())
    expect(await hosts.failure(client.connect(scene().at()))).toMatchObject({ code: 'EALREADY' })
    await hosts.drive(first)
    expect(await hosts.failure(client.connect(scene().at()))).toMatchObject({ code: 'EISCONN' })
  })

  test('a listening socket cannot connect: EISCONN', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    expect(await hosts.failure(listener.connect(scene().at(1)))).toMatchObject({ code: 'EISCONN' })
  })

  test('an address of another family: EAFNOSUPPORT; no route: ENETUNREACH', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    const four = hosts.family === AF_INET
    const other = new SocketAddress(four ? AF_INET6 : AF_INET)
    // A struct sockaddr_in is shorter than AF_INET6 takes.
    expect(await hosts.failure(client.connect(other))).toMatchObject({ code: four ? 'EAFNOSUPPORT' : 'EINVAL' })
    expect(await hosts.failure(client.connect(new SocketAddress(77)))).toMatchObject({ code: 'EAFNOSUPPORT' })
    for (const address of scene().foreign) {
      expect(await hosts.failure(client.connect({ address, port: 80 }))).toMatchObject({
        message: `connect ENETUNREACH ${SocketAddress.internet(address, 80).address}:80`,
      })
    }
  })

  test('to a multicast or broadcast address: ENETUNREACH (RFC 9293 MUST-46)', async () => {
    const { hosts } = scene()
    for (const address of ['224.0.0.1', '255.255.255.255']) {
      expect(await hosts.failure(scene().stream().connect({ address, port: 80 }))).toMatchObject({
        code: 'ENETUNREACH',
      })
    }
  })

  onLink('nobody has the address: EHOSTUNREACH after the neighbour was asked three times', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    const error = await hosts.failure(client.connect({ address: scene().silentAddress, port: 80 }))
    expect(error).toMatchObject({ code: 'EHOSTUNREACH' })
    expect(hosts.now()).toBeGreaterThanOrEqual(3000)
    expect(hosts.now()).toBeLessThan(4000)
  })

  onLink('SO_SNDTIMEO: EINPROGRESS when the time is over; then only close is left', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    client.setsockopt(SOL_SOCKET, SO_SNDTIMEO, 500)
    const error = await hosts.failure(client.connect({ address: scene().silentAddress, port: 80 }))
    expect(error).toMatchObject({ code: 'EINPROGRESS', syscall: 'connect' })
    expect(hosts.now()).toBe(500)
    await client.close()
  })

  onLink('an abort leaves nothing behind once the socket is closed', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    const abort = new AbortController()
    const promise = client.connect({ address: scene().silentAddress, port: 80 }, { signal: abort.signal })
    await hosts.pass(100)
    abort.abort()
    await expect(promise).rejects.toBe(abort.signal.reason)
    await client.close()
    expect(hosts.open()).toBe(0)
  })

  slowly('the states of TCP_INFO: CLOSE, SYN-SENT, ESTABLISHED; LISTEN for the listener', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = scene().stream()
    const state = (socket: Socket) => socket.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_state
    expect(state(client)).toBe(TCP_CLOSE)
    expect(state(listener)).toBe(TCP_LISTEN)
    client.tryConnect(scene().at())
    expect(state(client)).toBe(TCP_SYN_SENT)
    await scene().accept(listener)
    expect(state(client)).toBe(TCP_ESTABLISHED)
    void hosts
  })

  test('send and recv on a stream that never connected: EPIPE, ENOTCONN', async () => {
    const { hosts } = scene()
    const client = scene().stream()
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EPIPE' })
    expect(await hosts.failure(client.recv(octets(1)))).toMatchObject({ message: 'recv ENOTCONN' })
    expect(() => client.getpeername()).toThrow('getpeername ENOTCONN')
    expect(() => client.shutdown(1)).toThrow('shutdown ENOTCONN')
    expect(client.readiness).toBe(POLLOUT | POLLHUP)
  })

  test('a stream that never connected and is shut for reading shows its end; connect to AF_UNSPEC undoes that', async () => {
    const client = scene().stream()
    expect(() => client.shutdown(SHUT_WR)).toThrow('shutdown ENOTCONN')
    expect(client.readiness).toBe(POLLOUT | POLLHUP)
    expect(() => client.shutdown(SHUT_RD)).toThrow('shutdown ENOTCONN')
    expect(client.readiness).toBe(POLLIN | POLLOUT | POLLHUP | POLLRDHUP)
    expect(client.tryRecv(octets(1))).toBe(0)
    await client.connect(new SocketAddress())
    expect(client.readiness).toBe(POLLOUT | POLLHUP)
    expect(() => client.tryRecv(octets(1))).toThrow('recv ENOTCONN')
  })

  test('send and recv begun while connecting wait for the connection', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = scene().stream()
    const connecting = client.connect(scene().at())
    const sending = client.send(octets(10))
    const room = new Uint8Array(10)
    const receiving = client.recv(room)
    await hosts.drive(connecting)
    expect(await hosts.drive(sending)).toBe(10)
    const server = await scene().accept(listener)
    expect(await hosts.drive(server.recv(octets(20)))).toBe(10)
    await server.send(octets(5))
    expect(await hosts.drive(receiving)).toBe(5)
  })

  test('a stream can connect to itself (simultaneous open, RFC 9293 3.5)', async () => {
    const { hosts } = scene()
    const both = scene().stream()
    both.bind({ address: hosts.clientAddress, port: 5000 })
    await hosts.drive(both.connect({ address: hosts.clientAddress, port: 5000 }))
    await hosts.drive(both.send(octets(7)))
    const room = new Uint8Array(9)
    expect(await hosts.drive(both.recv(room))).toBe(7)
    expect(room.subarray(0, 7)).toEqual(octets(7))
  })

  test('connections of one client socket pair each: thousands of them to one port', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const count = 200
    const clients = Array.from({ length: count }, () => scene().stream())
    const connecting = Promise.all(clients.map((client) => client.connect(scene().at())))
    const servers: Socket[] = []
    for (let i = 0; i < count; i++) servers.push(await scene().accept(listener))
    await hosts.drive(connecting)
    const ports = new Map(servers.map((server) => [server.getpeername().port, server]))
    expect(ports.size).toBe(count)
    for (const [i, client] of clients.entries()) {
      const server = ports.get(client.getsockname().port) as Socket
      client.trySend(octets(3, i))
      const room = new Uint8Array(3)
      await hosts.drive(server.recv(room))
      expect(room).toEqual(octets(3, i))
    }
  })
})

berkeley('listen(2) and accept(2)', (scene) => {
  test('accept gives a new socket with the port of the listener, which goes on listening', async () => {
    const listener = scene().listener()
    for (let i = 0; i < 3; i++) {
      const client = await scene().connect()
      const server = await scene().accept(listener)
      expect(server.fd).not.toBe(listener.fd)
      expect(server.getsockname().port).toBe(PORT)
      expect(server.getpeername().port).toBe(client.getsockname().port)
    }
    const { address, port } = listener.getsockname()
    expect([address, port]).toEqual([scene().hosts.any, PORT])
  })

  test('waits while the queue is empty; POLLIN tells that it is not', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    expect(listener.tryAccept()).toBe(-EAGAIN)
    const accepting = listener.accept()
    expect(await stateOf(accepting)).toBe('pending')
    await scene().connect()
    scene().keep(await hosts.drive(accepting))
    const polling = poll([{ socket: listener, events: POLLIN }])
    await scene().connect()
    expect((await hosts.drive(polling))[0].revents).toBe(POLLIN)
    await scene().accept(listener)
    expect(listener.readiness).toBe(0)
  })

  test('connections are accepted in the order in which they came', async () => {
    const listener = scene().listener()
    const ports: number[] = []
    for (let i = 0; i < 5; i++) ports.push((await scene().connect()).getsockname().port)
    const accepted: number[] = []
    for (let i = 0; i < 5; i++) accepted.push((await scene().accept(listener)).getpeername().port)
    expect(accepted).toEqual(ports)
  })

  test('data sent before the accept is there afterwards', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = await scene().connect()
    await hosts.drive(client.send(octets(1000)))
    await client.close()
    await hosts.pass(50)
    const server = await scene().accept(listener)
    const room = new Uint8Array(2000)
    expect(await hosts.drive(server.recv(room))).toBe(1000)
    expect(room.subarray(0, 1000)).toEqual(octets(1000))
    expect(await hosts.drive(server.recv(room))).toBe(0)
  })

  test('the backlog bounds the queue; who came too many connects when there is room', async () => {
    const { hosts } = scene()
    const listener = scene().listener(PORT, 2)
    const clients = Array.from({ length: 6 }, () => scene().stream())
    // One after the other: more at once than a listener has room for looks like a flood, and is answered with cookies, which forget.
    const connects: Promise<void>[] = []
    for (const client of clients) {
      connects.push(client.connect(scene().at()))
      await hosts.pass(20)
    }
    await hosts.pass(500)
    const accepted: Socket[] = []
    // Linux lets one more than the backlog into the queue.
    for (let socket = listener.tryAccept(); typeof socket !== 'number'; socket = listener.tryAccept()) {
      accepted.push(scene().keep(socket))
    }
    expect(accepted).toHaveLength(3)
    while (accepted.length < 6) accepted.push(await scene().accept(listener))
    await hosts.drive(Promise.all(connects))
    // None is lost, and each is its own client's.
    for (const client of clients) {
      const port = client.getsockname().port
      expect(accepted.filter((socket) => socket.getpeername().port === port)).toHaveLength(1)
    }
  })

  test('an accepted socket has the options of its listener', async () => {
    const listener = scene().stream(scene().hosts.server)
    listener.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    listener.setsockopt(SOL_SOCKET, SO_RCVBUF, 10_000)
    listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
    listener.setsockopt(IPPROTO_TCP, TCP_SYNCNT, 3)
    listener.bind({ address: '', port: PORT })
    listener.listen()
    await scene().connect()
    const server = await scene().accept(listener)
    expect(server.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(true)
    expect(server.getsockopt(SOL_SOCKET, SO_RCVBUF)).toBe(20_000)
    expect(server.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(true)
    expect(server.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(false)
    expect(listener.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(true)
  })

  test('accept on a socket that does not listen: EINVAL; on a datagram socket: EOPNOTSUPP', async () => {
    const { hosts } = scene()
    expect(await hosts.failure(scene().stream().accept())).toMatchObject({ message: 'accept EINVAL' })
    expect(await hosts.failure(scene().datagram().accept())).toMatchObject({ message: 'accept EOPNOTSUPP' })
    expect(() => scene().datagram().listen()).toThrow('listen EOPNOTSUPP')
  })

  test('listen without bind takes an ephemeral port', async () => {
    const { hosts } = scene()
    const listener = scene().stream(hosts.server)
    listener.listen()
    const { port } = listener.getsockname()
    expect(port).toBeGreaterThanOrEqual(32768)
    await scene().connect(port)
    await scene().accept(listener)
  })

  test('listen again changes the backlog; on a connected socket it is EINVAL', async () => {
    const listener = scene().listener(PORT, 0)
    listener.listen(10)
    const clients = [await scene().connect(), await scene().connect(), await scene().connect()]
    expect(clients).toHaveLength(3)
    expect(() => (clients[0] as Socket).listen()).toThrow('listen EINVAL')
  })

  test('send and recv on a listening socket: EPIPE, ENOTCONN', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    expect(await hosts.failure(listener.send(octets(1)))).toMatchObject({ code: 'EPIPE' })
    expect(await hosts.failure(listener.recv(octets(1)))).toMatchObject({ code: 'ENOTCONN' })
  })

  test('closing the listener resets who waits in the queue, and refuses who comes later', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = await scene().connect()
    await hosts.pass(10)
    await listener.close()
    expect(await hosts.failure(client.recv(octets(1)))).toMatchObject({ code: 'ECONNRESET' })
    expect(await hosts.failure(scene().stream().connect(scene().at()))).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('closing the listener leaves what was accepted', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await hosts.drive(client.send(octets(3)))
    expect(await hosts.drive(server.recv(octets(9)))).toBe(3)
  })

  test('closing the listener rejects who waits in accept with EBADF', async () => {
    const listener = scene().listener()
    const accepting = listener.accept()
    await listener.close()
    await expect(accepting).rejects.toMatchObject({ message: 'accept EBADF' })
  })
})
