// Read first: RFC 8985 section 7 (TLP).
//
// When the end of a flight is lost, or its only acknowledgement, nothing arrives that could show it, and the sender would wait
// out the retransmission time-out: a thousand round trips on a short path. A probe after two round trips makes the peer speak.

import type { TcpSegment } from '../wire/tcp.ts'
import { CA_DISORDER, CA_OPEN, type Connection, TIMER_PROBE } from './connection.ts'
import { arm, disarm } from './deadlines.ts'
import { currentRto } from './rtt.ts'
import { after, before } from './seq.ts'

/** WCDelAckT: how long a peer may put off the acknowledgement of a lone segment, in milliseconds. */
const WORST_DELAYED_ACK = 200
/** What is added for the granularity of timers at both ends. */
const SLACK = 2

/**
 * Sets the probe timer after new data was sent, or acknowledged. Not where the time-out would come first anyway, not while
 * losses are mended, and not before the last probe was answered (section 7.2 and 7.3).
 */
export function scheduleTailProbe(c: Connection): void {
  if (!c.host.config.tailLossProbe || !c.sackPermitted || c.tailProbe || c.srtt === 0) return
  const flight = c.flight
  if (flight === null || (c.caState !== CA_OPEN && c.caState !== CA_DISORDER)) {
    disarm(c, TIMER_PROBE)
    return
  }
  let delay = Math.ceil((2 * c.srtt) / 1000) + SLACK
  if (flight.packetsOut === 1) delay += WORST_DELAYED_ACK
  if (delay >= currentRto(c)) disarm(c, TIMER_PROBE)
  else arm(c, TIMER_PROBE, delay)
}

/**
 * What an acknowledgement tells of the probe. If only one copy of a segment that was sent twice arrived, the probe has mended a
 * loss that nothing else saw, and congestion control must hear of it (section 7.4, MUST).
 */
export function tailProbeAcknowledged(c: Connection, segment: TcpSegment, duplicate: boolean): void {
  if (!c.tailProbe || before(segment.ack, c.tailProbeEnd)) return
  const options = segment.options
  // A block at or below the acknowledgement reports a duplicate: RFC 2883.
  const both = options.sackCount > 0 && options.sack[1] === c.tailProbeEnd && !after(c.tailProbeEnd, segment.ack)
  if (!c.tailProbeResent || both) {
    c.tailProbe = false
  } else if (after(segment.ack, c.tailProbeEnd)) {
    c.tailProbe = false
    c.ssthresh = c.tailProbeThreshold
    c.cwnd = Math.min(c.cwnd, c.ssthresh)
    c.cwndCount = 0
  } else if (duplicate && options.sackCount === 0) {
    c.tailProbe = false
  }
}
