import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket as NetSocket, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { toByteStream } from '../../src/adapters/byte-stream.ts'
import { FrameStream } from '../../src/device/frame-stream.ts'
import { realClock } from '../../src/platform/real-clock.ts'
import { counting, hex, lend, Recorder } from '../device/recorder.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Two ends of a connection of Node's. */
async function pair(): Promise<[NetSocket, NetSocket]> {
  const server = createServer().listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [peer] = (await once(server, 'connection')) as [NetSocket]
  if (client.connecting) await once(client, 'connect')
  return [client, peer]
}

function end(socket: NetSocket) {
  let told: (error: Error | null) => void = () => {}
  const closed = new Promise<Error | null>((resolve) => {
    told = resolve
  })
  const device = new FrameStream(toByteStream(socket), { onClose: (error) => told(error) })
  const heard = new Recorder()
  device.attach(heard, realClock)
  const frames = async (count: number) => {
    while (heard.frames.length < count) await new Promise((resolve) => setImmediate(resolve))
    return heard.frames.map(({ bytes }) => hex(bytes))
  }
  return { device, heard, closed, frames }
}

describe('toByteStream', () => {
  it('carries frames both ways over a connection of Node, more than its buffers hold', async () => {
    const [left, right] = (await pair()).map(end) as [ReturnType<typeof end>, ReturnType<typeof end>]
    const count = 3000
    let refused = 0
    for (let i = 0; i < count; ) {
      if (lend(left.device, counting(60 + (i % 1400), i))) i++
      else {
        refused++
        const before = left.heard.calls.length
        while (left.heard.calls.length === before) await new Promise((resolve) => setImmediate(resolve))
      }
      if (i % 100 === 0) lend(right.device, counting(100))
    }
    expect(refused).toBeGreaterThan(0)
    expect(await right.frames(count)).toEqual(
      Array.from({ length: count }, (_, i) => hex(counting(60 + (i % 1400), i))),
    )
    left.device.close()
    expect(await right.closed).toBe(null)
  })

  it('a peer that does not read: what waits is held by the device, which refuses, and not by Node, which would hold anything', async () => {
    const [left, right] = await pair()
    const { device } = end(left)
    right.pause()
    for (let turn = 0; turn < 100; turn++) {
      while (lend(device, counting(1500)));
      await new Promise((resolve) => setImmediate(resolve))
      expect(left.writableLength).toBeLessThanOrEqual(2 * 65536)
    }
    device.close()
    right.destroy()
  })

  it('a reset is told as the error it was', async () => {
    const [left, right] = await pair()
    const { closed } = end(left)
    right.resetAndDestroy()
    expect((await closed) as NodeJS.ErrnoException).toMatchObject({ code: 'ECONNRESET' })
  })

  it('a stream that was over before anybody was told: its end is told all the same', async () => {
    const [left, right] = await pair()
    const stream = toByteStream(left)
    right.resetAndDestroy()
    // (`once` would reject with the error.)
    await new Promise<void>((resolve) => left.on('close', () => resolve()))
    const error = await new Promise<Error | null>((resolve) => {
      new FrameStream(stream, { onClose: resolve }).attach(new Recorder(), realClock)
    })
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('refuses what is no stream', () => {
    expect(() => toByteStream({} as never)).toThrow('stream must be a Duplex of Node, got')
  })
})
