// Read first: socket(7), unix(7) "Socket options". Results are those that Linux 6.18 gives to the same calls.

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IP,
  POLLOUT,
  SIOCATMARK,
  SO_ACCEPTCONN,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_COOKIE,
  SO_DOMAIN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PEEK_OFF,
  SO_PRIORITY,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { poll } from '../../src/socket/poll.ts'
import { Socket } from '../../src/socket/socket.ts'
import { octets, outcome, send, TYPES, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.end())

describe.each(TYPES)('options of a Unix %s', (_, type) => {
  it('say what it is, and begin as in Linux', () => {
    const socket = world.socket(type)
    const get = (name: number) => outcome(() => socket.getsockopt(SOL_SOCKET, name))
    expect([SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ERROR, SO_ACCEPTCONN].map(get)).toEqual([type, AF_UNIX, 0, 0, false])
    expect([SO_SNDBUF, SO_RCVBUF, SO_SNDLOWAT, SO_RCVLOWAT].map(get)).toEqual([212_992, 212_992, 1, 1])
    expect(socket.getsockopt(SOL_SOCKET, SO_PEEK_OFF)).toBe(-1)
    expect([SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE, SO_BROADCAST].map(get)).toEqual([false, false, false, false])
    expect([SO_RCVTIMEO, SO_SNDTIMEO, SO_LINGER, SO_PRIORITY, SO_BINDTODEVICE].map(get)).toEqual([
      0,
      0,
      { onoff: false, linger: 0 },
      0,
      '',
    ])
    expect([999].map(get)).toEqual(['ENOPROTOOPT'])
  })

  it('are taken and given back', () => {
    const socket = world.socket(type)
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 7)
    socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 5 })
    socket.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 1500)
    socket.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 0)
    expect(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(true)
    expect(socket.getsockopt(SOL_SOCKET, SO_LINGER)).toEqual({ onoff: true, linger: 5 })
    expect(socket.getsockopt(SOL_SOCKET, SO_RCVTIMEO)).toBe(1500)
    expect(socket.getsockopt(SOL_SOCKET, SO_RCVLOWAT)).toBe(1)
  })

  it('of other levels, and SO_REUSEPORT: EOPNOTSUPP; SO_TYPE cannot be set: ENOPROTOOPT', () => {
    const socket = world.socket(type)
    expect([
      outcome(() => socket.getsockopt(IPPROTO_IP, 1)),
      outcome(() => socket.setsockopt(IPPROTO_IP, 1, 1)),
      outcome(() => socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, true)),
      outcome(() => socket.setsockopt(SOL_SOCKET, SO_TYPE, 1)),
    ]).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP', 'ENOPROTOOPT'])
  })

  it('too short, or a time that is none: EINVAL, EDOM', () => {
    const socket = world.socket(type)
    const micros = new Uint8Array(16)
    new DataView(micros.buffer).setBigInt64(8, 1_000_000n, true)
    expect([
      outcome(() => socket.setsockopt(SOL_SOCKET, SO_SNDBUF, new Uint8Array(3))),
      outcome(() => socket.setsockopt(SOL_SOCKET, SO_LINGER, new Uint8Array(4))),
      outcome(() => socket.setsockopt(SOL_SOCKET, SO_SNDTIMEO, micros)),
    ]).toEqual(['EINVAL', 'EINVAL', 'EDOM'])
  })

  it('SO_SNDBUF is doubled, between 4608 and twice the limit; made larger, who waits to write goes on', async () => {
    const [left] = world.pair(type)
    const size = () => left.getsockopt(SOL_SOCKET, SO_SNDBUF)
    left.setsockopt(SOL_SOCKET, SO_SNDBUF, 1)
    expect(size()).toBe(4608)
    left.setsockopt(SOL_SOCKET, SO_SNDBUF, 0x7fffffff)
    expect(size()).toBe(8 << 20)
    left.setsockopt(SOL_SOCKET, SO_SNDBUF, 5000)
    expect(size()).toBe(10_000)
    while (typeof send(left, 'x'.repeat(100)) === 'number' && left.readiness !== 0);
    const polling = poll([{ socket: left, events: POLLOUT }])
    left.setsockopt(SOL_SOCKET, SO_SNDBUF, 100_000)
    expect((await world.drive(polling))[0].revents).toBe(POLLOUT)
  })

  it('SO_RCVTIMEO ends a recv that waits: EAGAIN', async () => {
    const [left] = world.pair(type)
    left.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 100)
    expect(await world.failure(left.recv(new Uint8Array(1)))).toMatchObject({ code: 'EAGAIN' })
    expect(world.clock.now()).toBe(100)
  })

  it('ioctl: no other request than three, and of these SIOCATMARK of a stream alone', () => {
    const socket = world.socket(type)
    const mark = type === SOCK_STREAM ? 0 : 'EOPNOTSUPP'
    expect([outcome(() => socket.ioctl(SIOCATMARK)), outcome(() => socket.ioctl(0x1234))]).toEqual([mark, 'ENOTTY'])
  })
})

test('SO_ACCEPTCONN: whether it listens', () => {
  expect(world.listener('/l').getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(true)
})

describe('socketpair(2)', () => {
  it.each(TYPES)('of %s: two without names, with the two lowest descriptors', (_, type) => {
    const [left, right] = world.pair(type)
    expect([left.fd, right.fd]).toEqual([3, 4])
    expect([left.getsockname().path, left.getpeername().path, left.getpeername().family]).toEqual(['', '', AF_UNIX])
    expect(send(left, 'x')).toBe(1)
    expect(right.tryRecv(octets('-'))).toBe(1)
  })

  it('of Internet sockets: EOPNOTSUPP; of what there is not: EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT', () => {
    const pair = (family: number, type: number, protocol = 0) =>
      outcome(() => Socket.pair(world.stack, family, type, protocol))
    expect([
      pair(AF_INET, SOCK_STREAM),
      pair(AF_INET6, SOCK_DGRAM),
      pair(99, SOCK_STREAM),
      pair(AF_UNIX, SOCK_STREAM, 17),
      pair(AF_UNIX, 4),
    ]).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT'])
    expect(world.stack.descriptors.size).toBe(0)
  })

  it('with one free descriptor takes none: EMFILE', async () => {
    const few = new World({ limits: { descriptors: 1 } })
    expect(() => few.pair()).toThrow('socketpair EMFILE')
    await few.end()
  })
})

test('SO_PRIORITY above 6 takes privilege: EPERM', async () => {
  for (const privileged of [true, false]) {
    const one = new World({ privileged })
    const socket = new Socket(one.stack, AF_UNIX, SOCK_DGRAM)
    socket.setsockopt(SOL_SOCKET, SO_PRIORITY, 6)
    for (const priority of [7, -1]) {
      const set = () => socket.setsockopt(SOL_SOCKET, SO_PRIORITY, priority)
      if (privileged) set()
      else expect(set).toThrow('setsockopt EPERM')
      expect(socket.getsockopt(SOL_SOCKET, SO_PRIORITY)).toBe(privileged ? priority : 6)
    }
    await socket.close()
  }
})

test('SO_COOKIE: one of its own, the same each time', async () => {
  const [left, right] = Socket.pair(world.stack, AF_UNIX, SOCK_STREAM)
  const cookie = left.getsockopt(SOL_SOCKET, SO_COOKIE)
  expect(cookie).toBeGreaterThan(0n)
  expect(left.getsockopt(SOL_SOCKET, SO_COOKIE)).toBe(cookie)
  expect(right.getsockopt(SOL_SOCKET, SO_COOKIE)).not.toBe(cookie)
  await left.close()
  await right.close()
})
