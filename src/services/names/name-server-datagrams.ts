// Read first: RFC 1035 section 4.2.1, RFC 2181 section 4.1.

import { AF_UNSPEC } from '../../base/constants.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { Message as Datagram } from '../../socket/provider.ts'
import type { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'
import { AnsweringSocket } from '../answering-socket.ts'
import { serveDatagrams } from '../serve-datagrams.ts'
import { LONGEST_MESSAGE } from './message.ts'
import type { NameServer } from './name-server.ts'

/**
 * The datagrams of a server of names: as many questions at once as it takes, each answered from the address that was asked.
 *
 * ```ts
 * const serving = nameServer.datagrams(socket)
 * const over = serving.run()
 * // …
 * await serving.close()
 * await over
 * ```
 */
export class NameServerDatagrams {
  readonly #server: NameServer
  readonly #socket: AnsweringSocket
  #closed = false

  /** `socket` is bound. */
  constructor(server: NameServer, socket: Socket) {
    this.#server = server
    this.#socket = new AnsweringSocket(socket)
  }

  /** Serves until `close`. Rejects only if the socket itself fails. */
  async run(): Promise<void> {
    const room = new Uint8Array(LONGEST_MESSAGE)
    const serveOne = async () => {
      const client = new SocketAddress(AF_UNSPEC)
      const asked = new Datagram([room], client)
      const length = await this.#socket.receive(asked)
      if (client.family !== AF_UNSPEC && client.port !== 0) void this.#answer(room.slice(0, length), asked)
    }
    await serveDatagrams(serveOne, () => this.#closed)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#socket.close()
  }

  async #answer(bytes: Uint8Array, asked: Datagram): Promise<void> {
    const answer = await this.#server.answer(bytes, false)
    if (answer === null || this.#closed) return
    // One that does not fit into the socket's buffer now is lost, as a datagram may be: the client asks again.
    try {
      this.#socket.tryAnswer(asked, answer)
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
    }
  }
}
