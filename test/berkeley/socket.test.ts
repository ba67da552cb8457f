// Read first: socket(2), socketpair(2). What socket(2) takes besides a family, a type and a protocol.

import { expect, test } from 'vitest'
import {
  AF_INET,
  AF_UNIX,
  MSG_TRUNC,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { Socket } from '../../src/socket/socket.ts'
import { berkeley, octets } from './scene.ts'

berkeley('socket(2)', (scene) => {
  test('SOCK_NONBLOCK and SOCK_CLOEXEC among the bits of a type are no part of it', () => {
    for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
      for (const flags of [SOCK_NONBLOCK, SOCK_CLOEXEC, SOCK_NONBLOCK | SOCK_CLOEXEC]) {
        const socket = scene().keep(new Socket(scene().hosts.server, AF_INET, type | flags))
        expect(socket.type).toBe(type)
        expect(socket.getsockopt(SOL_SOCKET, SO_TYPE)).toBe(type)
      }
    }
  })

  test('a pair that was made with them is one of datagrams: what was cut off is told', async () => {
    const { hosts } = scene()
    const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC
    const [left, right] = Socket.pair(hosts.server, AF_UNIX, type)
    scene().keep(left)
    scene().keep(right)
    await left.send(octets(5))
    expect((await hosts.drive(right.recvfrom(new Uint8Array(2)))).flags).toBe(MSG_TRUNC)
    // They can wait all the same.
    const waiting = hosts.drive(right.recv(new Uint8Array(9)))
    await left.send(octets(7))
    expect(await waiting).toBe(7)
  })
})
