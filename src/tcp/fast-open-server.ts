// Read first: RFC 7413 sections 4.2 and 5 (what may be sent before the handshake is over), tcp(7) TCP_FASTOPEN.
//
// A SYN that shows a cookie of ours, and its data, make a connection at once: it is in the accept queue, can be read, and may
// send, while its SYN-ACK waits for an answer. Until then the connection keeps the request that it came from.

import { POLLIN, POLLOUT } from '../base/constants.ts'
import { ECONNRESET, ETIMEDOUT } from '../base/errno.ts'
import { ACK, RST, SYN, type TcpSegment } from '../wire/tcp.ts'
import { challengeAck } from './challenge.ts'
import { childOf } from './child.ts'
import { announce, closeConnection } from './close.ts'
import { type Connection, TIMER_RETRANSMIT } from './connection.ts'
import { arm, disarm, updateKeepAlive } from './deadlines.ts'
import { handshakeEnds } from './ecn.ts'
import { FAST_OPEN_SERVER, FAST_OPEN_SERVER_NO_COOKIE, FO_CHILD, FO_DATA_TAKEN } from './fast-open.ts'
import { COOKIE_CURRENT, COOKIE_LENGTH, COOKIE_OLD, COOKIE_WRONG } from './fast-open-key.ts'
import type { HalfOpen } from './half-open.ts'
import { enterLoss } from './loss.ts'
import { updateMss } from './mss.ts'
import { searchFromStart } from './mtu-search.ts'
import { output, stampEpisode } from './output.ts'
import { chargeData } from './receive-tuning.ts'
import { replyReset } from './reset.ts'
import { currentRto, handshakeUnmeasured, takeRttSample } from './rtt.ts'
import { NO_FAST_OPEN, sendAck } from './segment-writer.ts'
import { after, before } from './seq.ts'
import { ESTABLISHED, FIN_WAIT_1, SYN_RECEIVED } from './state.ts'
import { repeatSynAck, sendSynAck } from './syn-ack.ts'
import { armTransmit } from './transmit-timer.ts'

/** A SYN that resets what it opened counts as pending for so long: it may be an attack that spends somebody else's cookie. */
const RESET_HELD = 60_000

/** Answers the SYN of which `h` is made. True: the connection stands, and `h` is not to wait for its ACK. */
export function answerWithFastOpen(h: HalfOpen, segment: TcpSegment): boolean {
  const { host, listener } = h
  const { config, counters, fastOpen } = host
  const offered = segment.options.cookieLength
  if (offered === 0) counters.fastOpenCookiesAsked++
  const spoken = (config.fastOpen & FAST_OPEN_SERVER) !== 0 && (segment.payloadLength > 0 || offered >= 0)
  // Beside a signature there is no room for a cookie.
  if (!spoken || fastOpen === null || listener.fastOpenMax === 0 || h.signatureKey !== null) {
    sendSynAck(h, NO_FAST_OPEN, -1, false)
    return false
  }
  if (!listener.mayFastOpen(host.time.now)) {
    counters.fastOpenOverflows++
    sendSynAck(h, NO_FAST_OPEN, -1, false)
    return false
  }
  const keys = listener.fastOpenKeys ?? fastOpen.keys
  const free = listener.fastOpenNoCookie || (config.fastOpen & FAST_OPEN_SERVER_NO_COOKIE) !== 0
  const { remote, local } = h
  const worth = free ? COOKIE_CURRENT : offered > 0 ? keys.check(segment.options, remote, local) : COOKIE_WRONG
  const c = worth === COOKIE_WRONG ? null : openAtOnce(h, segment)
  const { cookieExperimental } = segment.options
  if (c !== null) {
    counters.fastOpenPassive++
    // Another cookie only where the one it has will soon be worth nothing.
    const cookie = worth === COOKIE_OLD ? keys.cookieFor(remote, local) : NO_FAST_OPEN
    sendSynAck(h, cookie, worth === COOKIE_OLD ? COOKIE_LENGTH : -1, cookieExperimental)
    enqueue(c, h)
    return true
  }
  if (offered > 0) counters.fastOpenPassiveFails++
  const given = offered >= 0 && !free
  sendSynAck(h, given ? keys.cookieFor(remote, local) : NO_FAST_OPEN, given ? COOKIE_LENGTH : -1, cookieExperimental)
  return false
}

/** The connection, with the data of the SYN; null where there is no room for one. */
function openAtOnce(h: HalfOpen, segment: TcpSegment): Connection | null {
  const { host, listener } = h
  if (listener.full || host.memory.full) return null
  const c = childOf(h)
  c.request = h
  c.state = SYN_RECEIVED
  c.opened = true
  c.openedAt = host.time.now
  c.lastSentAt = host.time.now
  c.sndWl1 = segment.seq
  c.sndWl2 = c.sndUna
  c.fastOpen |= FO_CHILD
  updateMss(c)
  searchFromStart(c)
  const length = segment.payloadLength
  if (length > 0) {
    chargeData(c, length)
    c.receivingRing.write(segment.bytes, segment.payloadStart, segment.payloadEnd)
    c.rcvNxt = (c.rcvNxt + length) | 0
    c.rcvAdv = (c.rcvAdv + length) | 0
    c.lastAckSent = c.rcvNxt
    h.received = length
    c.dataSegmentsIn++
    c.lastDataAt = host.time.now
    c.fastOpen |= FO_DATA_TAKEN
  }
  return c
}

