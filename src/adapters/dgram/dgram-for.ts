import type * as dgram from 'node:dgram'
import type { Provider } from '../../socket/provider.ts'
import { deprecatedExports } from './deprecated.ts'
import { socketClass } from './socket.ts'

/** What `node:dgram` exports. */
export type DgramModule = Pick<typeof dgram, 'createSocket' | 'Socket'>

/**
 * The module `node:dgram`, its sockets those of `provider`: every class, method, event and error of Node's, in Node's order.
 *
 * ```ts
 * const dgram = dgramFor(stack)
 * const socket = dgram.createSocket('udp4', (message, from) => socket.send(message, from.port, from.address))
 * socket.bind(7, '127.0.0.1')
 * ```
 */
export function dgramFor(provider: Provider): DgramModule {
  const Socket = socketClass(provider) as unknown as new (type: unknown, listener?: unknown) => dgram.Socket
  const createSocket = (type: unknown, listener?: unknown) => new Socket(type, listener)
  return { ...deprecatedExports(provider), createSocket, Socket } as unknown as DgramModule
}
