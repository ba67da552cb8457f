// Read first: RFC 5681, RFC 9438 section 4. The seam between what finds losses (ack, recovery, timers) and what sets the window.

import { TCP_CA_Loss } from '../base/tcp-info.ts'
import type { Connection } from './connection.ts'

/** What an algorithm hears of the connection: something is sent where nothing was in flight; after a long silence; a time-out;
 * the window has come down to ssthresh. */
export const EVENT_START = 0
export const EVENT_RESTART = 1
export const EVENT_LOSS = 2
export const EVENT_REDUCED = 3

/**
 * A congestion control algorithm: it owns how the window grows and by how much it shrinks. The window is counted in packets of
 * the send MSS, as Linux counts it, which never allows more octets than RFC 5681's count in octets. What it remembers is an object
 * made when first needed (`Connection.controlState`).
 */
export interface CongestionControl {
  /** As TCP_CONGESTION names it. */
  readonly name: string
  /** The connection begins to use it: once it is established, or later. */
  init?(connection: Connection): void
  /** `packets` have newly arrived while the window was in use, outside of CWR and recovery. */
  acknowledged(connection: Connection, packets: number): void
  /** The slow start threshold after a loss, in packets. */
  thresholdAfterLoss(connection: Connection): number
  /** `threshold`, lowered a second time within one recovery (RFC 5681 section 4.3). Without it: halved. */
  lowered?(threshold: number): number
  /** The window to go back to when a reduction was spurious. Without it: what it was before. */
  undo?(connection: Connection): number
  /** `packets` were acknowledged, and this is the round trip of the last of them, in microseconds; −1: none was measured. */
  sampled?(connection: Connection, packets: number, rttMicros: number): void
  /** `connection.caState` becomes `state`. */
  stateChanged?(connection: Connection, state: number): void
  /** Nothing is in flight any more: gives back what it would remember no more of than it does of nothing. */
  landed?(connection: Connection): void
  /** One of EVENT_…. */
  event?(connection: Connection, event: number): void
}

/** Where recovery stands now; told before it is so. */
export function setCaState(c: Connection, state: number): void {
  if (c.caState === state) return
  c.control.stateChanged?.(c, state)
  if (c.caState === TCP_CA_Loss) timeoutsEnd(c)
  c.caState = state
}

/** tcp_update_rto_time: what was lost by time-outs is mended. */
export function timeoutsEnd(c: Connection): void {
  const { repair } = c
  if (repair === null || !repair.timedOut) return
  repair.timedOut = false
  repair.timedOutTime += (c.host.time.now - repair.timedOutAt) >>> 0
}

export function event(c: Connection, what: number): void {
  c.control.event?.(c, what)
}

/** The window to go back to. */
export function undone(c: Connection): number {
  if (c.control.undo !== undefined) return c.control.undo(c)
  return Math.max(c.cwnd, c.repair === null ? 0 : c.repair.priorWindow)
}
