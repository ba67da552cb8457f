// Read first: nc(1) on -l and -k.

import { AF_INET6, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { bindOrTell } from '../bind-or-tell.ts'
import { firstSender } from '../first-sender.ts'
import type { Host } from '../host.ts'
import type { HostNames } from '../names-option.ts'
import { listeningAddress, plainAddress, setV6Only } from '../own-address.ts'
import type { ConversationOptions } from './conversation.ts'
import type { NcFlags, NcRequest } from './nc-arguments.ts'
import { setFlags } from './socket-settings.ts'
import { talkTo } from './talk.ts'

/** Waits for a peer, and with -k for the next, and talks with each. Resolves with the exit status of the last. */
export async function listen(
  host: Host,
  names: HostNames,
  request: NcRequest,
  flags: NcFlags,
  talk: ConversationOptions,
): Promise<number> {
  await host.readyOrTold()
  const own = await listeningAddress(host, names, request.host, request.ports[0])
  const socket = bind(host, own, names.family, flags)
  const say = (text: string) => {
    if (flags.verbose) process.stderr.write(`${text}\n`)
  }
  const meet = async (address: SocketAddress) => {
    const peer = plainAddress(address)
    const shown = flags.numeric ? await names.figures(peer) : await names.nameOf(peer)
    say(`Connection received on ${shown} ${peer.port}`)
  }
  const place = `${own.ip} ${own.port}`
  if (flags.udp) {
    say(`Bound on ${place}`)
    return flags.keep ? hearAll(socket, talk) : hearOne(socket, meet, talk)
  }
  socket.listen(flags.keep ? undefined : 1)
  say(`Listening on ${place}`)
  for (;;) {
    const connection = await socket.accept()
    // Whoever else calls is refused.
    if (!flags.keep) await socket.close()
    const peer = peerOf(connection)
    if (peer !== null) await meet(peer)
    const status = await talkTo(connection, talk)
    if (!flags.keep) return status
  }
}

function bind({ provider }: Host, own: SocketAddress, family: number, flags: NcFlags): Socket {
  const socket = new Socket(provider, own.family, flags.udp ? SOCK_DGRAM : SOCK_STREAM)
  if (!flags.udp) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
  setFlags(socket, flags)
  setV6Only(socket, own, family === AF_INET6)
  bindOrTell(socket, own)
  return socket
}

/** Null: he is gone already. */
function peerOf(connection: Socket): SocketAddress | null {
  try {
    return connection.getpeername()
  } catch (error) {
    if (error instanceof SocketError && error.code === 'ENOTCONN') return null
    throw error
  }
}

/** The first who sends is the peer from then on. */
export async function hearOne(
  socket: Socket,
  meet: (peer: SocketAddress) => Promise<void>,
  talk: ConversationOptions,
): Promise<number> {
  const address = await firstSender(socket)
  if (address === null) {
    throw new Error('nc: who sent this has no name, and so gets no answer: write -k to hear him and everybody else')
  }
  await socket.connect(address)
  await meet(address)
  return talkTo(socket, { ...talk, endsWithPeer: false })
}

/** Whatever comes, from whomever: with -k nobody is answered, for nobody is the peer. */
export async function hearAll(socket: Socket, { print, receptions }: ConversationOptions): Promise<number> {
  const bytes = new Uint8Array(65536)
  for (let count = 0; count < receptions; count++) {
    const { length } = await socket.recvfrom(bytes)
    await print(bytes.slice(0, length))
  }
  return 0
}
