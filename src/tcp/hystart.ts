// Read first: RFC 9406 section 4 (HyStart++); Ha and Rhee, "Taming the elephants: new TCP slow start", 2011 (HyStart).
//
// Slow start ends by itself where the queue of the bottleneck begins to fill, before it overflows: a window that doubled until
// the first loss has as much too many packets in flight as the path holds.

import type { Connection } from './connection.ts'
import { slowStart } from './reno.ts'
import { after } from './seq.ts'

/** Section 4.3: the round trip has grown by an eighth, at least 4 and at most 16 ms (MIN_RTT_THRESH, MAX_RTT_THRESH). */
const DELAY_MIN = 4000
const DELAY_MAX = 16_000
/** N_RTT_SAMPLE: round trips looked at in each round. */
const SAMPLES = 8
/** CSS_GROWTH_DIVISOR and CSS_ROUNDS of conservative slow start. */
const CSS_DIVISOR = 4
const CSS_ROUNDS = 5

/** HyStart: not before the window has so many packets (RFC 9406 has no such floor). */
const LOW_WINDOW = 16
/** HyStart: acknowledgements closer together than this are one train, in microseconds. */
const TRAIN_GAP = 2000
// Of hystartDetect
const TRAINS = 1
const DELAYS = 2

const NEVER = 0x7fffffff

/** What slow start remembers of its round trips; times in microseconds. */
export class Hystart {
  /** The round ends when this is acknowledged (windowEnd). */
  roundEnd = 0
  /** When it began, and when its train was last seen going on. */
  roundAt = 0
  trainAt = 0
  /** currentRoundMinRTT, lastRoundMinRTT, and how often one was taken. */
  roundRtt = NEVER
  lastRoundRtt = NEVER
  samples = 0
  /** It ends, or has ended, by what was seen. */
  found = false
  /** Conservative slow start: cssBaselineMinRtt (0: not in it), rounds of it, and the fraction of a packet not yet grown by. */
  cssRtt = 0
  cssRounds = 0
  cssCount = 0

  reset(c: Connection): void {
    this.#beginRound(c)
    this.lastRoundRtt = NEVER
    this.found = false
    this.cssRtt = 0
    this.cssRounds = 0
    this.cssCount = 0
  }

  /** The next acknowledgement of new data begins a round. */
  endRound(c: Connection): void {
    this.roundEnd = (c.sndUna - 1) | 0
  }

  /** Nothing is in flight, and nothing that was seen so far is needed for what comes. */
  isBetweenRounds(c: Connection): boolean {
    if (this.found || this.cssRtt !== 0) return false
    return !c.host.config.hystartPlusPlus || (this.roundRtt === NEVER && this.lastRoundRtt === NEVER)
  }

  #beginRound(c: Connection): void {
    this.roundEnd = c.sndNxt
    this.roundAt = c.host.time.nowMicros
    this.trainAt = this.roundAt
    this.roundRtt = NEVER
    this.samples = 0
  }

  /** A round trip of `rtt` was measured in slow start; the least ever was `least`. */
  sampled(c: Connection, rtt: number, least: number): void {
    if (c.host.config.hystartPlusPlus) this.#sampledPlusPlus(c, rtt)
    else this.#sampledHystart(c, rtt, least)
  }

  /** Slow start by `packets`. Returns how many are left for congestion avoidance. */
  acknowledged(c: Connection, packets: number): number {
    if (this.cssRtt === 0) return slowStart(c, packets)
    // RFC 9406 section 4.2: a quarter of what slow start would have grown by.
    this.cssCount += packets
    const quarter = Math.floor(this.cssCount / CSS_DIVISOR)
    this.cssCount -= quarter * CSS_DIVISOR
    return slowStart(c, quarter) === 0 ? 0 : packets
  }

  #end(c: Connection): void {
    this.found = true
    c.ssthresh = c.cwnd
  }

  /** As Linux has it: the train of acknowledgements is half a round trip long, or the round trip has grown. */
  #sampledHystart(c: Connection, rtt: number, least: number): void {
    if (this.found) return
    if (after(c.sndUna, this.roundEnd)) this.#beginRound(c)
    if (c.cwnd < LOW_WINDOW) return
    const now = c.host.time.nowMicros
    const detect = c.host.config.hystartDetect
    if ((detect & TRAINS) !== 0 && ((now - this.trainAt) | 0) <= TRAIN_GAP) {
      this.trainAt = now
      if (((now - this.roundAt) | 0) > least >> 1) {
        this.#end(c)
        return
      }
    }
    if ((detect & DELAYS) === 0) return
    if (rtt < this.roundRtt) this.roundRtt = rtt
    if (this.samples < SAMPLES) this.samples++
    else if (this.roundRtt > least + threshold(least)) this.#end(c)
  }

  /** Section 4.2: after a round whose round trips have grown, a few rounds of slower growth tell whether they stay so. */
  #sampledPlusPlus(c: Connection, rtt: number): void {
    if (this.found) return
    if (after(c.sndUna, this.roundEnd)) {
      if (this.cssRtt !== 0 && ++this.cssRounds >= CSS_ROUNDS) {
        this.#end(c)
        return
      }
      this.lastRoundRtt = this.roundRtt
      this.#beginRound(c)
    }
    if (rtt < this.roundRtt) this.roundRtt = rtt
    if (++this.samples < SAMPLES) return
    if (this.cssRtt !== 0) {
      // It was jitter: slow start goes on.
      if (this.roundRtt < this.cssRtt) {
        this.cssRtt = 0
        this.cssRounds = 0
      }
    } else if (this.lastRoundRtt !== NEVER && this.roundRtt >= this.lastRoundRtt + threshold(this.lastRoundRtt)) {
      this.cssRtt = this.roundRtt
      this.cssRounds = 0
      this.cssCount = 0
    }
  }
}

function threshold(rtt: number): number {
  return Math.min(Math.max(rtt >> 3, DELAY_MIN), DELAY_MAX)
}
