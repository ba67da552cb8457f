// Read first: proc(5), /proc/net/tcp. Who is at the other end of a connection within this machine.

import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { endianness } from 'node:os'

/** The number of the user whose socket is the other end of one over IPv4; −1: nobody's that is known; null: the kernel tells of none. */
export function peerUser(socket: Socket): number | null {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
  const [from, to] = [endHex(remoteAddress, remotePort), endHex(localAddress, localPort)]
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(readTable).filter((text) => text !== null)
  // A row is "sl local remote st queues timer retransmissions uid …". Of IPv4 by IPv6 (RFC 4291 section 2.5.5.2) it ends as that of IPv4.
  for (const line of tables.join('\n').split('\n')) {
    const [, local = '', remote = '', , , , , user = ''] = line.trim().split(/\s+/)
    if (local.endsWith(from) && remote.endsWith(to)) return Number(user)
  }
  return tables.length === 0 ? null : -1
}

function readTable(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}

/** "0100007F:0050": the address is written as the processor holds it. */
function endHex(address: string, port: number): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))
  if (endianness() === 'LE') octets.reverse()
  return `${octets.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}
