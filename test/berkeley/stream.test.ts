// Read first: send(2), recv(2), tcp(7), shutdown(2), close(2), RFC 9293 sections 3.6 and 3.8.5.

import { expect, test } from 'vitest'
import {
  FIONREAD,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCATMARK,
  SIOCOUTQ,
  SO_ERROR,
  SO_LINGER,
  SO_OOBINLINE,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_CORK,
  TCP_INFO,
} from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import { TCP_CLOSE, TCP_CLOSE_WAIT, TCP_FIN_WAIT2 } from '../../src/base/tcp-info.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { stateOf } from './drive.ts'
import { berkeley, octets, PORT, type Scene } from './scene.ts'

/** Receives `length` octets and says whether they are those of `octets`. */
async function receives(scene: Scene, socket: Socket, length: number, from = 0): Promise<void> {
  const room = new Uint8Array(length)
  expect(await scene.hosts.drive(socket.recv(room, MSG_WAITALL))).toBe(length)
  expect(Buffer.compare(room, octets(length, from))).toBe(0)
}

/** Of a send buffer that holds all that a test sends, before any of it goes. */
const AMPLE = 400_000

berkeley('send(2) and recv(2) on a stream', (scene, _, slowly) => {
  test('octets arrive whole and in order, both ways', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const there = client.send(octets(100_000))
    const back = server.send(octets(70_000, 9))
    await receives(scene(), server, 100_000)
    await receives(scene(), client, 70_000, 9)
    expect(await hosts.drive(Promise.all([there, back]))).toEqual([100_000, 70_000])
  })

  test('a send that is larger than all buffers resolves when all is taken', async () => {
    const { hosts } = scene()
    const listener = scene().stream(hosts.server)
    listener.setsockopt(SOL_SOCKET, SO_RCVBUF, 20_000)
    listener.bind({ address: '', port: PORT })
    listener.listen()
    const client = scene().stream()
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 20_000)
    await hosts.drive(client.connect(scene().at()))
    const server = await scene().accept(listener)
    const sending = client.send(octets(500_000))
    await hosts.pass(5000)
    expect(await stateOf(sending)).toBe('pending')
    await receives(scene(), server, 500_000)
    expect(await hosts.drive(sending)).toBe(500_000)
  })

  test('trySend takes what there is room for, then nothing: -EAGAIN and no POLLOUT, until the peer reads', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 20_000)
    server.setsockopt(SOL_SOCKET, SO_RCVBUF, 20_000)
    let taken = 0
    for (let quiet = 0; quiet < 3; ) {
      const count = client.trySend(octets(100_000, taken))
      if (count === -EAGAIN) quiet++
      else taken += count
      await hosts.pass(300)
    }
    expect(client.readiness & POLLOUT).toBe(0)
    const polling = poll([{ socket: client, events: POLLOUT }])
    expect(await stateOf(polling)).toBe('pending')
    const room = new Uint8Array(taken)
    expect(await hosts.drive(server.recv(room, MSG_WAITALL))).toBe(taken)
    expect((await hosts.drive(polling))[0].revents).toBe(POLLOUT)
  })

  test('two sends may arrive in one recv, and one in several: a stream has no blocks', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(10))
    await client.send(octets(10, 10))
    await hosts.pass(300)
    const room = new Uint8Array(100)
    expect(server.tryRecv(room)).toBe(20)
    await client.send(octets(10))
    await hosts.pass(300)
    expect([4, 4, 4].map((length) => server.tryRecv(new Uint8Array(length)))).toEqual([4, 4, 2])
  })

  test('recv waits while nothing is there; tryRecv and MSG_DONTWAIT say EAGAIN', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    expect(server.tryRecv(octets(1))).toBe(-EAGAIN)
    await expect(server.recv(octets(1), MSG_DONTWAIT)).rejects.toMatchObject({ message: 'recv EAGAIN' })
    const receiving = server.recv(new Uint8Array(9))
    await client.send(octets(3), MSG_NOSIGNAL)
    expect(await hosts.drive(receiving)).toBe(3)
  })

  test('MSG_PEEK leaves what it shows; FIONREAD counts it', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(8))
    const room = new Uint8Array(5)
    for (let i = 0; i < 2; i++) {
      expect(await hosts.drive(server.recv(room, MSG_PEEK))).toBe(5)
      expect(room).toEqual(octets(5))
    }
    expect(server.ioctl(FIONREAD)).toBe(8)
    await receives(scene(), server, 8)
    expect(server.ioctl(FIONREAD)).toBe(0)
  })

  test('MSG_WAITALL waits for all of it, and gives the part that came before the end', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const receiving = server.recv(new Uint8Array(10), MSG_WAITALL)
    await client.send(octets(6))
    await hosts.pass(300)
    expect(await stateOf(receiving)).toBe('pending')
    await client.send(octets(6))
    expect(await hosts.drive(receiving)).toBe(10)
    client.shutdown(SHUT_WR)
    expect(await hosts.drive(server.recv(new Uint8Array(10), MSG_WAITALL))).toBe(2)
  })

  test('MSG_TRUNC throws octets away and counts them (tcp(7))', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(10))
    const room = new Uint8Array(4)
    expect(await hosts.drive(server.recv(room, MSG_TRUNC))).toBe(4)
    expect(room).toEqual(new Uint8Array(4))
    await receives(scene(), server, 6, 4)
  })

  test('MSG_MORE holds a partial segment back, 200 ms at the longest', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(10), MSG_MORE)
    await hosts.pass(150)
    expect(server.tryRecv(octets(1))).toBe(-EAGAIN)
    await client.send(octets(10, 10))
    await hosts.pass(5)
    expect(server.ioctl(FIONREAD)).toBe(20)
    await client.send(octets(10, 20), MSG_MORE)
    await hosts.until(() => server.ioctl(FIONREAD) === 30)
  })

  test('TCP_CORK holds partial segments until it is taken out', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(IPPROTO_TCP, TCP_CORK, true)
    for (let i = 0; i < 5; i++) await client.send(octets(10, 10 * i))
    await hosts.pass(100)
    expect(server.ioctl(FIONREAD)).toBe(0)
    client.setsockopt(IPPROTO_TCP, TCP_CORK, false)
    await hosts.pass(5)
    expect(server.ioctl(FIONREAD)).toBe(50)
  })

  test('SIOCOUTQ counts what the peer has no room for', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    let taken = 0
    for (let count = 1; count > 0; ) {
      count = client.trySend(octets(100_000))
      if (count > 0) taken += count
      await hosts.pass(300)
    }
    const waiting = client.ioctl(SIOCOUTQ)
    expect(waiting).toBeGreaterThan(0)
    // What has arrived and is not acknowledged yet is counted at both ends.
    expect(waiting + server.ioctl(FIONREAD)).toBeGreaterThanOrEqual(taken)
    await hosts.drive(server.recv(new Uint8Array(taken), MSG_WAITALL))
    await hosts.until(() => client.ioctl(SIOCOUTQ) === 0)
  })

  slowly('SIOCOUTQ counts what is not acknowledged', async () => {
    const { hosts } = scene()
    const [client] = await scene().pair()
    client.trySend(octets(1000))
    expect(client.ioctl(SIOCOUTQ)).toBe(1000)
    await hosts.pass(300)
    expect(client.ioctl(SIOCOUTQ)).toBe(0)
  })

  test('sendmsg gathers, recvmsg scatters, in one go', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    expect(await client.sendmsg(new Message([octets(3), octets(0), octets(4, 3), octets(5, 7)]))).toBe(12)
    await hosts.pass(5)
    const message = new Message([new Uint8Array(5), new Uint8Array(2), new Uint8Array(9)])
    expect(await hosts.drive(server.recvmsg(message))).toBe(12)
    expect(message.buffers.map((buffer) => [...buffer])).toEqual([
      [...octets(5)],
      [...octets(2, 5)],
      [...octets(5, 7), 0, 0, 0, 0],
    ])
  })

  test('sendmsg of more than the buffers hold goes on across waits', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 10_000)
    const sending = client.sendmsg(new Message([octets(150_000), octets(1, 150_000), octets(149_999, 150_001)]))
    await receives(scene(), server, 300_000)
    expect(await hosts.drive(sending)).toBe(300_000)
  })

  test('recvfrom has no address on a stream; sendto takes no notice of one', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    expect(await client.sendto(octets(2), scene().at(9))).toBe(2)
    expect(await hosts.drive(server.recvfrom(octets(9)))).toMatchObject({ length: 2, address: null })
  })

  test('read and write work on it as on a file', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    expect(await client.write(octets(4))).toBe(4)
    expect(await hosts.drive(server.read(octets(9)))).toBe(4)
  })

  test('several writers go in order, each whole; several readers are served in order', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 5000)
    const sends = [0, 1, 2].map((i) => client.send(octets(100_000, i * 100_000)))
    const rooms = [0, 1, 2].map(() => new Uint8Array(100_000))
    const reads = rooms.map((room) => server.recv(room, MSG_WAITALL))
    expect(await hosts.drive(Promise.all(reads))).toEqual([100_000, 100_000, 100_000])
    for (const [i, room] of rooms.entries()) expect(Buffer.compare(room, octets(100_000, i * 100_000))).toBe(0)
    expect(await hosts.drive(Promise.all(sends))).toEqual([100_000, 100_000, 100_000])
  })

  test('SO_RCVLOWAT: readable only from so many octets on', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    server.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 10)
    await client.send(octets(9))
    await hosts.pass(300)
    expect(server.readiness & POLLIN).toBe(0)
    await client.send(octets(1))
    expect((await hosts.drive(poll([{ socket: server, events: POLLIN }])))[0].revents).toBe(POLLIN)
  })
})

