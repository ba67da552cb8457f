// Read first: RFC 6298, RFC 7323 section 4.2.

import type { Connection } from './connection.ts'
import { metricsOf } from './path-metrics.ts'
import { after } from './seq.ts'

/** Samples are kept below this, so that no arithmetic leaves int32. */
const SAMPLE_MAX = 120_000_000
/** How long the smallest round trip is believed, in milliseconds: paths change (Linux: tcp_min_rtt_wlen). */
const MIN_RTT_AGE = 300_000
/** Milliseconds: the time-out of who has measured nothing, and lost something (RFC 6298 section 5.7). */
const RTO_UNMEASURED = 3000

/**
 * Takes a round trip of `sample` microseconds (RFC 6298 sections 2.2 and 2.3) and computes the retransmission time-out. Karn:
 * the caller gives no samples of segments sent twice, except by timestamps. `latest` is the round trip of the segment sent last, of
 * those that were acknowledged together.
 *
 * We differ, as Linux: a sample below the average moves the mean deviation by an eighth of what it should, else a path that
 * becomes faster would raise the time-out; and the time-out follows the greatest mean deviation of the last round trip, not that of
 * the last sample, of which there may be a hundred to a round trip. It goes down once a round trip, by a quarter of the
 * difference.
 */
export function takeRttSample(c: Connection, sample: number, latest = sample): void {
  takeMinRtt(c, latest)
  const r = Math.min(Math.max(sample, 1), SAMPLE_MAX)
  const least = minimumRto(c) * 1000
  if (c.srtt8 === 0) {
    c.srtt8 = r << 3
    c.mdev4 = r << 1
    c.rttvar4 = Math.max(c.mdev4, least)
    c.mdevMax = c.rttvar4
    c.rttSeq = c.sndNxt
  } else {
    let error = (r - (c.srtt8 >> 3)) | 0
    c.srtt8 = (c.srtt8 + error) | 0
    if (error < 0) {
      error = (-error - (c.mdev4 >> 2)) | 0
      if (error > 0) error >>= 3
    } else {
      error = (error - (c.mdev4 >> 2)) | 0
    }
    c.mdev4 = (c.mdev4 + error) | 0
    if (c.mdev4 > c.mdevMax) {
      c.mdevMax = c.mdev4
      if (c.mdevMax > c.rttvar4) c.rttvar4 = c.mdevMax
    }
    if (after(c.sndUna, c.rttSeq)) {
      if (c.mdevMax < c.rttvar4) c.rttvar4 = (c.rttvar4 - ((c.rttvar4 - c.mdevMax) >> 2)) | 0
      c.rttSeq = c.sndNxt
      c.mdevMax = least
    }
    if (c.srtt8 <= 0) c.srtt8 = 1
  }
  // RTO = SRTT + 4·RTTVAR; the host's minimum bounds the second term, so that a steady path of 300 ms leaves room for a delayed
  // acknowledgement.
  c.rto = Math.min(Math.ceil(((c.srtt8 >> 3) + c.rttvar4) / 1000), c.host.config.maximumRto)
  c.backoff = 0
}

/** The least time-out, in milliseconds: that of the way, or of the host. */
export function minimumRto(c: Connection): number {
  return metricsOf(c).minimumRto || c.host.config.minimumRto
}

/** The smallest round trip of the last five minutes, in microseconds. */
function takeMinRtt(c: Connection, sample: number): void {
  const r = Math.max(sample, 1)
  const now = c.host.time.now
  if (c.minRtt !== 0 && r > c.minRtt && (now - c.minRttAt) >>> 0 < MIN_RTT_AGE) return
  c.minRtt = r
  c.minRttAt = now
}

/** The time-out now, doubled for each that has passed unanswered (RFC 6298 section 5.5). */
export function currentRto(c: Connection): number {
  // Nearly always: a power costs 20 ns.
  if (c.backoff === 0) return Math.min(c.rto, c.host.config.maximumRto)
  return Math.min(c.rto * 2 ** Math.min(c.backoff, 20), c.host.config.maximumRto)
}

/** The time-out to begin with where a SYN or SYN-ACK was sent again, and nothing tells which was acknowledged (RFC 6298 section 5.7). */
export function handshakeUnmeasured(c: Connection): void {
  c.rto = Math.max(c.rto, RTO_UNMEASURED)
}
