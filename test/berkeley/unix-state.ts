// The states that Unix sockets can be in, and calls that answer at once: each call in each state has one answer.

import {
  AF_UNIX,
  AF_UNSPEC,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCINQ,
  SIOCOUTQ,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_PEERCRED,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { errnoName } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { rights } from '../../src/socket/control-message.ts'
import { Message } from '../../src/socket/provider.ts'
import { Socket } from '../../src/socket/socket.ts'
import { flagsText } from '../../src/socket/trace/notation.ts'
import { octets, type Scene } from './scene.ts'
import { answerOf, errorOf } from './stream-state.ts'

const NAME = '\0here'
const NOBODY = '\0nobody'

function unix(scene: Scene, type: number, name?: string): Socket {
  const socket = scene.keep(new Socket(scene.hosts.server, AF_UNIX, type))
  if (name !== undefined) socket.bind({ path: name })
  return socket
}

function pair(scene: Scene, type: number): [Socket, Socket] {
  const [left, right] = Socket.pair(scene.hosts.server, AF_UNIX, type)
  return [scene.keep(left), scene.keep(right)]
}

/** The left one of a pair of which `steps` have been done. */
function after(...steps: ((left: Socket, right: Socket) => void)[]): (scene: Scene, type: number) => Socket {
  return (scene, type) => {
    const [left, right] = pair(scene, type)
    for (const step of steps) step(left, right)
    return left
  }
}

export const unixTypes = { stream: SOCK_STREAM, datagram: SOCK_DGRAM, seqpacket: SOCK_SEQPACKET } as const

export const unixStates: Readonly<Record<string, (scene: Scene, type: number) => Socket>> = {
  'a new one': (scene, type) => unix(scene, type),
  'a bound one': (scene, type) => unix(scene, type, NAME),
  'a listening one': (scene, type) => {
    const listener = unix(scene, type, NAME)
    if (type !== SOCK_DGRAM) listener.listen(0)
    return listener
  },
  'a listening one that another waits for': (scene, type) => {
    const listener = unix(scene, type, NAME)
    if (type !== SOCK_DGRAM) listener.listen(0)
    unix(scene, type).tryConnect({ path: NAME })
    return listener
  },
  'one of a pair': after(),
  'one for which five octets wait': after((_, right) => right.trySend(octets(5))),
  'one for which seven and three wait': after((_, right) => {
    right.trySend(octets(7))
    right.trySend(octets(3))
  }),
  'one for which nothing waits, sent': after((_, right) => right.trySend(octets(0))),
  'one whose peer has been sent five octets': after((left) => left.trySend(octets(5))),
  'one shut for reading': after((left) => left.shutdown(SHUT_RD)),
  'one shut for writing': after((left) => left.shutdown(SHUT_WR)),
  'one shut both ways': after((left) => left.shutdown(SHUT_RDWR)),
  'one whose peer is shut for reading': after((_, right) => right.shutdown(SHUT_RD)),
  'one whose peer is shut for writing': after((_, right) => right.shutdown(SHUT_WR)),
  'one whose peer is closed': after((_, right) => void right.close()),
  'one whose peer closed with octets unread': after(
    (left) => left.trySend(octets(5)),
    (_, right) => void right.close(),
  ),
  'one whose peer closed behind five octets': after(
    (_, right) => right.trySend(octets(5)),
    (_, right) => void right.close(),
  ),
}

function received(socket: Socket, flags: number): string {
  const message = new Message([new Uint8Array(2), new Uint8Array(2)], new SocketAddress())
  const count = socket.tryRecvmsg(message, flags)
  return count < 0 ? errnoName(count) : `${count} ${flagsText('MSG_', message.flags)}`
}

export const unixCalls: Readonly<Record<string, (socket: Socket, scene: Scene) => unknown>> = {
  'bind to a name': (socket) => socket.bind({ path: '\0other' }),
  'bind to no name': (socket) => socket.bind(SocketAddress.unix('')),
  listen: (socket) => socket.listen(),
  accept: (socket, scene) => {
    const accepted = socket.tryAccept()
    return accepted instanceof Socket ? scene.keep(accepted) : accepted
  },
  'connect to nobody': (socket) => socket.tryConnect({ path: NOBODY }),
  'connect to AF_UNSPEC': (socket) => socket.tryConnect(new SocketAddress(AF_UNSPEC)),
  'send five octets': (socket) => socket.trySend(octets(5)),
  'send nothing': (socket) => socket.trySend(octets(0)),
  'sendto nobody': (socket) => socket.trySendto(octets(5), { path: NOBODY }),
  'sendmsg of a descriptor that is closed': (socket) => {
    const message = new Message([octets(1)])
    message.control.push(rights([9999]))
    return socket.trySendmsg(message)
  },
  recv: (socket) => socket.tryRecv(new Uint8Array(9)),
  'recv without room': (socket) => socket.tryRecv(new Uint8Array(0)),
  'recv of two octets with MSG_TRUNC': (socket) => socket.tryRecv(new Uint8Array(2), MSG_TRUNC),
  'recv after a look': (socket) => {
    const look = answerOf(() => socket.tryRecv(new Uint8Array(9), MSG_PEEK))
    return `${look}, ${answerOf(() => socket.tryRecv(new Uint8Array(9)))}`
  },
  'recv twice': (socket) => {
    const first = answerOf(() => socket.tryRecv(new Uint8Array(9)))
    return `${first}, ${answerOf(() => socket.tryRecv(new Uint8Array(9)))}`
  },
  'recvmsg into two and two': (socket) => received(socket, 0),
  'shutdown for reading': (socket) => socket.shutdown(SHUT_RD),
  'shutdown for writing': (socket) => socket.shutdown(SHUT_WR),
  'shutdown of nothing that there is': (socket) => socket.shutdown(3),
  getsockname: (socket) => JSON.stringify(socket.getsockname().path),
  getpeername: (socket) => JSON.stringify(socket.getpeername().path),
  SO_ERROR: (socket) => errorOf(socket.getsockopt(SOL_SOCKET, SO_ERROR)),
  SO_ACCEPTCONN: (socket) => socket.getsockopt(SOL_SOCKET, SO_ACCEPTCONN),
  'whether SO_PEERCRED knows somebody': (socket) => socket.getsockopt(SOL_SOCKET, SO_PEERCRED).pid > 0,
  SIOCINQ: (socket) => socket.ioctl(SIOCINQ),
  'whether SIOCOUTQ is 0': (socket) => answerOf(() => socket.ioctl(SIOCOUTQ)).replace(/^[1-9]\d*$/, 'more'),
  poll: (socket) => flagsText('POLL', socket.readiness),
}
