// Read first: tcp(7) TCP_FASTOPEN_CONNECT, sendto(2) MSG_FASTOPEN, RFC 7413; tcp_sendmsg_fastopen in Linux. What has no cookie yet
// connects first, as a call that blocks does there.

import { expect, test } from 'vitest'
import {
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_FASTOPEN,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
} from '../../src/base/constants.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { berkeley, octets, PORT } from './scene.ts'

berkeley('Fast Open', (scene, _onLink, slowly) => {
  async function received(listener: Socket, length: number): Promise<Uint8Array> {
    const { hosts } = scene()
    const server = await scene().accept(listener)
    const room = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const count = await hosts.drive(server.recv(room.subarray(done)))
      if (count === 0) break
      done += count
    }
    return room
  }

  test('without a cookie connects and sends, with one the data goes with the SYN; both say how much was sent', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    listener.setsockopt(IPPROTO_TCP, TCP_FASTOPEN, 5)
    for (let i = 0; i < 3; i++) {
      const client = scene().stream()
      expect(await hosts.drive(client.sendto(octets(500), scene().at(), MSG_FASTOPEN))).toBe(500)
      expect(await received(listener, 500)).toEqual(octets(500))
    }
  })

  test('more than the SYN carries: all goes, with a cookie and without', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    listener.setsockopt(IPPROTO_TCP, TCP_FASTOPEN, 5)
    for (let i = 0; i < 2; i++) {
      const client = scene().stream()
      const sent = client.sendto(octets(300_000), scene().at(), MSG_FASTOPEN)
      expect(await received(listener, 300_000)).toEqual(octets(300_000))
      expect(await hosts.drive(sent)).toBe(300_000)
    }
  })

  test('TCP_FASTOPEN_CONNECT: the first send connects', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    listener.setsockopt(IPPROTO_TCP, TCP_FASTOPEN, 5)
    for (let i = 0; i < 2; i++) {
      const client = scene().stream()
      client.setsockopt(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, true)
      await hosts.drive(client.connect(scene().at()))
      expect(await hosts.drive(client.send(octets(20)))).toBe(20)
      expect(await received(listener, 20)).toEqual(octets(20))
    }
  })

  test('nobody listens: the send is refused', async () => {
    const { hosts } = scene()
    const error = await hosts.failure(scene().stream().sendto(octets(5), scene().at(), MSG_FASTOPEN))
    expect((error as Error).message).toMatch(new RegExp(`^sendto ECONNREFUSED .*:${PORT}$`))
  })

  slowly('MSG_DONTWAIT does not wait: EINPROGRESS, and the connection goes on', async () => {
    const { hosts } = scene()
    const listener = scene().listener()
    const client = scene().stream()
    const error = await hosts.failure(client.sendto(octets(5), scene().at(), MSG_FASTOPEN | MSG_DONTWAIT))
    expect((error as Error).message).toMatch(/^sendto EINPROGRESS/)
    await scene().accept(listener)
  })
})
