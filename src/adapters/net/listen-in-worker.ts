// Read first: "How it works" of cluster in Node's manual.

import { EADDRINUSE } from '../../base/errno.ts'
import type { BindOptions } from '../handle/socket-handle.ts'
import { askForPort, type WorkerPort } from '../handle/worker-port.ts'
import { exceptionWithHostPort } from '../node-error.ts'
import { STATE, WORLD } from './net-world.ts'
import type { Server } from './server.ts'
import { startListening } from './start-listening.ts'
import { WorkerListenHandle } from './worker-listen-handle.ts'

/** uv_tcp_bind's UV_TCP_IPV6ONLY. */
const IPV6_ONLY = 1

/**
 * Listens at a port that the primary process of a cluster has. false: this is no worker of one, or the port is to be its own. A path has
 * the port and version −1.
 */
export function listenInWorker(
  server: Server,
  address: string | null,
  port: number,
  version: number,
  backlog: number,
  options: BindOptions & { readonly exclusive?: boolean },
): boolean {
  if (options.exclusive || options.reusePort) return false
  const state = server[STATE]
  const { listening } = state
  const { provider } = server[WORLD]
  const flags = options.ipv6Only === true ? IPV6_ONLY : 0
  const query = { address, port, addressType: version, fd: undefined, flags, backlog }
  const found = (errno: number, given: WorkerPort | null) => {
    // Closed meanwhile.
    if (listening !== state.listening) {
      given?.close()
      return
    }
    let status = errno
    if (given !== null) {
      const handle = new WorkerListenHandle(provider, version === -1 ? 'pipe' : 'tcp', state, given)
      status = boundElsewhere(handle, port) ? -EADDRINUSE : 0
      if (status === 0) state.handle = handle
      else handle.discard()
    }
    if (status === 0) startListening(server, address, port, version, backlog)
    else server.emit('error', exceptionWithHostPort(status, 'bind', address, port))
  }
  return askForPort(provider, server, query, found)
}

// Where the address is in use a handle may be at no port, or at another one.
function boundElsewhere(handle: WorkerListenHandle, port: number): boolean {
  if (port <= 0) return false
  const name = handle.localName()
  return typeof name !== 'number' && name.port !== port
}
