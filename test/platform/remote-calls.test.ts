// Calls that block a worker thread, on sockets of a stack of this thread: the threads run dist/.

import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { AF_INET, AF_UNIX, MSG_WAITALL, SHUT_WR, SOCK_STREAM } from '../../src/base/constants.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Stack } from '../../src/platform/stack.ts'
import { BlockingSocket } from '../../src/socket/blocking/blocking-socket.ts'
import { RemoteProvider } from '../../src/socket/remote/remote-provider.ts'
import { type ServedCalls, serveCalls } from '../../src/socket/remote/serve-calls.ts'
import { Socket } from '../../src/socket/socket.ts'
import { octets } from '../berkeley/scene.ts'
import { WorkerThread } from '../worker-thread.ts'

const program = new URL('./programs/remote-worker.mjs', import.meta.url)
const threads: WorkerThread[] = []

/** A thread, and its calls. */
class Thread extends WorkerThread {
  readonly calls: ServedCalls

  constructor(calls: ServedCalls, data: object) {
    super(program, { workerData: { init: calls.init, ...data }, transferList: calls.transfer })
    this.calls = calls
    threads.push(this)
  }
}

function start(stack: Stack, role: string, data: object | ((calls: ServedCalls) => object) = {}): Thread {
  const calls = serveCalls(stack)
  return new Thread(calls, { role, ...(typeof data === 'function' ? data(calls) : data) })
}

/** Resolves when the thread has ended and the owner has heard of it: nothing is left of it then. */
async function gone({ calls }: Thread): Promise<void> {
  await calls.ended
  expect([calls.size, calls.waits]).toEqual([0, true])
}

afterEach(async () => {
  await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()))
})

/** Sends `length` octets and takes them back. */
async function exchange(client: Socket, length: number): Promise<void> {
  const room = new Uint8Array(length)
  const receiving = client.recv(room, MSG_WAITALL)
  expect(await client.send(octets(length))).toBe(length)
  expect(await receiving).toBe(length)
  expect(Buffer.compare(room, octets(length))).toBe(0)
}

async function connected(stack: Stack, port = 4242): Promise<Socket> {
  const client = new Socket(stack, AF_INET, SOCK_STREAM)
  await client.connect({ address: '127.0.0.1', port })
  return client
}

test('a thread that accepts, receives and sends by calls that block: three clients, a megabyte each way', async () => {
  const stack = new Stack()
  const thread = start(stack, 'echo', { clients: 3 })
  expect(await thread.said()).toBe('127.0.0.1:4242')
  for (let i = 0; i < 3; i++) {
    const client = await connected(stack)
    await exchange(client, 1_000_000)
    client.shutdown(SHUT_WR)
    expect(await client.recv(new Uint8Array(1))).toBe(0)
    await client.close()
  }
  expect(await thread.said()).toBe('done')
  expect(thread.calls.size).toBe(0)
})

test('an accepted socket is handed to a thread: its descriptor goes there, and nobody else has it', async () => {
  const stack = new Stack()
  const listener = new Socket(stack, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 4242 })
  listener.listen()
  const clients: Socket[] = []
  const handed: Thread[] = []
  for (let i = 0; i < 2; i++) {
    clients.push(await connected(stack))
    const accepted = await listener.accept()
    handed.push(start(stack, 'attend', (calls) => ({ fd: calls.hand(accepted) })))
    expect(accepted.closed).toBe(true)
  }
  await Promise.all(clients.map((client) => exchange(client, 100_000)))
  for (const client of clients) await client.close()
  for (const thread of handed) expect(await thread.said()).toBe('done')
  await listener.close()
})

test('two threads talk to each other by way of the stack', async () => {
  const stack = new Stack()
  const server = start(stack, 'echo', { clients: 1 })
  await server.said()
  const client = start(stack, 'client', { port: 4242, length: 1_000_000 })
  expect(await client.said()).toEqual([0, 0])
  expect(await server.said()).toBe('done')
  expect([server.calls.size, client.calls.size]).toEqual([0, 0])
})

test('results, errors, options, control messages and descriptors are those of the stack', async () => {
  const thread = start(new Stack(), 'calls')
  expect(await thread.said()).toEqual([
    'connect ECONNREFUSED 127.0.0.1:1',
    'getpeername ENOTCONN',
    // A connection that was refused is one that is over.
    0,
    SOCK_STREAM,
    'cubic',
    20_000,
    'setsockopt ENOENT',
    'recv EBADF',
    [2, 1, 2],
    // What was left, and the octet that the descriptors came with.
    [2, 3, 9],
    1,
    0,
    'send EPIPE',
    1000,
    [100, '127.0.0.1', 17, 0x20],
    'sendto EMSGSIZE 127.0.0.1:53',
    '0.0.0.0:53',
    2,
    // POLLIN, of the second alone.
    [0, 1],
    [2, 1, 2, 3],
    0,
    1,
    // POLLNVAL
    [32],
    'socket EAFNOSUPPORT',
    'getsockopt EBADF',
    'sockets of a RemoteProvider are for BlockingSocket: for promises use a Socket in the thread that owns the provider',
  ])
  await gone(thread)
})

