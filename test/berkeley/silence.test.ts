// Read first: tcp(7) on TCP_USER_TIMEOUT, TCP_SYNCNT and keep-alive; RFC 9293 sections 3.8.3 and 3.8.4; RFC 5482. What a
// program is told when the other side is no longer there.

import { expect, test } from 'vitest'
import {
  IPPROTO_TCP,
  MSG_WAITALL,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_SYNCNT,
  TCP_USER_TIMEOUT,
} from '../../src/base/constants.ts'
import { poll } from '../../src/socket/poll.ts'
import { berkeleyOnLink, octets, PORT } from './scene.ts'

berkeleyOnLink('A peer that has fallen silent', (scene) => {
  test('connect: ETIMEDOUT after the SYNs of TCP_SYNCNT, each wait twice the last', async () => {
    const { hosts } = scene()
    // The neighbour is known, else the answer would be EHOSTUNREACH.
    await scene().pair()
    scene().plug(false)
    const client = scene().stream()
    client.setsockopt(IPPROTO_TCP, TCP_SYNCNT, 3)
    const start = hosts.now()
    const error = await hosts.failure(client.connect(scene().at(PORT + 1)))
    // A neighbour that no longer answers is found out by and by; then the host is unreachable.
    expect(['ETIMEDOUT', 'EHOSTUNREACH']).toContain((error as { code: string }).code)
    expect(hosts.now() - start).toBeGreaterThan(3000)
    expect(hosts.now() - start).toBeLessThanOrEqual(15_000 + 1000)
  })

  test('send: TCP_USER_TIMEOUT ends the connection; who waits hears of it', async () => {
    const { hosts } = scene()
    const [client] = await scene().pair()
    client.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 5000)
    scene().plug(false)
    await client.send(octets(10))
    const start = hosts.now()
    const error = await hosts.failure(client.recv(octets(1)))
    expect(['ETIMEDOUT', 'EHOSTUNREACH']).toContain((error as { code: string }).code)
    expect(hosts.now() - start).toBeGreaterThanOrEqual(4500)
    expect(hosts.now() - start).toBeLessThanOrEqual(10_000)
    expect(client.readiness).toBe(POLLIN | POLLOUT | POLLHUP | POLLRDHUP)
    scene().plug(true)
  })

  test('keep-alive: ETIMEDOUT after idle time and probes', async () => {
    const { hosts } = scene()
    const [client] = await scene().pair()
    client.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
    client.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 10)
    client.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 2)
    client.setsockopt(IPPROTO_TCP, TCP_KEEPCNT, 3)
    // While the peer answers, nothing happens.
    await hosts.pass(60_000)
    expect(client.readiness).toBe(POLLOUT)
    scene().plug(false)
    const start = hosts.now()
    const [result] = await hosts.drive(poll([{ socket: client, events: POLLIN }]))
    expect(result.revents & (POLLIN | POLLERR | POLLHUP)).toBe(POLLIN | POLLERR | POLLHUP)
    const error = await hosts.failure(client.recv(octets(1)))
    expect(['ETIMEDOUT', 'EHOSTUNREACH']).toContain((error as { code: string }).code)
    expect(hosts.now() - start).toBeGreaterThanOrEqual(6000)
    expect(hosts.now() - start).toBeLessThanOrEqual(20_000)
    scene().plug(true)
  })

  test('a silence that ends before anybody gives up loses nothing', async () => {
    const { hosts } = scene()
    const [client, server] = await scene().pair()
    const sending = client.send(octets(300_000))
    const room = new Uint8Array(300_000)
    const receiving = server.recv(room, MSG_WAITALL)
    await hosts.pass(3)
    scene().plug(false)
    await hosts.pass(4000)
    scene().plug(true)
    expect(await hosts.drive(receiving)).toBe(300_000)
    expect(Buffer.compare(room, octets(300_000))).toBe(0)
    expect(await hosts.drive(sending)).toBe(300_000)
  })
})
