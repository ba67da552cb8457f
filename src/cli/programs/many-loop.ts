// A server for many clients, the simplest: one after the other. Who calls meanwhile has a connection already, for the system
// has made it, and waits in the queue until accept() gives it.

import { AF_INET, type Provider, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, Socket } from '../../index.ts'
import type { Say } from './say.ts'

/** Upper-cases at `port`, one client at a time, until `signal` is aborted. */
export async function manyLoop(provider: Provider, port: number, say: Say, signal: AbortSignal): Promise<void> {
  const listener = new Socket(provider, AF_INET, SOCK_STREAM)
  listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  listener.bind({ address: '', port })
  listener.listen(5)
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  try {
    for (;;) {
      const connection = await listener.accept({ signal })
      say(`loop: now ${connection.getpeername()} is served, on socket ${connection.fd}`)
      try {
        for await (const chunk of connection.chunks()) {
          await connection.send(encoder.encode(decoder.decode(chunk).toUpperCase()))
        }
      } catch (error) {
        say(`loop: the connection has failed: ${(error as Error).message}`)
      }
      await connection.close()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await listener.close()
  }
}
