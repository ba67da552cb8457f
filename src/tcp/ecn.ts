// Read first: RFC 3168 sections 5.3, 6.1 and 6.1.1 to 6.1.5; RFC 9768 section 3.1 for how accurate ECN is agreed on.
//
// Explicit congestion notification: routers mark packets instead of dropping them, the receiver echoes the mark (ECE) until the
// sender says that it has slowed down (CWR).

import { ACK, AE, CWR, ECE, SYN, type TcpSegment } from '../wire/tcp.ts'
import {
  type AccurateEcn,
  aceFlags,
  aceSent,
  beginActive,
  beginPassive,
  countArrival,
  marksAreDue,
  maySendEct,
  reflectionOf,
  takeHandshakeEnd,
} from './accurate-ecn.ts'
import type { Connection } from './connection.ts'
import type { HalfOpen } from './half-open.ts'
import { metricsOf } from './path-metrics.ts'
import { before } from './seq.ts'

/** IP's codepoints (RFC 3168 section 5): the low two bits of the type of service, or of the traffic class. */
export const NOT_ECT = 0
export const ECT_1 = 1
export const ECT_0 = 2
export const CE = 3
const ECN_FIELD = 3

// What a connection knows of it: bits of `Connection.ecn`.
/** Both ends agreed on RFC 3168; of a connection in SYN-SENT: we have asked. */
export const ECN_AGREED = 1
/** A mark has arrived: each acknowledgement says ECE, until the peer says CWR. */
const ECN_ECHO = 2
/** We have slowed down: the next new data says CWR. */
const ECN_TELL = 4
/** A packet arrived that was ECT or CE: the way leaves the field alone. */
export const ECN_SEEN = 8
/** Accurate ECN (RFC 9768) was agreed on, or asked for; then ECN_AGREED is not set. */
export const ECN_ACCURATE = 16
const FLAGS = 0xff
/** Above the flags, while half open: the IP field that the peer's SYN came with. */
const SYN_FIELD_SHIFT = 8

/** Acknowledgements that go at once after a mark: the sender's window may be small, and wait for them (as Linux). */
const QUICK_ACKS = 2

/** The first SYN of an active open: whether to ask, and for what. */
export function offerEcn(c: Connection): void {
  const mode = c.host.config.ecn
  c.ecn = mode === 3 ? ECN_ACCURATE : mode === 1 || mode === 4 || metricsOf(c).ecn ? ECN_AGREED : 0
}

/**
 * What a SYN of an active open says; what a SYN-ACK of it says after a simultaneous open. A network that drops what asks for
 * ECN lets the second one through (RFC 3168 section 6.1.1.1, as Linux has it: tcp_ecn_fallback), or with accurate ECN the third
 * (RFC 9768 section 3.1.4.1).
 */
export function ecnFlagsOfSyn(c: Connection, flags: number): number {
  if ((c.ecn & ECN_ACCURATE) !== 0) {
    if ((flags & ACK) !== 0) return reflectionOf(c.ecn >>> SYN_FIELD_SHIFT)
    return c.retries > 1 && c.host.config.ecnFallback ? 0 : AE | CWR | ECE
  }
  if ((c.ecn & ECN_AGREED) === 0) return 0
  if ((flags & ACK) !== 0) return ECE
  return c.retries > 0 && c.host.config.ecnFallback ? 0 : ECE | CWR
}

/** In SYN-SENT, the peer's SYN-ACK, or its SYN that has crossed ours: has it agreed, and to what? */
export function takeEcnOfSyn(c: Connection, segment: TcpSegment): void {
  const flags = segment.flags & (AE | CWR | ECE)
  if ((segment.flags & ACK) === 0) {
    c.ecn = c.ecn === 0 ? 0 : requestedBy(segment, (c.ecn & ECN_ACCURATE) !== 0)
    return
  }
  if ((c.ecn & ECN_ACCURATE) === 0) {
    if ((flags & (CWR | ECE)) !== ECE) c.ecn &= ~ECN_AGREED
    return
  }
  // RFC 9768 section 3.1.2, table 2: no answer, or our own word thrown back; that of RFC 3168, or of RFC 3540; or one of ours.
  if (flags === 0 || flags === (AE | CWR | ECE)) {
    c.ecn = 0
  } else if (flags === ECE || flags === (AE | ECE)) {
    c.ecn = ECN_AGREED
  } else {
    beginActive(c, segment)
  }
}

/** What a listener makes of a SYN: the bits that its connection begins with. */
export function ecnOfRequest(h: HalfOpen, segment: TcpSegment): number {
  const mode = h.host.config.ecn
  if (mode === 0 && !metricsOf(h).ecn) return 0
  return requestedBy(segment, mode >= 3)
}

function requestedBy(segment: TcpSegment, accurate: boolean): number {
  const flags = segment.flags & (AE | CWR | ECE)
  // RFC 9768 section 3.1.3: what a SYN may say one day is taken for accurate ECN.
  if (accurate && flags !== 0 && flags !== (CWR | ECE)) return ECN_ACCURATE | (segment.ecn << SYN_FIELD_SHIFT)
  if ((flags & (CWR | ECE)) !== (CWR | ECE)) return 0
  // RFC 3168 section 6.1.1: a SYN is never ECT. Where it is, something on the way writes on the field.
  return segment.ecn === NOT_ECT ? ECN_AGREED : 0
}

