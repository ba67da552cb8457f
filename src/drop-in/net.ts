// jackfield/net: node:net on what JACKFIELD_ON names. Declarations: net-types.ts.

import { netFor } from '../adapters/net/net-for.ts'
import { providerOrExit } from './provider-or-exit.ts'

const net = netFor(providerOrExit())

export const {
  BlockList,
  connect,
  createConnection,
  createServer,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  Server,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
  Socket,
  SocketAddress,
} = net
/** What Node's module has besides, by its version. */
export const { _normalizeArgs, _setSimultaneousAccepts, BoundSocket, promises, Stream } = net as unknown as Record<
  string,
  unknown
>
export { net as default, net as 'module.exports', netFor }
