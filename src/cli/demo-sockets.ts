// Read first: netstat(8). What is shown is what the stack's own tables hold at the moment.

import { SOCK_DGRAM, SOCK_STREAM } from '../base/constants.ts'
import { SocketAddress } from '../base/socket-address.ts'
import type { Stack } from '../stack/stack.ts'
import { Connection } from '../tcp/connection.ts'
import { CLOSED, SYN_RECEIVED, stateName } from '../tcp/state.ts'

/** A socket, or a connection that no socket holds any more, as netstat lists it. */
export interface SocketRow {
  readonly protocol: 'tcp' | 'udp' | 'raw'
  readonly local: string
  readonly foreign: string
  /** '' for what has none. */
  readonly state: string
}

/** All sockets of a stack that have an address. */
export function listSockets(stack: Stack): SocketRow[] {
  const rows: SocketRow[] = []
  stack.descriptors.forEach((endpoint) => {
    const local = new SocketAddress()
    const peer = new SocketAddress()
    endpoint.localAddress(local)
    if (endpoint.type === SOCK_STREAM) {
      if (endpoint.listening) rows.push({ protocol: 'tcp', local: `${local}`, foreign: '0.0.0.0:*', state: 'LISTEN' })
      return
    }
    const connected = endpoint.peerAddress(peer) === 0
    if (local.port === 0) return
    rows.push({
      protocol: endpoint.type === SOCK_DGRAM ? 'udp' : 'raw',
      local: `${local}`,
      foreign: connected ? `${peer}` : '0.0.0.0:*',
      state: connected ? 'ESTABLISHED' : '',
    })
  })
  for (const entry of stack.tcp.connections.entries()) {
    const state = entry instanceof Connection ? entry.state : SYN_RECEIVED
    if (state === CLOSED) continue
    const local = `${entry.local}:${entry.localPort}`
    rows.push({ protocol: 'tcp', local, foreign: `${entry.remote}:${entry.remotePort}`, state: stateName(state) })
  }
  return rows
}
