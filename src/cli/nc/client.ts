// Read first: nc(1).

import { SOCK_DGRAM, SOCK_STREAM } from '../../base/constants.ts'
import { EINPROGRESS, errnoText } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { bindOrTell } from '../bind-or-tell.ts'
import type { Host } from '../host.ts'
import type { HostNames } from '../names-option.ts'
import { sourceAddress } from '../own-address.ts'
import { FAILURE } from '../report.ts'
import type { ConversationOptions } from './conversation.ts'
import type { NcFlags, NcRequest } from './nc-arguments.ts'
import { talkTo, tell } from './talk.ts'

/** How often a datagram is sent to see whether somebody says that the port is nobody's, and milliseconds between. */
const UDP_PROBES = 3
const UDP_PAUSE = 300

/** The side that connects. */
export class Client {
  readonly #host: Host
  readonly #names: HostNames
  readonly #request: NcRequest
  readonly #options: NcFlags
  readonly #protocol: 'tcp' | 'udp'

  constructor(host: Host, names: HostNames, request: NcRequest, options: NcFlags) {
    this.#host = host
    this.#names = names
    this.#request = request
    this.#options = options
    this.#protocol = options.udp ? 'udp' : 'tcp'
  }

  /** Resolves with the exit status: whether a port answered. */
  async run(talk: ConversationOptions): Promise<number> {
    await this.#host.readyOrTold()
    const name = this.#request.host as string // without -l there is one: ncRequest
    const addresses = await this.#names.addresses(name)
    const [low, high] = this.#request.ports
    let status = FAILURE
    for (let port = low; port <= high; port++) {
      const socket = await this.#connectToOne(name, addresses, port)
      if (socket === null) continue
      status = 0
      if (this.#options.interval && port < high) await new Promise((done) => setTimeout(done, this.#options.interval))
      if (this.#options.scan) await socket.close()
      else status = await talkTo(socket, talk)
    }
    return status
  }

  /** A socket with a peer: at the first address that takes it. */
  async #connectToOne(name: string, addresses: readonly SocketAddress[], port: number): Promise<Socket | null> {
    for (const address of addresses) {
      const socket = await this.#connect(address, port)
      if (socket === null) continue
      if (this.#options.udp && this.#options.scan && !(await this.#hears(socket))) {
        await socket.close()
        continue
      }
      if (this.#options.verbose) {
        const service = this.#names.names.services.byPort(port, this.#protocol)?.name ?? '*'
        const shown = this.#options.numeric ? '*' : service
        process.stderr.write(`Connection to ${name} ${port} port [${this.#protocol}/${shown}] succeeded!\n`)
      }
      return socket
    }
    return null
  }

  async #connect(address: SocketAddress, port: number): Promise<Socket | null> {
    const peer = address.copy()
    peer.port = port
    const socket = new Socket(this.#host.provider, peer.family, this.#options.udp ? SOCK_DGRAM : SOCK_STREAM)
    const { wait } = this.#options
    try {
      const own = await sourceAddress(this.#names, peer.family, this.#options.source, this.#request.sourcePort)
      if (own !== null) bindOrTell(socket, own)
      await socket.connect(peer, wait === undefined ? undefined : { timeout: wait })
      return socket
    } catch (error) {
      await socket.close()
      if (!(error instanceof SocketError)) throw error
      if (this.#options.verbose) {
        const how = error.errno === -EINPROGRESS ? 'timed out' : 'failed'
        const place = `${await this.#names.figures(address)} port ${port} (${this.#protocol})`
        const call = error.syscall === 'connect' ? `connect to ${place} ${how}` : error.syscall
        tell(`${call}: ${errnoText(error.errno)}`)
      }
      return null
    }
  }

  // Nobody's port is told of by an ICMP message, which the next call reports. Silence may be an answer.
  async #hears(socket: Socket): Promise<boolean> {
    try {
      for (let i = 0; i < UDP_PROBES; i++) {
        await socket.send(Uint8Array.of(0x58))
        await new Promise((resolve) => setTimeout(resolve, UDP_PAUSE))
      }
      return true
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
      return false
    }
  }
}
