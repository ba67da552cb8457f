import { expect, test } from 'vitest'
import { toWebStreams } from '../../src/adapters/web-streams.ts'
import { MSG_WAITALL, SHUT_WR, SO_LINGER, SOL_SOCKET } from '../../src/base/constants.ts'
import { octets } from '../socket/world.ts'
import { RealWorld } from './world.ts'

async function collect(readable: ReadableStream<Uint8Array>): Promise<number[]> {
  const all: number[] = []
  const reader = readable.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return all
    all.push(...value)
  }
}

test('web streams: octets both ways to the end, then the socket is closed', async () => {
  const world = new RealWorld(100)
  const [client, server] = await world.pair()
  const [a, b] = [toWebStreams(client), toWebStreams(server)]
  const gotThere = collect(b.readable)
  const writer = a.writable.getWriter()
  await writer.write(octets(250))
  await writer.write(new Uint16Array([0x0201]))
  await writer.write(octets(3).buffer)
  await writer.close()
  expect(await gotThere).toEqual([...octets(250), 1, 2, 0, 1, 2])
  const gotBack = collect(a.readable)
  await b.writable.getWriter().close()
  expect(await gotBack).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  expect(world.provider.open.size).toBe(0)
})

test('web streams: a BYOB reader gets the octets in its own buffer, and the buffer back at the end', async () => {
  const [client, server] = await new RealWorld().pair()
  const reader = toWebStreams(server).readable.getReader({ mode: 'byob' })
  await client.send(octets(5))
  client.shutdown(SHUT_WR)
  const first = await reader.read(new Uint8Array(new ArrayBuffer(16), 4, 8))
  expect([first.value?.byteOffset, [...(first.value ?? [])]]).toEqual([4, [0, 1, 2, 3, 4]])
  const last = await reader.read(new Uint8Array(16))
  expect([last.done, last.value?.byteLength]).toEqual([true, 0])
})

test('web streams: the writer is held back by the socket', async () => {
  const [client, server] = await new RealWorld(100).pair()
  const writer = toWebStreams(client).writable.getWriter()
  let written = false
  const writing = writer.write(octets(300)).then(() => {
    written = true
  })
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(written).toBe(false)
  await server.recv(new Uint8Array(300), MSG_WAITALL)
  await writing
})

test('web streams: a reset errors the reader with its code, and closes the socket', async () => {
  const world = new RealWorld()
  const [client, server] = await world.pair()
  const { readable } = toWebStreams(server)
  const reading = readable.getReader().read()
  for (const endpoint of world.provider.open) if (endpoint.fd === server.fd) endpoint.reset()
  await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(server.closed).toBe(true)
  await client.close()
})

test('web streams: an error after a part of a chunk is not taken for success', async () => {
  const world = new RealWorld(100)
  const [client] = await world.pair()
  const writing = toWebStreams(client).writable.getWriter().write(octets(300))
  // A part has been taken by then.
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
  for (const endpoint of world.provider.open) if (endpoint.fd === client.fd) endpoint.reset()
  await expect(writing).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('web streams: cancel stops receiving and leaves the other side; abort resets and closes', async () => {
  const world = new RealWorld()
  const [client, server] = await world.pair()
  const { readable, writable } = toWebStreams(server)
  const reader = readable.getReader()
  const reading = reader.read()
  await reader.cancel()
  expect((await reading).done).toBe(true)
  expect(server.tryRecv(octets(1))).toBe(0)
  const writer = writable.getWriter()
  await writer.write(octets(4))
  expect(await client.recv(new Uint8Array(9))).toBe(4)
  const endpoint = [...world.provider.open].find((other) => other.fd === server.fd)
  await writer.abort()
  expect(server.closed).toBe(true)
  expect(endpoint?.options.get(SOL_SOCKET * 65536 + SO_LINGER)).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0))
  await client.close()
  expect(world.provider.open.size).toBe(0)
})

test('web streams: abort errors a read that waits with its reason', async () => {
  const [, server] = await new RealWorld().pair()
  const { readable, writable } = toWebStreams(server)
  const reading = readable.getReader().read()
  const reason = new Error('enough')
  await writable.abort(reason)
  await expect(reading).rejects.toBe(reason)
})

test('web streams: a chunk that is no octets is a TypeError', async () => {
  const [client] = await new RealWorld().pair()
  const writing = toWebStreams(client)
    .writable.getWriter()
    .write('text' as unknown as Uint8Array<ArrayBuffer>)
  await expect(writing).rejects.toThrow('a chunk must be a Uint8Array, an ArrayBuffer or a view, got "text"')
})
