// The states that a UDP socket can be in, and calls that answer at once: each call in each state has one answer.

import {
  AF_INET,
  AF_UNSPEC,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCATMARK,
  SIOCINQ,
  SIOCOUTQ,
  SO_ERROR,
  SOL_SOCKET,
} from '../../src/base/constants.ts'
import { errnoName } from '../../src/base/errno.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { Message } from '../../src/socket/provider.ts'
import type { Socket } from '../../src/socket/socket.ts'
import { flagsText } from '../../src/socket/trace/notation.ts'
import { octets, PORT, type Scene } from './scene.ts'
import { answerOf, errorOf } from './stream-state.ts'

const WHILE = 300
/** Ports that nobody has. */
const DEAD = 4999
const OWN = 4243

/** On the client's host, connected to one on the server's. */
async function connected(scene: Scene): Promise<[Socket, Socket]> {
  const server = scene.receiver()
  const client = scene.datagram()
  client.bind({ address: '', port: OWN })
  await client.connect(scene.at())
  return [client, server]
}

async function refused(scene: Scene, told: boolean): Promise<Socket> {
  const client = scene.datagram()
  const v4 = scene.hosts.serverAddress.includes('.')
  if (told) client.setsockopt(IPPROTO_IP, IP_RECVERR, true)
  if (told && scene.hosts.family !== AF_INET && !v4) client.setsockopt(IPPROTO_IPV6, IPV6_RECVERR, true)
  await client.connect(scene.at(DEAD))
  client.trySend(octets(5))
  await scene.hosts.pass(WHILE)
  return client
}

async function heard(scene: Scene, ...lengths: number[]): Promise<Socket> {
  const [client, server] = await connected(scene)
  for (const length of lengths) server.trySendto(octets(length), { address: scene.hosts.clientAddress, port: OWN })
  await scene.hosts.pass(WHILE)
  return client
}

async function shut(scene: Scene, how: number): Promise<Socket> {
  const [client] = await connected(scene)
  client.shutdown(how)
  return client
}

export const datagramStates: Readonly<Record<string, (scene: Scene) => Promise<Socket>>> = {
  'a new one': async (scene) => scene.datagram(),
  'a bound one': async (scene) => scene.receiver(),
  'a connected one': async (scene) => (await connected(scene))[0],
  'five octets wait': (scene) => heard(scene, 5),
  'none wait, in a datagram': (scene) => heard(scene, 0),
  'seven and three wait': (scene) => heard(scene, 7, 3),
  'shut for reading': (scene) => shut(scene, SHUT_RD),
  'shut for writing': (scene) => shut(scene, SHUT_WR),
  'shut both ways': (scene) => shut(scene, SHUT_RDWR),
  'a refused one': (scene) => refused(scene, false),
  'a refused one, IP_RECVERR': (scene) => refused(scene, true),
  'a dissolved one': async (scene) => {
    const [client] = await connected(scene)
    client.tryConnect(new SocketAddress(AF_UNSPEC))
    return client
  },
}

function received(socket: Socket, flags: number): string {
  const message = new Message([new Uint8Array(2), new Uint8Array(2)], new SocketAddress())
  const count = socket.tryRecvmsg(message, flags)
  return count < 0 ? errnoName(count) : `${count} ${flagsText('MSG_', message.flags)}`
}

export const datagramCalls: Readonly<Record<string, (socket: Socket, scene: Scene) => unknown>> = {
  'bind to its port': (socket) => socket.bind({ address: '', port: OWN }),
  listen: (socket) => socket.listen(),
  accept: (socket) => socket.tryAccept(),
  'connect elsewhere': (socket, scene) => socket.tryConnect(scene.at(DEAD)),
  'connect to AF_UNSPEC': (socket) => socket.tryConnect(new SocketAddress(AF_UNSPEC)),
  'send five octets': (socket) => socket.trySend(octets(5)),
  'send nothing': (socket) => socket.trySend(octets(0)),
  'send too much': (socket, scene) => socket.trySendto(new Uint8Array(70_000), scene.at()),
  'send with MSG_MORE': (socket) => socket.trySend(octets(5), MSG_MORE),
  'sendto the server': (socket, scene) => socket.trySendto(octets(5), scene.at(PORT)),
  'sendto port 0': (socket, scene) => socket.trySendto(octets(5), scene.at(0)),
  recv: (socket) => socket.tryRecv(new Uint8Array(9)),
  'recv of two octets': (socket) => socket.tryRecv(new Uint8Array(2)),
  'recv without room': (socket) => socket.tryRecv(new Uint8Array(0)),
  'recv with MSG_TRUNC': (socket) => socket.tryRecv(new Uint8Array(2), MSG_TRUNC),
  'recv after a look': (socket) => {
    const look = answerOf(() => socket.tryRecv(new Uint8Array(9), MSG_PEEK))
    return `${look}, ${answerOf(() => socket.tryRecv(new Uint8Array(9)))}`
  },
  'recv twice': (socket) => {
    const first = answerOf(() => socket.tryRecv(new Uint8Array(9)))
    return `${first}, ${answerOf(() => socket.tryRecv(new Uint8Array(9)))}`
  },
  'recvmsg into two and two': (socket) => received(socket, 0),
  'recvmsg with MSG_ERRQUEUE': (socket) => received(socket, MSG_ERRQUEUE),
  'shutdown for reading': (socket) => socket.shutdown(SHUT_RD),
  'shutdown for writing': (socket) => socket.shutdown(SHUT_WR),
  'shutdown of nothing that there is': (socket) => socket.shutdown(3),
  'the port of getsockname': (socket) => {
    const { port } = socket.getsockname()
    return port > 5000 ? 'ephemeral' : port
  },
  getpeername: (socket) => socket.getpeername().port,
  SO_ERROR: (socket) => errorOf(socket.getsockopt(SOL_SOCKET, SO_ERROR)),
  SIOCINQ: (socket) => socket.ioctl(SIOCINQ),
  SIOCOUTQ: (socket) => socket.ioctl(SIOCOUTQ),
  SIOCATMARK: (socket) => socket.ioctl(SIOCATMARK),
  poll: (socket) => flagsText('POLL', socket.readiness),
}
