// Read first: RFC 9438 sections 4.1 to 4.8.
//
// The window follows a cubic curve of the time since it was last reduced: fast back to near where the loss was, slowly past it,
// then faster and faster to find what is free. It depends on time, not on round trips, so that long paths get their share.

import { TCP_CA_Loss } from '../base/tcp-info.ts'
import { type CongestionControl, EVENT_START } from './congestion.ts'
import type { Connection } from './connection.ts'
import { Hystart } from './hystart.ts'
import { grow } from './reno.ts'

/** beta_cubic, 0.7, as Linux has it: 717 of 1024. */
const BETA = 717
const ONE = 1024
/** C, 0.4: 410 of 1024. Times are counted in 1024ths of a second, so that a shift divides. */
const C_SCALED = 410
/** (t − K)³ · C, from 1024ths. */
const CUBE_SHIFT = 2 ** 40
/** A Reno of this beta grows by 3 · (1 − beta) / (1 + beta) of a packet a window (alpha_cubic): one for every 15/8 windows. */
const RENO_ACKS = 15
const RENO_SHIFT = 3
/** The curve is computed anew at most so often while the window stays: milliseconds. */
const COMPUTE_EVERY = 31
/** Round trips are not believed for so long after a reduction: the queue that caused it is still there. Milliseconds. */
const SETTLING = 1000
/** Without a maximum to return to, growth is at least one packet for so many acknowledged. */
const FIRST_SEARCH = 20
/** Never faster than one packet for two acknowledged: half of slow start (section 4.4: at most 1.5 times a round trip). */
const FASTEST = 2
/** On the plateau: hardly at all. */
const PLATEAU = 100

/** What CUBIC remembers of a connection. Int32s. */
export class CubicState {
  /** W_max, with fast convergence: the window at the last reduction. */
  lastMax = 0
  /** The middle of the curve: the window there, and K, when it is reached. */
  origin = 0
  k = 0
  /** When the curve began, milliseconds. */
  running = false
  startedAt = 0
  /** Packets acknowledged for which one more may be sent (`window` of `grow`). */
  count = 0
  /** What it was computed for, and when. */
  computedFor = 0
  computedAt = 0
  /** The window that Reno would have by now (W_est), and acknowledgements not yet counted in it. */
  renoWindow = 0
  renoAcks = 0
  readonly hystart = new Hystart()

  reset(c: Connection): void {
    this.lastMax = 0
    this.origin = 0
    this.k = 0
    this.running = false
    this.count = 0
    this.computedFor = 0
    this.renoWindow = 0
    this.renoAcks = 0
    this.hystart.reset(c)
  }
}

const pool: CubicState[] = []

/** What most connections never need, or do not need at rest: 232 octets. Theirs is borrowed while something is in flight. */
function stateOf(c: Connection): CubicState {
  if (c.controlState === null) {
    const state = pool.pop() ?? new CubicState()
    state.reset(c)
    // It had one before: the round that this had begun is over.
    if (c.leastRtt !== 0) state.hystart.endRound(c)
    c.controlState = state
  }
  return c.controlState
}

/** Forgets all but ssthresh. */
function forget(c: Connection): void {
  if (c.controlState !== null || c.leastRtt !== 0) stateOf(c).reset(c)
  c.leastRtt = 0
}

/** Section 4.2: computes `count` for a window of which `packets` more have been acknowledged. */
function follow(c: Connection, s: CubicState, packets: number): void {
  const now = c.host.time.now
  const window = c.cwnd
  s.renoAcks += packets
  if (s.computedFor === window && s.running && ((now - s.computedAt) | 0) <= COMPUTE_EVERY) return
  if (!s.running || now !== s.computedAt) curve(c, s, now, packets)
  s.computedFor = window
  s.computedAt = now
  renoFriendly(s, window)
  s.count = Math.max(s.count, FASTEST)
}

