// The ends on node:net and node:dgram, as programs use them.

import { createSocket } from 'node:dgram'
import { createServer, connect as open } from 'node:net'
import { CHUNK, FLIGHT, gigabits, median, SMALL, wall } from './figures.mjs'
import { IDLE, idleTime } from './idle.mjs'

const LOCAL = '127.0.0.1'

function serve(options, program) {
  const server = createServer(options, (socket) => {
    socket.on('error', () => {})
    program(socket)
  })
  return new Promise((resolve) => {
    server.listen({ host: LOCAL, port: 0, backlog: 4096 }, () => resolve(server.address().port))
  })
}

const servers = {
  sink: () => serve({}, (socket) => socket.on('data', () => {})),

  /** Sends until the client has had enough. */
  source: () => {
    const chunk = Buffer.alloc(CHUNK)
    return serve({}, (socket) => {
      const write = () => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', write)
      write()
    })
  },

  pong: () => serve({ noDelay: true }, (socket) => socket.on('data', (chunk) => socket.write(chunk))),

  greet: () => {
    const greeting = Buffer.alloc(1)
    return serve({}, (socket) => {
      socket.write(greeting)
      socket.resume()
    })
  },

  echo: () =>
    new Promise((resolve) => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
      socket.on('message', (bytes, { port, address }) => socket.send(bytes, port, address))
      socket.bind({ address: LOCAL, port: 0 }, () => resolve(socket.address().port))
    }),
}

const clients = {
  source: ({ port, milliseconds }) =>
    new Promise((resolve, reject) => {
      const chunk = Buffer.alloc(CHUNK)
      let octets = 0
      let began = 0
      const socket = open({ host: LOCAL, port }, () => {
        began = wall()
        write()
      })
      const write = () => {
        while (wall() < began + milliseconds) {
          octets += chunk.length
          if (!socket.write(chunk)) return
        }
        socket.end()
      }
      socket.on('drain', write)
      socket.on('error', reject)
      socket.on('close', () => resolve(gigabits(octets, wall() - began)))
      socket.resume()
    }),

  onreadSink: ({ port, milliseconds }) =>
    new Promise((resolve, reject) => {
      let octets = 0
      let began = 0
      const socket = open({
        host: LOCAL,
        port,
        onread: {
          buffer: Buffer.alloc(CHUNK),
          callback(count) {
            octets += count
            const took = wall() - began
            if (took < milliseconds) return true
            socket.destroy()
            resolve(gigabits(octets, took))
            return false
          },
        },
      })
      socket.on('error', reject)
      socket.on('connect', () => {
        began = wall()
      })
    }),

  ping: ({ port, milliseconds }) =>
    new Promise((resolve, reject) => {
      const socket = open({ host: LOCAL, port, noDelay: true })
      const buffer = Buffer.alloc(SMALL)
      const times = []
      const until = wall() + milliseconds
      let began = wall()
      let count = 0
      socket.on('error', reject)
      socket.on('connect', () => socket.write(buffer))
      socket.on('data', (chunk) => {
        count += chunk.length
        if (count < SMALL) return
        count = 0
        const now = wall()
        times.push((now - began) * 1000)
        began = now
        if (now < until) socket.write(buffer)
        else {
          socket.destroy()
          resolve(median(times))
        }
      })
    }),

  async connections({ port, milliseconds, argument }) {
    const began = wall()
    const until = began + milliseconds
    let count = 0
    const client = () =>
      new Promise((resolve) => {
        const next = () => {
          if (wall() >= until) {
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
    await Promise.all(Array.from({ length: Number(argument) }, client))
    return (count * 1000) / (wall() - began)
  },

  echoed: ({ port, milliseconds }) =>
    new Promise((resolve) => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
      const bytes = Buffer.alloc(SMALL)
      let began = 0
      let count = 0
      socket.on('message', () => {
        count++
        const now = wall()
        if (now - began < milliseconds) socket.send(bytes)
        else {
          socket.removeAllListeners('message')
          socket.close()
          resolve((count * 1000) / (now - began))
        }
      })
      socket.connect(port, LOCAL, () => {
        began = wall()
        for (let i = 0; i < FLIGHT; i++) socket.send(bytes)
      })
    }),

  async idle({ milliseconds }) {
    const sockets = Array.from({ length: IDLE }, () => createSocket({ type: 'udp4' }))
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.bind({ address: LOCAL, port: 0 }, resolve))),
    )
    const time = await idleTime(milliseconds)
    for (const socket of sockets) socket.close()
    return time
  },
}

export const nodeEnds = () => ({ servers, clients })
