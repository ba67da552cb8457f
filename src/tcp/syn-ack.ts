// Read first: RFC 9293 section 3.10.7.2 (LISTEN), RFC 7413 section 4.2.

import { ACK } from '../wire/tcp.ts'
import { ECN_AGREED, ecnFlagsOfSynAck, offersCounters } from './ecn.ts'
import type { HalfOpen } from './half-open.ts'
import { advertisedMss } from './mss.ts'
import { NO_FAST_OPEN, type SynOptions, sendSyn } from './segment-writer.ts'
import { clockWithOptions } from './syn-cookies.ts'

const options: SynOptions = {
  mss: 0,
  windowShift: -1,
  sackPermitted: false,
  timestamps: false,
  tsVal: 0,
  tsEcr: 0,
  cookie: NO_FAST_OPEN,
  cookieLength: -1,
  cookieExperimental: false,
  ecnCounters: false,
}

/** Answers a SYN, for the first time with a Fast Open cookie for the client's next: `cookieLength` octets of it, −1 for none. */
export function sendSynAck(h: HalfOpen, cookie: Uint8Array, cookieLength: number, experimental: boolean): void {
  write(h, h.host.time.now, cookie, cookieLength, experimental)
}

function write(h: HalfOpen, clock: number, cookie: Uint8Array, cookieLength: number, experimental: boolean): void {
  const { host, listener } = h
  options.mss = advertisedMss(h, listener.mssLimit)
  options.windowShift = h.windowShift >= 0 ? h.offeredShift : -1
  options.sackPermitted = h.sackPermitted
  options.timestamps = h.timestamps
  options.tsVal = (clock + h.tsOffset) | 0
  options.tsEcr = h.tsRecent
  options.ecnCounters = offersCounters(h)
  options.cookie = cookie
  options.cookieLength = cookieLength
  options.cookieExperimental = experimental
  // Karn: after a second one nobody knows which was answered.
  h.repeated = h.sentAt !== 0
  h.sentAt = host.time.nowMicros | 1
  sendSyn(host, h, h.iss, h.rcvNxt, ACK | ecnFlagsOfSynAck(h.ecn, h.retries), h.offeredWindow, options, null)
}

/** Answers a SYN that nothing is kept of: RFC 4987 section 3.6. */
export function sendSynCookie(h: HalfOpen): void {
  const { host } = h
  // Without timestamps there is no room for what the options would have told.
  if (!h.timestamps) {
    h.windowShift = -1
    h.sackPermitted = false
  }
  h.ecn = h.timestamps ? h.ecn & ECN_AGREED : 0
  h.iss = host.synCookies.sequenceFor(h)
  host.counters.synCookiesSent++
  write(h, h.timestamps ? clockWithOptions(h, host.time.now) : host.time.now, NO_FAST_OPEN, -1, false)
}

/** The same again, which brings no cookie: what was lost may have been lost for it. */
export function repeatSynAck(h: HalfOpen): void {
  h.host.counters.retransmits++
  h.repeats++
  sendSynAck(h, NO_FAST_OPEN, -1, false)
}
