// A server for many clients in one thread: while a promise of one client waits, the others are served.

import { AF_INET, type Provider, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from '../../index.ts'
import type { Say } from './say.ts'
import { upperConnection } from './upper-connection.ts'

/** Upper-cases at `port`, for all clients at once, until `signal` is aborted. */
export async function manyPromises(provider: Provider, port: number, say: Say, signal: AbortSignal): Promise<void> {
  const listener = new Socket(provider, AF_INET, SOCK_STREAM)
  listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '', port })
  listener.listen(5)
  try {
    for await (const connection of listener.connections({ signal })) {
      say(`promise: ${connection.getpeername()} is served, on socket ${connection.fd}`)
      // Not awaited: the next client shall not wait until this one has been served.
      upperConnection(connection).catch((error) => say(`promise: the connection has failed: ${error.message}`))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await listener.close()
  }
}
