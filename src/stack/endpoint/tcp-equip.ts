// Read first: accept(2), tcp(7). What a connection has of its socket, and an accepted socket of its listener.

import type { Connection } from '../../tcp/connection.ts'
import { OPTION_KEEPALIVE, OPTION_OOBINLINE, OPTION_RECEIVE_LOCKED, OPTION_SEND_LOCKED } from './option-bits.ts'
import { inheritNotices } from './stream-options.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'
import { applyIpOptions, inheritOptions } from './tcp-options.ts'

/** Gives a new connection what was set on `endpoint`. */
export function equip(endpoint: TcpEndpoint, c: Connection): void {
  const { preferences, rare } = endpoint
  c.sendBuffer = endpoint.sendBufferSize
  c.sendLocked = endpoint.option(OPTION_SEND_LOCKED)
  applyIpOptions(endpoint, c)
  c.keepAlive = endpoint.option(OPTION_KEEPALIVE)
  c.urgentInline = endpoint.option(OPTION_OOBINLINE)
  if (rare !== null) c.lowWater = rare.receiveLowWater
  preferences?.applyTo(c)
  c.receiveBuffer = endpoint.receiveBufferSize
  c.receiveLocked = endpoint.option(OPTION_RECEIVE_LOCKED)
  c.windowClamp = preferences?.windowClamp ?? 0
}

/** `endpoint` is for `connection`, and takes after the listener that it was accepted from. */
export function adopt(endpoint: TcpEndpoint, parent: TcpEndpoint, connection: Connection): void {
  endpoint.stack.descriptors.set(endpoint.fd, endpoint)
  endpoint.connection = connection
  inheritOptions(endpoint, parent)
  connection.owner = endpoint
  inheritNotices(endpoint, parent)
}
