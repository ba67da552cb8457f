import type { Socket } from '../socket/socket.ts'
import { exchange } from './exchange.ts'

/** The port of the upper-casing service, TCP and UDP. */
export const UPPER_PORT = 12000

/** Makes the letters a to z of `bytes` capital, in place. Every other octet stays, so UTF-8 stays UTF-8. */
export function upper(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] as number
    if (octet >= 0x61 && octet <= 0x7a) bytes[i] = octet - 0x20
  }
  return bytes
}

/** Sends back what comes in capital letters, until the client has finished sending. */
export function upperStream(socket: Socket): Promise<void> {
  return exchange(socket, upper)
}