test('time limits are kept by the clock of the stack', async () => {
  const clock = new ManualClock()
  const thread = start(new Stack({ clock }), 'limits')
  await thread.said()
  const begin = clock.now()
  let result: unknown
  const over = thread.said().then((value) => {
    result = value
  })
  while (result === undefined) {
    const next = clock.nextAt()
    if (next < Number.POSITIVE_INFINITY) clock.advanceTo(next)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await over
  expect(result).toEqual(['recv EAGAIN', 'recv EAGAIN'])
  expect(clock.now() - begin).toBe(12_000)
})

describe('the end', () => {
  test('a thread that waits for ever can be terminated, and its sockets are closed', async () => {
    const stack = new Stack()
    const thread = start(stack, 'forever')
    expect(await thread.said()).toBe('waiting')
    await thread.worker.terminate()
    await gone(thread)
    const next = new Socket(stack, AF_INET, SOCK_STREAM)
    next.bind({ address: '127.0.0.1', port: 4242 })
    expect(next.fd).toBe(3)
    await next.close()
  })

  test('who serves no more: the call that waits and those that come fail with ENETDOWN', async () => {
    const thread = start(new Stack(), 'forever')
    expect(await thread.said()).toBe('waiting')
    thread.calls.close()
    thread.calls.close()
    expect(await thread.said()).toEqual(['accept ENETDOWN', 'listen ENETDOWN', undefined])
    expect(thread.calls.size).toBe(0)
  })

  test('a descriptor that was handed and that nobody took is closed with the rest', async () => {
    const stack = new Stack()
    const [left, right] = Socket.pair(stack, AF_UNIX, SOCK_STREAM)
    const calls = serveCalls(stack)
    calls.hand(left)
    calls.close()
    expect(await right.recv(new Uint8Array(1))).toBe(0)
    await right.close()
  })
})

describe('what is wrong is told', () => {
  test('the thread that serves cannot call itself', () => {
    const calls = serveCalls(new Stack())
    expect(() => new RemoteProvider(calls.init)).toThrow('a RemoteProvider is for another thread')
    calls.close()
  })

  test.each([
    [() => new RemoteProvider(null as never), 'init must be what serveCalls gave, got null'],
    [() => new RemoteProvider({ memory: new ArrayBuffer(8) } as never), 'init must be what serveCalls gave'],
    [() => new RemoteProvider({ memory: new SharedArrayBuffer(8) } as never), 'init.port must be a MessagePort'],
    [
      () => new RemoteProvider({ memory: new SharedArrayBuffer(8), port: new MessageChannel().port1, name: '' }),
      'memory must be',
    ],
    [() => serveCalls({} as never), 'provider must be a Provider'],
    [() => serveCalls(new Stack()).hand('3' as never), 'socket must be a Socket or a descriptor'],
    [() => serveCalls(new Stack()).hand(-1), 'socket must be'],
  ])('%#', (task, message) => {
    expect(task).toThrow(message)
  })

  test('whatever another thread writes into the memory: the owner answers, and its own sockets are as they were', async () => {
    const stack = new Stack()
    const [left, right] = Socket.pair(stack, AF_UNIX, SOCK_STREAM)
    const WAIT = 25
    const number = fc.oneof(fc.integer(), fc.constantFrom(0, 1, 2, 3, 4, 5, 10, 262_144, 262_145, -1))
    const call = fc.tuple(
      fc.integer({ min: 0, max: 30 }),
      number,
      number,
      number,
      number,
      fc.uint8Array({ maxLength: 64 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (program) => {
        const calls = serveCalls(stack)
        const { memory, port } = calls.init
        const slots = new Int32Array(memory, 0, 24)
        const bytes = new Uint8Array(memory)
        for (const [operation, fd, a, b, c, name] of program) {
          slots.set([operation, fd, a, b, c], 2)
          slots.set([name.length, a, c], 12)
          bytes.set(name, 96)
          bytes.set(name, 96 + 128)
          Atomics.store(slots, 0, 1)
          port.postMessage(0)
          // What waits may wait for ever.
          for (let turn = 0; Atomics.load(slots, 0) === 1 && (operation !== WAIT || turn < 3); turn++) {
            await new Promise((resolve) => setImmediate(resolve))
          }
        }
        calls.close()
        expect(left.trySend(octets(3))).toBe(3)
        expect(right.tryRecv(octets(3))).toBe(3)
      }),
      { seed: 4, numRuns: 300 },
    )
    await left.close()
    await right.close()
  })
})

test('BlockingSocket is what the worker uses; here it is refused where it would wait for this very thread', () => {
  expect(() => new BlockingSocket({} as never, AF_INET, SOCK_STREAM)).toThrow('provider must be a BlockingProvider')
})
