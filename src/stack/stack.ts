import type { UnixSystem } from '../unix/unix-system.ts'
import type { ForwardingWays } from './ip/forwarding-ways.ts'
import { LeanStack } from './lean-stack.ts'
import { ipOptions } from './parts/ip-options.ts'
import { multicast } from './parts/multicast.ts'
import { optionStructs } from './parts/option-structs.ts'
import { pingSockets } from './parts/ping-sockets.ts'
import { rawSockets } from './parts/raw-sockets.ts'
import { routerDiscovery } from './parts/router-discovery.ts'
import { routing } from './parts/routing.ts'
import { tcpFastOpen } from './parts/tcp-fast-open.ts'
import { tcpInfo } from './parts/tcp-info.ts'
import { tcpSignatures } from './parts/tcp-signatures.ts'
import { unixSockets } from './parts/unix-sockets.ts'
import type { StackOptions } from './stack-options.ts'
import type { StackPart } from './stack-parts.ts'
import type { PingLayer } from './transport/ping-layer.ts'
import type { RawLayer } from './transport/raw-layer.ts'

export type { AttachOptions, RouteOptions, StackOptions, TcpProfile } from './stack-options.ts'

/** All there are. */
const PARTS: readonly StackPart[] = [
  unixSockets,
  rawSockets,
  pingSockets,
  optionStructs,
  ipOptions,
  multicast,
  tcpFastOpen,
  tcpInfo,
  tcpSignatures,
  routerDiscovery,
  routing,
]

/** A `LeanStack` that lacks nothing. */
export class Stack extends LeanStack {
  declare readonly unix: UnixSystem
  declare readonly raw: RawLayer
  declare readonly ping: PingLayer
  declare readonly ways: ForwardingWays

  constructor(options: StackOptions) {
    super(options, PARTS)
  }

  /** The name of the interface with this number: if_indextoname(3). */
  interfaceName(index: number): string | null {
    return this.interfaceWithIndex(index)?.name ?? null
  }

  /** unlink(2) of the path of a Unix socket, which stays when its socket is closed. */
  unlink(path: string): number {
    return this.unix.unlink(path)
  }
}
