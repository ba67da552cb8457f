// A Unix socket of this machine at which its owner alone is told something. Nothing is read: there is nothing that could be asked wrongly.

import { chmodSync, unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'

/** sun_path, and the NUL behind it: unix(7). */
export const LONGEST_PATH = 107

export interface PrivateServerOptions {
  /** How many may be told at once. */
  readonly connections: number
  /** Tells one who has connected. */
  readonly tell: (connection: Socket) => void
}

/** Tells whoever connects, which is its owner alone. It keeps no process alive, and takes its file away when that ends. */
export class PrivateServer {
  readonly path: string
  readonly #server: Server
  readonly #told = new Set<Socket>()
  readonly #atExit = () => this.close()

  private constructor(path: string, { connections, tell }: PrivateServerOptions) {
    this.path = path
    this.#server = createServer((connection) => {
      this.#told.add(connection)
      connection.unref()
      connection.on('error', () => {})
      connection.on('close', () => this.#told.delete(connection))
      connection.resume()
      tell(connection)
    })
    this.#server.maxConnections = connections
  }

  /** Listens at `path`. Rejects with Node's error where it cannot: EADDRINUSE where something is there already. */
  static async listen(path: string, options: PrivateServerOptions): Promise<PrivateServer> {
    const server = new PrivateServer(path, options)
    process.once('exit', server.#atExit)
    try {
      await server.#listen()
    } catch (error) {
      server.close()
      throw error
    }
    return server
  }

  close(): void {
    process.removeListener('exit', this.#atExit)
    // Where another has the path it is not ours to take away.
    if (!this.#server.listening) return
    // Node takes the file away with it, but not while the process ends.
    this.#server.close()
    for (const connection of this.#told) connection.destroy()
    try {
      unlinkSync(this.path)
    } catch {
      // Node did.
    }
  }

  #listen(): Promise<void> {
    const server = this.#server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      // The socket is made within the call: nobody else can connect before its mode is set. Threads have no umask of their own.
      const before = isMainThread ? process.umask(0o177) : null
      try {
        server.listen({ path: this.path, exclusive: true }, () => {
          server.off('error', reject)
          // The program ends when its work does.
          server.unref()
          chmodSync(this.path, 0o600)
          resolve()
        })
      } finally {
        if (before !== null) process.umask(before)
      }
    })
  }
}
