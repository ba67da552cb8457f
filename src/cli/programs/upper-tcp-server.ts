// Upper-casing over TCP, the server: it listens on one port and serves each client on a socket of its own.

import { AF_INET, type Provider, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from '../../index.ts'
import type { Say } from './say.ts'
import { upperConnection } from './upper-connection.ts'

const PORT = 12000

/** Serves until `signal` is aborted. With `family` AF_INET6 it serves clients of both families. */
export async function upperTcpServer(
  provider: Provider,
  say: Say,
  signal: AbortSignal,
  family = AF_INET,
  port = PORT,
): Promise<void> {
  const listener = new Socket(provider, family, SOCK_STREAM)
  listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '', port })
  listener.listen(5)
  say(`socket ${listener.fd} listens at ${listener.getsockname()}`)
  const serving = new Set<Promise<void>>()
  try {
    for await (const connection of listener.connections({ signal })) {
      say(`accept() gave socket ${connection.fd}, ${connection.getsockname()} to ${connection.getpeername()}`)
      say(`it keeps port ${connection.getsockname().port}: the pair of both ends tells connections apart`)
      // Not awaited: the next client shall not wait until this one has been served.
      const work = upperConnection(connection)
        .then(
          () => say('the client has closed its side; we have closed ours'),
          (error) => say(`the connection has failed: ${error.message}`),
        )
        .finally(() => serving.delete(work))
      serving.add(work)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await listener.close()
    await Promise.all(serving)
  }
}
