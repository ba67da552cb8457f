// Read first: net/promises in the manual of the newest Node.

import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { validateAbortSignal, validateFunction, validateObject } from '../node-argument.ts'
import type { NetModule } from './net-for.ts'
import { normalizeArguments } from './normalize-arguments.ts'

export interface ListenPromiseOptions {
  connectionListener?: (socket: Socket) => void
  signal?: AbortSignal
  port?: number | string
  host?: string
  path?: string
  [option: string]: unknown
}

/** What `node:net/promises` exports. */
export interface NetPromises {
  /** As `net.connect`: the socket, when it is connected. What fails, and the signal, destroy it and reject. */
  connect(...args: unknown[]): Promise<Socket>
  /** A server, when it listens: at any port, where none is given. What fails, and the signal, close it and reject. */
  listen(options?: ListenPromiseOptions): Promise<Server>
}

export function promisesOf(net: NetModule): NetPromises {
  return {
    async connect(...args) {
      const [options] = normalizeArguments(args)
      const { signal } = options
      validateAbortSignal(signal, 'options.signal')
      signal?.throwIfAborted()
      const socket = net.connect({ ...options, signal: undefined } as never)
      try {
        await once(socket, 'connect', signal === undefined ? {} : { signal })
      } catch (error) {
        socket.destroy()
        throw error
      }
      return socket
    },

    async listen(options = {}) {
      validateObject(options, 'options')
      const { signal, connectionListener, ...where } = options
      validateAbortSignal(signal, 'options.signal')
      if (connectionListener !== undefined) validateFunction(connectionListener, 'options.connectionListener')
      signal?.throwIfAborted()
      const server = net.createServer(where as object, connectionListener)
      const anywhere = ['port', 'path', 'fd', 'handle'].every((name) => where[name] === undefined)
      try {
        server.listen(anywhere ? { ...where, port: 0 } : (where as object))
        await once(server, 'listening', signal === undefined ? {} : { signal })
      } catch (error) {
        server.close()
        throw error
      }
      return server
    },
  }
}
