// Read first: ip(7) on ip_unprivileged_port_start, capabilities(7) on CAP_NET_BIND_SERVICE.

import { readFileSync } from 'node:fs'
import type { AddressText, SocketAddress } from '../base/socket-address.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'

const FIRST_FREE = '/proc/sys/net/ipv4/ip_unprivileged_port_start'

/** Binds. Throws an Error that says what to do where the port is for the privileged. */
export function bindOrTell(socket: Socket, address: SocketAddress | AddressText): void {
  try {
    socket.bind(address)
  } catch (error) {
    const { port } = address
    const first = firstFree()
    if (!(error instanceof SocketError) || error.code !== 'EACCES' || port === 0 || port >= first) throw error
    throw new Error(
      `bind EACCES to port ${port}: ports under ${first} need root or CAP_NET_BIND_SERVICE: run it as root, or choose a port from ${first} on`,
      { cause: error },
    )
  }
}

/** The first port that everybody may have. */
function firstFree(): number {
  try {
    return Number(readFileSync(FIRST_FREE, 'utf8'))
  } catch {
    return 1024
  }
}
