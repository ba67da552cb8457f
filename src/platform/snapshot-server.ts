// A running program can be asked how its stack is: whoever connects to a Unix socket of the machine gets one JSON text and the end.
// Nothing is read: there is nothing that could be asked wrongly.

import { chmodSync, unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'

/** How many may be told at once. */
const CONNECTIONS = 16

/** Milliseconds after which who does not read is told no more. */
const PATIENCE = 10_000

/** sun_path, and the NUL behind it: unix(7). */
export const LONGEST_PATH = 107

/** Tells whoever connects, which is its owner alone. It keeps no process alive, and takes its file away when that ends. */
export class SnapshotServer {
  readonly path: string
  readonly #server: Server
  readonly #asked = new Set<Socket>()
  readonly #atExit = () => this.close()

  private constructor(path: string, snapshot: () => unknown) {
    this.path = path
    this.#server = createServer((connection) => this.#answer(connection, snapshot))
    this.#server.maxConnections = CONNECTIONS
  }

  /** Listens at `path`. Rejects with Node's error where it cannot: EADDRINUSE where something is there already. */
  static async listen(path: string, snapshot: () => unknown): Promise<SnapshotServer> {
    const server = new SnapshotServer(path, snapshot)
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
    for (const connection of this.#asked) connection.destroy()
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

  #answer(connection: Socket, snapshot: () => unknown): void {
    this.#asked.add(connection)
    connection.unref()
    connection.on('error', () => {})
    connection.on('close', () => this.#asked.delete(connection))
    connection.setTimeout(PATIENCE, () => connection.destroy())
    connection.resume()
    connection.end(JSON.stringify(snapshot()))
  }
}
