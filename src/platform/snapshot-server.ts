// A running program can be asked how its stack is: whoever connects gets one JSON text and the end.

import { PrivateServer } from './private-server.ts'

/** How many may be told at once. */
const CONNECTIONS = 16

/** Milliseconds after which who does not read is told no more. */
const PATIENCE = 10_000

/** Listens at `path`. Rejects with Node's error where it cannot: EADDRINUSE where something is there already. */
export function listenForSnapshots(path: string, snapshot: () => unknown): Promise<PrivateServer> {
  return PrivateServer.listen(path, {
    connections: CONNECTIONS,
    tell: (connection) => {
      connection.setTimeout(PATIENCE, () => connection.destroy())
      connection.end(JSON.stringify(snapshot()))
    },
  })
}
