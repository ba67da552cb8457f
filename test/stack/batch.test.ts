// Read first: recvmmsg(2), sendmmsg(2). The stack takes batches without a message for each: it must make no difference.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVPKTINFO,
  MSG_CTRUNC,
  MSG_PEEK,
  MSG_TRUNC,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { ECONNREFUSED } from '../../src/base/errno.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Cable } from '../../src/device/cable.ts'
import { MessageBatch } from '../../src/socket/message-batch.ts'
import { type ControlMessage, Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { Stack } from '../../src/stack/stack.ts'
import { drive } from '../berkeley/drive.ts'
import { octets } from '../berkeley/scene.ts'

const PORT = 4000

let clock: ManualClock
let server: Stack
let client: Stack

beforeEach(() => {
  clock = new ManualClock(1000)
  const cable = new Cable()
  const host = (seed: number) => new Stack({ clock, random: new SeededRandom(seed) })
  server = host(1)
  client = host(2)
  const settled = { duplicateAddressDetection: false, name: 'eth0' } as const
  const address = ['10.0.0.1/24', '10.0.0.7/24', '2001:db8::1/64', '2001:db8::7/64']
  server.attach(cable.left, { ...settled, address })
  client.attach(cable.right, { ...settled, address: ['10.0.0.2/24', '2001:db8::2/64'] })
})

afterEach(() => {
  for (const stack of [server, client]) stack.close()
})

function serve(family: number, info: boolean): Socket {
  const socket = new Socket(server, family, SOCK_DGRAM)
  socket.bind({ address: family === AF_INET ? '0.0.0.0' : '::', port: PORT })
  if (info && family === AF_INET) socket.setsockopt(IPPROTO_IP, IP_PKTINFO, true)
  if (info && family === AF_INET6) socket.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, true)
  return socket
}

/** Datagrams of these lengths to two addresses of the server's by turns; all have arrived. */
async function ask(a: string, b: string, lengths: readonly number[]): Promise<Socket> {
  const family = a.includes(':') ? AF_INET6 : AF_INET
  const socket = new Socket(client, family, SOCK_DGRAM)
  socket.bind({ address: family === AF_INET ? '10.0.0.2' : '2001:db8::2', port: 5555 })
  for (const [i, length] of lengths.entries()) {
    await socket.sendto(octets(length, i), SocketAddress.internet(i % 2 === 0 ? a : b, PORT))
    await drive(clock, Promise.resolve())
  }
  return socket
}

interface Told {
  readonly data: Uint8Array
  readonly from: string
  readonly flags: number
  readonly control: ControlMessage[]
}

function oneByOne(socket: Socket, count: number, size: number, controlSize: number): Told[] {
  return Array.from({ length: count }, () => {
    const message = new Message([new Uint8Array(size)], new SocketAddress())
    message.controlLength = controlSize
    const length = socket.tryRecvmsg(message)
    const data = (message.buffers[0] as Uint8Array).subarray(0, length)
    return { data, from: String(message.name), flags: message.flags, control: message.control }
  })
}

async function together(socket: Socket, count: number, size: number, controlSize: number): Promise<Told[]> {
  const batch = new MessageBatch(count + 1, size, { controlSize })
  expect(await socket.recvmmsg(batch)).toBe(count)
  return Array.from({ length: count }, (_, i) => {
    const { flags, control } = batch.message(i)
    return { data: batch.data(i), from: String(batch.address(i)), flags, control }
  })
}

const WAYS = [
  [AF_INET, '10.0.0.1', '10.0.0.7'],
  [AF_INET6, '10.0.0.1', '10.0.0.7'],
  [AF_INET6, '2001:db8::1', '2001:db8::7'],
] as const

