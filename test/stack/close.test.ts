import { expect, test } from 'vitest'
import { AF_INET, POLLIN, POLLNVAL, SO_LINGER, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../src/base/constants.ts'
import { poll } from '../../src/socket/poll.ts'
import { Socket } from '../../src/socket/socket.ts'
import { TwoStacks } from './two-stacks.ts'

const PEER = { address: '10.0.0.2', port: 80 }

async function connected(hosts: TwoStacks): Promise<[Socket, Socket]> {
  const listener = new Socket(hosts.right, AF_INET, SOCK_STREAM)
  listener.bind(PEER)
  listener.listen()
  const client = new Socket(hosts.left, AF_INET, SOCK_STREAM)
  const [server] = await Promise.all([
    listener.accept(),
    client.connect(PEER),
    Promise.resolve().then(() => hosts.run(50)),
  ])
  return [client, server as Socket]
}

/** What became of a call: its code, or what it gave. */
function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: { code: string }) => error.code)
}

test('close of a stack: every call that waits gets EBADF, poll and watchers POLLNVAL', async () => {
  const hosts = new TwoStacks()
  const [client] = await connected(hosts)
  const udp = new Socket(hosts.left, AF_INET, SOCK_DGRAM)
  const listener = new Socket(hosts.left, AF_INET, SOCK_STREAM)
  listener.listen()
  const connecting = new Socket(hosts.left, AF_INET, SOCK_STREAM)
  const told: number[] = []
  udp.addWatcher({ ready: (events) => told.push(events) })
  const calls = [
    outcome(client.recv(new Uint8Array(8))),
    outcome(client.send(new Uint8Array(8 << 20)).then((count) => count > 0 && count < 8 << 20)),
    outcome(udp.recvfrom(new Uint8Array(8))),
    outcome(udp.recv(new Uint8Array(8), 0, { timeout: 1000 })),
    outcome(listener.accept()),
    outcome(connecting.connect({ address: '10.0.0.9', port: 80 })),
    poll([{ socket: udp, events: POLLIN }]).then(([entry]) => entry.revents),
  ]
  hosts.left.close()
  // A part that was sent is told as a part: send(2).
  expect(await Promise.all(calls)).toEqual(['EBADF', true, 'EBADF', 'EBADF', 'EBADF', 'EBADF', POLLNVAL])
  expect(told).toEqual([POLLNVAL])
  for (const socket of [client, udp, listener, connecting]) {
    expect(socket.readiness).toBe(POLLNVAL)
    expect(socket.fd).toBe(-1)
    expect(() => socket.tryRecv(new Uint8Array(8))).toThrow('EBADF')
    await socket.close()
  }
  expect(() => new Socket(hosts.left, AF_INET, SOCK_DGRAM)).toThrow('socket ENETDOWN')
})

test('close of a stack: a close that lingers is over', async () => {
  const hosts = new TwoStacks()
  const [client] = await connected(hosts)
  client.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 60 })
  expect(client.trySend(new Uint8Array(100))).toBe(100)
  const closing = client.close()
  hosts.left.close()
  hosts.run(60_000)
  await closing
})

test('close of a stack: the other stack goes on', async () => {
  const hosts = new TwoStacks()
  const [client, server] = await connected(hosts)
  const answer = outcome(client.recv(new Uint8Array(8)))
  hosts.right.close()
  hosts.run(10)
  expect(server.readiness).toBe(POLLNVAL)
  expect(client.readiness & POLLNVAL).toBe(0)
  await client.close()
  await answer
})
