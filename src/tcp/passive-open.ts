// Read first: RFC 9293 sections 3.5 and 3.10.7.2 (LISTEN), 3.10.7.4 (SYN-RECEIVED), RFC 4987, listen(2).

import { POLLIN } from '../base/constants.ts'
import type { IpAddress } from '../base/ip-address.ts'
import { ACK, FIN, RST, SYN, TCP_HEADER_LENGTH, type TcpSegment, writeTcp } from '../wire/tcp.ts'
import { WINDOW_SCALE_MAX, writeNop, writeSignature, writeTimestamps } from '../wire/tcp-options.ts'
import { childOf } from './child.ts'
import { updateKeepAlive } from './deadlines.ts'
import { ecnOfRequest, handshakeEnds } from './ecn.ts'
import { HalfOpen } from './half-open.ts'
import { segmentArrives } from './input.ts'
import { sequenceAbove } from './isn.ts'
import type { Listener } from './listener.ts'
import { advertisedMss, defaultMss, updateMss } from './mss.ts'
import { searchFromStart } from './mtu-search.ts'
import { initialWindow, windowShiftFor, withinRoute } from './receive-window.ts'
import { replyReset } from './reset.ts'
import { handshakeUnmeasured, takeRttSample } from './rtt.ts'
import { NO_FAST_OPEN, transmitSigned } from './segment-writer.ts'
import { after } from './seq.ts'
import { ESTABLISHED } from './state.ts'
import { repeatSynAck, sendSynAck, sendSynCookie } from './syn-ack.ts'
import { optionsFromClock } from './syn-cookies.ts'

/**
 * SEGMENT ARRIVES in LISTEN, of a SYN from `remote`; the caller has seen to RST and ACK. The addresses are copied if they are
 * kept. `floor` is SND.NXT of an earlier connection of this pair, if one gave way. Null: the SYN was dropped, and the peer's next will do better.
 */
export function synArrivesAtListener(
  listener: Listener,
  segment: TcpSegment,
  local: IpAddress,
  remote: IpAddress,
  floor: number | null,
): HalfOpen | null {
  const host = listener.host
  if (listener.full) {
    // listen(2): no answer at all; the client tries again.
    host.counters.listenOverflows++
    return null
  }
  const { synCookies } = host.config
  // What gives way to a connection that was is evidently no flood; and its sequence number is not free.
  const cookie = floor === null && (synCookies === 2 || (synCookies === 1 && listener.halfOpenFull))
  if (synCookies === 0 && listener.halfOpenFull && listener.oldest !== null) {
    // The oldest makes room, being the least likely to end well. (Linux, without cookies, drops the newest.)
    host.counters.halfOpenEvicted++
    dropHalfOpen(listener.oldest)
  }
  const halfOpen = halfOpenFor(listener, segment, local, remote)
  const peer = segment.options
  halfOpen.irs = segment.seq
  halfOpen.window = segment.window
  halfOpen.peerMss = peer.mss > 0 ? peer.mss : defaultMss(halfOpen)
  halfOpen.windowShift =
    host.config.windowScaling && peer.windowScale >= 0 ? Math.min(peer.windowScale, WINDOW_SCALE_MAX) : -1
  halfOpen.sackPermitted = host.config.sack && peer.sackPermitted
  halfOpen.timestamps = host.config.timestamps && peer.hasTimestamps
  // As Linux: a signature leaves no room for both in the segments to come.
  if (halfOpen.signatureKey !== null && halfOpen.sackPermitted && !cookie) halfOpen.timestamps = false
  halfOpen.tsRecent = peer.tsVal
  const { localPort, remotePort } = halfOpen
  const iss = host.isn.initial(halfOpen.local, localPort, halfOpen.remote, remotePort, host.time.instant)
  halfOpen.iss = sequenceAbove(iss, floor)
  halfOpen.tsOffset = host.isn.offsetOfLast
  if (host.findPath(halfOpen) < 0) return null
  halfOpen.ecn = ecnOfRequest(halfOpen, segment)
  offerWindow(halfOpen)
  if (cookie) {
    listener.cookieAt = host.time.now
    listener.cookies = true
    sendSynCookie(halfOpen)
    return null
  }
  if (host.fastOpen === null) sendSynAck(halfOpen, NO_FAST_OPEN, -1, false)
  else if (host.fastOpen.calls.answerWithFastOpen(halfOpen, segment)) return null
  listener.addHalfOpen(halfOpen)
  host.time.set(halfOpen, host.config.initialRto)
  return halfOpen
}