berkeley('Urgent data', (scene) => {
  test('the last octet of a MSG_OOB send is received apart, with MSG_OOB; POLLPRI tells of it', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(3), MSG_OOB)
    await hosts.pass(5)
    expect(server.readiness & (POLLPRI | POLLIN)).toBe(POLLPRI | POLLIN)
    const room = new Uint8Array(1)
    expect(await server.recv(room, MSG_OOB)).toBe(1)
    expect(room).toEqual(octets(1, 2))
    expect(server.readiness & POLLPRI).toBe(0)
    await expect(server.recv(room, MSG_OOB)).rejects.toMatchObject({ message: 'recv EINVAL' })
    await client.send(octets(2, 10))
    await hosts.pass(5)
    // A recv does not read across the mark.
    const rest = new Uint8Array(9)
    expect(await hosts.drive(server.recv(rest))).toBe(2)
    expect(rest.subarray(0, 2)).toEqual(octets(2))
    expect(await hosts.drive(server.recv(rest))).toBe(2)
    expect(rest.subarray(0, 2)).toEqual(octets(2, 10))
  })

  test('without urgent data MSG_OOB is EINVAL, and does not wait', async () => {
    const [, server] = await scene().pair()
    await expect(server.recv(octets(1), MSG_OOB)).rejects.toMatchObject({ message: 'recv EINVAL' })
  })

  test('SIOCATMARK is 1 at the mark', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(2), MSG_OOB)
    await hosts.pass(5)
    await client.send(octets(2, 2))
    await hosts.pass(300)
    expect(server.ioctl(SIOCATMARK)).toBe(0)
    expect(await server.recv(octets(9))).toBe(1)
    expect(server.ioctl(SIOCATMARK)).toBe(1)
    expect(await server.recv(octets(9))).toBe(2)
    expect(server.ioctl(SIOCATMARK)).toBe(0)
  })

  test('SO_OOBINLINE leaves it in the stream: MSG_OOB is EINVAL', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    server.setsockopt(SOL_SOCKET, SO_OOBINLINE, true)
    await client.send(octets(3), MSG_OOB)
    await hosts.pass(5)
    await expect(server.recv(octets(1), MSG_OOB)).rejects.toMatchObject({ code: 'EINVAL' })
    const room = new Uint8Array(9)
    // Up to the mark, then from it on.
    expect(await server.recv(room)).toBe(2)
    expect(await server.recv(room)).toBe(1)
    expect(room[0]).toBe(octets(1, 2)[0])
  })
})

