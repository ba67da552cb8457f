// Read first: RFC 5681 section 3.1.

import type { CongestionControl } from './congestion.ts'
import type { Connection } from './connection.ts'

/** Slow start and congestion avoidance of RFC 5681. */
export const reno: CongestionControl = {
  name: 'reno',

  acknowledged(c: Connection, packets: number): void {
    let left = packets
    if (c.cwnd < c.ssthresh) {
      // We differ: by all packets acknowledged, not by one for each ACK. Peers that join ACKs (receive offload) or send one
      // for a burst would hold slow start back; RFC 9406 section 4.2 allows several packets an ACK for the same reason. Linux too.
      const grown = Math.min(left, c.ssthresh - c.cwnd)
      c.cwnd += grown
      left -= grown
    }
    if (left === 0) return
    // One packet for each window acknowledged (section 3.1, equation 3, counted in packets).
    c.cwndCount += left
    while (c.cwndCount >= c.cwnd) {
      c.cwndCount -= c.cwnd
      c.cwnd++
    }
  },

  thresholdAfterLoss(c: Connection): number {
    // Equation 4: half of FlightSize, at least two; without what limited transmit sent beyond the window (section 3.2 step 2).
    const flightSize = Math.min(c.flight === null ? 0 : c.flight.packetsOut, c.cwnd)
    return Math.max(flightSize >> 1, 2)
  },
}

/** The algorithms that TCP_CONGESTION can name. */
export const CONGESTION_CONTROLS: readonly CongestionControl[] = [reno]
