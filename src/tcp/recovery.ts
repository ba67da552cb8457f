// Read first: RFC 5681 section 3.2, RFC 6582 section 3.2, RFC 6675 section 5, RFC 8985 section 6.
//
// One account for both kinds of peer. Where the peer reports what it has (SACK), the scoreboard knows; where it does not, each
// duplicate acknowledgement stands for one packet that has left the network, which is RFC 5681's inflation of the window told
// from the other side: the window stays, and what is in the network shrinks.

import { CA_DISORDER, CA_LOSS, CA_OPEN, CA_RECOVERY, type Connection } from './connection.ts'
import { tellCwr } from './ecn.ts'
import { type Flight, LOST, SACKED } from './flight.ts'
import { resendFirstLost } from './output.ts'
import { detectLoss, NOTHING_LOST, RETRANSMISSION_LOST, shrinkAgain } from './rack.ts'
import { before } from './seq.ts'

/** DupThresh. */
const DUPLICATES = 3

/** A time-out (RFC 5681 section 3.1, RFC 6675 section 5.1): one packet, and all that is not reported received is lost. */
export function enterLoss(c: Connection): void {
  const flight = c.flight as Flight // a time-out is of something in flight
  if (c.caState !== CA_LOSS) {
    // Only the first time-out of a segment halves: what is in flight after it tells nothing of the path.
    c.ssthresh = c.control.thresholdAfterLoss(c)
  }
  // The peer has gone back on what it reported if it reported the very next octet (RFC 2018 section 8).
  const reneged = flight.count > 0 && (flight.flags(0) & SACKED) !== 0
  flight.markAllLost(reneged || !c.sackPermitted)
  c.cwnd = 1
  c.cwndCount = 0
  c.caState = CA_LOSS
  c.recoveryPoint = c.sndNxt
  c.dupAcks = 0
  c.tailProbe = false
  tellCwr(c)
}

/** A duplicate acknowledgement of a peer without SACK: one packet has left the network out of order. */
export function duplicateAck(c: Connection): void {
  const flight = c.flight
  if (flight === null) return
  c.dupAcks++
  if (flight.sackedOut + flight.lostOut < flight.packetsOut) flight.sackedOut++
  if (c.caState === CA_OPEN) c.caState = CA_DISORDER
  if (c.caState !== CA_DISORDER || c.dupAcks < DUPLICATES) return
  // RFC 6582 section 3.2 step 1: not for duplicates of what an earlier recovery or time-out sent twice.
  if (before(c.sndUna, c.recoveryPoint)) return
  enterRecovery(c, flight)
}

/** After each acknowledgement of a peer with SACK that brought news: finds what is lost (RFC 8985), and begins to mend it. */
export function findLosses(c: Connection): void {
  const flight = c.flight
  if (flight === null) return
  if (c.caState === CA_OPEN && flight.sackedOut > 0) c.caState = CA_DISORDER
  const found = detectLoss(c, flight)
  if (found === NOTHING_LOST) return
  if (c.caState === CA_OPEN || c.caState === CA_DISORDER) enterRecovery(c, flight)
  // As when recovery began, the first goes out whatever the pipe holds.
  else if (found === RETRANSMISSION_LOST && shrinkAgain(c) && flight.inNetwork >= c.cwnd) resendFirstLost(c)
  c.host.touch(c)
}

function enterRecovery(c: Connection, flight: Flight): void {
  c.ssthresh = c.control.thresholdAfterLoss(c)
  c.recoveryPoint = c.sndNxt
  c.shrunkAt = c.sndUna
  c.caState = CA_RECOVERY
  c.cwnd = c.ssthresh
  c.cwndCount = 0
  c.host.counters.fastRetransmits++
  tellCwr(c)
  if (!c.sackPermitted) markHeadLost(flight)
  // The first retransmission goes out whatever the pipe holds (RFC 6675 section 5 step 4.3, RFC 5681 section 3.2 step 3).
  if (flight.inNetwork >= c.cwnd) resendFirstLost(c)
  c.host.touch(c)
}

/** Marks the oldest packet that is neither reported nor known to be lost. */
function markHeadLost(flight: Flight): void {
  if (flight.count === 0 || (flight.flags(0) & (SACKED | LOST)) !== 0) return
  flight.split(0, (flight.seq(0) + flight.packetSize(0)) | 0)
  flight.markLost(0)
}

/** New data is acknowledged, `packets` of it, while losses are being mended. */
export function acknowledgedInRecovery(c: Connection, packets: number): void {
  const flight = c.flight
  if (!before(c.sndUna, c.recoveryPoint)) {
    leaveRecovery(c)
    return
  }
  if (flight === null) return
  c.dupAcks = 0
  if (!c.sackPermitted) {
    // What is acknowledged includes the packets that duplicates stood for, all but the one sent again.
    flight.sackedOut = Math.max(flight.sackedOut - Math.max(packets - 1, 0), 0)
    // A partial acknowledgement: the next hole is lost too (RFC 6582 section 3.2 step 3).
    if (c.caState === CA_RECOVERY) markHeadLost(flight)
  }
}

function leaveRecovery(c: Connection): void {
  const flight = c.flight
  if (c.caState === CA_RECOVERY) {
    // RFC 6582 section 3.2 step 3, its second choice, and Linux's. The first, which goes down to what is in flight, leaves two
    // packets where the last acknowledgement covered the whole window, as those of receivers that join them do.
    c.cwnd = c.ssthresh
  }
  if (flight !== null) {
    flight.clearMarks()
    if (!c.sackPermitted) flight.sackedOut = 0
  }
  c.caState = flight !== null && flight.sackedOut > 0 ? CA_DISORDER : CA_OPEN
  c.dupAcks = 0
}

/** New data is acknowledged in order while nothing is being mended. */
export function acknowledgedInOrder(c: Connection): void {
  c.dupAcks = 0
  // It follows, or two gigabytes after the last loss it would seem to lie ahead.
  c.recoveryPoint = c.sndUna
  const flight = c.flight
  if (flight !== null && !c.sackPermitted) flight.sackedOut = 0
  if (c.caState === CA_DISORDER && (flight === null || flight.sackedOut === 0)) c.caState = CA_OPEN
}