/** `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`, within the host's limit: what an unacceptable segment is answered with. */
function sendAck(h: HalfOpen): void {
  const { host } = h
  if (!h.mayAnswer() || !host.challenges.take(host.time.now)) {
    host.counters.challengeAcksHeld++
    return
  }
  host.counters.challengeAcks++
  if (host.findPath(h) < 0) return
  const at = host.segmentStart
  let end = at + TCP_HEADER_LENGTH
  if (h.signatureKey !== null) end = writeSignature(host.frame, end)
  const signatureEnd = end
  if (h.timestamps) {
    end = writeNop(host.frame, end)
    end = writeNop(host.frame, end)
    end = writeTimestamps(host.frame, end, (host.time.now + h.tsOffset) | 0, h.tsRecent)
  }
  const window = h.offeredWindow >>> (h.windowShift >= 0 ? h.offeredShift : 0)
  const ack = (h.irs + 1) | 0
  writeTcp(host.frame, at, h.localPort, h.remotePort, (h.iss + 1) | 0, ack, end - at, ACK, window, 0)
  transmitSigned(host, h, end - at, end, signatureEnd)
}

/** The SYN-ACK went unanswered: once more, each time waiting twice as long; then it is given up. */
export function halfOpenExpired(h: HalfOpen): void {
  const config = h.host.config
  h.retries++
  const { deferAccept } = h.listener
  if (h.acknowledged && h.retries < deferAccept) {
    // Nothing is missing but the data.
    h.host.time.set(h, Math.min(config.initialRto * 2 ** h.retries, config.maximumRto))
    return
  }
  if (h.retries > Math.max(config.synAckRetries, deferAccept)) {
    h.host.counters.attemptFails++
    dropHalfOpen(h)
    return
  }
  repeatSynAck(h)
  h.host.time.set(h, Math.min(config.initialRto * 2 ** h.retries, config.maximumRto))
}

/** Forgets a half-open connection. */
export function dropHalfOpen(h: HalfOpen): void {
  h.host.time.clear(h)
  h.listener.removeHalfOpen(h)
  h.host.remove(h)
}

/** SEGMENT ARRIVES in SYN-RECEIVED, for a connection that a listener was asked for. */
export function segmentAtHalfOpen(h: HalfOpen, segment: TcpSegment): void {
  const host = h.host
  const flags = segment.flags
  const rcvNxt = (h.irs + 1) | 0
  const window = h.offeredWindow
  if ((flags & SYN) !== 0 && (flags & (ACK | RST)) === 0 && segment.seq === h.irs) {
    // The client has missed our SYN-ACK.
    if (h.mayAnswer()) repeatSynAck(h)
    return
  }
  if (!acceptable(h, segment, rcvNxt, window)) return
  if ((flags & RST) !== 0) {
    // RFC 5961 section 3.2, and MUST-11: after a passive open the connection just returns to LISTEN.
    if (segment.seq === rcvNxt) {
      host.counters.attemptFails++
      dropHalfOpen(h)
    } else {
      sendAck(h)
    }
    return
  }
  if ((flags & SYN) !== 0) {
    // Fourth step: after a passive open the connection returns to LISTEN. The client is told with a RST, as by Linux.
    host.counters.attemptFails++
    replyReset(host, h, segment)
    dropHalfOpen(h)
    return
  }
  if ((flags & ACK) === 0) return
  if (segment.ack !== ((h.iss + 1) | 0)) {
    replyReset(host, h, segment)
    return
  }
  if (h.retries < h.listener.deferAccept && segment.payloadLength === 0 && (flags & FIN) === 0) {
    // tcp(7): the listener is told when data comes. Until then the connection is half open.
    h.acknowledged = true
    return
  }
  if (h.listener.full) {
    // The ACK is forgotten: our SYN-ACK goes out again, and its answer finds a place, or not.
    host.counters.listenOverflows++
    if (!host.config.abortOnOverflow) return
    host.counters.attemptFails++
    replyReset(host, h, segment)
    dropHalfOpen(h)
    return
  }
  becomeConnection(h, segment)
}

