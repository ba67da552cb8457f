// Read first: unix(7), listen(2), accept(2), send(2), recv(2), shutdown(2), poll(2), tcp(7) on SIOCINQ. Results and poll bits are
// those that Linux 6.18 gives to the same calls.

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import {
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCINQ,
  SIOCOUTQ,
  SO_ERROR,
  SO_PEEK_OFF,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDTIMEO,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { stateOf } from '../berkeley/drive.ts'
import { octets as pattern } from '../berkeley/scene.ts'
import { CONNECTED, octets, outcome, recv, send, text, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.end())

const IN_HUP = POLLIN | POLLRDHUP
const GONE = POLLIN | POLLOUT | POLLHUP | POLLRDHUP

describe.each(CONNECTED)('listen(2) and accept(2) on a Unix %s', (_, type) => {
  const connect = (socket: Socket) => outcome(() => socket.tryConnect({ path: '/l' }))

  it('a connection is there at once, accepted or not, and its names are those of both ends', () => {
    const listener = world.listener('/l', type)
    const client = world.socket(type, '/c')
    expect(connect(client)).toBe(0)
    expect(send(client, 'early')).toBe(5)
    expect(client.getpeername().path).toBe('/l')
    const server = world.keep(listener.tryAccept() as Socket)
    expect([server.getsockname().path, server.getpeername().path]).toEqual(['/l', '/c'])
    expect(recv(server)).toBe('early')
    expect(listener.tryAccept()).toBe(-EAGAIN)
  })

  it('the queue takes one more than the backlog, then EAGAIN to who does not wait, whatever his state', () => {
    const listener = world.listener('/l', type, 1)
    const clients = [1, 2, 3].map(() => world.socket(type))
    expect(clients.map(connect)).toEqual([0, 0, 'EAGAIN'])
    expect(connect(clients[0] as Socket)).toBe('EAGAIN')
    expect(clients[2]?.readiness).toBe(POLLOUT | POLLHUP)
    world.keep(listener.tryAccept() as Socket)
    expect(connect(clients[2] as Socket)).toBe(0)
    world.keep(listener.tryAccept() as Socket)
    expect(connect(clients[2] as Socket)).toBe('EISCONN')
  })

  it('connect waits for room in the queue, in order, and gives up at a time limit with EAGAIN', async () => {
    const listener = world.listener('/l', type, 0)
    await world.socket(type).connect({ path: '/l' })
    const waiting = [1, 2].map(() => world.socket(type).connect({ path: '/l' }))
    const limited = world.socket(type)
    limited.setsockopt(SOL_SOCKET, SO_SNDTIMEO, 50)
    expect(await world.failure(limited.connect({ path: '/l' }))).toMatchObject({ code: 'EAGAIN', address: '/l' })
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['pending', 'pending'])
    for (const one of waiting) {
      world.keep(await world.drive(listener.accept()))
      await world.drive(one)
    }
    world.keep(await world.drive(listener.accept()))
    expect(listener.tryAccept()).toBe(-EAGAIN)
  })

  it('who waits for room is refused when the listener closes, and let in when the backlog grows', async () => {
    const listener = world.listener('/l', type, 0)
    await world.socket(type).connect({ path: '/l' })
    const first = world.socket(type).connect({ path: '/l' })
    listener.listen(1)
    await world.drive(first)
    const second = world.socket(type).connect({ path: '/l' })
    void listener.close()
    expect(await world.failure(second)).toMatchObject({ message: 'connect ECONNREFUSED /l' })
  })

  it('a connection has none of the listener’s time limits', async () => {
    const listener = world.listener('/l', type)
    listener.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 10)
    const client = world.socket(type)
    connect(client)
    const server = world.keep(await listener.accept())
    expect(server.getsockopt(SOL_SOCKET, SO_RCVTIMEO)).toBe(0)
    const receiving = server.recv(new Uint8Array(1))
    world.clock.advanceTo(100)
    await world.settle()
    send(client, 'x')
    expect(await world.drive(receiving)).toBe(1)
  })

  it('accept waits for a connection', async () => {
    const listener = world.listener('/l', type)
    const accepting = listener.accept()
    await world.settle()
    connect(world.socket(type))
    world.keep(await world.drive(accepting))
    expect(listener.readiness).toBe(0)
  })

  it('a listener that closes resets the connections that nobody accepted', () => {
    const listener = world.listener('/l', type)
    const client = world.socket(type)
    connect(client)
    void listener.close()
    expect(client.readiness).toBe(GONE | POLLERR)
    expect([recv(client), recv(client), send(client, 'x')]).toEqual(['ECONNRESET', '', 'EPIPE'])
  })

  it('wrong states: EINVAL for what has no name, is connected, or does not listen', () => {
    expect(outcome(() => world.socket(type).listen())).toBe('EINVAL')
    const [left] = world.pair(type)
    expect(outcome(() => left.listen())).toBe('EINVAL')
    expect(outcome(() => left.tryAccept())).toBe('EINVAL')
    const listener = world.listener('/l', type)
    expect(connect(listener)).toBe('EINVAL')
    expect([recv(listener), send(listener, 'x')]).toEqual([type === SOCK_STREAM ? 'EINVAL' : 'ENOTCONN', 'ENOTCONN'])
    expect(outcome(() => listener.getpeername())).toBe('ENOTCONN')
    expect(outcome(() => listener.ioctl(SIOCINQ))).toBe('EINVAL')
  })

  it('a listener that is shut down takes what is queued and nobody more', async () => {
    const listener = world.listener('/l', type)
    connect(world.socket(type))
    const accepting = [listener.accept(), listener.accept()] as const
    listener.shutdown(SHUT_RD)
    expect(listener.readiness).toBe(IN_HUP)
    expect(connect(world.socket(type))).toBe('ECONNREFUSED')
    world.keep(await world.drive(accepting[0]))
    expect(await world.failure(accepting[1])).toMatchObject({ code: 'EINVAL' })
  })

  it('readiness: HUP and OUT before there is a connection, OUT with one, IN where one waits (poll(2))', () => {
    const client = world.socket(type)
    expect(client.readiness).toBe(POLLOUT | POLLHUP)
    const listener = world.listener('/l', type)
    expect(listener.readiness).toBe(0)
    connect(client)
    expect([client.readiness, listener.readiness]).toEqual([POLLOUT, POLLIN])
    world.keep(listener.tryAccept() as Socket)
    expect(listener.readiness).toBe(0)
  })
})

