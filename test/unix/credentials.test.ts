// Read first: unix(7) on SO_PASSCRED, SO_PEERCRED and SCM_CREDENTIALS. Results are those that Linux 6.18 gives to the same calls.

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import {
  AF_INET,
  MSG_CTRUNC,
  SCM_CREDENTIALS,
  SO_PASSCRED,
  SO_PEERCRED,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { credentials, readCredentials, readRights, rights } from '../../src/socket/control-message.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { CONNECTED, outcome, recv, recvmsg, send, sendmsg, TYPES, World } from './world.ts'

const OWN = { pid: 42, uid: 1000, gid: 100 }
const NOBODY = { pid: 0, uid: -1, gid: -1 }
const ROOT = { pid: 1, uid: 0, gid: 0 }

let world: World
beforeEach(() => {
  world = new World({ credentials: OWN })
})
afterEach(() => world.end())

const peer = (socket: Socket) => socket.getsockopt(SOL_SOCKET, SO_PEERCRED)

describe.each(TYPES)('SO_PASSCRED on a Unix %s', (_, type) => {
  it('has each message say whom its sender acts for; off, or without room (MSG_CTRUNC), it does not', () => {
    const [left, right] = world.pair(type)
    send(left, '1')
    expect(readCredentials(recvmsg(right).message)).toBe(null)
    right.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
    expect(right.getsockopt(SOL_SOCKET, SO_PASSCRED)).toBe(true)
    for (const data of ['2', '3', '4']) {
      send(left, data)
      const room = data === '3' ? 27 : Number.POSITIVE_INFINITY
      const { message } = recvmsg(right, 1, room)
      expect([readCredentials(message), message.flags]).toEqual(data === '3' ? [null, MSG_CTRUNC] : [OWN, 0])
    }
  })

  it('comes in front of passed descriptors, and takes their room', () => {
    const [left, right] = world.pair(type)
    right.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
    sendmsg(left, 'x', [rights([left.fd])])
    const { message } = recvmsg(right)
    expect(message.control.map((one) => one.type)).toEqual([SCM_CREDENTIALS, 1])
    world.received(readRights(message)[0])
    sendmsg(left, 'x', [rights([left.fd])])
    const cut = recvmsg(right, 9, 32).message
    expect([readCredentials(cut), readRights(cut), cut.flags]).toEqual([OWN, [], MSG_CTRUNC])
  })

  it('without privilege one’s own may be said, and no other: EPERM; what is too short: EINVAL', () => {
    const [left, right] = world.pair(type)
    right.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
    expect(sendmsg(left, 'x', [credentials(OWN)])).toBe(1)
    for (const other of [ROOT, { ...OWN, pid: 1 }, { ...OWN, gid: 0 }]) {
      expect(sendmsg(left, 'x', [credentials(other)])).toBe('EPERM')
    }
    expect(sendmsg(left, 'x', [{ level: SOL_SOCKET, type: SCM_CREDENTIALS, data: new Uint8Array(3) }])).toBe('EINVAL')
    expect(readCredentials(recvmsg(right).message)).toEqual(OWN)
    expect(recv(right)).toBe('EAGAIN')
  })

  it('root may say anything', async () => {
    const root = new World()
    const [left, right] = root.pair(type)
    right.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
    sendmsg(left, 'x', [credentials(OWN)])
    expect(readCredentials(recvmsg(right).message)).toEqual(OWN)
    send(left, 'y')
    expect(readCredentials(recvmsg(right).message)).toEqual(ROOT)
    await root.end()
  })
})

test('on a stream octets of different senders are received apart, where that is to be seen', async () => {
  const root = new World()
  const [left, right] = root.pair()
  const three = () => {
    send(left, 'a')
    sendmsg(left, 'bb', [credentials(OWN)])
    send(left, 'c')
  }
  three()
  expect(recv(right)).toBe('abbc')
  right.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
  three()
  const seen = [1, 2, 3].map(() => {
    const { data, message } = recvmsg(right)
    return [data, readCredentials(message)?.uid]
  })
  expect(seen).toEqual([
    ['a', 0],
    ['bb', 1000],
    ['c', 0],
  ])
  await root.end()
})

describe('SO_PEERCRED', () => {
  it('of a pair is the own system’s; of what was never connected nobody’s', () => {
    for (const [, type] of TYPES) {
      expect(world.pair(type).map(peer)).toEqual([OWN, OWN])
      expect(peer(world.socket(type, `/bound ${type}`))).toEqual(NOBODY)
    }
  })

  it.each(CONNECTED)('of a %s is the peer’s when it connected; of a listener its own', (_, type) => {
    const listener = world.listener('/l', type)
    const client = world.socket(type)
    client.tryConnect({ path: '/l' })
    const server = world.keep(listener.tryAccept() as Socket)
    void client.close()
    expect([listener, server].map(peer)).toEqual([OWN, OWN])
  })

  it('can be neither set nor asked of Internet sockets', () => {
    const socket = world.socket()
    expect(outcome(() => socket.setsockopt(SOL_SOCKET, SO_PEERCRED, OWN))).toBe('ENOPROTOOPT')
    const tcp = world.keep(new Socket(world.stack, AF_INET, SOCK_STREAM))
    expect(outcome(() => tcp.getsockopt(SOL_SOCKET, SO_PASSCRED))).toBe('EOPNOTSUPP')
  })
})

test('with SO_PASSCRED who connects, or sends without having a name, gets one (unix(7) "Autobind feature")', () => {
  const listener = world.listener('/l')
  listener.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
  const client = world.socket()
  client.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
  client.tryConnect({ path: '/l' })
  expect(client.getsockname().path).toMatch(/^\0[0-9a-f]{5}$/)
  // A connection has its listener's.
  const server = world.keep(listener.tryAccept() as Socket)
  expect(server.getsockopt(SOL_SOCKET, SO_PASSCRED)).toBe(true)
  const [left, right] = world.pair(SOCK_DGRAM)
  right.setsockopt(SOL_SOCKET, SO_PASSCRED, true)
  send(left, 'x')
  send(right, 'x')
  expect([left, right].map((socket) => socket.getsockname().path.length)).toEqual([0, 6])
})

test('credentials are those the stack was given; by default root’s, or nobody’s without privilege; wrong ones are named', async () => {
  for (const [privileged, expected] of [
    [true, ROOT],
    [false, { pid: 1, uid: 65_534, gid: 65_534 }],
  ] as const) {
    const one = new World({ privileged })
    expect(peer(one.pair()[0])).toEqual(expected)
    await one.end()
  }
  expect(() => new World({ credentials: { pid: 1, uid: -1, gid: 0 } })).toThrow(RangeError)
  expect(() => new World({ credentials: { pid: 1, uid: 0 } as never })).toThrow(TypeError)
  expect(readCredentials(new Message())).toBe(null)
})
