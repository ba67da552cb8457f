// Servers and clients on `Socket` by promises, whatever provides them: the operating system, or stacks in one process. They run in
// Node and in a page. A server begins and answers with its port; a client measures for so many milliseconds. `clock` is what
// a figure is divided by: the time of day, or the processor time of the process.

import { CHUNK, FLIGHT, gigabits, median, SMALL, wall } from './figures.mjs'

/** A stretch of round trips is measured as one: reading the clock twice costs 0.1 µs. */
const STRETCH = 8

/** `here` and `there`: the providers of clients and of servers; `address`: of the servers, as clients know it. */
export function socketEnds(
  api,
  { here, there, family = api.AF_INET, address, any = address, chunk = CHUNK, stretch = STRETCH },
) {
  const { IPPROTO_TCP, SO_LINGER, SO_RCVBUF, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } = api
  const { SHUT_WR, Socket, SocketAddress, TCP_NODELAY } = api

  function listen(type) {
    const socket = new Socket(there, family, type)
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
    if (type === SOCK_DGRAM) socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 20)
    socket.bind({ address: any, port: 0 })
    if (type === SOCK_STREAM) socket.listen(4096)
    return socket
  }

  async function connect(type, port) {
    const socket = new Socket(here, family, type)
    if (type === SOCK_DGRAM) socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 20)
    await socket.connect({ address, port })
    if (type === SOCK_STREAM) socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
    return socket
  }

  /** Every connection is served by `program`, and closed where that ends. */
  function serve(program) {
    const listener = listen(SOCK_STREAM)
    void (async () => {
      for (;;) {
        const connection = await listener.accept()
        program(connection)
          .catch(() => {})
          .finally(() => connection.close())
      }
    })()
    return listener.getsockname().port
  }

  const servers = {
    sink: () =>
      serve(async (connection) => {
        const buffer = new Uint8Array(chunk)
        while ((await connection.recv(buffer)) > 0);
      }),

    pong: () =>
      serve(async (connection) => {
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
        // As long as node:net's own: what comes is shorter, which says that no more is there.
        const buffer = new Uint8Array(CHUNK)
        for (let count = await connection.recv(buffer); count > 0; count = await connection.recv(buffer)) {
          await connection.send(buffer.subarray(0, count))
        }
      }),

    greet: () => {
      const greeting = new Uint8Array(1)
      return serve(async (connection) => {
        await connection.send(greeting)
        await connection.recv(new Uint8Array(1))
      })
    },

    echo: () => {
      const socket = listen(SOCK_DGRAM)
      void (async () => {
        const buffer = new Uint8Array(2048)
        for (;;) {
          const { length, address } = await socket.recvfrom(buffer)
          await socket.sendto(length === buffer.length ? buffer : buffer.subarray(0, length), address)
        }
      })()
      return socket.getsockname().port
    },
  }

  const clients = {
    /** Gbit/s of a stream, until the peer has closed in answer to our FIN. */
    async source({ port, milliseconds, clock = wall }) {
      const socket = await connect(SOCK_STREAM, port)
      const bytes = new Uint8Array(chunk).fill(74)
      const began = clock()
      const until = wall() + milliseconds
      let octets = 0
      while (wall() < until) octets += await socket.send(bytes)
      socket.shutdown(SHUT_WR)
      await socket.recv(bytes)
      const took = clock() - began
      await socket.close()
      return gigabits(octets, took)
    },

    /** Microseconds of a round trip of 64 octets: the median, or the mean of processor time, which has no finer clock. */
    async ping({ port, milliseconds, clock = wall }) {
      const socket = await connect(SOCK_STREAM, port)
      const question = new Uint8Array(SMALL)
      const buffer = new Uint8Array(CHUNK)
      const times = []
      const began = clock()
      const until = wall() + milliseconds
      let now = wall()
      do {
        for (let i = 0; i < stretch; i++) {
          await socket.send(question)
          for (let count = 0; count < SMALL; ) count += await socket.recv(buffer)
        }
        const then = now
        now = wall()
        times.push(((now - then) * 1000) / stretch)
      } while (now < until)
      const took = clock() - began
      await socket.close()
      return clock === wall ? median(times) : (took * 1000) / (times.length * stretch)
    },

    /** Connections a second, `argument` at a time: connect, an octet, reset. */
    async connections({ port, milliseconds, argument, clock = wall }) {
      const began = clock()
      const until = wall() + milliseconds
      let count = 0
      const reset = { onoff: true, linger: 0 }
      const to = SocketAddress.internet(address, port)
      async function client() {
        const buffer = new Uint8Array(1)
        while (wall() < until) {
          const socket = new Socket(here, family, SOCK_STREAM)
          await socket.connect(to)
          await socket.recv(buffer)
          socket.setsockopt(SOL_SOCKET, SO_LINGER, reset)
          await socket.close()
          count++
        }
      }
      await Promise.all(Array.from({ length: Number(argument) }, client))
      return (count * 1000) / (clock() - began)
    },

    /** Datagrams of 64 octets there and back a second, 64 of them under way. */
    async echoed({ port, milliseconds, clock = wall }) {
      const socket = await connect(SOCK_DGRAM, port)
      const bytes = new Uint8Array(SMALL)
      for (let i = 0; i < FLIGHT; i++) await socket.send(bytes)
      const began = clock()
      const until = wall() + milliseconds
      let count = 0
      while (wall() < until) {
        await socket.recv(bytes)
        await socket.send(bytes)
        count++
      }
      const took = clock() - began
      await socket.close()
      return (count * 1000) / took
    },
  }

  return { servers, clients, listen, connect }
}
