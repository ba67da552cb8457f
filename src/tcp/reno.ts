// Read first: RFC 5681 section 3.1.

import type { CongestionControl } from './congestion.ts'
import type { Connection } from './connection.ts'

/** Slow start up to ssthresh. Returns how many of the packets acknowledged are left for congestion avoidance. */
export function slowStart(c: Connection, packets: number): number {
  // We differ: by all packets acknowledged, not by one for each ACK. Peers that join ACKs (receive offload) or send one
  // for a burst would hold slow start back; RFC 9406 section 4.2 allows several packets an ACK for the same reason. Linux too.
  const grown = Math.min(packets, c.ssthresh - c.cwnd)
  c.cwnd += grown
  return packets - grown
}

/** Congestion avoidance: one packet more for every `window` acknowledged (section 3.1, equation 3, counted in packets). */
export function grow(c: Connection, window: number, packets: number): void {
  // What was counted towards a longer way is not lost, and is worth no more than one packet.
  if (c.cwndCount >= window) {
    c.cwndCount = 0
    c.cwnd++
  }
  c.cwndCount += packets
  if (c.cwndCount >= window) {
    const more = Math.floor(c.cwndCount / window)
    c.cwndCount -= more * window
    c.cwnd += more
  }
}

/** Slow start and congestion avoidance of RFC 5681. */
export const reno: CongestionControl = {
  name: 'reno',

  acknowledged(c: Connection, packets: number): void {
    const left = c.cwnd < c.ssthresh ? slowStart(c, packets) : packets
    if (left > 0) grow(c, c.cwnd, left)
  },

  thresholdAfterLoss(c: Connection): number {
    // We differ where asked to be Linux: half of the window, of which was used what made it grow.
    if (c.host.config.halveWindow) return Math.max(c.cwnd >> 1, 2)
    // Equation 4: half of FlightSize, at least two; without what limited transmit sent beyond the window (section 3.2 step 2).
    const flightSize = Math.min(Math.max(c.flight === null ? 0 : c.flight.packetsOut, c.maxPacketsOut), c.cwnd)
    return Math.max(flightSize >> 1, 2)
  },
}