describe.each(WAYS)('a batch of a socket of family %i, asked at %s and %s', (family, a, b) => {
  const lengths = [0, 1, 48, 100, 101, 1000]

  test.each([
    ['nothing beside', false, 0],
    ['packet info', true, 64],
    ['packet info that has no room', true, 0],
    ['packet info that has too little', true, 24],
  ])('is told what recvmsg is told: %s', async (_, info, controlSize) => {
    const socket = serve(family, info)
    const first = await ask(a, b, lengths)
    const one = oneByOne(socket, lengths.length, 100, controlSize)
    await first.close()
    await ask(a, b, lengths)
    expect(one.map(({ data }) => data.length)).toEqual([0, 1, 48, 100, 100, 100])
    expect(one.map(({ flags }) => flags & MSG_TRUNC)).toEqual([0, 0, 0, 0, MSG_TRUNC, MSG_TRUNC])
    expect(one.every(({ flags }) => (flags & MSG_CTRUNC) !== 0)).toBe(info && controlSize < 64)
    expect(await together(socket, lengths.length, 100, controlSize)).toEqual(one)
  })

  test('goes back from where each was asked, with what recvmmsg has told', async () => {
    const socket = serve(family, true)
    const asking = await ask(a, b, [10, 20, 30, 40])
    const batch = new MessageBatch(4, 100, { controlSize: 64 })
    expect(await socket.recvmmsg(batch)).toBe(4)
    expect(await socket.sendmmsg(batch)).toBe(4)
    const answers: string[] = []
    for (let i = 0; i < 4; i++) {
      const { length, address } = await drive(clock, asking.recvfrom(new Uint8Array(100), 0, { timeout: 100 }))
      answers.push(`${length} from ${address?.ip}`)
    }
    expect(answers).toEqual([`10 from ${a}`, `20 from ${b}`, `30 from ${a}`, `40 from ${b}`])
  })

  test('leaves what was only looked at', async () => {
    const socket = serve(family, true)
    await ask(a, b, [10, 20])
    const batch = new MessageBatch(2, 100, { controlSize: 64 })
    expect(await socket.recvmmsg(batch, MSG_PEEK)).toBe(2)
    expect([...batch.lengths]).toEqual([10, 10])
    expect(await socket.recvmmsg(batch)).toBe(2)
    expect([...batch.lengths]).toEqual([10, 20])
  })
})

test('a place with other control messages goes as they say, between others that have none', async () => {
  const socket = serve(AF_INET, true)
  const asking = await ask('10.0.0.1', '10.0.0.7', [1])
  const to = SocketAddress.internet('10.0.0.2', 5555)
  const ttl = { level: IPPROTO_IP, type: IP_TTL, data: new Uint8Array(Int32Array.of(7).buffer) }
  const batch = new MessageBatch(3, 10, { controlSize: 64 })
  for (const [i, control] of [[], [ttl], []].entries()) batch.set(i, octets(i + 1), to, control)
  asking.setsockopt(IPPROTO_IP, IP_RECVTTL, true)
  expect(await socket.sendmmsg(batch)).toBe(3)
  const heard: number[] = []
  for (let i = 0; i < 3; i++) {
    const message = new Message([new Uint8Array(10)])
    await drive(clock, asking.recvmsg(message))
    heard.push(message.control[0]?.data[0] as number)
  }
  expect(heard).toEqual([64, 7, 64])
})

test('an error that comes behind the first datagram is told by the next call (recvmmsg(2))', async () => {
  const socket = new Socket(client, AF_INET, SOCK_DGRAM)
  const peer = serve(AF_INET, false)
  await socket.connect(SocketAddress.internet('10.0.0.1', PORT))
  await drive(clock, socket.send(octets(3)))
  const message = new Message([new Uint8Array(10)], new SocketAddress())
  await drive(clock, peer.recvmsg(message))
  await drive(clock, peer.sendmsg(message))
  await drive(clock, Promise.resolve())
  await peer.close()
  await drive(clock, socket.send(octets(3)))
  // The error comes first, as Linux has it; what came is there still.
  await expect(socket.recvmmsg(new MessageBatch(4, 10))).rejects.toMatchObject({ errno: -ECONNREFUSED })
  expect(await socket.recvmmsg(new MessageBatch(4, 10))).toBe(1)
})

test('a queue that is full loses what came last, and the batch gets the rest', async () => {
  const socket = serve(AF_INET, false)
  socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 1)
  await ask(
    '10.0.0.1',
    '10.0.0.1',
    Array.from({ length: 30 }, () => 1000),
  )
  const batch = new MessageBatch(64, 1000)
  const count = await socket.recvmmsg(batch)
  expect(count).toBeGreaterThan(0)
  expect(count).toBeLessThan(30)
  for (let i = 0; i < count; i++) expect(batch.data(i)).toEqual(octets(1000, i))
})
