// The states that a stream can be in, and calls that answer at once: each call in each state has one answer.

import {
  AF_UNSPEC,
  IPPROTO_TCP,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCATMARK,
  SIOCINQ,
  SIOCOUTQ,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_LINGER,
  SOL_SOCKET,
  TCP_INFO,
  TCP_QUICKACK,
} from '../../src/base/constants.ts'
import { errnoName } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Socket } from '../../src/socket/socket.ts'
import { SocketError } from '../../src/socket/socket-error.ts'
import { flagsText } from '../../src/socket/trace/notation.ts'
import { octets, PORT, type Scene } from './scene.ts'

/** A while in which all that was sent arrives and is acknowledged. */
const WHILE = 300
/** A port that nobody listens on. */
const DEAD = 4999

async function reset(scene: Scene): Promise<Socket> {
  const [client, server] = await scene.pair()
  server.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
  await server.close()
  await scene.hosts.pass(WHILE)
  return client
}

async function refused(scene: Scene): Promise<Socket> {
  const client = scene.stream()
  client.tryConnect(scene.at(DEAD))
  await scene.hosts.pass(WHILE)
  return client
}

/** A connection of which `steps` have been done, from left to right, with time in between. */
function after(...steps: ((client: Socket, server: Socket) => void)[]): (scene: Scene) => Promise<Socket> {
  return async (scene) => {
    const [client, server] = await scene.pair()
    for (const step of steps) {
      step(client, server)
      await scene.hosts.pass(WHILE)
    }
    return client
  }
}

/** A FIN may be acknowledged late: Linux waits 40 ms, and in the meantime the other end is in FIN-WAIT-1. Not if it has been read. */
function acknowledgeNow(_: Socket, server: Socket): void {
  server.tryRecv(octets(1))
  server.setsockopt(IPPROTO_TCP, TCP_QUICKACK, 1)
}

export const streamStates: Readonly<Record<string, (scene: Scene) => Promise<Socket>>> = {
  'a new one': async (scene) => scene.stream(),
  'a bound one': async (scene) => {
    const socket = scene.stream()
    socket.bind({ address: '', port: PORT })
    return socket
  },
  LISTEN: async (scene) => scene.listener(),
  'LISTEN, one waits': async (scene) => {
    const listener = scene.listener()
    await scene.connect()
    await scene.hosts.pass(WHILE)
    return listener
  },
  'a refused one': refused,
  'a refused one, told': async (scene) => {
    const socket = await refused(scene)
    socket.getsockopt(SOL_SOCKET, SO_ERROR)
    return socket
  },
  ESTABLISHED: after(),
  'ESTABLISHED, five octets wait': after((_, server) => server.trySend(octets(5))),
  'ESTABLISHED, one octet of three is urgent': after((_, server) => server.trySend(octets(3), MSG_OOB)),
  'ESTABLISHED, shut for reading': after((client) => client.shutdown(SHUT_RD)),
  'CLOSE-WAIT': after((_, server) => server.shutdown(SHUT_WR)),
  'CLOSE-WAIT, five octets wait': after(
    (_, server) => server.trySend(octets(5)),
    (_, server) => server.shutdown(SHUT_WR),
  ),
  'FIN-WAIT-2': after((client) => client.shutdown(SHUT_WR), acknowledgeNow),
  'FIN-WAIT-2, five octets wait': after(
    (client) => client.shutdown(SHUT_WR),
    (_, server) => server.trySend(octets(5)),
  ),
  'FIN-WAIT-2, shut for reading': after((client) => client.shutdown(SHUT_RDWR), acknowledgeNow),
  'TIME-WAIT': after(
    (client) => client.shutdown(SHUT_WR),
    (_, server) => server.shutdown(SHUT_WR),
  ),
  'CLOSED after LAST-ACK': after(
    (_, server) => server.shutdown(SHUT_WR),
    (client) => client.shutdown(SHUT_WR),
  ),
  'a reset one': reset,
  'a reset one, told': async (scene) => {
    const socket = await reset(scene)
    socket.getsockopt(SOL_SOCKET, SO_ERROR)
    return socket
  },
  'a dissolved one': after((client) => client.tryConnect(new SocketAddress(AF_UNSPEC))),
}

/** What a call answers, as text: a count, an errno, or what it gives. */
export function answerOf(call: () => unknown): string {
  try {
    const answer = call()
    if (answer instanceof Socket) return 'a socket'
    if (typeof answer === 'number' && answer < 0) return errnoName(answer)
    return answer === undefined ? 'done' : String(answer)
  } catch (error) {
    if (error instanceof SocketError) return error.code
    throw error
  }
}

/** SO_ERROR's value by its name. */
export function errorOf(value: number): string {
  return value === 0 ? 'none' : errnoName(value)
}

export const streamCalls: Readonly<Record<string, (socket: Socket, scene: Scene) => unknown>> = {
  'bind to its port': (socket) => socket.bind({ address: '', port: PORT }),
  listen: (socket) => socket.listen(),
  accept: (socket, scene) => {
    const accepted = socket.tryAccept()
    return accepted instanceof Socket ? scene.keep(accepted) : accepted
  },
  'connect elsewhere': (socket, scene) => socket.tryConnect(scene.at(DEAD)),
  'connect to AF_UNSPEC': (socket) => socket.tryConnect(new SocketAddress(AF_UNSPEC)),
  'send five octets': (socket) => socket.trySend(octets(5)),
  'send nothing': (socket) => socket.trySend(octets(0)),
  'send with MSG_OOB': (socket) => socket.trySend(octets(1), MSG_OOB),
  'sendto somebody else': (socket, scene) => socket.trySendto(octets(5), scene.at(DEAD)),
  recv: (socket) => socket.tryRecv(new Uint8Array(9)),
  'recv without room': (socket) => socket.tryRecv(new Uint8Array(0)),
  'recv with MSG_PEEK': (socket) => socket.tryRecv(new Uint8Array(9), MSG_PEEK),
  'recv with MSG_TRUNC': (socket) => socket.tryRecv(new Uint8Array(9), MSG_TRUNC),
  'recv with MSG_OOB': (socket) => socket.tryRecv(new Uint8Array(9), MSG_OOB),
  'recv with MSG_ERRQUEUE': (socket) => socket.tryRecv(new Uint8Array(9), MSG_ERRQUEUE),
  'shutdown for writing': (socket) => socket.shutdown(SHUT_WR),
  'shutdown of nothing that there is': (socket) => socket.shutdown(3),
  getpeername: (socket) => (socket.getpeername() === undefined ? '' : 'a name'),
  SO_ERROR: (socket) => errorOf(socket.getsockopt(SOL_SOCKET, SO_ERROR)),
  SO_ACCEPTCONN: (socket) => socket.getsockopt(SOL_SOCKET, SO_ACCEPTCONN),
  'the state of TCP_INFO': (socket) => socket.getsockopt(IPPROTO_TCP, TCP_INFO).tcpi_state,
  SIOCINQ: (socket) => socket.ioctl(SIOCINQ),
  SIOCOUTQ: (socket) => socket.ioctl(SIOCOUTQ),
  SIOCATMARK: (socket) => socket.ioctl(SIOCATMARK),
  poll: (socket) => flagsText('POLL', socket.readiness),
}
