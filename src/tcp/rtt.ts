// Read first: RFC 6298, RFC 7323 section 4.2.

import type { Connection } from './connection.ts'
import { metricsOf } from './path-metrics.ts'

/** The clock's granularity G, in microseconds: the timers run in milliseconds. */
const GRANULARITY = 1000
/** Samples are kept between these, so that no arithmetic leaves int32. */
const SAMPLE_MAX = 120_000_000

/**
 * Takes a round trip of `sample` microseconds (RFC 6298 sections 2.2 and 2.3) and computes the retransmission time-out. Karn:
 * the caller gives no samples of segments sent twice, except by timestamps.
 */
export function takeRttSample(c: Connection, sample: number): void {
  const r = Math.min(Math.max(sample, 1), SAMPLE_MAX)
  if (c.srtt === 0) {
    c.srtt = r
    c.rttvar = r >> 1
  } else {
    // RTTVAR first, with the old SRTT.
    c.rttvar = (c.rttvar - (c.rttvar >> 2) + (Math.abs(c.srtt - r) >> 2)) | 0
    c.srtt = (c.srtt - (c.srtt >> 3) + (r >> 3)) | 0
    if (c.srtt === 0) c.srtt = 1
  }
  if (c.minRtt === 0 || r < c.minRtt) c.minRtt = r
  computeRto(c)
  c.backoff = 0
}

/**
 * RTO = SRTT + max(G, 4·RTTVAR), in milliseconds. The host's minimum bounds the second term, as in Linux: a steady path of
 * 300 ms then still leaves room for a delayed acknowledgement.
 */
function computeRto(c: Connection): void {
  const config = c.host.config
  const minimum = (metricsOf(c).minimumRto || config.minimumRto) * 1000
  const rto = Math.ceil((c.srtt + Math.max(GRANULARITY, 4 * c.rttvar, minimum)) / 1000)
  c.rto = Math.min(rto, config.maximumRto)
}

/** The time-out now, doubled for each that has passed unanswered (RFC 6298 section 5.5). */
export function currentRto(c: Connection): number {
  return Math.min(c.rto * 2 ** Math.min(c.backoff, 20), c.host.config.maximumRto)
}
