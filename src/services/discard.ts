// Read first: RFC 863.

import type { Socket } from '../socket/socket.ts'

/** The port that RFC 863 gives the discard service, TCP and UDP. */
export const DISCARD_PORT = 9

const CHUNK = 256 * 1024

// Everyone's rubbish goes into the same bin: nobody reads it.
let bin: Uint8Array | null = null

/** Throws away what comes, until the client has finished sending. */
export async function discardStream(socket: Socket): Promise<void> {
  bin ??= new Uint8Array(CHUNK)
  while ((await socket.recv(bin)) > 0);
}

/** A datagram is thrown away. */
export function discardDatagram(): null {
  return null
}
