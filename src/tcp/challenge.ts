// Read first: RFC 5961 sections 3 to 5, 7 and 10; RFC 9293 section 3.10.7.4.

import type { Connection } from './connection.ts'
import { sendAck } from './segment-writer.ts'

/**
 * How many challenge ACKs a host may still send in this second. Linux's cure for the side channel of CVE-2016-5696: the limit
 * is different, by chance, in every second, so that counting the answers tells an attacker nothing.
 */
export class ChallengeBudget {
  readonly #limit: number
  readonly #random: { int32(): number }
  #second = -1
  #left = 0

  constructor(limit: number, random: { int32(): number }) {
    this.#limit = limit
    this.#random = random
  }

  take(nowMillis: number): boolean {
    const second = Math.floor((nowMillis >>> 0) / 1000)
    if (second !== this.#second) {
      this.#second = second
      const half = (this.#limit + 1) >> 1
      this.#left = half + ((this.#random.int32() >>> 0) % Math.max(this.#limit, 1))
    }
    if (this.#left <= 0) return false
    this.#left--
    return true
  }
}

/** An acknowledgement that asks the peer whether a suspicious segment was its own; within the host's limit. */
export function challengeAck(c: Connection): void {
  // One connection's share: a flood at one does not use up what others need (Linux: tcp_invalid_ratelimit).
  if (heldBack(c)) return
  if (!c.host.challenges.take(c.host.time.now)) {
    c.host.counters.challengeAcksHeld++
    return
  }
  c.host.counters.challengeAcks++
  sendAck(c)
}

/**
 * Answers an unacceptable segment (first step of section 3.10.7.4). Without data, a second answer within half a second is held
 * back: two ends that find each other's segments unacceptable would answer for ever.
 */
export function answerUnacceptable(c: Connection, hasData: boolean): void {
  c.host.counters.outOfWindow++
  if (!hasData && heldBack(c)) return
  sendAck(c)
}

function heldBack(c: Connection): boolean {
  const now = c.host.time.now
  if (c.invalidAckSent && (now - c.lastInvalidAckAt) >>> 0 < c.host.config.invalidRateLimit) {
    c.host.counters.challengeAcksHeld++
    return true
  }
  c.invalidAckSent = true
  c.lastInvalidAckAt = now
  return false
}
