// Read first: connect(2), EINPROGRESS.

import { POLLERR, POLLHUP, POLLOUT, SO_ERROR, SOL_SOCKET } from '../base/constants.ts'
import { EINPROGRESS } from '../base/errno.ts'
import type { Endpoint } from '../socket/provider.ts'

/** How the connection that is being opened has gone: 0, its negated errno, or -EINPROGRESS. */
export function connectResult(endpoint: Endpoint): number {
  if ((endpoint.readiness() & (POLLOUT | POLLERR | POLLHUP)) === 0) return -EINPROGRESS
  const value = new Uint8Array(4)
  endpoint.getOption(SOL_SOCKET, SO_ERROR, value)
  return 0 - new DataView(value.buffer).getInt32(0, true)
}
