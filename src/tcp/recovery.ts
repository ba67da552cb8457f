// Read first: RFC 5681 section 3.2, RFC 6582 section 3.2, RFC 6675 sections 4 and 5.
//
// One account for both kinds of peer. Where the peer reports what it has (SACK), the scoreboard knows; where it does not, each
// duplicate acknowledgement stands for one packet that has left the network, which is RFC 5681's inflation of the window told
// from the other side: the window stays, and what is in the network shrinks.

import { CA_DISORDER, CA_LOSS, CA_OPEN, CA_RECOVERY, type Connection } from './connection.ts'
import { type Flight, LOST, SACKED } from './flight.ts'
import { output, resendOldest } from './output.ts'
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
}

/** A duplicate acknowledgement, or new SACK blocks: packets have left the network out of order. */
export function duplicateAck(c: Connection, newlySacked: number): void {
  const flight = c.flight
  if (flight === null) return
  c.dupAcks++
  if (!c.sackPermitted && flight.sackedOut + flight.lostOut < flight.packetsOut) flight.sackedOut++
  if (c.caState === CA_OPEN) c.caState = CA_DISORDER
  if (c.caState === CA_DISORDER) {
    if (lossIsLikely(c, flight)) enterRecovery(c, flight)
  } else if (c.sackPermitted && newlySacked > 0) {
    markLost(c, flight)
  }
}

/**
 * RFC 6675 section 5 steps 2 and 4, RFC 5681 section 3.2: the third duplicate, or three packets reported above the hole.
 * RFC 6582 section 3.2 step 1: not for duplicates of what an earlier recovery or time-out sent twice.
 */
function lossIsLikely(c: Connection, flight: Flight): boolean {
  if (c.sackPermitted) return flight.sackedOut >= DUPLICATES || c.dupAcks >= DUPLICATES
  return c.dupAcks >= DUPLICATES && !before(c.sndUna, c.recoveryPoint)
}

function enterRecovery(c: Connection, flight: Flight): void {
  c.ssthresh = c.control.thresholdAfterLoss(c)
  c.recoveryPoint = c.sndNxt
  c.caState = CA_RECOVERY
  c.cwnd = c.ssthresh
  c.cwndCount = 0
  c.host.counters.fastRetransmits++
  if (c.sackPermitted) {
    markLost(c, flight)
    if (flight.lostOut === 0) markHeadLost(c, flight)
  } else {
    markHeadLost(c, flight)
  }
  // The first retransmission goes out whatever the pipe holds (RFC 6675 section 5 step 4.3).
  if (flight.inNetwork >= c.cwnd) resendOldest(c)
  output(c)
}

/** Marks the oldest packet that is neither reported nor known to be lost. */
function markHeadLost(c: Connection, flight: Flight): void {
  if (flight.count === 0 || (flight.flags(0) & (SACKED | LOST)) !== 0) return
  if (flight.packets(0) > 1) flight.split(0, (flight.seq(0) + c.mss) | 0, c.mss)
  flight.markLost(0)
}

/** Marks all that has DupThresh packets reported above it (RFC 6675 section 4, IsLost). */
function markLost(c: Connection, flight: Flight): void {
  let above = flight.sackedOut
  for (let i = 0; i < flight.count && above >= DUPLICATES; i++) {
    const flags = flight.flags(i)
    if ((flags & SACKED) !== 0) above -= flight.packets(i)
    else if (before(flight.seq(i), c.recoveryPoint)) flight.markLost(i)
  }
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
    if (c.caState === CA_RECOVERY) markHeadLost(c, flight)
  } else {
    markLost(c, flight)
    // The hole moved to data that was sent, resent or not, before recovery and is reported by nobody.
    if (c.caState === CA_RECOVERY && flight.sackedOut > 0 && flight.lostOut === 0) markHeadLost(c, flight)
  }
}

function leaveRecovery(c: Connection): void {
  const flight = c.flight
  if (c.caState === CA_RECOVERY) {
    // RFC 6582 section 3.2 step 3, the choice that sends no burst.
    const inNetwork = flight === null ? 0 : flight.inNetwork
    c.cwnd = Math.min(c.ssthresh, Math.max(inNetwork, 1) + 1)
    if (c.cwnd < 2) c.cwnd = 2
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
  const flight = c.flight
  if (flight !== null && !c.sackPermitted) flight.sackedOut = 0
  if (c.caState === CA_DISORDER && (flight === null || flight.sackedOut === 0)) c.caState = CA_OPEN
}
