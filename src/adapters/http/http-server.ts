// Read first: Deno's documentation of Deno.HttpServer.

import type { Socket } from '../../socket/socket.ts'
import { denoAddress, type NetAddr } from '../deno/deno-address.ts'
import { type OpenChannel, plainChannel } from '../web/open-channel.ts'
import { Deadline } from './deadline.ts'
import { HttpConnection } from './http-connection.ts'
import { ServeConnection } from './serve-connection.ts'
import type { Serving } from './serving.ts'

/** Milliseconds until a connection is accepted again where that has failed: there are too many descriptors, or no memory. */
const PAUSE = 100

/** Makes a connection secure. */
export type Secure = (plain: OpenChannel, signal: AbortSignal) => Promise<OpenChannel>

/**
 * A server, as `serve` gives it.
 *
 * ```ts
 * const { serve } = httpFor(stack)
 * await using server = serve({ port: 80 }, () => new Response('hello'))
 * await server.finished
 * ```
 */
export class HttpServer {
  /** Where it listens. */
  readonly addr: NetAddr
  /** Resolves when the server and all its connections have ended. */
  readonly finished: Promise<void>
  readonly #listener: Socket
  readonly #serving: Serving
  readonly #secure: Secure | null
  readonly #connections = new Set<ServeConnection>()
  readonly #running = new Set<Promise<void>>()
  readonly #ended = new AbortController()
  #room: () => void = () => {}
  #closing = false

  constructor(listener: Socket, serving: Serving, secure: Secure | null) {
    this.#listener = listener
    this.#serving = serving
    this.#secure = secure
    this.addr = denoAddress(listener.getsockname(), 'tcp') as NetAddr
    const { signal } = serving.options
    const abort = () => this.#abort(signal?.reason)
    signal?.addEventListener('abort', abort)
    this.finished = this.#accept().finally(() => signal?.removeEventListener('abort', abort))
    if (signal?.aborted === true) abort()
  }

  /** Accepts no more connections, and ends those that are there when their requests are answered. Resolves when all have ended. */
  async shutdown(): Promise<void> {
    this.#close()
    for (const connection of this.#connections) connection.shutdown()
    await this.finished
  }

  /** From now on the server keeps the process alive, as it does at first. */
  ref(): void {
    this.#listener.ref()
  }

  /** From now on the server does not keep the process alive; connections do, while there are some. */
  unref(): void {
    this.#listener.unref()
  }

  /** The same as `shutdown`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  #close(): void {
    this.#closing = true
    this.#room()
    void this.#listener.close()
  }

  #abort(reason: unknown): void {
    this.#close()
    this.#ended.abort(reason)
    for (const connection of this.#connections) connection.abort(reason)
  }

  async #accept(): Promise<void> {
    while (!this.#closing) {
      try {
        await this.#haveRoom()
        this.#run(await this.#listener.accept())
      } catch {
        if (!this.#closing) await this.#pause()
      }
    }
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #run(socket: Socket): void {
    const running = this.#serve(socket).catch(() => {})
    this.#running.add(running)
    void running.then(() => {
      this.#running.delete(running)
      this.#room()
    })
  }

  async #serve(socket: Socket): Promise<void> {
    // It throws where the connection is gone already.
    const plain = plainChannel(socket)
    const [local, remote] = [socket.getsockname(), socket.getpeername()].map(
      (end) => denoAddress(end, 'tcp') as NetAddr,
    )
    const { channel } = this.#secure === null ? plain : await this.#secured(this.#secure, plain)
    const connection = new ServeConnection(
      this.#serving,
      new HttpConnection(channel, socket),
      local as NetAddr,
      remote as NetAddr,
    )
    this.#connections.add(connection)
    if (this.#closing) connection.shutdown()
    await connection.run()
    this.#connections.delete(connection)
  }

  // A handshake is a head before the head.
  async #secured(secure: Secure, plain: OpenChannel): Promise<OpenChannel> {
    const { clock, options } = this.#serving
    try {
      const work = secure(plain, this.#ended.signal)
      return await new Deadline(clock).within(options.limits.headTimeout, work, 'the handshake of TLS')
    } catch (error) {
      await plain.channel.abort(error)
      throw error
    }
  }

  async #haveRoom(): Promise<void> {
    while (!this.#closing && this.#running.size >= this.#serving.options.limits.connections) {
      await new Promise<void>((resolve) => {
        this.#room = resolve
      })
    }
  }

  #pause(): Promise<void> {
    const { clock } = this.#serving
    return new Promise((resolve) => {
      this.#room = resolve
      clock.alarm(resolve).set(clock.now() + PAUSE)
    })
  }
}
