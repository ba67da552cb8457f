// The ends on node:net and node:dgram, as programs use them.

import { createSocket } from 'node:dgram'
import { createServer, connect as open } from 'node:net'
import { CHUNK, FLIGHT, gigabits, IDLE, idleTime, median, SMALL } from './figures.mjs'

const LOCAL = '127.0.0.1'

function listen(options, serve, listening) {
  const server = createServer(options, serve)
  server.listen({ host: LOCAL, port: 0, backlog: 4096 }, () => listening(server.address().port))
}

function sink({ listening, argument }) {
  return new Promise((resolve) => {
    let octets = 0
    let began = 0
    const end = () => resolve(gigabits(octets, performance.now() - began))
    if (argument === 'onread') {
      // A server's connections cannot be given a buffer: the one that reads must be the one that connects.
      throw new Error('onread is for who connects')
    }
    listen(
      {},
      (socket) => {
        began = performance.now()
        socket.on('data', (chunk) => {
          octets += chunk.length
        })
        socket.on('end', end)
      },
      listening,
    )
  })
}

function source({ port, milliseconds }) {
  return new Promise((resolve) => {
    const socket = open({ host: LOCAL, port }, () => pour(socket, milliseconds))
    socket.on('close', () => resolve())
  })
}

function pour(socket, milliseconds) {
  const chunk = Buffer.alloc(CHUNK)
  const until = performance.now() + milliseconds
  const write = () => {
    while (performance.now() < until) {
      if (!socket.write(chunk)) {
        socket.once('drain', write)
        return
      }
    }
    socket.end()
  }
  write()
}

/** The server sends, to a client that reads into one buffer. */
function sourceServer({ listening, milliseconds }) {
  return new Promise((resolve) => {
    listen(
      {},
      (socket) => {
        pour(socket, milliseconds)
        socket.on('close', () => resolve())
      },
      listening,
    )
  })
}

function onreadSink({ port }) {
  return new Promise((resolve) => {
    let octets = 0
    const began = performance.now()
    const socket = open({
      host: LOCAL,
      port,
      onread: {
        buffer: Buffer.alloc(CHUNK),
        callback(count) {
          octets += count
          return true
        },
      },
    })
    socket.on('end', () => resolve(gigabits(octets, performance.now() - began)))
  })
}

function pong({ listening }) {
  return new Promise((resolve) => {
    listen(
      { noDelay: true },
      (socket) => {
        socket.on('data', (chunk) => socket.write(chunk))
        socket.on('close', () => resolve())
      },
      listening,
    )
  })
}

function ping({ port, milliseconds }) {
  return new Promise((resolve) => {
    const socket = open({ host: LOCAL, port, noDelay: true })
    const buffer = Buffer.alloc(SMALL)
    const times = []
    const until = performance.now() + milliseconds
    let began = performance.now()
    let count = 0
    socket.on('connect', () => socket.write(buffer))
    socket.on('data', (chunk) => {
      count += chunk.length
      if (count < SMALL) return
      count = 0
      const now = performance.now()
      times.push((now - began) * 1000)
      began = now
      if (now < until) socket.write(buffer)
      else {
        socket.destroy()
        resolve(median(times))
      }
    })
  })
}

function greet({ listening }) {
  return new Promise(() => {
    const greeting = Buffer.alloc(1)
    listen(
      {},
      (socket) => {
        socket.on('error', () => {})
        socket.write(greeting)
        socket.resume()
      },
      listening,
    )
  })
}

function connections({ port, milliseconds, argument }) {
  const began = performance.now()
  const until = began + milliseconds
  let count = 0
  const client = () =>
    new Promise((resolve) => {
      const next = () => {
        if (performance.now() >= until) {
          resolve()
          return
        }
        const socket = open({ host: LOCAL, port })
        socket.on('error', () => {})
        socket.once('data', () => {
          socket.resetAndDestroy()
          count++
        })
        socket.once('close', next)
      }
      next()
    })
  return Promise.all(Array.from({ length: Number(argument) }, client)).then(
    () => (count * 1000) / (performance.now() - began),
  )
}

function echo({ listening }) {
  return new Promise(() => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
    socket.on('message', (bytes, { port, address }) => socket.send(bytes, port, address))
    socket.bind({ address: LOCAL, port: 0 }, () => listening(socket.address().port))
  })
}

function echoed({ port, milliseconds }) {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
    const bytes = Buffer.alloc(SMALL)
    let began = 0
    let count = 0
    socket.on('message', () => {
      count++
      const now = performance.now()
      if (now - began < milliseconds) socket.send(bytes)
      else {
        socket.close()
        resolve((count * 1000) / (now - began))
      }
    })
    socket.connect(port, LOCAL, () => {
      began = performance.now()
      for (let i = 0; i < FLIGHT; i++) socket.send(bytes)
    })
  })
}

async function idle({ listening, milliseconds }) {
  const sockets = Array.from({ length: IDLE }, () => createSocket({ type: 'udp4' }))
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.bind({ address: LOCAL, port: 0 }, resolve))),
  )
  listening(sockets[0].address().port)
  return idleTime(milliseconds)
}

export const roles = { idle, sink, source, sourceServer, onreadSink, pong, ping, greet, connections, echo, echoed }
