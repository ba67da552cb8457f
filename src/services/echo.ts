// Read first: RFC 862.

import type { Socket } from '../socket/socket.ts'

/** The port that RFC 862 gives the echo service, TCP and UDP. */
export const ECHO_PORT = 7

const CHUNK = 64 * 1024

/** Sends back what comes, until the client has finished sending. */
export async function echoStream(socket: Socket): Promise<void> {
  const buffer = new Uint8Array(CHUNK)
  for (;;) {
    const length = await socket.recv(buffer)
    if (length === 0) return
    await socket.send(buffer.subarray(0, length))
  }
}

/** The answer to a datagram: itself. */
export function echoDatagram(datagram: Uint8Array): Uint8Array {
  return datagram
}