berkeley('shutdown(2)', (scene) => {
  const state = (socket: Socket) => socket.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_state

  test('SHUT_WR: the peer reads to the end and can go on sending (half-close)', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(5000))
    client.shutdown(SHUT_WR)
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EPIPE' })
    await receives(scene(), server, 5000)
    expect(await hosts.drive(server.recv(octets(1)))).toBe(0)
    await hosts.until(() => state(client) === TCP_FIN_WAIT2)
    expect(state(server)).toBe(TCP_CLOSE_WAIT)
    expect(server.readiness).toBe(POLLIN | POLLOUT | POLLRDHUP)
    const sending = server.send(octets(50_000))
    await receives(scene(), client, 50_000)
    await hosts.drive(sending)
    server.shutdown(SHUT_WR)
    expect(await hosts.drive(client.recv(octets(1)))).toBe(0)
    expect(await hosts.drive(client.recv(octets(1)))).toBe(0)
  })

  test('SHUT_WR twice is no error; ENOTCONN once both sides are ended', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.shutdown(SHUT_WR)
    client.shutdown(SHUT_WR)
    await hosts.pass(5)
    server.shutdown(SHUT_WR)
    await hosts.pass(100)
    expect(client.readiness).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP)
    expect(() => server.shutdown(SHUT_WR)).toThrow('shutdown ENOTCONN')
  })

  test('SHUT_RD: recv gives 0, one that waits too; what comes later can still be read', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const waiting = server.recv(octets(9))
    server.shutdown(SHUT_RD)
    expect(await hosts.drive(waiting)).toBe(0)
    expect(server.readiness & (POLLIN | POLLRDHUP)).toBe(POLLIN | POLLRDHUP)
    await client.send(octets(5))
    await hosts.pass(5)
    expect(server.tryRecv(octets(9))).toBe(5)
    expect(server.tryRecv(octets(9))).toBe(0)
    expect(await server.send(octets(1))).toBe(1)
  })

  test('SHUT_RDWR ends both sides', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.shutdown(SHUT_RDWR)
    expect(client.tryRecv(octets(1))).toBe(0)
    expect(() => client.trySend(octets(1))).toThrow('send EPIPE')
    expect(await hosts.drive(server.recv(octets(1)))).toBe(0)
  })

  test('a send that waits is ended by SHUT_WR, with what it had sent', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 5000)
    server.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000)
    const sending = client.send(octets(10_000_000))
    await hosts.pass(1000)
    client.shutdown(SHUT_WR)
    const count = await hosts.drive(sending)
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(10_000_000)
    await receives(scene(), server, count)
    expect(await hosts.drive(server.recv(octets(1)))).toBe(0)
    // That it was shut down is no error of the socket.
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
  })

  test('shutdown with a wrong direction: EINVAL', async () => {
    const [client] = await scene().pair()
    expect(() => client.shutdown(3)).toThrow('shutdown EINVAL')
  })

  test('of a listener: who waits in accept is told', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const accepting = listener.accept()
    listener.shutdown(SHUT_RD)
    expect(await hosts.failure(accepting)).toMatchObject({ message: 'accept EINVAL' })
    expect(await hosts.failure(scene().stream().connect(scene().at()))).toMatchObject({ code: 'ECONNREFUSED' })
  })
})

