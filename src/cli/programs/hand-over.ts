// A server on a stack cannot give its sockets to another process: the stack lives in this one, and its sockets with it. What is
// handed over is the stream of octets, both ways.

import type { Socket } from '../../index.ts'
import type { GiveTo } from './give-away.ts'

/** Somebody who serves one client. */
export interface Attendant {
  /** How people call it: "process 42". */
  readonly name: string
  /** What it answers to what the client has sent. */
  answer(chunk: Uint8Array): Promise<Uint8Array>
  /** The client has gone. */
  dismiss(): Promise<void>
}

/** Waits for what another process does: where time is simulated, it must not pass meanwhile. */
export type Patience = <T>(work: Promise<T>) => Promise<T>

/** Gives each connection's octets to somebody who is hired for them. */
export function handOver(hire: () => Promise<Attendant>, patience: Patience): GiveTo {
  return async (connection) => {
    try {
      const attendant = await patience(hire())
      return { name: attendant.name, done: serve(connection, attendant, patience) }
    } catch (error) {
      await connection.close()
      throw error
    }
  }
}

async function serve(connection: Socket, attendant: Attendant, patience: Patience): Promise<void> {
  try {
    for await (const chunk of connection.chunks()) await connection.send(await patience(attendant.answer(chunk)))
  } finally {
    await patience(attendant.dismiss())
    await connection.close()
  }
}
