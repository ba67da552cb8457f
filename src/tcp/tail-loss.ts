// Read first: RFC 8985 section 7 (TLP).
//
// When the end of a flight is lost, or its only acknowledgement, nothing arrives that could show it, and the sender would wait
// out the retransmission time-out: a thousand round trips on a short path. A probe after two round trips makes the peer speak.

import { type AckNews, NEWS_ADVANCED, NEWS_NO_DUPLICATE, NEWS_PROBE_DUPLICATE, NEWS_SACKED } from './ack-news.ts'
import { setCaState } from './congestion.ts'
import { CA_CWR, type Connection } from './connection.ts'
import { sendProbeSegment } from './output.ts'
import { after, before } from './seq.ts'
import { rearmRetransmit, resumeRetransmit } from './transmit-timer.ts'
import { keepOpen } from './undo.ts'
import { beginReduction, endReduction } from './window-reduction.ts'

/** The end of the flight is unanswered: one segment of new data, or the last one again (section 7.3). */
export function tailProbeTimeout(c: Connection): void {
  const repairs = c.repairs
  // One at a time.
  if (!repairs.probe) {
    repairs.probeResent = false
    const next = c.sndNxt
    if (sendProbeSegment(c)) {
      repairs.probe = true
      repairs.probeResent = c.sndNxt === next
      repairs.probeEnd = c.sndNxt
      c.host.counters.tailLossProbes++
      rearmRetransmit(c)
      return
    }
  }
  // Linux: tcp_send_loss_probe, where no probe goes.
  resumeRetransmit(c)
}

/**
 * What an acknowledgement tells of the probe. If only one copy of a segment that was sent twice arrived, the probe has mended a
 * loss that nothing else saw, and congestion control must hear of it (section 7.4, MUST).
 */
export function tailProbeAcknowledged(c: Connection, news: AckNews, ack: number): void {
  const repairs = c.repair
  if (repairs === null || !repairs.probe || before(ack, repairs.probeEnd)) return
  if (!repairs.probeResent || (news.flags & NEWS_PROBE_DUPLICATE) !== 0) {
    repairs.probe = false
  } else if (after(ack, repairs.probeEnd)) {
    beginReduction(c)
    setCaState(c, CA_CWR)
    endReduction(c)
    keepOpen(c)
  } else if ((news.flags & (NEWS_ADVANCED | NEWS_NO_DUPLICATE | NEWS_SACKED)) === 0) {
    repairs.probe = false
  }
}