function enqueue(c: Connection, h: HalfOpen): void {
  const { host, listener } = h
  host.enter(c)
  arm(c, TIMER_RETRANSMIT, host.config.initialRto)
  host.counters.passiveOpens++
  listener.fastOpenPending++
  c.listener = listener
  listener.enqueue(c)
  listener.owner.connectionReady(POLLIN)
}

/**
 * A segment for a connection whose SYN-ACK is unanswered, before the ordinary steps. False: it is dealt with. Stricter than they
 * are, since all that is known of the peer is its SYN.
 */
export function requestAllows(c: Connection, h: HalfOpen, segment: TcpSegment): boolean {
  const { host } = c
  const flags = segment.flags
  const { options } = segment
  const stale = h.timestamps && options.hasTimestamps && ((options.tsVal - h.tsRecent) | 0) < 0
  if ((flags & (SYN | ACK | RST)) === SYN && segment.seq === h.irs && !stale) {
    // The client has missed our SYN-ACK.
    if (h.mayAnswer()) {
      c.totalRetransmits++
      repeatSynAck(h)
    }
    return false
  }
  const end = (segment.seq + segment.length) | 0
  const outside = before(end, c.rcvNxt) || after(segment.seq, (h.rcvNxt + h.offeredWindow) | 0)
  if ((stale && (flags & RST) === 0) || outside) {
    host.counters.outOfWindow++
    if ((flags & RST) === 0 && h.mayAnswer()) sendAck(c)
    return false
  }
  if ((flags & RST) !== 0) {
    // RFC 5961 section 3.2.
    if (segment.seq !== c.rcvNxt) {
      challengeAck(c)
      return false
    }
    host.counters.attemptFails++
    h.listener.fastOpenOver(h, host.time.now + RESET_HELD)
    c.request = null
    c.aborted = true
    closeConnection(c, ECONNRESET)
    return false
  }
  if ((flags & SYN) !== 0) {
    // A SYN that is not the first one's: answered, but it ends nothing.
    host.counters.attemptFails++
    replyReset(host, c, segment)
    return false
  }
  return (flags & ACK) !== 0
}

/** Fifth step in SYN-RECEIVED. False: the ACK is not acceptable, and was answered with a RST. */
export function requestAcknowledged(c: Connection, segment: TcpSegment): boolean {
  if (!before(segment.ack, c.sndUna) && !after(segment.ack, c.sndNxt)) return true
  replyReset(c.host, c, segment)
  return false
}

/** The SYN-ACK is acknowledged: the connection is like any other from now on. */
export function requestOver(c: Connection, h: HalfOpen, segment: TcpSegment): void {
  const { host } = c
  c.request = null
  h.listener.fastOpenOver(h, 0)
  handshakeEnds(c, segment)
  if (c.srtt === 0) {
    const echo = c.timestamps && segment.options.hasTimestamps ? segment.options.tsEcr : 0
    if (!h.repeated) takeRttSample(c, (host.time.nowMicros - h.sentAt) | 0)
    else if (echo !== 0) takeRttSample(c, Math.max((c.tsNow - echo) | 0, 1) * 1000)
    // RFC 6298 section 5.7.
    else handshakeUnmeasured(c)
  }
  c.retries = 0
  c.backoff = 0
  // The SYN-ACK.
  c.delivered++
  if (c.state === SYN_RECEIVED) {
    // What was shut for writing in the meantime sends its FIN now.
    c.state = c.finQueued ? FIN_WAIT_1 : ESTABLISHED
    c.sndWnd = segment.window << c.sndWndShift
    c.maxSndWnd = Math.max(c.sndWnd, c.maxSndWnd)
    c.sndWl1 = segment.seq
    c.sndWl2 = segment.ack
    updateKeepAlive(c)
    announce(c, POLLOUT)
  }
  if (c.flight === null) disarm(c, TIMER_RETRANSMIT)
  else armTransmit(c, TIMER_RETRANSMIT, currentRto(c))
  // Before what the segment brings may end it all (tcp_rcv_state_process in Linux).
  if (c.finQueued) output(c)
  host.touch(c)
}

/** Nothing else is sent again before the SYN-ACK is acknowledged. It gets one more attempt than that of a plain handshake (Linux). */
export function requestTimeout(c: Connection, h: HalfOpen): void {
  const { config } = c.host
  h.retries++
  if (h.retries > config.synAckRetries + 1) {
    c.host.counters.abortsOnTimeout++
    c.aborted = true
    closeConnection(c, c.softError !== 0 ? c.softError : ETIMEDOUT)
    return
  }
  // RFC 6928 section 2: one SYN-ACK sent twice is forgiven.
  if (h.retries === 2) {
    if (c.flight === null) c.cwnd = 1
    else enterLoss(c)
    stampEpisode(c)
  }
  c.totalRetransmits++
  repeatSynAck(h)
  arm(c, TIMER_RETRANSMIT, Math.min(config.initialRto * 2 ** h.retries, config.maximumRto))
}
