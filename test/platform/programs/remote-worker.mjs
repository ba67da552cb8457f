// Threads of the tests of RemoteProvider: what `workerData.role` names. Every call here blocks, on sockets of the main thread's stack.

import { parentPort, workerData } from 'node:worker_threads'
import {
  AF_INET,
  AF_UNIX,
  BlockingSocket,
  blockingPoll,
  IP_RECVTTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_TCP,
  Message,
  MessageBatch,
  MSG_WAITALL,
  POLLIN,
  RemoteProvider,
  readHopLimit,
  readRights,
  rights,
  SHUT_WR,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  SocketAddress,
  TCP_CONGESTION,
} from '../../../dist/index.js'

const remote = new RemoteProvider(workerData.init)
const say = (value) => parentPort.postMessage(value)

function outcome(task) {
  try {
    return task()
  } catch (error) {
    return error.message
  }
}

function attend(connection) {
  for (const chunk of connection.chunks()) connection.send(chunk)
  connection.close()
}

const roles = {
  /** Accepts clients one after the other, and echoes to each until it has closed its side. */
  echo({ clients }) {
    const listener = new BlockingSocket(remote, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 4242 })
    listener.listen()
    say(listener.getsockname().toString())
    for (let i = 0; i < clients; i++) attend(listener.accept())
    listener.close()
    say('done')
  },

  /** Echoes to the client whose socket it was handed. */
  attend({ fd }) {
    attend(BlockingSocket.fromDescriptor(remote, fd))
    say('done')
  },

  /** Connects, and has its octets echoed, so many each time. */
  client({ port, length }) {
    const socket = new BlockingSocket(remote, AF_INET, SOCK_STREAM)
    socket.connect({ address: '127.0.0.1', port })
    const sent = new Uint8Array(length).map((_, i) => (i * 31) ^ (i >> 8))
    const room = new Uint8Array(length)
    for (let at = 0; at < length; at += 50_000) {
      const part = sent.subarray(at, at + 50_000)
      socket.send(part)
      socket.recv(room.subarray(at, at + part.length), MSG_WAITALL)
    }
    socket.shutdown(SHUT_WR)
    const end = socket.recv(new Uint8Array(1))
    socket.close()
    say([Buffer.compare(sent, room), end])
  },

  /** What each call gives. */
  calls() {
    const results = []
    const note = (task) => results.push(outcome(task))
    const stream = new BlockingSocket(remote, AF_INET, SOCK_STREAM)
    note(() => stream.connect({ address: '127.0.0.1', port: 1 }))
    note(() => stream.getpeername())
    note(() => stream.recv(new Uint8Array(1)))
    note(() => stream.getsockopt(SOL_SOCKET, SO_TYPE))
    note(() => stream.getsockopt(IPPROTO_TCP, TCP_CONGESTION))
    stream.setsockopt(SOL_SOCKET, SO_RCVBUF, 10_000)
    note(() => stream.getsockopt(SOL_SOCKET, SO_RCVBUF))
    note(() => stream.setsockopt(IPPROTO_TCP, TCP_CONGESTION, 'no such'))
    stream.close()
    note(() => stream.recv(new Uint8Array(1)))
    const [left, right] = BlockingSocket.pair(remote, AF_UNIX, SOCK_STREAM)
    left.send(Uint8Array.of(1, 2, 3))
    const room = new Uint8Array(2)
    note(() => [right.recv(room), ...room])
    // Descriptors in a message, of the sockets of the stack.
    const message = new Message([Uint8Array.of(9)])
    message.control.push(rights([left.fd]))
    left.sendmsg(message)
    const received = new Message([new Uint8Array(1), new Uint8Array(8)], new SocketAddress())
    note(() => [right.recvmsg(received), received.buffers[0][0], received.buffers[1][0]])
    const again = BlockingSocket.fromDescriptor(remote, readRights(received)[0])
    again.send(Uint8Array.of(7))
    note(() => right.recv(room))
    left.close()
    again.close()
    note(() => right.recv(room))
    note(() => right.send(room))
    // Datagrams, with addresses and control messages.
    const server = new BlockingSocket(remote, AF_INET, SOCK_DGRAM)
    server.bind({ address: '', port: 53 })
    server.setsockopt(IPPROTO_IP, IP_RECVTTL, true)
    const asker = new BlockingSocket(remote, AF_INET, SOCK_DGRAM)
    asker.setsockopt(IPPROTO_IP, IP_TTL, 17)
    note(() => asker.sendto(new Uint8Array(1000), { address: '127.0.0.1', port: 53 }))
    const datagram = new Message([new Uint8Array(100)], new SocketAddress())
    note(() => [server.recvmsg(datagram), datagram.name.address, readHopLimit(datagram), datagram.flags])
    note(() => asker.sendto(new Uint8Array(300_000), { address: '127.0.0.1', port: 53 }))
    const copy = server.dup()
    server.close()
    note(() => copy.getsockname().toString())
    copy.close()
    asker.close()
    right.close()
    // A batch, a poll of two, and a descriptor that is let go of and taken again.
    const [one, two] = BlockingSocket.pair(remote, AF_UNIX, SOCK_DGRAM)
    const batch = new MessageBatch(4, 10)
    batch.set(0, Uint8Array.of(1, 2))
    batch.set(1, Uint8Array.of(3))
    note(() => one.sendmmsg(batch, 0, 2))
    note(() => blockingPoll([one, two].map((socket) => ({ socket, events: POLLIN }))).map(({ revents }) => revents))
    const came = new MessageBatch(4, 10)
    note(() => [two.recvmmsg(came), ...came.data(0), ...came.data(1)])
    note(() => two.poll(POLLIN, { timeout: 0 }))
    const back = BlockingSocket.fromDescriptor(remote, two.detach())
    one.send(Uint8Array.of(5))
    note(() => back.recv(room))
    one.close()
    note(() => blockingPoll([{ socket: one, events: POLLIN }]).map(({ revents }) => revents))
    back.close()
    note(() => new BlockingSocket(remote, 9999, SOCK_STREAM))
    note(() => BlockingSocket.fromDescriptor(remote, 3))
    note(() => new Socket(remote, AF_INET, SOCK_STREAM))
    say(results)
  },

  /** Waits with a limit; the stack's time is simulated. */
  limits() {
    const [left] = BlockingSocket.pair(remote, AF_UNIX, SOCK_STREAM)
    say('waiting')
    const first = outcome(() => left.recv(new Uint8Array(1), 0, { timeout: 5000 }))
    left.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 7000)
    say([first, outcome(() => left.recv(new Uint8Array(1)))])
  },

  /** Waits for ever. */
  forever() {
    const listener = new BlockingSocket(remote, AF_INET, SOCK_STREAM)
    listener.bind({ address: '127.0.0.1', port: 4242 })
    listener.listen()
    say('waiting')
    const first = outcome(() => listener.accept())
    say([first, outcome(() => listener.listen()), outcome(() => listener.close())])
  },
}

roles[workerData.role](workerData)