function curve(c: Connection, s: CubicState, now: number, packets: number): void {
  const window = c.cwnd
  if (!s.running) {
    s.running = true
    s.startedAt = now
    s.renoAcks = packets
    s.renoWindow = window
    if (s.lastMax <= window) {
      s.k = 0
      s.origin = window
    } else {
      // K = cubic root of (W_max − cwnd_epoch) / C.
      s.k = Math.floor(Math.cbrt(((s.lastMax - window) * CUBE_SHIFT) / C_SCALED))
      s.origin = s.lastMax
    }
  }
  // Where the curve is a round trip from now.
  const elapsed = ((now - s.startedAt) | 0) + Math.ceil(c.leastRtt / 1000)
  const t = Math.floor((elapsed * ONE) / 1000)
  const distance = Math.abs(t - s.k)
  const cube = Math.floor((C_SCALED * distance * distance * distance) / CUBE_SHIFT)
  const target = t < s.k ? s.origin - cube : s.origin + cube
  s.count = target > window ? Math.floor(window / (target - window)) : PLATEAU * window
  if (s.lastMax === 0 && s.count > FIRST_SEARCH) s.count = FIRST_SEARCH
}

/** Section 4.3: at least as fast as Reno where that is faster, on short paths and with small windows. */
function renoFriendly(s: CubicState, window: number): void {
  const acksForOne = (window * RENO_ACKS) >> RENO_SHIFT
  if (acksForOne > 0 && s.renoAcks > acksForOne) {
    const more = Math.floor((s.renoAcks - 1) / acksForOne)
    s.renoAcks -= more * acksForOne
    s.renoWindow += more
  }
  if (s.renoWindow > window) s.count = Math.min(s.count, Math.floor(window / (s.renoWindow - window)))
}

/** CUBIC, with HyStart or HyStart++ as its slow start (RFC 9438 section 4.10). */
export const cubic: CongestionControl = {
  name: 'cubic',

  init(c: Connection): void {
    forget(c)
  },

  acknowledged(c: Connection, packets: number): void {
    const s = stateOf(c)
    const left = c.cwnd < c.ssthresh ? s.hystart.acknowledged(c, packets) : packets
    if (left === 0) return
    follow(c, s, left)
    grow(c, s.count, left)
  },

  thresholdAfterLoss(c: Connection): number {
    const s = stateOf(c)
    s.running = false
    // Section 4.7, fast convergence: who could not get back to where it was leaves room for those who came.
    s.lastMax = c.cwnd < s.lastMax ? Math.floor((c.cwnd * (ONE + BETA)) / (2 * ONE)) : c.cwnd
    return Math.max(Math.floor((c.cwnd * BETA) / ONE), 2)
  },

  lowered(threshold: number): number {
    return Math.floor((threshold * BETA) / ONE)
  },

  sampled(c: Connection, _packets: number, rttMicros: number): void {
    if (rttMicros < 0) return
    const s = stateOf(c)
    if (s.running && ((c.host.time.now - s.startedAt) | 0) < SETTLING) return
    const rtt = Math.max(rttMicros, 1)
    if (c.leastRtt === 0 || rtt < c.leastRtt) c.leastRtt = rtt
    if (c.host.config.hystart && c.cwnd < c.ssthresh) s.hystart.sampled(c, rtt, c.leastRtt)
  },

  stateChanged(c: Connection, state: number): void {
    // Section 4.8: after a time-out all is forgotten but for ssthresh.
    if (state === TCP_CA_Loss) forget(c)
  },

  landed(c: Connection): void {
    const s = c.controlState
    // No reduction, no curve, and a slow start between two rounds: all that `leastRtt` does not say a new one would say too.
    if (s === null || s.lastMax !== 0 || s.running || !s.hystart.isBetweenRounds(c)) return
    c.controlState = null
    if (pool.length < 256) pool.push(s)
  },

  event(c: Connection, event: number): void {
    const s = c.controlState
    if (event !== EVENT_START || s === null || !s.running) return
    // Section 4.2: the curve stands still while nothing is sent.
    const { now } = c.host.time
    const idle = (now - c.lastSentAt) | 0
    if (idle > 0) {
      s.startedAt = (s.startedAt + idle) | 0
      if (((s.startedAt - now) | 0) > 0) s.startedAt = now
    }
  },
}