/** What a SYN-ACK of a listener says, the one that has been repeated `retries` times. */
export function ecnFlagsOfSynAck(ecn: number, retries: number): number {
  // RFC 9768 section 3.1.4.2: once more with the flags; then perhaps it is they that are lost.
  if ((ecn & ECN_ACCURATE) !== 0) return retries > 1 ? 0 : reflectionOf(ecn >>> SYN_FIELD_SHIFT)
  return (ecn & ECN_AGREED) === 0 ? 0 : ECE
}

/** Whether a SYN-ACK of a listener carries the counters: the first does, and shows that the way lets them through. */
export function offersCounters(h: HalfOpen): boolean {
  return (h.ecn & ECN_ACCURATE) !== 0 && h.host.config.ecnOption > 0 && h.retries === 0
}

/** A listener's connection begins. */
export function beginEcn(c: Connection, ecn: number): void {
  c.ecn = ecn & FLAGS
  if ((ecn & ECN_ACCURATE) !== 0) beginPassive(c, ecn >>> SYN_FIELD_SHIFT)
}

/** Its SYN-ACK is acknowledged. */
export function handshakeEnds(c: Connection, segment: TcpSegment): void {
  if (c.accurateEcn !== null) takeHandshakeEnd(c.accurateEcn, segment)
}

/**
 * The flags that go with a segment, and IP's field for it: new data is ECT(0); neither what is sent again nor what carries no
 * data is (RFC 3168 sections 6.1.4 and 6.1.5).
 */
export function ecnFlagsOf(c: Connection, seq: number, length: number): number {
  return c.accurateEcn === null && (c.ecn & ECN_AGREED) === 0 ? 0 : agreedFlagsOf(c, seq, length)
}

function agreedFlagsOf(c: Connection, seq: number, length: number): number {
  const a = c.accurateEcn
  const fresh = length > 0 && !before(seq, c.sndNxt)
  const tos = (c.tos & ~ECN_FIELD) | (fresh && (a === null || maySendEct(a)) ? ECT_0 : NOT_ECT)
  if (tos !== c.tos) c.tos = tos
  if (a !== null) return aceFlags(a)
  return ((c.ecn & ECN_ECHO) !== 0 ? ECE : 0) | (fresh && (c.ecn & ECN_TELL) !== 0 ? CWR : 0)
}

/** A segment with `flags` was sent, with counters of accurate ECN or without. */
export function ecnSent(c: Connection, flags: number, withOption: boolean): void {
  if (c.accurateEcn !== null) {
    aceSent(c.accurateEcn, withOption)
    return
  }
  if ((flags & (CWR | SYN)) === CWR) c.ecn &= ~ECN_TELL
}

/** Data has arrived that the window takes: looks at its mark, and whether the peer has slowed down. */
export function takeMark(c: Connection, segment: TcpSegment, known: boolean): void {
  if (c.accurateEcn !== null) {
    takeAccurately(c, c.accurateEcn, segment)
    return
  }
  if ((c.ecn & ECN_AGREED) !== 0) takeAgreed(c, segment, known)
  // As Linux: tcp_info tells of a mark even so, and nothing else comes of it.
  else if (!known && segment.ecn !== NOT_ECT) c.ecn |= ECN_SEEN
}

function takeAgreed(c: Connection, segment: TcpSegment, known: boolean): void {
  if ((segment.flags & CWR) !== 0) {
    c.ecn &= ~ECN_ECHO
    // As Linux: its window may now be a single packet.
    c.ackPending = true
    c.host.acknowledgeSoon(c)
  }
  if (known) return
  if (segment.ecn === NOT_ECT) {
    // Something sent again, where all else is ECT: the peer waits for its acknowledgement.
    if ((c.ecn & ECN_SEEN) !== 0) acknowledgeQuickly(c)
    return
  }
  if (segment.ecn === CE && (c.ecn & ECN_ECHO) === 0) {
    acknowledgeQuickly(c)
    c.ecn |= ECN_ECHO
  }
  c.ecn |= ECN_SEEN
}

function takeAccurately(c: Connection, a: AccurateEcn, segment: TcpSegment): void {
  if (segment.options.ecnCounters > 0) a.optionSeen = true
  if (segment.ecn === NOT_ECT) return
  c.ecn |= ECN_SEEN
  countArrival(c, segment)
  if (!marksAreDue(a)) return
  c.ackPending = true
  c.host.acknowledgeSoon(c)
}

function acknowledgeQuickly(c: Connection): void {
  if (c.quickAcks < QUICK_ACKS) c.quickAcks = QUICK_ACKS
  c.interactive = false
}

/** Whether an acceptable acknowledgement echoes a mark. */
export function echoesMark(c: Connection, segment: TcpSegment): boolean {
  return (c.ecn & ECN_AGREED) !== 0 && (segment.flags & (ECE | SYN)) === ECE
}

/** The window was reduced, for whatever reason: the peer is told with the next new data (RFC 3168 section 6.1.2). */
export function tellCwr(c: Connection): void {
  if ((c.ecn & ECN_AGREED) !== 0) c.ecn |= ECN_TELL
}

/** It was a mistake to reduce it. */
export function withdrawCwr(c: Connection): void {
  c.ecn &= ~ECN_TELL
}
