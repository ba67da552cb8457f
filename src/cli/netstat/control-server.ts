// A running command can be asked how its stack is: whoever connects to its control socket, a Unix socket of the machine, gets one
// JSON text and the end. Nothing is read: there is nothing that could be asked wrongly.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import type { Stack } from '../../stack/stack.ts'
import { UsageError } from '../usage-error.ts'
import { snapshotOf } from './control-snapshot.ts'

/** How many may be told at once. */
const CONNECTIONS = 16

/** sun_path, and the NUL behind it: unix(7). */
const LONGEST_PATH = 107

export const CONTROL_OPTION = [
  '--control <path>',
  'a Unix socket that tells `jackfield netstat` how the stack is',
] as const

/** The control socket of a command. */
export class ControlServer {
  readonly #server: Server
  readonly #path: string

  private constructor(server: Server, path: string) {
    this.#server = server
    this.#path = path
  }

  /** Listens at `path`, for the owner alone. What a command that was killed has left there is taken away. */
  static async open(path: string, stack: Stack): Promise<ControlServer> {
    if (path === '' || Buffer.byteLength(path) > LONGEST_PATH) {
      throw new UsageError(`--control ${JSON.stringify(path)} must be a path of 1 to ${LONGEST_PATH} octets`)
    }
    const server = createServer((connection) => {
      connection.on('error', () => {})
      connection.end(JSON.stringify(snapshotOf(stack)))
      connection.resume()
    })
    server.maxConnections = CONNECTIONS
    try {
      await listen(server, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || (await inUse(path))) throw failure(path, error)
      unlinkSync(path)
      await listen(server, path).catch((again: unknown) => {
        throw failure(path, again)
      })
    }
    chmodSync(path, 0o600)
    // The command ends when its work does.
    server.unref()
    return new ControlServer(server, path)
  }

  close(): void {
    // Node takes the file away with it.
    this.#server.close()
  }

  get path(): string {
    return this.#path
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Whether what is there must stay: somebody listens, or it is no socket at all. */
function inUse(path: string): Promise<boolean> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return Promise.resolve(true)
  return new Promise((resolve) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    // Only this says that it is what is left of one.
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  })
}

function failure(path: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const why =
    code === 'EADDRINUSE' ? 'there is something already: end what listens there, or name another path' : message
  return new Error(`--control ${JSON.stringify(path)}: ${why}`)
}
