// Read first: RFC 6056 section 3.3.4, connect(2).

import type { IpAddress } from '../../base/ip-address.ts'
import { PortHold } from './port-hold.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

/** The port that connect takes for who has none, from `local` to this peer. -EADDRNOTAVAIL: there is none left. */
export function holdForConnect(
  endpoint: TcpEndpoint,
  local: IpAddress,
  remote: IpAddress,
  remotePort: number,
): PortHold | number {
  const { layer } = endpoint
  const { ports } = layer
  const hold = new PortHold(ports, endpoint, local, 0)
  hold.byConnect = true
  const port = ports.ephemeral(hold, remote, remotePort, (candidate) => {
    return !ports.conflicts(hold, candidate) && layer.mayConnect(local, candidate, remote, remotePort, false)
  })
  if (port < 0) return port
  hold.port = port
  ports.enter(hold)
  return hold
}
