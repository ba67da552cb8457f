// Read first: unix(7), send(2), recv(2), connect(2), poll(2). Results and poll bits are those that Linux 6.18 gives to the same
// calls.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  MSG_EOR,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
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
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { EAGAIN } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { stateOf } from '../berkeley/drive.ts'
import { octets, outcome, recv, recvmsg, send, sendmsg, TYPES, text, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.end())

const sendto = (socket: Socket, data: string, path: string) =>
  outcome(() => socket.trySendto(octets(data), SocketAddress.unix(path)))
const connect = (socket: Socket, path: string) => outcome(() => socket.tryConnect(SocketAddress.unix(path)))
const disconnect = (socket: Socket) => outcome(() => socket.tryConnect(new SocketAddress()))

describe.each(TYPES.slice(1))('records of a Unix %s', (_, type) => {
  it('keep their bounds; what does not fit is cut and lost, and MSG_TRUNC says so', () => {
    const [left, right] = world.pair(type)
    for (const record of ['first', 'second', '']) send(left, record)
    const cut = recvmsg(right, 2)
    expect([cut.data, cut.message.flags]).toEqual(['fi', MSG_TRUNC])
    const whole = recvmsg(right)
    expect([whole.data, whole.message.flags]).toEqual(['second', 0])
    expect([right.readiness & POLLIN, recv(right), recv(right)]).toEqual([POLLIN, '', 'EAGAIN'])
  })

  it('MSG_TRUNC asks for the real length, MSG_PEEK leaves the record; MSG_EOR is taken and not told', () => {
    const [left, right] = world.pair(type)
    send(left, 'record', MSG_EOR)
    expect(right.tryRecv(new Uint8Array(2), MSG_TRUNC | MSG_PEEK)).toBe(6)
    const { data, message } = recvmsg(right)
    expect([data, message.flags]).toEqual(['record', 0])
  })

  it('are gathered from several buffers and scattered into several', () => {
    const [left, right] = world.pair(type)
    expect(left.trySendmsg(new Message([octets('ab'), new Uint8Array(0), octets('cdef')]))).toBe(6)
    const buffers = [new Uint8Array(1), new Uint8Array(0), new Uint8Array(9)]
    expect(right.tryRecvmsg(new Message(buffers))).toBe(6)
    expect(buffers.map((buffer) => text(buffer).replaceAll('\0', ''))).toEqual(['a', '', 'bcdef'])
  })

  it('SO_PEEK_OFF counts through them, and a record taken goes off it whole', () => {
    const [left, right] = world.pair(type)
    right.setsockopt(SOL_SOCKET, SO_PEEK_OFF, 0)
    send(left, 'abcdef')
    send(left, 'ghi')
    expect([1, 2, 3, 4].map(() => recv(right, 4, MSG_PEEK))).toEqual(['abcd', 'ef', 'ghi', 'EAGAIN'])
    expect(recv(right, 2)).toBe('ab')
    expect(right.getsockopt(SOL_SOCKET, SO_PEEK_OFF)).toBe(3)
    expect(recv(right, 4, MSG_PEEK)).toBe('EAGAIN')
    right.setsockopt(SOL_SOCKET, SO_PEEK_OFF, -1)
    expect(recv(right, 9, MSG_PEEK)).toBe('ghi')
  })

  it('one longer than SO_SNDBUF less 32 octets is refused: EMSGSIZE', () => {
    const [left, right] = world.pair(type)
    const most = left.getsockopt(SOL_SOCKET, SO_SNDBUF) - 32
    expect(outcome(() => left.trySend(new Uint8Array(most + 1)))).toBe('EMSGSIZE')
    expect(outcome(() => left.trySend(new Uint8Array(most)))).toBe(most)
    expect(right.tryRecv(new Uint8Array(most))).toBe(most)
  })

  it('fill the sender’s buffer, each with what it costs in Linux, and it is writable again at a quarter', async () => {
    const [left, right] = world.pair(type)
    let count = 0
    while (left.trySend(octets('x')) === 1) count++
    const size = left.getsockopt(SOL_SOCKET, SO_SNDBUF)
    expect(count).toBe(Math.ceil(size / 769))
    expect([left.readiness, left.ioctl(SIOCOUTQ)]).toEqual([0, count * 769])
    expect(right.ioctl(SIOCINQ)).toBe(type === SOCK_DGRAM ? 1 : count)
    const polling = poll([{ socket: left, events: POLLOUT }])
    while (4 * left.ioctl(SIOCOUTQ) > size) {
      await world.settle()
      expect(await stateOf(polling)).toBe('pending')
      recv(right)
    }
    expect((await world.drive(polling))[0].revents).toBe(POLLOUT)
  })

  it('a send waits for room in the sender’s buffer', async () => {
    const [left, right] = world.pair(type)
    while (left.trySend(new Uint8Array(1000)) === 1000);
    const sending = left.send(octets('waited'))
    const seen: string[] = []
    while (seen.at(-1) !== 'waited') {
      await world.settle()
      seen.push(recv(right))
    }
    expect(await world.drive(sending)).toBe(6)
  })

  it('there is no urgent data: EOPNOTSUPP', () => {
    const [left, right] = world.pair(type)
    send(left, 'x')
    expect([send(left, 'x', MSG_OOB), recv(right, 1, MSG_OOB)]).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP'])
  })
})