describe.each(CONNECTED)('shutdown(2) and close(2) on a Unix %s', (_, type) => {
  it('half closed, the other direction goes on, and each end sees its bits', () => {
    const [left, right] = world.pair(type)
    left.shutdown(SHUT_WR)
    expect([left.readiness, right.readiness]).toEqual([POLLOUT, POLLIN | POLLOUT | POLLRDHUP])
    expect([send(left, 'x'), recv(right), send(right, 'x'), recv(left)]).toEqual(['EPIPE', '', 1, 'x'])
    left.shutdown(SHUT_RD)
    expect([left.readiness, right.readiness]).toEqual([GONE, GONE])
    expect([send(right, 'x'), recv(left)]).toEqual(['EPIPE', ''])
  })

  it('what was sent before is received before the end', async () => {
    const [left, right] = world.pair(type)
    const receiving = right.recv(new Uint8Array(9))
    send(left, 'last')
    left.shutdown(SHUT_RDWR)
    expect(await world.drive(receiving)).toBe(4)
    expect(await world.drive(right.recv(new Uint8Array(9)))).toBe(0)
  })

  it('without a connection it is no error, but no other `how` than three is one', () => {
    const socket = world.socket(type)
    socket.shutdown(SHUT_RDWR)
    expect(socket.readiness).toBe(GONE)
    expect(outcome(() => socket.shutdown(3))).toBe('EINVAL')
  })

  it('a peer that closes: end of file, EPIPE, and its name still', () => {
    const listener = world.listener('/l', type)
    const client = world.socket(type)
    client.tryConnect({ path: '/l' })
    void (listener.tryAccept() as Socket).close()
    expect(client.readiness).toBe(GONE)
    expect([recv(client), send(client, 'x'), client.getpeername().path]).toEqual(['', 'EPIPE', '/l'])
    expect(outcome(() => client.tryConnect({ path: '/l' }))).toBe('EISCONN')
  })

  it('a peer that closes with unread data resets: ECONNRESET once, then the end', () => {
    const [left, right] = world.pair(type)
    send(left, 'unread')
    send(right, 'back')
    void right.close()
    expect(left.readiness).toBe(GONE | POLLERR)
    // A stream gives what came first; a SOCK_SEQPACKET the error, as Linux does.
    const expected = type === SOCK_STREAM ? ['back', 'ECONNRESET', ''] : ['ECONNRESET', 'back', '']
    expect([recv(left), recv(left), recv(left)]).toEqual(expected)
    expect([send(left, 'x'), left.readiness]).toEqual(['EPIPE', GONE])
  })

  it('a peer that closes without having read what had no octets does not reset', () => {
    const [left, right] = world.pair(type)
    send(left, '')
    void right.close()
    expect([left.readiness, recv(left)]).toEqual([GONE, ''])
  })

  it('SO_ERROR tells the reset and clears it', () => {
    const [left, right] = world.pair(type)
    send(left, 'unread')
    void right.close()
    expect([1, 2].map(() => left.getsockopt(SOL_SOCKET, SO_ERROR))).toEqual([104, 0])
    expect(recv(left)).toBe('')
  })

  it('calls that wait end with the peer', async () => {
    const [left, right] = world.pair(type)
    const receiving = left.recv(new Uint8Array(1))
    void right.close()
    expect(await world.drive(receiving)).toBe(0)
  })
})

