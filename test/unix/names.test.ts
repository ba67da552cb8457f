// Read first: unix(7) "Address format", bind(2), connect(2), unlink(2). Errors are those that Linux 6.18 gives to the same calls.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } from '../../src/base/constants.ts'
import { EINVAL } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { UnixSystem } from '../../src/unix/unix-system.ts'
import { CONNECTED, outcome, recv, send, TYPES, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.end())

const bind = (socket: Socket, path: string) => outcome(() => socket.bind(SocketAddress.unix(path)))
const connect = (socket: Socket, path: string) => outcome(() => socket.tryConnect(SocketAddress.unix(path)))

describe.each(TYPES)('bind(2) of a Unix %s', (_, type) => {
  it('gives a path, which stays when the socket is closed, until it is unlinked', () => {
    const socket = world.socket(type, '/run/a')
    expect(socket.getsockname()).toEqual(SocketAddress.unix('/run/a'))
    expect(bind(world.socket(type), '/run/a')).toBe('EADDRINUSE')
    void socket.close()
    expect(bind(world.socket(type), '/run/a')).toBe('EADDRINUSE')
    expect(world.stack.unix.unlink('/run/a')).toBe(0)
    expect(bind(world.socket(type), '/run/a')).toBe(undefined)
    expect(world.stack.unix.unlink('/run/a')).toBe(0)
    expect(world.stack.unix.unlink('/run/a')).toBe(-2)
  })

  it('gives an abstract name, which goes with the socket', () => {
    const socket = world.socket(type, '\0a')
    expect(bind(world.socket(type), '\0a')).toBe('EADDRINUSE')
    void socket.close()
    expect(bind(world.socket(type), '\0a')).toBe(undefined)
  })

  it('gives an abstract name that other types do not see: ECONNREFUSED to them, and they can have it too', () => {
    world.socket(type, '\0a')
    for (const [, other] of TYPES.filter(([, one]) => one !== type)) {
      expect(connect(world.socket(other), '\0a')).toBe('ECONNREFUSED')
      expect(bind(world.socket(other), '\0a')).toBe(undefined)
    }
  })

  it('without a name takes an abstract one of five hexadecimal digits (unix(7) "Autobind feature")', () => {
    const names = [1, 2].map(() => world.socket(type, '').getsockname().path)
    for (const name of names) expect(name).toMatch(/^\0[0-9a-f]{5}$/)
    expect(names[0]).not.toBe(names[1])
    expect(bind(world.socket(type), names[0] as string)).toBe('EADDRINUSE')
  })

  it('gives one name only: EINVAL for a second, but EADDRINUSE where that path is taken, and nothing without a name', () => {
    const socket = world.socket(type, '/a')
    expect(['/b', '\0b', '/a', ''].map((path) => bind(socket, path))).toEqual([
      'EINVAL',
      'EINVAL',
      'EADDRINUSE',
      undefined,
    ])
    expect(socket.getsockname().path).toBe('/a')
    expect(connect(world.socket(type), '/b')).toBe('ENOENT')
  })

  it('takes Unix addresses alone, of at most 108 octets: EINVAL', () => {
    const socket = world.socket(type)
    expect(outcome(() => socket.bind({ address: '127.0.0.1', port: 1 }))).toBe('EINVAL')
    const long = new SocketAddress(1)
    long.path = 'x'.repeat(109)
    expect(outcome(() => socket.bind(long))).toBe('EINVAL')
    expect(bind(socket, 'x'.repeat(108))).toBe(undefined)
  })
})

