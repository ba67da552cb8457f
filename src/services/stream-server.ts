import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'

// How long to wait when descriptors or memory have run out before the next accept: whoever is served now may finish.
const BREATHER = 100

/**
 * A server for many clients: accepts one connection after the other and serves them all at once. What goes wrong with one
 * client (it resets, it goes away) ends that client's service and nothing else.
 *
 * ```ts
 * const server = new StreamServer(listener, (socket) => echoStream(socket))
 * await server.run()
 * ```
 */
export class StreamServer {
  readonly #listener: Socket
  readonly #serve: (socket: Socket) => Promise<void>
  readonly #open = new Set<Socket>()
  #closed = false

  /** `serve` gets each connection, and need not close it. */
  constructor(listener: Socket, serve: (socket: Socket) => Promise<void>) {
    this.#listener = listener
    this.#serve = serve
  }

  /** Connections that are being served. */
  get count(): number {
    return this.#open.size
  }

  /** Serves until `close`. Rejects only if the listening socket itself fails. */
  async run(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#attend(await this.#listener.accept())
      } catch (error) {
        if (this.#closed) return
        if (!(error instanceof SocketError)) throw error
        switch (error.code) {
          // accept(2): errors of a connection that died in the queue, and of the network, are no reason to stop.
          case 'ECONNABORTED':
          case 'EPROTO':
          case 'ENETDOWN':
          case 'EHOSTUNREACH':
          case 'ENETUNREACH':
            continue
          case 'EMFILE':
          case 'ENFILE':
          case 'ENOBUFS':
          case 'ENOMEM':
            await this.#breathe()
            continue
          default:
            throw error
        }
      }
    }
  }

  /** Stops to listen, and closes the connections that are being served. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const closing = [this.#listener.close()]
    for (const socket of this.#open) closing.push(socket.close())
    await Promise.all(closing)
  }

  async #attend(socket: Socket): Promise<void> {
    this.#open.add(socket)
    try {
      await this.#serve(socket)
    } catch (error) {
      // A defect of the service must be seen; what a client or the network did to its connection must not stop the others.
      if (!(error instanceof SocketError)) throw error
    } finally {
      this.#open.delete(socket)
      await socket.close()
    }
  }

  #breathe(): Promise<void> {
    const { clock } = this.#listener.provider
    return new Promise((resolve) => clock.alarm(resolve).set(clock.now() + BREATHER))
  }
}
