// Edge-triggered events are hints that are told once: whatever the calls between two of them, no waiter may be forgotten.

import { afterEach, describe, expect, test } from 'vitest'
import {
  AF_INET,
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  POLLIN,
  SHUT_WR,
  SO_LINGER,
  SO_RCVLOWAT,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { Stack } from '../../src/index.ts'
import { os } from '../../src/os/operating-system.ts'
import { readRights, rights } from '../../src/socket/control-message.ts'
import { poll } from '../../src/socket/poll.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'

const sockets: Socket[] = []

afterEach(async () => {
  await Promise.all(sockets.map((socket) => socket.close()))
  sockets.length = 0
  expect(os.size).toBe(0)
})

async function tcp(): Promise<[Socket, Socket]> {
  const listener = new Socket(os, AF_INET, SOCK_STREAM)
  listener.bind({ address: '127.0.0.1', port: 0 })
  listener.listen()
  const client = new Socket(os, AF_INET, SOCK_STREAM)
  await client.connect(listener.getsockname())
  const accepted = await listener.accept()
  await listener.close()
  return [client, accepted]
}

const unix = (type: number) => async () => Socket.pair(os, AF_UNIX, type)

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % below
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const octetAt = (position: number) => (position * 31 + (position >> 8)) & 0xff

async function sends(socket: Socket, total: number, below: (n: number) => number): Promise<void> {
  for (let at = 0; at < total; ) {
    const bytes = new Uint8Array(Math.min(total - at, 1 + below(below(4) === 0 ? 100_000 : 300)))
    for (let i = 0; i < bytes.length; i++) bytes[i] = octetAt(at + i)
    if (below(3) === 0) {
      const count = socket.trySend(bytes)
      at += Math.max(0, count)
      if (count < 0) await poll([{ socket, events: 4 }])
    } else {
      at += await socket.send(bytes)
    }
    if (below(8) === 0) await turn()
  }
  socket.shutdown(SHUT_WR)
}

// Looks, asks for less or more than there is, waits in each of the ways that there are.
async function receives(socket: Socket, below: (n: number) => number): Promise<number> {
  for (let at = 0; ; ) {
    const bytes = new Uint8Array(1 + below(below(4) === 0 ? 100_000 : 500))
    let count: number
    switch (below(6)) {
      case 0:
        await socket.recv(bytes, MSG_PEEK)
        continue
      case 1:
        count = socket.tryRecv(bytes)
        break
      case 2:
        await poll([{ socket, events: POLLIN }])
        count = await socket.recv(bytes, MSG_DONTWAIT)
        break
      case 3:
        count = await socket.recv(bytes, MSG_WAITALL)
        break
      case 4:
        count = await socket.recvmsg(new Message([bytes.subarray(0, 3), bytes.subarray(3)]))
        break
      default:
        count = await socket.recv(bytes)
    }
    if (count === 0) return at
    if (count < 0) {
      await turn()
      continue
    }
    for (let i = 0; i < count; i++) {
      if (bytes[i] !== octetAt(at + i)) throw new Error(`octet ${at + i} is ${bytes[i]}`)
    }
    at += count
  }
}

describe.each([
  ['TCP', tcp],
  ['Unix streams', unix(SOCK_STREAM)],
])('%s: no wake-up is lost', (_, open) => {
  test.each([1, 2, 3, 4])('random sizes, both ways at once, with every way to wait (seed %i)', async (seed) => {
    const [left, right] = await open()
    sockets.push(left, right)
    left.setsockopt(SOL_SOCKET, SO_SNDBUF, 8192)
    const total = 500_000
    const [, , there, back] = await Promise.all([
      sends(left, total, random(seed)),
      sends(right, total, random(seed + 100)),
      receives(right, random(seed + 200)),
      receives(left, random(seed + 300)),
    ])
    expect([there, back]).toEqual([total, total])
  })

  test('SO_RCVLOWAT set between two short reads: what lies below it is still given at the end', async () => {
    const [left, right] = await open()
    sockets.push(left, right)
    const bytes = new Uint8Array(100)
    const first = right.recv(bytes)
    await left.send(new Uint8Array(10))
    expect(await first).toBe(10)
    right.setsockopt(SOL_SOCKET, SO_RCVLOWAT, 50)
    const second = right.recv(bytes)
    await left.send(new Uint8Array(20))
    await turn()
    left.shutdown(SHUT_WR)
    expect(await second).toBe(20)
    expect(await right.recv(bytes)).toBe(0)
  })

  test('a reset behind data: first the data where the system still has it, then the error, and no waiter is left', async () => {
    const [left, right] = await open()
    sockets.push(left, right)
    const bytes = new Uint8Array(4)
    const first = right.recv(bytes)
    await left.send(new Uint8Array(4))
    expect(await first).toBe(4)
    const waits = right.recv(bytes).then(String, (error) => error.code)
    left.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
    await left.close()
    expect(['ECONNRESET', '0']).toContain(await waits)
  })
})

test('TCP: urgent data between ordinary octets; each read stops at the mark and the next goes on', async () => {
  const [left, right] = await tcp()
  sockets.push(left, right)
  const room = new Uint8Array(100)
  for (let round = 0; round < 20; round++) {
    const waits = right.recv(room)
    await left.send(new Uint8Array(5))
    expect(await waits).toBe(5)
    await left.send(new Uint8Array(3))
    await left.send(Uint8Array.of(7), MSG_OOB)
    await left.send(new Uint8Array(4))
    expect(await right.recv(room)).toBe(3)
    expect(await right.recv(room, MSG_OOB)).toBe(1)
    expect(await right.recv(room)).toBe(4)
  }
})

test('Unix stream: descriptors between the octets end a read early, and what is behind them is read without another event', async () => {
  const [left, right] = Socket.pair(os, AF_UNIX, SOCK_STREAM)
  sockets.push(left, right)
  const room = new Uint8Array(100)
  const waits = right.recv(room)
  await turn()
  for (let i = 0; i < 5; i++) {
    const message = new Message([new Uint8Array(10)])
    message.control.push(rights([left.fd]))
    left.trySendmsg(message)
  }
  const lengths = [await waits]
  // The kernel closes descriptors that come with recv.
  for (let i = 1; i < 4; i++) lengths.push(await right.recv(room))
  const last = new Message([room])
  lengths.push(await right.recvmsg(last))
  for (const fd of readRights(last)) await Socket.fromDescriptor(os, fd).close()
  expect(lengths).toEqual([10, 10, 10, 10, 10])
})

test('seqpacket: 1000 records with as many waiters, in order', async () => {
  const [left, right] = Socket.pair(os, AF_UNIX, SOCK_SEQPACKET)
  sockets.push(left, right)
  const rooms = Array.from({ length: 1000 }, () => new Uint8Array(8))
  const all = Promise.all(rooms.map((room) => right.recv(room)))
  for (let i = 0; i < 1000; i++) await left.send(Uint8Array.of(i, i >> 8))
  expect(new Set(await all)).toEqual(new Set([2]))
  expect(rooms.map((room) => (room[0] as number) | ((room[1] as number) << 8))).toEqual(rooms.map((_, i) => i))
})

test('a storm of 300 connections: one accept at a time, and ten that wait at once, find each', async () => {
  const listener = new Socket(os, AF_INET, SOCK_STREAM)
  sockets.push(listener)
  listener.bind({ address: '127.0.0.1', port: 0 })
  listener.listen(1024)
  const address = listener.getsockname()
  const accepting = Array.from({ length: 10 }, async () => {
    for (let i = 0; i < 30; i++) sockets.push(await listener.accept())
  })
  const clients = Array.from({ length: 300 }, () => new Socket(os, AF_INET, SOCK_STREAM))
  sockets.push(...clients)
  await Promise.all([...accepting, ...clients.map((client) => client.connect(address))])
  expect(new Set(sockets.map(({ fd }) => fd)).size).toBe(601)
})

test('a Unix connect waits while the queue is full, and goes on when there is room', async () => {
  const listener = new Socket(os, AF_UNIX, SOCK_STREAM)
  const clients = Array.from({ length: 5 }, () => new Socket(os, AF_UNIX, SOCK_STREAM))
  sockets.push(listener, ...clients)
  listener.bind({ path: '' })
  listener.listen(0)
  const address = listener.getsockname()
  const connecting = Promise.all(clients.map((client) => client.connect(address)))
  for (let i = 0; i < 5; i++) sockets.push(await listener.accept())
  await connecting
})

test('what has come before the time of a call was over is received, though the process had no processor until later', async () => {
  const [left, right] = Socket.pair(os, AF_UNIX, SOCK_DGRAM)
  sockets.push(left, right)
  const late = right.recv(new Uint8Array(4), 0, { timeout: 20 })
  // The next that the loop looks at are its timers.
  await turn()
  left.trySend(new Uint8Array(3))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  expect(await late).toBe(3)
})

test('poll waits on sockets of the operating system and of a stack at once', async () => {
  const stack = new Stack()
  const far = new Socket(stack, AF_INET, SOCK_DGRAM)
  const near = new Socket(os, AF_INET, SOCK_DGRAM)
  sockets.push(near, far)
  for (const socket of [near, far]) socket.bind({ address: '127.0.0.1', port: 0 })
  const entries = [near, far].map((socket) => ({ socket, events: POLLIN }))
  for (const [index, socket] of [near, far].entries()) {
    const waits = poll(entries)
    await turn()
    await socket.sendto(Uint8Array.of(1), socket.getsockname())
    expect((await waits).map(({ revents }) => revents)).toEqual(index === 0 ? [POLLIN, 0] : [0, POLLIN])
    await socket.recv(new Uint8Array(1))
  }
})
