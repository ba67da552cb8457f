// Upper-casing as in C: nothing is awaited, each call returns when it is done.

import type { BlockingSocket } from '../../index.ts'

/** Serves one client to its end, and closes. */
export function upperBlocking(connection: BlockingSocket): void {
  const buffer = new Uint8Array(65_536)
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]
  try {
    for (;;) {
      const length = connection.recv(buffer)
      if (length === 0) return
      connection.send(encoder.encode(decoder.decode(buffer.subarray(0, length), { stream: true }).toUpperCase()))
    }
  } finally {
    connection.close()
  }
}
