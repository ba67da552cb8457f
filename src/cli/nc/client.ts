// Read first: nc(1).

import { SOCK_DGRAM, SOCK_STREAM } from '../../base/constants.ts'
import { EINPROGRESS, errnoText } from '../../base/errno.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import { secureRandom } from '../../platform/secure-random.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { bindOrTell } from '../bind-or-tell.ts'
import type { Host } from '../host.ts'
import type { HostNames } from '../names-option.ts'
import { sourceAddress } from '../own-address.ts'
import { ProxyFailure } from '../proxy/proxy.ts'
import { tunnel } from '../proxy/tunnel.ts'
import { FAILURE } from '../report.ts'
import type { ConversationOptions } from './conversation.ts'
import type { NcFlags, NcRequest } from './nc-arguments.ts'
import { setFlags } from './socket-settings.ts'
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
    const { proxy, ports } = this.#request
    const addresses = await this.#names.addresses(proxy?.host ?? name)
    const looked = portsOf(ports, this.#options.random === true)
    let status = FAILURE
    for (const port of looked) {
      const socket = await this.#connectToOne(name, addresses, port)
      if (socket === null) continue
      status = 0
      if (this.#options.interval && port !== looked.at(-1))
        await new Promise((done) => setTimeout(done, this.#options.interval))
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
    const { proxy, host } = this.#request
    const peer = address.copy()
    peer.port = proxy?.port ?? port
    const socket = new Socket(this.#host.provider, peer.family, this.#options.udp ? SOCK_DGRAM : SOCK_STREAM)
    const { wait } = this.#options
    const waiting = wait === undefined ? undefined : { timeout: wait }
    try {
      setFlags(socket, this.#options)
      const own = await sourceAddress(this.#names, peer.family, this.#options.source, this.#request.sourcePort)
      if (own !== null) bindOrTell(socket, own)
      await socket.connect(peer, waiting)
      if (proxy !== null) await tunnel(socket, proxy, { host: host as string, port }, waiting)
      return socket
    } catch (error) {
      await socket.close()
      if (error instanceof ProxyFailure) {
        // Somebody was reached, and says why: that is told with and without -v.
        tell(`connection to ${host} ${port} by the proxy ${proxy?.host} failed: ${error.message}`)
        return null
      }
      if (!(error instanceof SocketError)) throw error
      if (this.#options.verbose || (proxy !== null && error.syscall !== 'connect')) {
        const how = error.errno === -EINPROGRESS ? 'timed out' : 'failed'
        const place = `${await this.#names.figures(address)} port ${peer.port} (${this.#protocol})`
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

/** From the first of them to the last, or with -r in no order. */
function portsOf([low, high]: readonly [number, number], random: boolean): readonly number[] {
  const ports = Array.from({ length: high - low + 1 }, (_, i) => low + i)
  if (!random) return ports
  for (let i = ports.length - 1; i > 0; i--) {
    const other = (secureRandom.int32() >>> 0) % (i + 1)
    const port = ports[i] as number // i is within
    ports[i] = ports[other] as number
    ports[other] = port
  }
  return ports
}
