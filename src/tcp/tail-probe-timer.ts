// Read first: RFC 8985 section 7.2.

import { CA_CWR, CA_OPEN, type Connection, TIMER_PROBE } from './connection.ts'
import { currentRto, minimumRto } from './rtt.ts'
import { armTransmit, rearmRetransmit, untilRetransmit } from './transmit-timer.ts'

/** What is added for the granularity of timers at both ends, milliseconds (Linux: TCP_TIMEOUT_MIN). */
const SLACK = 2

/**
 * Sets the probe timer, after new data was sent or, `advancing`, acknowledged. Section 7.2: not while losses are mended; never
 * later than the time-out. False: there is none to be set.
 */
export function scheduleTailProbe(c: Connection, advancing: boolean): boolean {
  if (!c.host.config.tailLossProbe || !c.sackPermitted || c.flight === null || c.flight.packetsOut === 0) return false
  if (c.request !== null) return false
  if (c.caState !== CA_OPEN && c.caState !== CA_CWR) return false
  let delay = c.host.config.initialRto
  if (c.srtt > 0) {
    delay = Math.ceil((2 * c.srtt) / 1000)
    // We differ: WCDelAckT is RTO_MIN, as in Linux; section 7.2 has it the same value, 200 ms.
    delay += c.flight.packetsOut === 1 ? minimumRto(c) : SLACK
  }
  const rto = advancing ? currentRto(c) : untilRetransmit(c)
  if (rto > 0) delay = Math.min(delay, rto)
  armTransmit(c, TIMER_PROBE, delay)
  return true
}

/** After an acknowledgement, or when one of the timers has passed: the probe, or the time-out. */
export function setTransmitTimer(c: Connection): void {
  const none = c.flight === null || c.flight.packetsOut === 0
  if (none || !scheduleTailProbe(c, true)) rearmRetransmit(c)
}
