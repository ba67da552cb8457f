// A server for many clients: each connection is handed to a process that serves that client and nobody else. The stack lives in
// this process, and its sockets with it: what is handed over is the stream of octets, both ways, not the descriptor.

import { AF_INET, type Provider, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from '../../index.ts'
import type { Say } from './say.ts'

/** Somebody who serves one client. */
export interface Attendant {
  /** How people call it: "process 42". */
  readonly name: string
  /** What it answers to what the client has sent. */
  answer(chunk: Uint8Array): Promise<Uint8Array>
  /** The client has gone. */
  dismiss(): Promise<void>
}

/** Waits for what another thread or process does: where time is simulated, it must not pass meanwhile. */
export type Patience = <T>(work: Promise<T>) => Promise<T>

export interface HandOverOptions {
  readonly port: number
  readonly hire: () => Promise<Attendant>
  readonly patience: Patience
}

/** Serves until `signal` is aborted. */
export async function handOver(
  provider: Provider,
  { port, hire, patience }: HandOverOptions,
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
      // Not awaited: the next client shall not wait until somebody has been found for this one.
      const work = serve(connection, hire, patience, say)
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

async function serve(connection: Socket, hire: () => Promise<Attendant>, patience: Patience, say: Say): Promise<void> {
  try {
    const peer = connection.getpeername()
    const attendant = await patience(hire())
    say(`${peer} is handed to ${attendant.name}`)
    try {
      for await (const chunk of connection.chunks()) await connection.send(await patience(attendant.answer(chunk)))
    } finally {
      await patience(attendant.dismiss())
    }
  } finally {
    await connection.close()
  }
}