describe.each(TYPES)('connect(2) of a Unix %s', (_, type) => {
  it('to a path that there is not: ENOENT; to an abstract name: ECONNREFUSED', () => {
    expect(connect(world.socket(type), '/none')).toBe('ENOENT')
    expect(connect(world.socket(type), '\0none')).toBe('ECONNREFUSED')
  })

  it('to a path whose socket is closed: ECONNREFUSED', () => {
    void world.socket(type, '/stale').close()
    expect(connect(world.socket(type), '/stale')).toBe('ECONNREFUSED')
  })

  it('to a socket of another type: EPROTOTYPE; but not to one that is closed', () => {
    const other = world.socket(type, '/a')
    const wrong = TYPES.map(([, one]) => one).filter((one) => one !== type)
    for (const one of wrong) expect(connect(world.socket(one), '/a')).toBe('EPROTOTYPE')
    void other.close()
    for (const one of wrong) expect(connect(world.socket(one), '/a')).toBe('ECONNREFUSED')
  })

  it('to no name, or an address of another family: EINVAL', () => {
    expect(connect(world.socket(type), '')).toBe('EINVAL')
    expect(outcome(() => world.socket(type).tryConnect({ address: '127.0.0.1', port: 1 }))).toBe('EINVAL')
  })
})

it('a path is found by its own text up to a NUL, and takes { path } wherever an address is wanted', () => {
  const listener = world.socket(SOCK_STREAM)
  listener.bind({ path: '/run/x' })
  listener.listen()
  expect(outcome(() => world.socket().tryConnect({ path: '/run/x' }))).toBe(0)
  const cut = new SocketAddress(1)
  cut.path = '/run/x\0more'
  expect(outcome(() => world.socket().tryConnect(cut))).toBe(0)
  expect(connect(world.socket(), '/run/./x')).toBe('ENOENT')
})

describe.each(CONNECTED)('a path of a listening Unix %s', (_, type) => {
  it('that was unlinked is not found, but what was connected through it goes on', () => {
    const listener = world.listener('/a', type)
    const client = world.socket(type)
    client.tryConnect({ path: '/a' })
    world.stack.unix.unlink('/a')
    expect(connect(world.socket(type), '/a')).toBe('ENOENT')
    const server = world.keep(listener.tryAccept() as Socket)
    expect(send(client, 'x')).toBe(1)
    expect(recv(server)).toBe('x')
    // Another socket has the path now: closing the first leaves it alone.
    const second = world.listener('/a', type)
    void listener.close()
    expect(connect(world.socket(type), '/a')).toBe(0)
    void second.close()
  })

  it('that does not listen refuses: ECONNREFUSED', () => {
    world.socket(type, '/a')
    expect(connect(world.socket(type), '/a')).toBe('ECONNREFUSED')
  })
})

it('there are as many paths as limits.names, stale ones counted: then ENOSPC', () => {
  const { stack } = world
  const system = new UnixSystem(stack, { names: 2 })
  const paths = ['/a', '/b', '/c']
  const results = paths.map((path) => {
    const endpoint = system.socket(SOCK_DGRAM, 0)
    if (typeof endpoint === 'number') throw new Error('no socket')
    const result = endpoint.bind(SocketAddress.unix(path))
    endpoint.close()
    return result
  })
  expect(results).toEqual([0, 0, -28])
  expect(system.unlink('/a')).toBe(0)
  system.close()
  expect(system.socket(SOCK_DGRAM, 0)).toBe(-100)
  expect(system.unlink('/b')).toBe(-2)
})

it('limits that are none or cannot be are named', () => {
  expect(() => new UnixSystem(world.stack, { name: 1 } as never)).toThrow(TypeError)
  expect(() => new UnixSystem(world.stack, { names: 0 })).toThrow(
    new RangeError('limits.names must be an integer from 1 to 2147483647, got 0'),
  )
})

it('socket(2): types and protocols that there are not', () => {
  const { unix } = world.stack
  expect([unix.socket(SOCK_STREAM, 17), unix.socket(4, 0), unix.pair(4, 0)]).toEqual([-93, -94, -94])
  // SOCK_RAW is a SOCK_DGRAM, and the family's number a protocol.
  for (const [type, protocol] of [
    [3, 0],
    [SOCK_SEQPACKET, 1],
  ] as const) {
    const endpoint = unix.socket(type, protocol)
    if (typeof endpoint === 'number') throw new Error('no socket')
    expect([endpoint.type, endpoint.protocol]).toEqual([type === 3 ? SOCK_DGRAM : type, 0])
    endpoint.close()
    expect(endpoint.bind(SocketAddress.unix('/x'))).toBe(-9)
    expect(endpoint.close()).toBe(-9)
  }
  expect(EINVAL).toBe(22)
})
