// The ends on the operating system's sockets, by promises.

import {
  AF_INET,
  IPPROTO_TCP,
  Message,
  MessageBatch,
  readSegmentSize,
  SO_LINGER,
  SO_RCVBUF,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  SOL_UDP,
  Socket,
  SocketAddress,
  segmentSize,
  TCP_NODELAY,
  UDP_GRO,
} from '../../dist/index.js'
import { OperatingSystem } from '../../dist/os/index.js'
import { CHUNK, FLIGHT, gigabits, IDLE, idleTime, median, SMALL } from './figures.mjs'

let os = new OperatingSystem()
const LOCAL = '127.0.0.1'

function listen(type) {
  const socket = new Socket(os, AF_INET, type)
  socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  if (type === SOCK_DGRAM) socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 20)
  socket.bind({ address: LOCAL, port: 0 })
  if (type === SOCK_STREAM) socket.listen(4096)
  return socket
}

async function connect(type, port) {
  const socket = new Socket(os, AF_INET, type)
  if (type === SOCK_DGRAM) socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 20)
  await socket.connect({ address: LOCAL, port })
  if (type === SOCK_STREAM) socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
  return socket
}

async function sink({ listening }) {
  const listener = listen(SOCK_STREAM)
  listening(listener.getsockname().port)
  const connection = await listener.accept()
  const buffer = new Uint8Array(CHUNK)
  let octets = 0
  const began = performance.now()
  for (;;) {
    const count = await connection.recv(buffer)
    if (count === 0) return gigabits(octets, performance.now() - began)
    octets += count
  }
}

async function source({ port, milliseconds }) {
  const socket = await connect(SOCK_STREAM, port)
  const chunk = new Uint8Array(CHUNK)
  const until = performance.now() + milliseconds
  while (performance.now() < until) await socket.send(chunk)
  await socket.close()
}

async function pong({ listening, argument }) {
  if (argument === 'busy') os = new OperatingSystem({ busyPoll: 50 })
  const listener = listen(SOCK_STREAM)
  listening(listener.getsockname().port)
  const connection = await listener.accept()
  connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
  // As long as node:net's own: what comes is shorter, which says that no more is there.
  const buffer = new Uint8Array(CHUNK)
  for (;;) {
    const count = await connection.recv(buffer)
    if (count === 0) return
    await connection.send(buffer.subarray(0, count))
  }
}

async function ping({ port, milliseconds, argument }) {
  if (argument === 'busy') os = new OperatingSystem({ busyPoll: 50 })
  const socket = await connect(SOCK_STREAM, port)
  const question = new Uint8Array(SMALL)
  const buffer = new Uint8Array(CHUNK)
  const times = []
  const until = performance.now() + milliseconds
  for (let now = performance.now(); now < until; ) {
    await socket.send(question)
    for (let count = 0; count < SMALL; ) count += await socket.recv(buffer)
    const then = now
    now = performance.now()
    times.push((now - then) * 1000)
  }
  await socket.close()
  return median(times)
}

async function greet({ listening }) {
  const listener = listen(SOCK_STREAM)
  listening(listener.getsockname().port)
  const greeting = new Uint8Array(1)
  for (;;) {
    const connection = await listener.accept()
    serve(connection)
      .catch(() => {})
      .finally(() => connection.close())
  }
  async function serve(connection) {
    await connection.send(greeting)
    await connection.recv(new Uint8Array(1))
  }
}

async function connections({ port, milliseconds, argument }) {
  const until = performance.now() + milliseconds
  const began = performance.now()
  let count = 0
  const reset = { onoff: true, linger: 0 }
  const address = SocketAddress.internet(LOCAL, port)
  async function client() {
    const buffer = new Uint8Array(1)
    while (performance.now() < until) {
      const socket = new Socket(os, AF_INET, SOCK_STREAM)
      await socket.connect(address)
      await socket.recv(buffer)
      socket.setsockopt(SOL_SOCKET, SO_LINGER, reset)
      await socket.close()
      count++
    }
  }
  await Promise.all(Array.from({ length: Number(argument) }, client))
  return (count * 1000) / (performance.now() - began)
}

async function echo({ listening }) {
  const socket = listen(SOCK_DGRAM)
  listening(socket.getsockname().port)
  const buffer = new Uint8Array(2048)
  for (;;) {
    const { length, address } = await socket.recvfrom(buffer)
    await socket.sendto(length === buffer.length ? buffer : buffer.subarray(0, length), address)
  }
}

async function echoed({ port, milliseconds }) {
  const socket = await connect(SOCK_DGRAM, port)
  const bytes = new Uint8Array(SMALL)
  for (let i = 0; i < FLIGHT; i++) await socket.send(bytes)
  const began = performance.now()
  let count = 0
  while (performance.now() < began + milliseconds) {
    await socket.recv(bytes)
    await socket.send(bytes)
    count++
  }
  return (count * 1000) / (performance.now() - began)
}

async function batchEcho({ listening }) {
  const socket = listen(SOCK_DGRAM)
  listening(socket.getsockname().port)
  const batch = new MessageBatch(FLIGHT, 2048)
  for (;;) await socket.sendmmsg(batch, 0, await socket.recvmmsg(batch))
}

async function batchEchoed({ port, milliseconds }) {
  const socket = await connect(SOCK_DGRAM, port)
  const batch = new MessageBatch(FLIGHT, 2048)
  for (let i = 0; i < FLIGHT; i++) batch.set(i, new Uint8Array(SMALL))
  await socket.sendmmsg(batch)
  const began = performance.now()
  let count = 0
  while (performance.now() < began + milliseconds) {
    const received = await socket.recvmmsg(batch)
    batch.nameLengths.fill(0, 0, received)
    await socket.sendmmsg(batch, 0, received)
    count += received
  }
  return (count * 1000) / (performance.now() - began)
}

async function segmentEcho({ listening }) {
  const socket = listen(SOCK_DGRAM)
  socket.setsockopt(SOL_UDP, UDP_GRO, true)
  listening(socket.getsockname().port)
  const buffer = new Uint8Array(65536)
  for (;;) {
    const received = new Message([buffer], new SocketAddress())
    const length = await socket.recvmsg(received)
    const answer = new Message([buffer.subarray(0, length)], received.name)
    const size = readSegmentSize(received)
    if (size !== null && size < length) answer.control.push(segmentSize(size))
    await socket.sendmsg(answer)
  }
}

async function segmentEchoed({ port, milliseconds }) {
  const socket = await connect(SOCK_DGRAM, port)
  socket.setsockopt(SOL_UDP, UDP_GRO, true)
  const question = new Message([new Uint8Array(FLIGHT * SMALL)])
  question.control.push(segmentSize(SMALL))
  const buffer = new Uint8Array(65536)
  const began = performance.now()
  let count = 0
  while (performance.now() < began + milliseconds) {
    await socket.sendmsg(question)
    await socket.sendmsg(question)
    for (let back = 0; back < 2 * FLIGHT * SMALL; ) back += await socket.recv(buffer)
    count += 2 * FLIGHT
  }
  return (count * 1000) / (performance.now() - began)
}

async function idle({ listening, milliseconds }) {
  const sockets = Array.from({ length: IDLE }, () => listen(SOCK_DGRAM))
  for (const socket of sockets) void socket.recv(new Uint8Array(SMALL))
  listening(sockets[0].getsockname().port)
  return idleTime(milliseconds)
}

export const roles = {
  idle,
  sink,
  source,
  pong,
  ping,
  greet,
  connections,
  echo,
  echoed,
  batchEcho,
  batchEchoed,
  segmentEcho,
  segmentEchoed,
}