berkeley('close(2) of a stream', (scene, _, slowly) => {
  test('the peer reads what was sent, then the end; its first send is taken, the next is EPIPE', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await server.send(octets(3000))
    await server.close()
    await receives(scene(), client, 3000)
    expect(await hosts.drive(client.recv(octets(1)))).toBe(0)
    expect(client.readiness).toBe(POLLIN | POLLOUT | POLLRDHUP)
    expect(await client.send(octets(1))).toBe(1)
    await hosts.pass(5)
    expect(client.readiness).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR)
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EPIPE' })
    expect(await client.recv(octets(1))).toBe(0)
  })

  test('data left unread: the peer gets ECONNRESET, once (RFC 2525 2.17)', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.send(octets(10))
    await hosts.pass(5)
    await server.close()
    await hosts.pass(5)
    expect(client.readiness).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP | POLLERR)
    expect(await hosts.failure(client.recv(octets(1)))).toMatchObject({ message: 'recv ECONNRESET', errno: -104 })
    expect(await client.recv(octets(1))).toBe(0)
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EPIPE' })
    expect(client.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_state).toBe(TCP_CLOSE)
  })

  test('SO_LINGER with time 0 resets: SO_ERROR says so once, the names are gone', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    server.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
    await server.close()
    await hosts.pass(5)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(104)
    expect(client.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
    expect(await client.recv(octets(1))).toBe(0)
    expect(() => client.getpeername()).toThrow('getpeername ENOTCONN')
    expect(client.getsockname().port).not.toBe(0)
  })

  test('what arrived before a reset can still be read', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await server.send(octets(4))
    await hosts.pass(5)
    server.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
    await server.close()
    await hosts.pass(5)
    const room = new Uint8Array(9)
    expect(await client.recv(room)).toBe(4)
    expect(await hosts.failure(client.recv(room))).toMatchObject({ code: 'ECONNRESET' })
    expect(await client.recv(room)).toBe(0)
  })

  test('a reset ends who waits: one reader gets ECONNRESET, who comes after it the end', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const first = client.recv(octets(1))
    const second = client.recv(octets(1))
    server.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
    await server.close()
    expect(await hosts.failure(first)).toMatchObject({ code: 'ECONNRESET' })
    expect(await hosts.drive(second)).toBe(0)
  })

  test('a reset in the middle of a send: the part that was taken, then the error', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, 5000)
    server.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000)
    const sending = client.send(octets(1_000_000))
    await hosts.pass(1000)
    await server.close()
    const count = await hosts.drive(sending)
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(1_000_000)
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send ECONNRESET' })
    expect(await hosts.failure(client.send(octets(1)))).toMatchObject({ message: 'send EPIPE' })
  })

  test('SO_LINGER with a time: resolves when all that was sent is acknowledged', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 30 })
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, AMPLE)
    server.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000)
    await client.send(octets(100_000))
    const closing = client.close()
    await hosts.pass(1000)
    expect(await stateOf(closing)).toBe('pending')
    expect(client.fd).toBe(-1)
    await receives(scene(), server, 100_000)
    const start = hosts.now()
    await hosts.drive(closing)
    expect(hosts.now() - start).toBeLessThan(2000)
  })

  test('SO_LINGER of a listener is that of its connections', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    listener.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 3 })
    const client = scene().stream()
    client.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000)
    await hosts.drive(client.connect(scene().at()))
    const server = await scene().accept(listener)
    server.setsockopt(SOL_SOCKET, SO_SNDBUF, AMPLE)
    await server.send(octets(100_000))
    const start = hosts.now()
    await hosts.drive(server.close())
    expect(hosts.now() - start).toBe(3000)
  })

  test('SO_LINGER: when the time is over, close is over; what was sent still arrives', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 2 })
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, AMPLE)
    server.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000)
    await client.send(octets(100_000))
    const start = hosts.now()
    await hosts.drive(client.close())
    expect(hosts.now() - start).toBe(2000)
    await receives(scene(), server, 100_000)
    expect(await hosts.drive(server.recv(octets(1)))).toBe(0)
  })

  test('without SO_LINGER close resolves at once, and what was sent still arrives', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_SNDBUF, AMPLE)
    await client.send(octets(300_000))
    const start = hosts.now()
    await client.close()
    expect(hosts.now()).toBe(start)
    await receives(scene(), server, 300_000)
    expect(await hosts.drive(server.recv(octets(1)))).toBe(0)
  })

  slowly('closing before the handshake is over leaves nothing', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = scene().stream()
    const connecting = client.connect(scene().at())
    await client.close()
    await expect(connecting).rejects.toMatchObject({ message: `connect EBADF ${hosts.serverAddress}:${PORT}` })
    await hosts.pass(1000)
    const accepted = listener.tryAccept()
    if (typeof accepted !== 'number') {
      scene().keep(accepted)
      expect(await hosts.failure(accepted.recv(octets(1)))).toMatchObject({ code: 'ECONNRESET' })
    }
  })
})
