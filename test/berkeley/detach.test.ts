// A descriptor outlives the Socket that lets go of it.

import { expect, test } from 'vitest'
import { POLLIN, POLLNVAL } from '../../src/base/constants.ts'
import { EBADF } from '../../src/base/errno.ts'
import { poll } from '../../src/socket/poll.ts'
import { Socket } from '../../src/socket/socket.ts'
import { berkeley, octets } from './scene.ts'

berkeley('detach', (scene) => {
  test('another Socket takes the descriptor, with connection and unread data', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await hosts.drive(client.send(octets(5)))
    const fd = server.detach()
    expect([server.fd, server.closed]).toEqual([-1, true])
    const taken = scene().keep(Socket.fromDescriptor(hosts.server, fd))
    expect(taken.fd).toBe(fd)
    const room = new Uint8Array(9)
    expect(await hosts.drive(taken.recv(room))).toBe(5)
    const receiving = taken.recv(room)
    await hosts.drive(client.send(octets(3)))
    expect(await hosts.drive(receiving)).toBe(3)
    await taken.close()
    expect(await hosts.drive(client.recv(room))).toBe(0)
  })

  test('calls that wait are rejected with EBADF, who watches hears POLLNVAL, and the connection lives', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const receiving = hosts.failure(server.recv(new Uint8Array(9)))
    const polling = poll([{ socket: server, events: POLLIN }])
    const fd = server.detach()
    expect(await receiving).toMatchObject({ errno: -EBADF })
    expect((await hosts.drive(polling))[0].revents).toBe(POLLNVAL)
    const taken = scene().keep(Socket.fromDescriptor(hosts.server, fd))
    await hosts.drive(taken.send(octets(4)))
    expect(await hosts.drive(client.recv(new Uint8Array(9)))).toBe(4)
  })

  test('a closed socket has nothing to let go of, nor one that has done so', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    await client.close()
    expect(() => client.detach()).toThrow(expect.objectContaining({ errno: -EBADF }))
    const fd = server.detach()
    expect(() => server.detach()).toThrow(expect.objectContaining({ errno: -EBADF }))
    // Closing what was let go of closes nothing.
    await server.close()
    const taken = scene().keep(Socket.fromDescriptor(hosts.server, fd))
    expect(taken.getpeername().port).toBeGreaterThan(0)
  })
})
