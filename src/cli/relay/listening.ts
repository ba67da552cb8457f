import { chmodSync, unlinkSync } from 'node:fs'
import { AF_INET6, AF_UNIX, SO_REUSEADDR, SOCK_DGRAM, SOL_SOCKET } from '../../base/constants.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { bindOrTell } from '../bind-or-tell.ts'
import { firstSender } from '../first-sender.ts'
import { listeningAddress, plainAddress, setV6Only } from '../own-address.ts'
import { removeLeft, unixAddress } from '../unix-name.ts'
import { UsageError } from '../usage-error.ts'
import { readBind } from './bind-option.ts'
import { readRange } from './caller-range.ts'
import { DatagramCallers } from './datagram-callers.ts'
import type { End, EndSource } from './end.ts'
import type { ListeningSocket, Say } from './listening-socket.ts'
import { ReceivingEnd } from './receiving-end.ts'
import type { RelayAddress } from './relay-address.ts'
import type { RelayHosts } from './relay-hosts.ts'
import { SocketEnd } from './socket-end.ts'
import { setOptions } from './socket-options.ts'

/** Listens at `address`. Rejects with an Error of one line that names it. */
export async function listenAt(hosts: RelayHosts, address: RelayAddress, say: Say): Promise<EndSource> {
  const { kind, name, options } = address
  const range = readRange(address)
  const unix = kind.medium === 'unix'
  try {
    const socket = unix ? boundUnix(hosts, address) : await boundInternet(hosts, address)
    const left = () => {
      if (unix && !address.path.startsWith('@')) unlinkSync(address.path)
    }
    const at = { name, socket, range, say, left }
    const told = `${name}: ${kind.type === SOCK_DGRAM ? 'bound to' : 'listening at'} ${socket.getsockname()}`
    if (kind.role === 'receive') {
      say(told)
      return oneAlone(new ReceivingEnd(at))
    }
    if (kind.type === SOCK_DGRAM) {
      say(told)
      return options.fork === true ? new DatagramCallers(at, options.max ?? MANY) : new FirstCaller(at)
    }
    socket.listen(options.backlog ?? (options.fork === true ? undefined : 5))
    say(told)
    return new Listener(at)
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
    throw new Error(`${name}: ${error.syscall}: ${error.text}`)
  }
}

/** So many conversations at once, where `max` does not say. */
export const MANY = 1000

async function boundInternet(hosts: RelayHosts, address: RelayAddress): Promise<Socket> {
  const { kind, port, host, name, options } = address
  const [bound] = readBind(address)
  if (bound !== undefined && host !== null)
    throw new UsageError(`${name} has the address ${bound} in bind too; write one`)
  const names = hosts.names(address)
  const own = await listeningAddress(hosts.host(address), names, bound ?? host, port)
  const socket = new Socket(hosts.host(address).provider, own.family, kind.type)
  try {
    if (kind.type !== SOCK_DGRAM) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    setOptions(socket, options)
    setV6Only(socket, own, options.v6Only ?? names.family === AF_INET6)
    bindOrTell(socket, own)
    return socket
  } catch (error) {
    await socket.close()
    throw error
  }
}

function boundUnix(hosts: RelayHosts, address: RelayAddress): Socket {
  const { kind, path, name, options } = address
  if (options.bind !== undefined)
    throw new UsageError(`${name} has bind=${options.bind}, and a path already; leave it out`)
  const own = unixAddress(path, name)
  removeLeft(own.path)
  const socket = new Socket(hosts.host(address).provider, AF_UNIX, kind.type)
  setOptions(socket, options)
  socket.bind(own)
  if (options.mode !== undefined && !path.startsWith('@')) chmodSync(path, options.mode)
  return socket
}

function oneAlone(end: End): EndSource {
  return { next: async () => end, close: async () => {} }
}

/** Takes connections. */
class Listener implements EndSource {
  readonly #at: ListeningSocket

  constructor(at: ListeningSocket) {
    this.#at = at
  }

  async next(signal: AbortSignal): Promise<End> {
    for (;;) {
      const connection = await this.#at.socket.accept({ signal })
      const peer = peerOf(connection)
      if (this.#at.range(peer)) {
        this.#at.say(`${this.#at.name}: connection from ${peer ?? 'somebody who has gone'}`)
        return new SocketEnd(callerName(this.#at.name, peer), connection)
      }
      this.#at.say(`${this.#at.name}: refused ${peer}`)
      await connection.close()
    }
  }

  async close(): Promise<void> {
    if (this.#at.socket.closed) return
    await this.#at.socket.close()
    this.#at.left()
  }
}

/** The first who sends is the peer from then on. */
class FirstCaller implements EndSource {
  readonly #at: ListeningSocket
  #taken = false

  constructor(at: ListeningSocket) {
    this.#at = at
  }

  async next(signal: AbortSignal): Promise<End> {
    for (;;) {
      const peer = await firstSender(this.#at.socket, { signal })
      if (peer === null) {
        throw new Error(`${this.#at.name}: who sent this has no name, and so gets no answer: unix-recv hears him`)
      }
      if (this.#at.range(plainAddress(peer))) {
        await this.#at.socket.connect(peer)
        this.#taken = true
        this.#at.say(`${this.#at.name}: datagram from ${plainAddress(peer)}`)
        return new SocketEnd(callerName(this.#at.name, plainAddress(peer)), this.#at.socket, this.#at.left)
      }
      await this.#at.socket.recv(new Uint8Array(0))
    }
  }

  async close(): Promise<void> {
    if (this.#taken) return
    await this.#at.socket.close()
    this.#at.left()
  }
}

/** "tcp-listen:80 (192.0.2.1:40000)" */
export function callerName(name: string, peer: SocketAddress | null): string {
  return peer === null || peer.family === AF_UNIX ? name : `${name} (${peer})`
}

/** Null: he is gone already. */
function peerOf(connection: Socket): SocketAddress | null {
  try {
    return plainAddress(connection.getpeername())
  } catch (error) {
    if (error instanceof SocketError && error.code === 'ENOTCONN') return null
    throw error
  }
}
