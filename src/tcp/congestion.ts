import type { Connection } from './connection.ts'

/**
 * A congestion control algorithm: it owns how the window grows and by how much it shrinks. The window is counted in packets of
 * the send MSS, as Linux counts it, which never allows more octets than RFC 5681's count in octets.
 */
export interface CongestionControl {
  /** As TCP_CONGESTION names it. */
  readonly name: string
  /** `packets` were newly acknowledged, outside of recovery. */
  acknowledged(connection: Connection, packets: number): void
  /** The slow start threshold after a loss, in packets. */
  thresholdAfterLoss(connection: Connection): number
}
