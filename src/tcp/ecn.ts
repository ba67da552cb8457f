// Read first: RFC 3168 sections 5.3, 6.1 and 6.1.1 to 6.1.5.
//
// Explicit congestion notification: routers mark packets instead of dropping them, the receiver echoes the mark (ECE) until the
// sender says that it has slowed down (CWR).

import { ACK, CWR, ECE, SYN, type TcpSegment } from '../wire/tcp.ts'
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
/** Both ends agreed; of a connection in SYN-SENT: we have asked. */
export const ECN_AGREED = 1
/** A mark has arrived: each acknowledgement says ECE, until the peer says CWR. */
export const ECN_ECHO = 2
/** We have slowed down: the next new data says CWR. */
export const ECN_TELL = 4
/** A packet arrived that was ECT or CE: the way leaves the field alone. */
export const ECN_SEEN = 8

/** Acknowledgements that go at once after a mark: the sender's window may be small, and wait for them (as Linux). */
const QUICK_ACKS = 2

/** The first SYN of an active open: whether to ask. */
export function offerEcn(c: Connection): void {
  c.ecn = c.host.config.ecn === 1 || metricsOf(c).ecn ? ECN_AGREED : 0
}

/**
 * What a SYN of an active open says; what a SYN-ACK of it says after a simultaneous open. A network that drops what asks for
 * ECN lets the second one through (RFC 3168 section 6.1.1.1, as Linux has it: tcp_ecn_fallback).
 */
export function ecnFlagsOfSyn(c: Connection, flags: number): number {
  if ((c.ecn & ECN_AGREED) === 0) return 0
  if ((flags & ACK) !== 0) return ECE
  return c.retries > 0 && c.host.config.ecnFallback ? 0 : ECE | CWR
}

/** In SYN-SENT, the peer's SYN-ACK, or its SYN that has crossed ours: has it agreed? */
export function takeEcnOfSyn(c: Connection, segment: TcpSegment): void {
  const wanted = (segment.flags & ACK) !== 0 ? ECE : ECE | CWR
  if ((segment.flags & (ECE | CWR)) !== wanted) c.ecn &= ~ECN_AGREED
}

/** What a listener makes of a SYN: the bits that its connection begins with. */
export function ecnOfRequest(h: HalfOpen, segment: TcpSegment): number {
  if ((h.host.config.ecn === 0 && !metricsOf(h).ecn) || (segment.flags & (ECE | CWR)) !== (ECE | CWR)) return 0
  // RFC 3168 section 6.1.1: a SYN is never ECT. Where it is, something on the way writes on the field.
  return segment.ecn === NOT_ECT ? ECN_AGREED : 0
}

/** What a SYN-ACK of a listener says. */
export function ecnFlagsOfSynAck(ecn: number): number {
  return (ecn & ECN_AGREED) === 0 ? 0 : ECE
}

/**
 * The flags that go with a segment, and IP's field for it: new data is ECT(0); neither what is sent again nor what carries no
 * data is (RFC 3168 sections 6.1.4 and 6.1.5).
 */
export function ecnFlagsOf(c: Connection, seq: number, length: number): number {
  if ((c.ecn & ECN_AGREED) === 0) return 0
  const fresh = length > 0 && !before(seq, c.sndNxt)
  const tos = (c.tos & ~ECN_FIELD) | (fresh ? ECT_0 : NOT_ECT)
  if (tos !== c.tos) c.tos = tos
  return ((c.ecn & ECN_ECHO) !== 0 ? ECE : 0) | (fresh && (c.ecn & ECN_TELL) !== 0 ? CWR : 0)
}

/** A segment with `flags` was sent. */
export function ecnSent(c: Connection, flags: number): void {
  if ((flags & (CWR | SYN)) === CWR) c.ecn &= ~ECN_TELL
}

/** Data has arrived that the window takes: looks at its mark, and whether the peer has slowed down. */
export function takeMark(c: Connection, segment: TcpSegment, known: boolean): void {
  if ((c.ecn & ECN_AGREED) === 0) return
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
