// The ends on the operating system's sockets: those of all providers, and what the system alone has.

import { fromDist } from '../harness/dist.mjs'
import { FLIGHT, SMALL, wall } from './figures.mjs'
import { IDLE, idleTime } from './idle.mjs'
import { socketEnds } from './sockets.mjs'

const LOCAL = '127.0.0.1'

/** `options`: of the OperatingSystem. */
export async function osEnds(options = {}) {
  const api = await fromDist('index.js')
  const { OperatingSystem } = await fromDist('os/index.js')
  const { Message, MessageBatch, readSegmentSize, SOCK_DGRAM, SOL_UDP, SocketAddress, segmentSize, UDP_GRO } = api
  const system = new OperatingSystem(options)
  const { servers, clients, listen, connect } = socketEnds(api, { here: system, there: system, address: LOCAL })

  Object.assign(servers, {
    batchEcho() {
      const socket = listen(SOCK_DGRAM)
      const batch = new MessageBatch(FLIGHT, 2048)
      void (async () => {
        for (;;) await socket.sendmmsg(batch, 0, await socket.recvmmsg(batch))
      })()
      return socket.getsockname().port
    },

    segmentEcho() {
      const socket = listen(SOCK_DGRAM)
      socket.setsockopt(SOL_UDP, UDP_GRO, true)
      const buffer = new Uint8Array(65536)
      void (async () => {
        for (;;) {
          const received = new Message([buffer], new SocketAddress())
          const length = await socket.recvmsg(received)
          const answer = new Message([buffer.subarray(0, length)], received.name)
          const size = readSegmentSize(received)
          if (size !== null && size < length) answer.control.push(segmentSize(size))
          await socket.sendmsg(answer)
        }
      })()
      return socket.getsockname().port
    },
  })

  Object.assign(clients, {
    async batchEchoed({ port, milliseconds }) {
      const socket = await connect(SOCK_DGRAM, port)
      const batch = new MessageBatch(FLIGHT, 2048)
      for (let i = 0; i < FLIGHT; i++) batch.set(i, new Uint8Array(SMALL))
      await socket.sendmmsg(batch)
      const began = wall()
      let count = 0
      while (wall() < began + milliseconds) {
        const received = await socket.recvmmsg(batch)
        batch.nameLengths.fill(0, 0, received)
        await socket.sendmmsg(batch, 0, received)
        count += received
      }
      const took = wall() - began
      await socket.close()
      return (count * 1000) / took
    },

    async segmentEchoed({ port, milliseconds }) {
      const socket = await connect(SOCK_DGRAM, port)
      socket.setsockopt(SOL_UDP, UDP_GRO, true)
      const question = new Message([new Uint8Array(FLIGHT * SMALL)])
      question.control.push(segmentSize(SMALL))
      const buffer = new Uint8Array(65536)
      const began = wall()
      let count = 0
      while (wall() < began + milliseconds) {
        await socket.sendmsg(question)
        await socket.sendmsg(question)
        for (let back = 0; back < 2 * FLIGHT * SMALL; ) back += await socket.recv(buffer)
        count += 2 * FLIGHT
      }
      const took = wall() - began
      await socket.close()
      return (count * 1000) / took
    },

    async idle({ milliseconds }) {
      const sockets = Array.from({ length: IDLE }, () => listen(SOCK_DGRAM))
      for (const socket of sockets) socket.recv(new Uint8Array(SMALL)).catch(() => {})
      const time = await idleTime(milliseconds)
      for (const socket of sockets) await socket.close()
      return time
    },
  })

  return { servers, clients }
}
