import { IpAddress } from '../../base/ip-address.ts'
import type { TcpFlow, TcpPath } from '../../tcp/host.ts'

/** Whom a segment of no connection is answered to. */
export class ReplyFlow implements TcpFlow {
  readonly local: IpAddress = new IpAddress()
  localPort = 0
  readonly remote: IpAddress = new IpAddress()
  remotePort = 0
  path: TcpPath | null = null
  readonly ttl = 64
  readonly tos = 0
  readonly dontFragment = true
  signatureKey: Uint8Array | null = null
}
