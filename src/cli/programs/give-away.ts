// A server for many clients: each connection is given away, descriptor and all, to a thread or a process that serves that client, by
// calls that block, and nobody else.

import { AF_INET, type Provider, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from '../../index.ts'
import type { Say } from './say.ts'

/** Somebody who has been given a connection. */
export interface Keeper {
  /** How people call it: "thread 3". */
  readonly name: string
  /** Resolves when the client has been served. */
  readonly done: Promise<void>
}

/** Gives `connection` to somebody new, whose it is from then on. */
export type GiveTo = (connection: Socket) => Promise<Keeper>

/** Serves at `port` until `signal` is aborted. */
export async function giveAway(
  provider: Provider,
  port: number,
  giveTo: GiveTo,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const listener = new Socket(provider, AF_INET, SOCK_STREAM)
  listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '', port })
  listener.listen(5)
  const serving = new Set<Promise<void>>()
  try {
    for await (const connection of listener.connections({ signal })) {
      const peer = `${connection.getpeername()}`
      const work = serve(peer, connection, giveTo, say)
        .catch((error) => say(`a connection has failed: ${error.message}`))
        .finally(() => serving.delete(work))
      serving.add(work)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await Promise.all(serving)
    await listener.close()
  }
}

async function serve(peer: string, connection: Socket, giveTo: GiveTo, say: Say): Promise<void> {
  const { name, done } = await giveTo(connection)
  say(`${peer} is given to ${name}`)
  await done
}
