// Read first: tcp(7) TCP_INFO.

import { emptyTcpInfo, encodeTcpInfo } from '../../base/tcp-info.ts'
import { fillTcpInfo, fillUnconnectedInfo } from '../../tcp/info.ts'
import { CLOSED, LISTEN } from '../../tcp/state.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

const info = emptyTcpInfo()

/** Writes TCP_INFO of a socket: how many octets. */
export function tcpInfo(endpoint: TcpEndpoint, value: Uint8Array): number {
  for (const name of Object.keys(info) as (keyof typeof info)[]) info[name] = 0
  const { connection, listener } = endpoint
  if (connection !== null) {
    endpoint.layer.time.refresh()
    fillTcpInfo(connection, info)
  } else if (listener !== null) {
    fillUnconnectedInfo(endpoint.layer.config, LISTEN, info)
    // As Linux reports a listener: the length of the accept queue, and its limit.
    info.tcpi_unacked = listener.queued
    info.tcpi_sacked = listener.backlog
  } else {
    fillUnconnectedInfo(endpoint.layer.config, CLOSED, info)
  }
  return encodeTcpInfo(info, value)
}
