// Read first: RFC 862.

import type { Socket } from '../socket/socket.ts'
import { exchange } from './exchange.ts'

/** The port that RFC 862 gives the echo service, TCP and UDP. */
export const ECHO_PORT = 7

/** Sends back what comes, until the client has finished sending. */
export function echoStream(socket: Socket): Promise<void> {
  return exchange(socket, (piece) => piece)
}

/** The answer to a datagram: itself. */
export function echoDatagram(datagram: Uint8Array): Uint8Array {
  return datagram
}
