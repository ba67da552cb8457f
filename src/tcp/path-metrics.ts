// Read first: ip-route(8), the attributes of a route.

import type { TcpFlow } from './host.ts'

/** What is said of a way beside where it goes. */
export interface PathMetrics {
  /** Octets of the largest IP packet on the way, where that is less than the link takes; 0: what the link takes. */
  readonly mtu: number
  /** Nobody's report changes `mtu`, and routers may cut the packets: the Don't Fragment bit is not set. */
  readonly mtuLocked: boolean
  /** The segment size that SYNs announce, instead of what fits the link; 0: that. */
  readonly advertisedMss: number
  /** The initial congestion window in segments (RFC 6928); 0: that of the host. */
  readonly initialWindow: number
  /** The window that a SYN offers, in segments of `advertisedMss`; 0: what the buffer holds. */
  readonly initialReceiveWindow: number
  /** Data is acknowledged at once. */
  readonly quickAck: boolean
  /** The least retransmission time-out in milliseconds; 0: that of the host. */
  readonly minimumRto: number
  /** Congestion is told of without losses: ECN (RFC 3168) is asked for, and agreed to. */
  readonly ecn: boolean
}

/** What is said of a way that nothing is said of. */
export const NO_METRICS: PathMetrics = {
  mtu: 0,
  mtuLocked: false,
  advertisedMss: 0,
  initialWindow: 0,
  initialReceiveWindow: 0,
  quickAck: false,
  minimumRto: 0,
  ecn: false,
}

/** What is said of the way that a flow goes. */
export function metricsOf(flow: TcpFlow): PathMetrics {
  return flow.path === null ? NO_METRICS : flow.path.metrics
}
