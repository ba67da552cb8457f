// Calls that block a thread, on the operating system's sockets. The threads run dist/, and talk to sockets of this one.

import { afterEach, expect, test } from 'vitest'
import {
  AF_INET,
  AF_UNIX,
  IPPROTO_TCP,
  MSG_FASTOPEN,
  MSG_WAITALL,
  SHUT_WR,
  SOCK_STREAM,
  TCP_FASTOPEN,
} from '../../src/base/constants.ts'
import { os } from '../../src/os/operating-system.ts'
import { BlockingSocket } from '../../src/socket/blocking/blocking-socket.ts'
import { Socket } from '../../src/socket/socket.ts'
import { octets } from '../berkeley/scene.ts'
import { WorkerThread } from '../worker-thread.ts'

const program = new URL('./programs/blocking-worker.mjs', import.meta.url)
const threads: WorkerThread[] = []

function start(role: string, data: object = {}): WorkerThread {
  const thread = new WorkerThread(program, { workerData: { role, ...data } })
  threads.push(thread)
  return thread
}

afterEach(async () => {
  await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()))
  expect(os.size).toBe(0)
})

/** Sends `length` octets and takes them back. */
async function exchange(client: Socket, length: number): Promise<void> {
  const room = new Uint8Array(length)
  const receiving = client.recv(room, MSG_WAITALL)
  expect(await client.send(octets(length))).toBe(length)
  expect(await receiving).toBe(length)
  expect(Buffer.compare(room, octets(length))).toBe(0)
}

test('a thread that accepts, receives and sends by calls that block: three clients, a megabyte each way', async () => {
  const thread = start('echo', { clients: 3 })
  const port = (await thread.said()) as number
  for (let i = 0; i < 3; i++) {
    const client = new Socket(os, AF_INET, SOCK_STREAM)
    await client.connect({ address: '127.0.0.1', port })
    await exchange(client, 1_000_000)
    client.shutdown(SHUT_WR)
    expect(await client.recv(new Uint8Array(1))).toBe(0)
    await client.close()
  }
  expect(await thread.said()).toBe('done')
})

test('an accepted socket is handed to a thread: its descriptor goes there, and nobody else has it', async () => {
  const listener = new Socket(os, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 0 })
  listener.listen()
  const clients = [new Socket(os, AF_INET, SOCK_STREAM), new Socket(os, AF_INET, SOCK_STREAM)]
  const handed: WorkerThread[] = []
  for (const client of clients) {
    await client.connect(listener.getsockname())
    handed.push(start('attend', { fd: (await listener.accept()).detach() }))
  }
  await Promise.all(clients.map((client) => exchange(client, 100_000)))
  for (const client of clients) await client.close()
  for (const thread of handed) expect(await thread.said()).toBe('done')
  await listener.close()
})

test('time limits, MSG_WAITALL, the end, what is closed and what is refused, as in C', async () => {
  const { results, waited } = (await start('limits').said()) as { results: unknown[]; waited: number }
  expect(results).toEqual([
    'recv EAGAIN',
    'recv EAGAIN',
    3,
    3,
    0,
    'send EPIPE',
    'recv EBADF',
    'connect ECONNREFUSED 127.0.0.1:1',
  ])
  expect(waited).toBeGreaterThanOrEqual(60)
})

test('a thread that waits for ever can be terminated', async () => {
  const thread = start('forever')
  expect(await thread.said()).toBe('waiting')
  expect(await thread.worker.terminate()).toBe(1)
})

test('the main thread is refused: its event loop would stand still', () => {
  const [left, right] = BlockingSocket.pair(os, AF_UNIX, SOCK_STREAM)
  // What needs no waiting works anywhere.
  expect(right.send(octets(2))).toBe(2)
  expect(left.recv(octets(9))).toBe(2)
  expect(() => left.recv(octets(9))).toThrow('blocking calls are for worker threads')
  left.close()
  right.close()
})

test('sendto with MSG_FASTOPEN: without a cookie it connects first, with one the data goes with the SYN', () => {
  const listener = new BlockingSocket(os, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 0 })
  listener.setsockopt(IPPROTO_TCP, TCP_FASTOPEN, 5)
  listener.listen()
  for (let i = 0; i < 2; i++) {
    const client = new BlockingSocket(os, AF_INET, SOCK_STREAM)
    expect(client.sendto(octets(500), listener.getsockname(), MSG_FASTOPEN)).toBe(500)
    const server = listener.accept()
    const room = new Uint8Array(500)
    expect(server.recv(room, MSG_WAITALL)).toBe(500)
    expect(room).toEqual(octets(500))
    client.close()
    server.close()
  }
  const nobody = listener.getsockname()
  listener.close()
  const client = new BlockingSocket(os, AF_INET, SOCK_STREAM)
  expect(() => client.sendto(octets(5), nobody, MSG_FASTOPEN)).toThrow('sendto ECONNREFUSED')
  client.close()
})