describe('a Unix SOCK_SEQPACKET', () => {
  it('without a connection can neither send nor receive: ENOTCONN', () => {
    const socket = world.socket(SOCK_SEQPACKET)
    expect([send(socket, 'x'), recv(socket), sendto(socket, 'x', '/none')]).toEqual([
      'ENOTCONN',
      'ENOTCONN',
      'ENOTCONN',
    ])
  })

  it('with one does not look at a name', () => {
    const [left, right] = world.pair(SOCK_SEQPACKET)
    expect([sendto(left, 'x', '/none'), recv(right)]).toEqual([1, 'x'])
  })

  it('a reset is told to whoever sends first', () => {
    const [left, right] = world.pair(SOCK_SEQPACKET)
    send(left, 'unread')
    void right.close()
    expect([send(left, 'x'), send(left, 'x'), recv(left)]).toEqual(['ECONNRESET', 'EPIPE', ''])
  })
})

describe('a Unix SOCK_DGRAM', () => {
  it('sends by name, and the receiver learns the sender’s; null where he has none', async () => {
    const receiver = world.socket(SOCK_DGRAM, '/r')
    const senders = [world.socket(SOCK_DGRAM, '/s'), world.socket(SOCK_DGRAM, '\0s'), world.socket(SOCK_DGRAM)]
    for (const sender of senders) expect(sendto(sender, 'x', '/r')).toBe(1)
    const names = []
    for (const _ of senders) names.push((await receiver.recvfrom(new Uint8Array(9))).address?.path)
    expect(names).toEqual(['/s', '\0s', undefined])
  })

  it('learns the name that the sender has when it receives, closed or not', async () => {
    const receiver = world.socket(SOCK_DGRAM, '/r')
    const sender = world.socket(SOCK_DGRAM)
    sendto(sender, 'x', '/r')
    sender.bind(SocketAddress.unix('/late'))
    void sender.close()
    expect((await receiver.recvfrom(new Uint8Array(9))).address?.path).toBe('/late')
  })

  it('without a peer wants a name: ENOTCONN; one that leads nowhere is an error at once', () => {
    const socket = world.socket(SOCK_DGRAM)
    void world.socket(SOCK_DGRAM, '/stale').close()
    world.socket(SOCK_SEQPACKET, '/other')
    expect(send(socket, 'x')).toBe('ENOTCONN')
    expect(sendto(socket, 'x'.repeat(213_000), '/none')).toBe('EMSGSIZE')
    const results = ['/none', '\0none', '/stale', '/other', ''].map((path) => sendto(socket, 'x', path))
    expect(results).toEqual(['ENOENT', 'ECONNREFUSED', 'ECONNREFUSED', 'EPROTOTYPE', 'EINVAL'])
    expect(outcome(() => socket.getpeername())).toBe('ENOTCONN')
    expect([socket.readiness, recv(socket)]).toEqual([POLLOUT, 'EAGAIN'])
  })

  it('connected hears its peer alone: EPERM to others who connect or send; and may send to others', () => {
    const [a, b, c] = ['/a', '/b', '/c'].map((path) => world.socket(SOCK_DGRAM, path)) as [Socket, Socket, Socket]
    expect(connect(a, '/b')).toBe(0)
    expect([connect(c, '/a'), sendto(c, 'x', '/a')]).toEqual(['EPERM', 'EPERM'])
    expect([sendto(b, 'x', '/a'), connect(b, '/a'), sendto(a, 'y', '/c')]).toEqual([1, 0, 1])
    expect([recv(a), recv(c)]).toEqual(['x', 'y'])
    expect(a.getpeername().path).toBe('/b')
  })

  it('connected again, or dissolved by AF_UNSPEC, forgets what its peer had sent, and tells him: ECONNRESET', () => {
    const [a, b] = ['/a', '/b'].map((path) => world.socket(SOCK_DGRAM, path)) as [Socket, Socket]
    world.socket(SOCK_DGRAM, '/c')
    for (const again of [() => disconnect(a), () => connect(a, '/c')]) {
      connect(a, '/b')
      connect(b, '/a')
      send(b, 'unread')
      expect(again()).toBe(0)
      expect(recv(a)).toBe('EAGAIN')
      expect([b.readiness & POLLERR, b.getsockopt(SOL_SOCKET, SO_ERROR), b.readiness & POLLERR]).toEqual([
        POLLERR,
        104,
        0,
      ])
      disconnect(a)
      disconnect(b)
    }
    expect(outcome(() => a.getpeername())).toBe('ENOTCONN')
    expect(disconnect(a)).toBe(0)
  })

  it('finds out when it sends that its peer is gone: ECONNREFUSED, then it has none', () => {
    const [left, right] = world.pair(SOCK_DGRAM)
    send(right, 'last')
    void right.close()
    expect([left.readiness, recv(left), recv(left)]).toEqual([POLLIN | POLLOUT, 'last', 'EAGAIN'])
    expect([send(left, 'x'), send(left, 'x')]).toEqual(['ECONNREFUSED', 'ENOTCONN'])
    expect(outcome(() => left.getpeername())).toBe('ENOTCONN')
  })

  it('queues 11 from those who are not its peer, then EAGAIN; who waits goes on when one was received', async () => {
    const receiver = world.socket(SOCK_DGRAM, '/r')
    const sender = world.socket(SOCK_DGRAM)
    let count = 0
    while (sendto(sender, 'x', '/r') === 1) count++
    expect([count, sendto(sender, 'x', '/r'), sender.readiness]).toEqual([11, 'EAGAIN', POLLOUT])
    const sending = sender.sendto(octets('waited'), SocketAddress.unix('/r'))
    await world.settle()
    expect(await stateOf(sending)).toBe('pending')
    recv(receiver)
    expect(await world.drive(sending)).toBe(6)
    const refused = sender.sendto(octets('x'), SocketAddress.unix('/r'))
    await world.settle()
    void receiver.close()
    expect(await world.failure(refused)).toMatchObject({ code: 'ECONNREFUSED', address: '/r' })
  })

  it('connected to a full receiver it is not writable, until one was received (poll(2))', async () => {
    const receiver = world.socket(SOCK_DGRAM, '/r')
    const sender = world.socket(SOCK_DGRAM)
    connect(sender, '/r')
    while (send(sender, 'x') === 1);
    // Another, which has never been refused.
    const other = world.socket(SOCK_DGRAM)
    connect(other, '/r')
    expect([sender.readiness, other.readiness]).toEqual([0, 0])
    const polling = poll([{ socket: other, events: POLLOUT }])
    await world.settle()
    expect(await stateOf(polling)).toBe('pending')
    recv(receiver)
    expect((await world.drive(polling))[0].revents).toBe(POLLOUT)
  })

  it('can send to itself, beyond the queue’s limit', () => {
    const socket = world.socket(SOCK_DGRAM, '/self')
    for (let i = 0; i < 20; i++) expect(sendto(socket, 'x', '/self')).toBe(1)
    connect(socket, '/self')
    for (let i = 0; i < 20; i++) expect(send(socket, 'x')).toBe(1)
    expect(recv(socket)).toBe('x')
  })

  it('shut down for reading gives 0 and EPIPE to who sends; for writing gives EPIPE', () => {
    const socket = world.socket(SOCK_DGRAM, '/s')
    const sender = world.socket(SOCK_DGRAM)
    sendto(sender, 'x', '/s')
    socket.shutdown(SHUT_RD)
    expect(socket.readiness).toBe(POLLIN | POLLOUT | POLLRDHUP)
    expect([sendto(sender, 'x', '/s'), recv(socket), recv(socket)]).toEqual(['EPIPE', 'x', ''])
    sender.shutdown(SHUT_WR)
    expect([sendto(sender, 'x', '/none'), send(sender, 'x')]).toEqual(['EPIPE', 'EPIPE'])
    socket.shutdown(SHUT_RDWR)
    expect(socket.readiness).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP)
  })

  it('shut down by one end of a pair, the other goes on', () => {
    const [left, right] = world.pair(SOCK_DGRAM)
    left.shutdown(SHUT_WR)
    expect([left.readiness, right.readiness, recv(right)]).toEqual([POLLOUT, POLLOUT, 'EAGAIN'])
    expect([send(right, 'x'), recv(left)]).toEqual([1, 'x'])
  })

  it('has no connections: EOPNOTSUPP', () => {
    const socket = world.socket(SOCK_DGRAM, '/s')
    expect([outcome(() => socket.listen()), outcome(() => socket.tryAccept())]).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP'])
  })

  it('is an iterator of whole datagrams, however long', async () => {
    const [left, right] = world.pair(SOCK_DGRAM)
    const sizes = [1, 100_000, 0]
    for (const size of sizes) await left.send(new Uint8Array(size))
    const seen: number[] = []
    for await (const { data } of right.datagrams()) if (seen.push(data.length) === sizes.length) break
    expect(seen).toEqual(sizes)
  })

  it('several readers each get whole datagrams, in turn', async () => {
    const [left, right] = world.pair(SOCK_DGRAM)
    const rooms = [1, 2, 3].map(() => new Uint8Array(9))
    const receiving = rooms.map((room) => right.recv(room))
    for (const record of ['a', 'bb', 'ccc']) send(left, record)
    expect(await world.drive(Promise.all(receiving))).toEqual([1, 2, 3])
  })
})

it('who closes while he waits for room is forgotten', async () => {
  const receiver = world.socket(SOCK_DGRAM, '/r')
  const sender = world.socket(SOCK_DGRAM)
  while (sendto(sender, 'x', '/r') === 1);
  void sender.close()
  expect(sendmsg(world.socket(SOCK_DGRAM), 'x', [], '/r')).toBe('EAGAIN')
  expect(recv(receiver)).toBe('x')
  await world.settle()
  expect(EAGAIN).toBe(11)
})
