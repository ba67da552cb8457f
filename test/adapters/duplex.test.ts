import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { toDuplex } from '../../src/adapters/duplex.ts'
import {
  AF_INET,
  IPPROTO_TCP,
  MSG_WAITALL,
  SO_KEEPALIVE,
  SO_LINGER,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from '../../src/base/constants.ts'
import { Stack } from '../../src/platform/stack.ts'
import { Socket } from '../../src/socket/socket.ts'
import { pass } from '../berkeley/drive.ts'
import { octets, World } from '../socket/world.ts'
import { RealWorld } from './world.ts'

function random(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0
    bytes[i] = state >>> 16
  }
  return bytes
}

// Not stream/consumers' `buffer`: that destroys a Duplex whose readable side has ended, whatever is still to be written.
async function collect(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('Duplex: octets go both ways, whole and in order, to the end of the stream', async () => {
  const world = new RealWorld()
  const [client, server] = await world.pair()
  const [a, b] = [toDuplex(client, { allowHalfOpen: true }), toDuplex(server, { allowHalfOpen: true })]
  const [there, back] = [random(300_000), random(200_001)]
  const results = Promise.all([collect(a), collect(b)])
  for (let at = 0; at < there.length; at += 7777) a.write(there.subarray(at, at + 7777))
  a.end()
  b.end(back)
  const [gotBack, gotThere] = await results
  expect(sum(gotThere)).toBe(sum(there))
  expect(sum(gotBack)).toBe(sum(back))
  await Promise.all([a, b].map((duplex) => duplex.closed || once(duplex, 'close')))
  expect(world.provider.open.size).toBe(0)
})

test('Duplex: a writer is held back while the reader does not read', async () => {
  const [client, server] = await new RealWorld(1000).pair()
  const duplex = toDuplex(client, { highWaterMark: 500 })
  expect(duplex.write(octets(400))).toBe(true)
  let fits = true
  for (let i = 0; i < 10; i++) fits = duplex.write(octets(400))
  expect(fits).toBe(false)
  const drained = once(duplex, 'drain')
  const got = new Uint8Array(4400)
  expect(await server.recv(got, MSG_WAITALL)).toBe(4400)
  await drained
  expect(duplex.bytesWritten).toBe(4400)
})

test('Duplex: a reader that does not read holds the peer back', async () => {
  const [client, server] = await new RealWorld(1000).pair()
  const duplex = toDuplex(server, { highWaterMark: 500 })
  const sending = client.send(octets(5000))
  duplex.read(0)
  let sent = false
  sending.then(() => {
    sent = true
  })
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toBe(false)
  expect(duplex.readableLength).toBeLessThanOrEqual(1500)
  let length = 0
  duplex.on('data', (chunk: Buffer) => {
    length += chunk.length
  })
  expect(await sending).toBe(5000)
  while (length < 5000) await new Promise((resolve) => setImmediate(resolve))
})

test('Duplex: what was handed out is not written over later', async () => {
  const [client, server] = await new RealWorld().pair()
  const kept: Buffer[] = []
  toDuplex(server).on('data', (chunk: Buffer) => kept.push(chunk))
  const bytes = random(400_000)
  await client.send(bytes)
  while (kept.reduce((length, chunk) => length + chunk.length, 0) < bytes.length) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(sum(Buffer.concat(kept))).toBe(sum(bytes))
})

test('Duplex: the end of the stream ends both sides, unless allowHalfOpen', async () => {
  const [client, server] = await new RealWorld().pair()
  const duplex = toDuplex(server)
  duplex.resume()
  const closed = once(duplex, 'close')
  client.shutdown(1)
  await closed
  expect(await client.recv(octets(1))).toBe(0)

  const [other, open] = await new RealWorld().pair()
  const half = toDuplex(open, { allowHalfOpen: true })
  half.resume()
  other.shutdown(1)
  await once(half, 'end')
  expect(half.readyState).toBe('writeOnly')
  half.write('still here')
  const room = new Uint8Array(10)
  expect(await other.recv(room, MSG_WAITALL)).toBe(10)
  half.end()
  await once(half, 'close')
})

test('Duplex: a reset is an error event with its code, once, and closes', async () => {
  const world = new RealWorld()
  const [client, server] = await world.pair()
  const duplex = toDuplex(server)
  duplex.resume()
  const errors: unknown[] = []
  duplex.on('error', (error) => errors.push(error))
  world.provider.open.forEach((endpoint) => {
    if (endpoint.fd === server.fd) endpoint.reset()
  })
  await once(duplex, 'close').catch(() => {})
  expect(errors).toEqual([expect.objectContaining({ code: 'ECONNRESET', syscall: 'recv' })])
  await client.close()
})

test('Duplex: to end a connection that the peer has reset is no further error', async () => {
  const world = new RealWorld()
  const [client, server] = await world.pair()
  const duplex = toDuplex(server)
  const errors: unknown[] = []
  duplex.on('error', (error) => errors.push(error))
  for (const endpoint of world.provider.open) if (endpoint.fd === server.fd) endpoint.reset()
  duplex.end()
  await once(duplex, 'finish')
  await new Promise((resolve) => setImmediate(resolve))
  expect(errors).toEqual([])
  duplex.destroy()
  await client.close()
})

test('Duplex: after so many reads in a row others get their turn, and reading goes on', async () => {
  const world = new RealWorld(1000)
  world.provider.mostRead = 10
  const [client, server] = await world.pair()
  await client.send(octets(1000))
  const duplex = toDuplex(server, { highWaterMark: 100_000 })
  const turns: number[] = []
  let length = 0
  duplex.on('data', (chunk: Buffer) => {
    length += chunk.length
  })
  while (length < 1000 && turns.length < 100) {
    await new Promise((resolve) => setImmediate(resolve))
    turns.push(length)
  }
  expect(length).toBe(1000)
  expect(turns.filter((at) => at > 0 && at < 1000).length).toBeGreaterThan(0)
})

test('Duplex: an error in the middle of a write reaches its callback', async () => {
  const world = new RealWorld(100)
  const [client, server] = await world.pair()
  const duplex = toDuplex(client)
  const failed = new Promise<unknown>((resolve) => duplex.on('error', resolve))
  const written = new Promise<unknown>((resolve) => duplex.write(octets(5000), resolve))
  for (const endpoint of world.provider.open) if (endpoint.fd === client.fd) endpoint.reset()
  expect(await written).toMatchObject({ code: 'ECONNRESET' })
  expect(await failed).toMatchObject({ code: 'ECONNRESET' })
  await server.close()
})

test('Duplex: many small writes go as one message of many buffers', async () => {
  const world = new RealWorld(10_000)
  const [client, server] = await world.pair()
  const duplex = toDuplex(client)
  world.provider.calls.length = 0
  duplex.cork()
  for (let i = 0; i < 100; i++) duplex.write(octets(10, 10 * i))
  duplex.uncork()
  const got = new Uint8Array(1000)
  await server.recv(got, MSG_WAITALL)
  expect(got).toEqual(octets(1000))
  expect(world.provider.calls.filter((call) => call === 'send')).toHaveLength(1)
})

test('Duplex: destroy closes the socket; resetAndDestroy asks for a reset first', async () => {
  const world = new RealWorld()
  const [client, server] = await world.pair()
  const duplex = toDuplex(client)
  expect([duplex.remoteAddress, duplex.remotePort, duplex.remoteFamily]).toEqual(['127.0.0.1', 80, 'IPv4'])
  const gone = once(duplex, 'close')
  duplex.destroy()
  await gone
  expect(client.closed).toBe(true)
  expect(duplex.remotePort).toBe(80)
  expect(duplex.readyState).toBe('closed')
  const options: unknown[] = []
  const set = server.setsockopt.bind(server)
  const setsockopt = (level: 1, name: 13, value: never) => {
    options.push(value)
    set(level, name, value)
  }
  Object.assign(server, { setsockopt })
  const reset = toDuplex(server)
  reset.resetAndDestroy()
  // Nobody has asked before; the answer is kept from before the end.
  expect([reset.localPort, reset.remoteAddress]).toEqual([80, '127.0.0.1'])
  expect(options).toEqual([{ onoff: true, linger: 0 }])
  expect(SO_LINGER).toBe(13)
})

test('Duplex: setNoDelay and setKeepAlive set the options of the socket', async () => {
  const [client, server] = await new RealWorld().pair()
  toDuplex(client).setNoDelay().setKeepAlive(true, 3500)
  expect(client.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(true)
  expect(client.getsockopt(SOL_SOCKET, SO_KEEPALIVE)).toBe(true)
  expect(client.getsockopt(IPPROTO_TCP, TCP_KEEPIDLE)).toBe(3)
  await client.close()
  await server.close()
})

test('Duplex: a listener that reads is done with its chunk before the next one comes', async () => {
  const world = new RealWorld(500_000)
  const [client, server] = await world.pair()
  const duplex = toDuplex(server)
  const sent = random(400_000)
  const chunks: Buffer[] = []
  let inside = 0
  let deepest = 0
  duplex.on('data', (chunk: Buffer) => {
    deepest = Math.max(deepest, ++inside)
    duplex._read()
    chunks.push(chunk)
    inside--
  })
  // It waits by now: what comes goes straight to the listener.
  await new Promise((resolve) => setImmediate(resolve))
  for (let at = 0; at < sent.length; at += 50_000) await client.send(sent.subarray(at, at + 50_000))
  await client.close()
  await once(duplex, 'end')
  expect(chunks.length).toBeGreaterThan(2)
  expect(deepest).toBe(1)
  expect(sum(Buffer.concat(chunks))).toBe(sum(sent))
})

test('Duplex: setTimeout tells of idleness by the clock of the provider, and not while data flows', async () => {
  const world = new World(1000)
  const [client, server] = await world.pair()
  const duplex = toDuplex(client)
  duplex.resume()
  // Node starts to read in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve))
  const times: number[] = []
  duplex.setTimeout(100)
  duplex.on('timeout', () => times.push(world.clock.now()))
  await pass(world.clock, 60)
  await server.send(octets(5))
  await pass(world.clock, 60)
  expect(times).toEqual([])
  await pass(world.clock, 60)
  expect(times).toEqual([160])
  expect(() => duplex.setTimeout(-1)).toThrow(RangeError)
  duplex.setTimeout(5000)
  duplex.destroy()
  await pass(world.clock, 1000)
  expect(world.clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
})

async function serve(listener: Socket, server: http.Server): Promise<void> {
  for await (const connection of listener.connections()) {
    server.emit('connection', toDuplex(connection, { allowHalfOpen: true }))
  }
}

test("Duplex: Node's own http server and client work over it, keep-alive included", async () => {
  const world = new RealWorld()
  const body = random(150_000)
  const server = http.createServer(async (request, response) => {
    if (request.method === 'PUT') response.end(sum(await buffer(request)))
    else response.end(request.url === '/big' ? body : `hello ${request.socket.remotePort}`)
  })
  const listener = world.listener(80)
  const serving = serve(listener, server).catch(() => {})
  let connects = 0
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  Object.assign(agent, {
    createConnection: (_: unknown, created: (error: Error | null, stream?: Duplex) => void) => {
      connects++
      world.connect(80).then((socket) => created(null, toDuplex(socket)), created)
    },
  })
  const ask = async (method: string, path: string, data?: Buffer): Promise<http.IncomingMessage> => {
    const request = http.request({ agent, method, path, host: '127.0.0.1', port: 80 })
    request.end(data)
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    return response
  }
  expect(await text(await ask('GET', '/'))).toMatch(/^hello 4\d{4}$/)
  expect(sum(await buffer(await ask('GET', '/big')))).toBe(sum(body))
  expect(await text(await ask('PUT', '/', body))).toBe(sum(body))
  expect(connects).toBe(1)
  agent.destroy()
  await listener.close()
  await serving
  server.closeAllConnections()
})

test('Duplex: pipeline from one socket to another', async () => {
  const world = new RealWorld(5000)
  const [a, b] = await world.pair()
  const [c, d] = await world.pair()
  const bytes = random(100_000)
  const got = buffer(toDuplex(d))
  const relayed = pipeline(toDuplex(b, { allowHalfOpen: true }), toDuplex(c, { allowHalfOpen: true }))
  await a.send(bytes)
  a.shutdown(1)
  expect(sum(await got)).toBe(sum(bytes))
  d.close()
  await relayed
})

test("Duplex: http over Jackfield's own TCP, a hundred requests at once, and nothing is left open", async () => {
  const stack = new Stack()
  const listener = new Socket(stack, AF_INET, SOCK_STREAM)
  listener.bind({ address: '', port: 80 })
  listener.listen()
  const body = random(100_000)
  const server = http.createServer((_, response) => response.end(body))
  const serving = serve(listener, server).catch(() => {})
  const fetchOne = async (): Promise<string> => {
    const socket = new Socket(stack, AF_INET, SOCK_STREAM)
    await socket.connect({ address: '127.0.0.1', port: 80 })
    const request = http.request({ createConnection: () => toDuplex(socket), host: '127.0.0.1' })
    request.end()
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    return sum(await buffer(response))
  }
  const sums = await Promise.all(Array.from({ length: 100 }, fetchOne))
  expect(new Set(sums)).toEqual(new Set([sum(body)]))
  await listener.close()
  await serving
  server.closeAllConnections()
  for (let i = 0; i < 1000 && stack.descriptors.size > 0; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(stack.descriptors.size).toBe(0)
  stack.close()
})
