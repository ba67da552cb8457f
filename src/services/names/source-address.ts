// Which source address the system would use: a UDP socket that is connected sends nothing, and knows it (RFC 6724 section 6).

import { SOCK_DGRAM } from '../../base/constants.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import type { Provider } from '../../socket/provider.ts'
import { DOMAIN_PORT } from './server-address.ts'

/** The source that packets to `destination` would have; null where none would get there. */
export function sourceFor(provider: Provider, destination: SocketAddress): IpAddress | null {
  const endpoint = provider.socket(destination.family, SOCK_DGRAM, 0)
  if (typeof endpoint === 'number') return null
  const peer = destination.copy()
  // Any port does; that of a datagram is never 0.
  peer.port = DOMAIN_PORT
  const local = new SocketAddress()
  const connected = endpoint.connect(peer) >= 0 && endpoint.localAddress(local) >= 0
  endpoint.close()
  return connected && !local.ip.isUnspecified ? local.ip.copy() : null
}
