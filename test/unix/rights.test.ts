// Read first: unix(7) "Ancillary messages", cmsg(3), recvmsg(2). Results are those that Linux 6.18 gives to the same calls.

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import {
  AF_INET,
  IPPROTO_IP,
  MSG_CTRUNC,
  MSG_PEEK,
  MSG_WAITALL,
  SCM_RIGHTS,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { readRights, rights } from '../../src/socket/control-message.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { UnixSystem } from '../../src/unix/unix-system.ts'
import { octets, outcome, recv, recvmsg, send, sendmsg, TYPES, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.end())

/** The room in C for a message with this many descriptors: CMSG_LEN. */
const room = (count: number) => 16 + 4 * count

/** What recvmsg gives: the data, how many descriptors, the flags. The descriptors are closed. */
function take(socket: Socket, length = 1000, controlLength?: number, flags = 0): [string, number, number] {
  const { data, message } = recvmsg(socket, length, controlLength, flags)
  const descriptors = readRights(message)
  for (const fd of descriptors) world.stack.endpoint(fd)?.close()
  return [data, descriptors.length, message.flags]
}

describe.each(TYPES)('SCM_RIGHTS over a Unix %s', (_, type) => {
  it('gives a new descriptor, the lowest free one, for the same open socket', () => {
    const [left, right] = world.pair(type)
    const [near, far] = world.pair()
    expect(sendmsg(left, 'x', [rights([far.fd])])).toBe(1)
    void far.close()
    const { data, message } = recvmsg(right)
    const [fd] = readRights(message)
    expect([data, fd, message.flags]).toEqual(['x', far.fd === -1 ? 6 : -2, 0])
    const received = world.received(fd)
    send(near, 'through')
    expect(recv(received)).toBe('through')
    expect([send(received, 'back'), recv(near)]).toEqual([4, 'back'])
  })

  it('keeps the socket open until it is received, and closes it where it never is', () => {
    const [left, right] = world.pair(type)
    const [near, far] = world.pair()
    sendmsg(left, 'x', [rights([far.fd])])
    void far.close()
    expect(send(near, 'x')).toBe(1)
    void right.close()
    expect(send(near, 'x')).toBe('EPIPE')
  })

  it('of a message that is received without room for it is closed: recv and recvfrom, which cannot say so, and too little room, MSG_CTRUNC', async () => {
    const [left, right] = world.pair(type)
    const [near, far] = world.pair()
    const three = () => sendmsg(left, 'abcd', [rights([far.fd, far.fd, far.fd])])
    three()
    expect(recv(right)).toBe('abcd')
    three()
    expect(await right.recvfrom(new Uint8Array(9))).toMatchObject({ length: 4, flags: 0 })
    three()
    expect(take(right, 9, 0)).toEqual(['abcd', 0, MSG_CTRUNC])
    three()
    expect(take(right, 9, room(1))).toEqual(['abcd', 1, MSG_CTRUNC])
    three()
    expect(take(right, 9, room(2))).toEqual(['abcd', 2, MSG_CTRUNC])
    three()
    expect(take(right, 9, room(3))).toEqual(['abcd', 3, 0])
    expect(world.stack.unix.inFlight).toBe(0)
    void far.close()
    expect(recv(near)).toBe('')
  })

  it('MSG_PEEK gives descriptors too, new ones each time', () => {
    const [left, right] = world.pair(type)
    sendmsg(left, 'abcd', [rights([left.fd])])
    expect(take(right, 4, undefined, MSG_PEEK)).toEqual(['abcd', 1, 0])
    expect(take(right, 4)).toEqual(['abcd', 1, 0])
  })

  it('errors send nothing and pass nothing: EBADF, EINVAL for unknown messages and more than 253 descriptors', () => {
    const [left, right] = world.pair(type)
    const many = (count: number) => rights(new Array(count).fill(left.fd))
    const unknown = { level: SOL_SOCKET, type: 77, data: new Uint8Array(4) }
    expect([
      sendmsg(left, 'x', [rights([left.fd, 999])]),
      sendmsg(left, 'x', [many(200), many(54)]),
      sendmsg(left, 'x', [many(1), unknown]),
    ]).toEqual(['EBADF', 'EINVAL', 'EINVAL'])
    expect([world.stack.unix.inFlight, recv(right)]).toEqual([0, 'EAGAIN'])
    expect(sendmsg(left, 'x', [many(253)])).toBe(1)
    expect(take(right)).toEqual(['x', 253, 0])
    expect(
      sendmsg(left, 'y', [many(1), rights([right.fd]), { level: IPPROTO_IP, type: 8, data: octets('1234') }]),
    ).toBe(1)
    expect(take(right)).toEqual(['y', 2, 0])
    expect(sendmsg(left, 'z', [rights([])])).toBe(1)
    expect(take(right)).toEqual(['z', 0, 0])
  })

  it('what could not be sent is not passed', () => {
    const [left, right] = world.pair(type)
    while (typeof send(left, 'x'.repeat(1000)) === 'number');
    expect(sendmsg(left, 'x', [rights([left.fd])])).toBe('EAGAIN')
    left.shutdown(SHUT_WR)
    expect(sendmsg(left, 'x', [rights([left.fd])])).toBe('EPIPE')
    expect(world.stack.unix.inFlight).toBe(0)
    void right.close()
  })

  it('descriptors that are not free are left out: MSG_CTRUNC', async () => {
    const few = new World({ limits: { descriptors: 4 } })
    const [left, right] = few.pair(type)
    const third = few.socket()
    sendmsg(left, 'x', [rights([third.fd, third.fd])])
    const { message } = recvmsg(right)
    expect([readRights(message), message.flags]).toEqual([[6], MSG_CTRUNC])
    few.received(6)
    await few.end()
  })

  it('goes with the part that was sent when the call waits', async () => {
    const [left, right] = world.pair(type)
    const message = new Message([octets('waits')])
    message.control = [rights([left.fd])]
    const receiving = right.recvmsg(new Message([new Uint8Array(9)]))
    expect(await world.drive(left.sendmsg(message))).toBe(5)
    expect(await world.drive(receiving)).toBe(5)
    const fd = world.stack.descriptors.size + 2
    world.received(fd)
  })
})

test('on a stream descriptors are a barrier: they come with the octets they were sent with, and nothing behind (unix(7))', () => {
  const [left, right] = world.pair()
  send(left, 'aaaa')
  sendmsg(left, 'b', [rights([left.fd])])
  send(left, 'cccc')
  sendmsg(left, 'd', [rights([left.fd, left.fd])])
  sendmsg(left, 'e', [rights([left.fd])])
  expect([1, 2, 3, 4].map(() => take(right, 20))).toEqual([
    ['aaaab', 1, 0],
    ['ccccd', 2, 0],
    ['e', 1, 0],
    ['EAGAIN', 0, 0],
  ])
})

test('on a stream descriptors come with the first part of their octets, and the rest goes on with what follows', () => {
  const [left, right] = world.pair()
  sendmsg(left, 'abcd', [rights([left.fd])])
  expect(take(right, 2)).toEqual(['ab', 1, 0])
  send(left, 'zz')
  expect(take(right, 20)).toEqual(['cdzz', 0, 0])
  expect(sendmsg(left, '', [rights([left.fd])])).toBe(0)
  expect(take(right)).toEqual(['EAGAIN', 0, 0])
})

test('a recvfrom that waits for more takes none of them: MSG_WAITALL', async () => {
  const [left, right] = world.pair()
  send(left, 'ab')
  const receiving = right.recvfrom(new Uint8Array(4), MSG_WAITALL)
  await world.settle()
  sendmsg(left, 'cd', [rights([left.fd])])
  expect((await world.drive(receiving)).length).toBe(4)
  expect(world.stack.descriptors.size).toBe(2)
})

test('on a datagram without octets they come all the same', () => {
  const [left, right] = world.pair(SOCK_DGRAM)
  expect(sendmsg(left, '', [rights([left.fd])])).toBe(0)
  expect(take(right)).toEqual(['', 1, 0])
})

test('sockets of any kind are passed: a TCP connection goes on at the receiver, a UDP socket keeps its port', async () => {
  const { stack } = world
  const listener = world.keep(new Socket(stack, AF_INET, SOCK_STREAM))
  listener.bind({ address: '127.0.0.1', port: 80 })
  listener.listen()
  const client = world.keep(new Socket(stack, AF_INET, SOCK_STREAM))
  await world.drive(client.connect({ address: '127.0.0.1', port: 80 }))
  const server = await world.drive(listener.accept())
  const datagram = new Socket(stack, AF_INET, SOCK_DGRAM)
  datagram.bind({ address: '127.0.0.1', port: 53 })
  const [left, right] = world.pair()
  sendmsg(left, 'x', [rights([server.fd, datagram.fd, listener.fd])])
  for (const socket of [server, datagram, listener]) void socket.close()
  await client.send(octets('hello'))
  await world.settle()
  const [connection, udp, listening] = readRights(recvmsg(right).message).map((fd) => world.received(fd)) as [
    Socket,
    Socket,
    Socket,
  ]
  expect([connection.type, udp.type, udp.getsockname().port]).toEqual([SOCK_STREAM, SOCK_DGRAM, 53])
  const receiving = new Uint8Array(9)
  expect(await world.drive(connection.recv(receiving))).toBe(5)
  const waits = client.recv(new Uint8Array(9))
  await connection.send(octets('back'))
  expect(await world.drive(waits)).toBe(4)
  const second = world.keep(new Socket(stack, AF_INET, SOCK_STREAM))
  const [accepted] = await world.drive(
    Promise.all([listening.accept(), second.connect({ address: '127.0.0.1', port: 80 })]),
  )
  void accepted.close()
  void connection.close()
  expect(await world.drive(client.recv(new Uint8Array(9)))).toBe(0)
})

describe('sockets to which only messages refer that nobody can read are closed', () => {
  test('one in its own queue', () => {
    const [left, right] = world.pair()
    sendmsg(left, 'x', [rights([right.fd])])
    void right.close()
    expect(world.stack.unix.endpoints.size).toBe(1)
    expect(send(left, 'x')).toBe('EPIPE')
  })

  test('two in each other’s queues', () => {
    const [left, right] = world.pair()
    sendmsg(left, 'x', [rights([left.fd])])
    sendmsg(right, 'x', [rights([right.fd])])
    void left.close()
    expect(world.stack.unix.endpoints.size).toBe(2)
    void right.close()
    expect(world.stack.unix.endpoints.size).toBe(0)
    expect(world.stack.unix.inFlight).toBe(0)
  })

  test('a chain that hangs on a cycle, with a TCP socket at its end', () => {
    const [a, b] = world.pair(SOCK_DGRAM)
    const [c, d] = world.pair(SOCK_DGRAM)
    const tcp = new Socket(world.stack, AF_INET, SOCK_STREAM)
    sendmsg(a, 'x', [rights([b.fd])])
    sendmsg(a, 'x', [rights([d.fd])])
    sendmsg(c, 'x', [rights([tcp.fd])])
    void tcp.close()
    void d.close()
    void c.close()
    // d waits in b's queue, and the TCP socket in d's.
    expect([world.stack.descriptors.size, world.stack.unix.inFlight]).toEqual([2, 3])
    void b.close()
    expect([world.stack.descriptors.size, world.stack.unix.inFlight]).toEqual([1, 0])
    expect(world.stack.unix.endpoints.size).toBe(1)
  })

  test('a listener in the queue of a connection that it has not accepted', () => {
    const listener = world.listener('/l')
    const client = world.socket()
    client.tryConnect({ path: '/l' })
    sendmsg(client, 'x', [rights([listener.fd])])
    void listener.close()
    expect(recv(client)).toBe('ECONNRESET')
    expect(outcome(() => world.socket().tryConnect({ path: '/l' }))).toBe('ECONNREFUSED')
  })

  test('but not what a connection brings that can still be accepted', () => {
    const listener = world.listener('/l')
    const client = world.socket()
    client.tryConnect({ path: '/l' })
    const [near, far] = world.pair()
    sendmsg(client, 'x', [rights([far.fd])])
    send(near, 'alive')
    void far.close()
    const server = world.keep(listener.tryAccept() as Socket)
    expect(recv(world.received(readRights(recvmsg(server).message)[0]))).toBe('alive')
  })

  test('nor what waits in the queue of one whose only descriptor was received', () => {
    const [left, right] = world.pair()
    const [near, far] = world.pair()
    const [c, d] = world.pair()
    sendmsg(c, 'x', [rights([right.fd])])
    void right.close()
    const received = world.received(readRights(recvmsg(d).message)[0])
    sendmsg(left, 'x', [rights([far.fd])])
    void far.close()
    send(near, 'alive')
    expect(recv(world.received(readRights(recvmsg(received).message)[0]))).toBe('alive')
  })

  test('when the message goes that was the last to reach one in its own queue', () => {
    const [left, right] = world.pair()
    const [c, d] = world.pair()
    sendmsg(left, 'x', [rights([right.fd])])
    sendmsg(c, 'x', [rights([right.fd])])
    void right.close()
    expect(send(left, 'x')).toBe(1)
    expect(recv(d)).toBe('x')
    expect([send(left, 'x'), world.stack.unix.inFlight]).toEqual(['EPIPE', 0])
  })

  test('nor what somebody can still get at, however far round', () => {
    const [left, right] = world.pair()
    const [near, far] = world.pair()
    // far lies in right's queue, and right in its own and in near's.
    sendmsg(left, 'x', [rights([far.fd])])
    sendmsg(left, 'y', [rights([right.fd])])
    sendmsg(far, 'z', [rights([right.fd])])
    void right.close()
    void far.close()
    expect(send(near, 'alive')).toBe(5)
    const first = world.received(readRights(recvmsg(near).message)[0])
    const second = world.received(readRights(recvmsg(first).message)[0])
    expect(recv(second)).toBe('alive')
    expect(world.stack.unix.inFlight).toBe(1)
  })
})

test('there are as many under way as limits.descriptorsInFlight: then ETOOMANYREFS, until some are received', () => {
  const system = new UnixSystem(world.stack, { descriptorsInFlight: 3 })
  const pair = system.pair(SOCK_STREAM, 0)
  if (typeof pair === 'number') throw new Error('no pair')
  const [left, right] = pair.map((endpoint) => Socket.of(world.stack, endpoint)) as [Socket, Socket]
  expect([
    sendmsg(left, 'x', [rights([left.fd, left.fd])]),
    sendmsg(left, 'x', [rights([left.fd, left.fd])]),
    sendmsg(left, 'x', [rights([left.fd])]),
  ]).toEqual([1, 'ETOOMANYREFS', 1])
  recv(right)
  expect(sendmsg(left, 'x', [rights([left.fd, left.fd])])).toBe(1)
  void left.close()
  void right.close()
  expect([system.inFlight, system.endpoints.size]).toEqual([0, 0])
})

test('rights and readRights: wrong arguments are named, and what is no SCM_RIGHTS is passed over', () => {
  expect(() => rights(3 as never)).toThrow(new TypeError('descriptors must be an array, got 3'))
  expect(() => rights(['3' as never])).toThrow(new TypeError('descriptors[0] must be an integer, got "3"'))
  expect(() => rights(new Array(254).fill(3))).toThrow(new RangeError('descriptors must be at most 253, got 254'))
  expect(rights([3, 258])).toEqual({ level: SOL_SOCKET, type: SCM_RIGHTS, data: Uint8Array.of(3, 0, 0, 0, 2, 1, 0, 0) })
  const message = new Message()
  message.control = [rights([3]), { level: IPPROTO_IP, type: SCM_RIGHTS, data: new Uint8Array(4) }, rights([4, 5])]
  expect(readRights(message)).toEqual([3, 4, 5])
})
