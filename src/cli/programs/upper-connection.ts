import type { Socket } from '../../index.ts'

/** Upper-cases for one client until it has closed its side, and closes. */
export async function upperConnection(connection: Socket): Promise<void> {
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  try {
    // A stream has no blocks: what comes may be part of a line, or several lines.
    for await (const chunk of connection.chunks()) {
      await connection.send(encoder.encode(decoder.decode(chunk, { stream: true }).toUpperCase()))
    }
  } finally {
    await connection.close()
  }
}