describe('send(2) and recv(2) on a Unix stream', () => {
  it('has no bounds: several sends in one recv, one send in several', () => {
    const [left, right] = world.pair()
    for (const part of ['ab', 'cde']) send(left, part)
    expect([recv(right, 4), recv(right, 4), recv(right)]).toEqual(['abcd', 'e', 'EAGAIN'])
  })

  it('takes SO_SNDBUF octets that nobody has read, and is writable again at a quarter (socket(7))', async () => {
    const [left, right] = world.pair()
    const size = left.getsockopt(SOL_SOCKET, SO_SNDBUF)
    expect(left.trySend(new Uint8Array(size + 1))).toBe(size)
    expect([left.trySend(octets('x')), left.readiness]).toEqual([-EAGAIN, 0])
    expect([left.ioctl(SIOCOUTQ), right.ioctl(SIOCINQ)]).toEqual([size, size])
    const polling = poll([{ socket: left, events: POLLOUT }])
    expect(right.tryRecv(new Uint8Array((3 * size) / 4 - 1))).toBe((3 * size) / 4 - 1)
    await world.settle()
    expect([await stateOf(polling), left.readiness]).toEqual(['pending', 0])
    recv(right, 1)
    expect((await world.drive(polling))[0].revents).toBe(POLLOUT)
  })

  it('a send larger than the buffer resolves when all is taken; octets arrive whole and in order', async () => {
    const [left, right] = world.pair()
    left.setsockopt(SOL_SOCKET, SO_SNDBUF, 10_000)
    const sending = left.send(pattern(1_000_000))
    const room = new Uint8Array(1_000_000)
    expect(await world.drive(right.recv(room, MSG_WAITALL))).toBe(1_000_000)
    expect(await world.drive(sending)).toBe(1_000_000)
    expect(Buffer.compare(room, pattern(1_000_000))).toBe(0)
  })

  it('MSG_PEEK leaves the octets; of several buffers each is filled in turn', () => {
    const [left, right] = world.pair()
    expect(left.trySendmsg(new Message([octets('ab'), new Uint8Array(0), octets('cdef')]))).toBe(6)
    expect([recv(right, 3, MSG_PEEK), recv(right, 3, MSG_PEEK)]).toEqual(['abc', 'abc'])
    const buffers = [new Uint8Array(1), new Uint8Array(0), new Uint8Array(9)]
    expect(right.tryRecvmsg(new Message(buffers))).toBe(6)
    expect(buffers.map((buffer) => text(buffer).replaceAll('\0', ''))).toEqual(['a', '', 'bcdef'])
  })

  it('SO_PEEK_OFF: each peek goes on behind the last, each recv takes it back (socket(7))', () => {
    const [left, right] = world.pair()
    expect(right.getsockopt(SOL_SOCKET, SO_PEEK_OFF)).toBe(-1)
    right.setsockopt(SOL_SOCKET, SO_PEEK_OFF, 0)
    send(left, 'abcdef')
    send(left, 'ghi')
    expect([1, 2, 3, 4].map(() => recv(right, 4, MSG_PEEK))).toEqual(['abcd', 'efgh', 'i', 'EAGAIN'])
    expect(right.getsockopt(SOL_SOCKET, SO_PEEK_OFF)).toBe(9)
    expect(recv(right, 2)).toBe('ab')
    expect(right.getsockopt(SOL_SOCKET, SO_PEEK_OFF)).toBe(7)
    right.setsockopt(SOL_SOCKET, SO_PEEK_OFF, -1)
    expect(recv(right, 9, MSG_PEEK)).toBe('cdefghi')
  })

  it('without a connection: ENOTCONN to send, EINVAL to receive; with a name EISCONN or EOPNOTSUPP', () => {
    const socket = world.socket()
    expect([send(socket, 'x'), recv(socket)]).toEqual(['ENOTCONN', 'EINVAL'])
    const named = new Message([octets('x')], SocketAddress.unix('/none'))
    const [left] = world.pair()
    expect([socket, left].map((one) => outcome(() => one.trySendmsg(named)))).toEqual(['EOPNOTSUPP', 'EISCONN'])
  })

  it('nothing is sent and received as 0, and there is no urgent data', () => {
    const [left, right] = world.pair()
    expect([send(left, ''), recv(right)]).toEqual([0, 'EAGAIN'])
    while (typeof send(left, 'x'.repeat(100_000)) === 'number');
    expect(send(left, '')).toBe(0)
    expect([recv(right, 0), recv(right, 1, MSG_OOB), send(left, 'x', MSG_OOB)]).toEqual([
      '',
      'EOPNOTSUPP',
      'EOPNOTSUPP',
    ])
  })

  it('recvfrom gives the peer’s name where it has one', async () => {
    const listener = world.listener('/l')
    const clients = [world.socket(SOCK_STREAM, '/c'), world.socket()]
    const names = []
    for (const client of clients) {
      client.tryConnect({ path: '/l' })
      const server = world.keep(listener.tryAccept() as Socket)
      send(client, 'x')
      names.push((await server.recvfrom(new Uint8Array(1))).address?.path)
      void client.close()
      expect((await server.recvfrom(new Uint8Array(1))).address).toBe(null)
    }
    expect(names).toEqual(['/c', undefined])
  })

  it('is an iterator of its octets, and `using` closes it', async () => {
    const [left, right] = world.pair()
    send(left, 'abc')
    void left.close()
    let all = ''
    for await (const chunk of right.chunks()) all += text(chunk)
    expect(all).toBe('abc')
  })
})

test('watchers are told at the end of the burst, never from inside a call', async () => {
  const [left, right] = world.pair()
  const told: number[] = []
  right.addWatcher({ ready: (events) => void told.push(events) })
  send(left, 'x')
  left.shutdown(SHUT_WR)
  expect(told).toEqual([])
  await world.settle()
  expect(told.length).toBe(1)
  expect((told[0] as number) & IN_HUP).toBe(IN_HUP)
})

test('a closed system refuses sockets with ENETDOWN, and tells who waits', async () => {
  const left = new World()
  const [one, other] = left.pair()
  left.socket(SOCK_STREAM, '/path')
  const receiving = one.recv(new Uint8Array(1))
  const receivingToo = other.recv(new Uint8Array(1))
  left.stack.close()
  for (const waiting of [receiving, receivingToo]) {
    expect(await left.failure(waiting)).toMatchObject({ code: 'EBADF' })
  }
  expect(outcome(() => left.socket())).toBe('ENETDOWN')
  expect([left.stack.unix.endpoints.size, left.stack.unix.unlink('/path')]).toEqual([0, -2])
})
