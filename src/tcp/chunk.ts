// Read first: RFC 9293 sections 3.7.4, 3.8.6.2.1 and appendix A.3 (Minshall), RFC 5681 section 3.1.
//
// How much goes out at once. We differ from the letter of the RFCs, as Linux: data goes in chunks of several packets, which a device
// may cut, so many as are sent in a millisecond at the rate of the window; and PSH goes with the last packet of each, so that a
// receiver that joins packets hands them on.

import type { Connection } from './connection.ts'
import { CA_RECOVERY } from './connection.ts'
import { pacingRate } from './pacing.ts'
import { after } from './seq.ts'

/** Octets of the largest chunk: what one IP packet can say, less the headers below (Linux: sk_gso_max_size). */
const CHUNK_MAX = 65_215
/** Packets of the smallest (Linux: tcp_min_tso_segs). */
const PACKETS_MIN = 2
/** Microseconds of smallest round trip, as a power of two, that halve what a short path adds (Linux: tcp_tso_rtt_log). */
const RTT_LOG = 9
/** The part of a window that is worth sending (Linux: tcp_tso_win_divisor). */
const WINDOW_DIVISOR = 3
/** Microseconds: after so long a pause nothing is held back. */
const PAUSE = 1000

/** TCP_MSS_DEFAULT: of windows up to this the whole is used. */
const SMALL_WINDOW = 536

/**
 * Octets of a large write after which what is there is sent, before the rest is taken: a multiple of the segment size, at most
 * half of the largest window that the peer has offered.
 */
export function writeGoal(c: Connection): number {
  const half = c.maxSndWnd > SMALL_WINDOW ? c.maxSndWnd >> 1 : c.maxSndWnd
  const most = half > 0 ? Math.min(half, CHUNK_MAX) : CHUNK_MAX
  return Math.max(Math.floor(most / c.mss), 1) * c.mss
}

/** Why no more was sent. */
export const LIMIT_NONE = 0
export const LIMIT_CONGESTION = 1
export const LIMIT_RECEIVER = 2

/** Packets of a chunk sent now. */
export function packetsAtOnce(c: Connection, mss: number): number {
  const shift = c.minRtt >> RTT_LOG
  let octets = c.minRtt === 0 || shift < 32 ? CHUNK_MAX >>> shift : 0
  if (c.srtt8 === 0) {
    octets = CHUNK_MAX
  } else {
    // A 1024th of a second.
    octets += Math.floor(pacingRate(c, mss) / 1024)
  }
  return Math.max(Math.floor(Math.min(octets, CHUNK_MAX) / mss), PACKETS_MIN)
}

/** Whether a partial segment waits: corked, or a small one is unacknowledged (Nagle as Minshall amended it). */
export function partialWaits(c: Connection): boolean {
  if (c.cork || c.more) return true
  return !c.noDelay && c.flight !== null && after(c.sndSml, c.sndUna) && !after(c.sndSml, c.sndNxt)
}

/**
 * Whether to wait for the next acknowledgement rather than send a chunk that the windows have cut short: `room` is what the
 * congestion window has, `chunk` the packets of a full chunk, `usable` the receiver's, in octets, `waiting` what there is to send. Returns LIMIT_NONE: not.
 */
export function shouldDefer(
  c: Connection,
  mss: number,
  chunk: number,
  room: number,
  usable: number,
  waiting: number,
  last: boolean,
): number {
  if (c.caState >= CA_RECOVERY) return LIMIT_NONE
  const flight = c.flight
  if (flight === null || flight.count === 0) return LIMIT_NONE
  const now = c.host.time.nowMicros
  if (((now - c.lastSentMicros) | 0) >= PAUSE) return LIMIT_NONE
  const least = Math.min(room, usable)
  if (least >= chunk * mss) return LIMIT_NONE
  // More is behind it: it will not become longer.
  if (!last && least >= waiting) return LIMIT_NONE
  if (least >= Math.floor(Math.min(c.sndWnd, c.cwnd * mss) / WINDOW_DIVISOR)) return LIMIT_NONE
  // The next acknowledgement is far yet.
  if (((now - flight.oldestSentAt) | 0) < c.srtt >> 1) return LIMIT_NONE
  if (room < usable) {
    if (room <= waiting) return LIMIT_CONGESTION
  } else if (usable <= waiting) {
    return LIMIT_RECEIVER
  }
  return last && c.finQueued ? LIMIT_NONE : LIMIT_WAITING
}

/** Nothing limits; more may come. */
const LIMIT_WAITING = 3