/** First step: the window, and PAWS before it. */
function acceptable(h: HalfOpen, segment: TcpSegment, rcvNxt: number, window: number): boolean {
  const rst = (segment.flags & RST) !== 0
  if (h.timestamps && !rst && segment.options.hasTimestamps && ((segment.options.tsVal - h.tsRecent) | 0) < 0) {
    h.host.counters.pawsRejected++
    sendAck(h)
    return false
  }
  const { seq } = segment
  const end = (seq + segment.length) | 0
  const edge = (rcvNxt + window) | 0
  // tcp_in_window in Linux: one that ends where the window begins is old, the SYN itself too.
  const inside = seq === rcvNxt || (after(end, rcvNxt) && after(edge, seq)) || (seq === edge && end === edge)
  if (!inside) {
    h.host.counters.outOfWindow++
    if (!rst) sendAck(h)
    return false
  }
  return true
}

/** What our SYN-ACK offers, now that the way and the options are known. */
function offerWindow(h: HalfOpen): void {
  const { host, listener } = h
  const mss = advertisedMss(h, listener.mssLimit) - (h.timestamps ? 12 : 0)
  h.offeredWindow = withinRoute(h, initialWindow(listener.receiveBuffer, listener.windowClamp, mss), mss)
  h.offeredShift = windowShiftFor(host.config.receiveBufferMax, listener.windowLimit)
}

/** Of whoever has sent this segment. */
function halfOpenFor(listener: Listener, segment: TcpSegment, local: IpAddress, remote: IpAddress): HalfOpen {
  const { host } = listener
  const { addresses } = host
  const { destinationPort, sourcePort } = segment
  return new HalfOpen(host, listener, addresses.of(local), destinationPort, addresses.of(remote), sourcePort)
}

/**
 * An ACK without a connection at a listener that has sent SYN cookies lately: the end of a handshake that nothing is known of, if
 * the cookie is good. False: it is not, and belongs to nobody.
 */
export function cookieArrives(listener: Listener, segment: TcpSegment, local: IpAddress, remote: IpAddress): boolean {
  const { host } = listener
  if (!listener.expectsCookies(host.time.now)) return false
  const h = halfOpenFor(listener, segment, local, remote)
  h.irs = (segment.seq - 1) | 0
  h.iss = (segment.ack - 1) | 0
  h.peerMss = host.synCookies.mssOf(h)
  if (h.peerMss === 0) {
    host.counters.synCookiesFailed++
    return false
  }
  const { options } = segment
  h.tsOffset = host.isn.timestampOffset(h.local, h.localPort, h.remote, h.remotePort)
  if (options.hasTimestamps) {
    if (!host.config.timestamps) return false
    h.timestamps = true
    h.tsRecent = options.tsVal
    optionsFromClock(h, (options.tsEcr - h.tsOffset) | 0)
  }
  // Nobody knows when the SYN-ACK went.
  h.repeated = true
  h.window = segment.window
  if (host.findPath(h) < 0) return true
  offerWindow(h)
  host.counters.synCookiesReceived++
  if (listener.full) {
    host.counters.listenOverflows++
    return true
  }
  h.retries = 1
  becomeConnection(h, segment, false)
  return true
}

/** `queued`: `h` is known to its listener. */
function becomeConnection(h: HalfOpen, segment: TcpSegment, queued = true): void {
  const { host, listener } = h
  const c = childOf(h)
  handshakeEnds(c, segment)
  c.sndWnd = segment.window << c.sndWndShift
  c.maxSndWnd = c.sndWnd
  c.sndWl1 = segment.seq
  c.sndWl2 = segment.ack
  c.state = ESTABLISHED
  c.opened = true
  // The SYN-ACK.
  c.delivered = 1
  c.openedAt = host.time.now
  c.lastSentAt = host.time.now
  if (!h.repeated) takeRttSample(c, (host.time.nowMicros - h.sentAt) | 0)
  else if (h.retries > 0) handshakeUnmeasured(c)
  if (h.retries > 0 && h.repeats > 1) c.cwnd = 1 // RFC 6928 section 2: one SYN-ACK sent twice is forgiven
  if (queued) {
    host.time.clear(h)
    listener.removeHalfOpen(h)
    host.promote(h, c)
  } else {
    host.enter(c)
  }
  updateMss(c)
  searchFromStart(c)
  updateKeepAlive(c)
  host.counters.passiveOpens++
  c.listener = listener
  listener.enqueue(c)
  listener.owner.connectionReady(POLLIN)
  // Data and FIN that came with the ACK go the ordinary way.
  segmentArrives(c, segment)
}
