// Threads of the tests of blocking calls: what `workerData.role` names. Every call here blocks.

import { parentPort, workerData } from 'node:worker_threads'
import {
  AF_INET,
  AF_UNIX,
  BlockingSocket,
  MSG_WAITALL,
  SHUT_WR,
  SO_RCVTIMEO,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../../dist/index.js'
import { os } from '../../../dist/os/index.js'

const say = (value) => parentPort.postMessage(value)

function code(task) {
  try {
    return task()
  } catch (error) {
    return error.message
  }
}

const roles = {
  /** Accepts clients one after the other, and echoes to each until it has closed its side. */
  echo({ clients }) {
    const listener = new BlockingSocket(os, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 0 })
    listener.listen()
    say(listener.getsockname().port)
    for (let i = 0; i < clients; i++) {
      const connection = listener.accept()
      for (const chunk of connection.chunks()) connection.send(chunk)
      connection.close()
    }
    listener.close()
    say('done')
  },
  /** Serves the connection whose descriptor it was handed. */
  attend({ fd }) {
    const connection = BlockingSocket.fromDescriptor(os, fd)
    for (const chunk of connection.chunks()) connection.send(chunk)
    connection.close()
    say('done')
  },
  /** Talks to itself. */
  limits() {
    const [left, right] = BlockingSocket.pair(os, AF_UNIX, SOCK_STREAM)
    const room = new Uint8Array(8)
    const began = performance.now()
    const results = [code(() => left.recv(room, 0, { timeout: 30 }))]
    left.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 30)
    results.push(code(() => left.recv(room)))
    const waited = performance.now() - began
    right.send(Uint8Array.of(1, 2, 3))
    results.push(left.recv(room))
    right.send(Uint8Array.of(1, 2, 3))
    results.push(left.recv(room, MSG_WAITALL, { timeout: 20 }))
    right.shutdown(SHUT_WR)
    results.push(
      left.recv(room),
      code(() => right.send(room)),
    )
    const closed = new BlockingSocket(os, AF_INET, SOCK_DGRAM)
    closed.close()
    closed.close()
    results.push(code(() => closed.recv(room)))
    const refused = new BlockingSocket(os, AF_INET, SOCK_STREAM)
    results.push(code(() => refused.connect({ address: '127.0.0.1', port: 1 })))
    say({ results, waited })
  },
  /** Waits for what never comes. */
  forever() {
    const [left] = BlockingSocket.pair(os, AF_UNIX, SOCK_STREAM)
    say('waiting')
    left.recv(new Uint8Array(1))
  },
}

roles[workerData.role](workerData)
