// Read first: ip(7) on IP_RECVERR; tcp_v4_err in Linux.

import { read16 } from '../../base/bytes.ts'
import { POLLERR } from '../../base/constants.ts'
import type { IcmpReport } from '../transport/transport.ts'
import { ErrorQueue } from './error-queue.ts'
import { OPTION_RECVERR, OPTION_RECVERR6 } from './option-bits.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

/** See `TcpEndpoint.reported`. */
export function tcpReported(endpoint: TcpEndpoint, report: IcmpReport, connecting: boolean): boolean {
  if (!endpoint.option(report.version === 4 ? OPTION_RECVERR : OPTION_RECVERR6)) return false
  if (connecting) {
    endpoint.errors ??= new ErrorQueue()
    const port = read16(report.bytes, report.start + 2)
    endpoint.errors.report(endpoint, report, port, report.start, endpoint.receiveBufferSize)
    endpoint.markReady(POLLERR)
  }
  return true
}
