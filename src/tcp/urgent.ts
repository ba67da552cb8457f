// Read first: RFC 9293 section 3.8.5, RFC 6093, tcp(7) "Sockets API".
//
// The wire's pointer names the octet after the urgent one (MUST-62). Of urgent data of any length the last octet is what
// applications get out of band, as everywhere since 4.2BSD; the rest stays in the stream.

import { POLLPRI } from '../base/constants.ts'
import type { TcpSegment } from '../wire/tcp.ts'
import { announce } from './close.ts'
import { type Connection, URGENT_AWAITED, URGENT_HERE, URGENT_NONE, URGENT_READ } from './connection.ts'
import { dischargeData } from './receive-tuning.ts'
import { after, before } from './seq.ts'
import { ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2 } from './state.ts'

/** Sixth step: the urgent pointer may appear, or advance (MUST-32). */
export function urgentArrives(c: Connection, segment: TcpSegment): void {
  if (c.state !== ESTABLISHED && c.state !== FIN_WAIT_1 && c.state !== FIN_WAIT_2) return
  // A pointer of 0 would name the octet before the segment: nothing is urgent (CVE-2019-12255's arithmetic began here).
  if (segment.urgentPointer === 0) return
  const seq = (segment.seq + segment.urgentPointer - 1) | 0
  // Here already, announced already, or beyond anything the window will ever hold.
  if (before(seq, c.rcvNxt)) return
  if (c.urgentState !== URGENT_NONE && !after(seq, c.urgentSeq)) return
  if (after(seq, (c.rcvNxt + c.receiveBuffer + 65535) | 0)) return
  c.urgentSeq = seq
  c.urgentState = URGENT_AWAITED
  announce(c, POLLPRI)
}

/** The urgent octet may have come: keeps it for MSG_OOB. */
export function noteUrgentOctet(c: Connection): void {
  if (c.urgentState !== URGENT_AWAITED) return
  const at = (c.urgentSeq - c.readSeq) | 0
  // RCV.NXT would not do: a pointer may name the FIN, which is no octet of the ring.
  if (at < 0 || at >= c.receiveRing.length) return
  c.urgentOctet = c.receiveRing.at(at)
  c.urgentState = URGENT_HERE
  announce(c, POLLPRI)
}

/** The octet out of band: 0 to 255; −1: it has not come yet; −2: there is none to be read. */
export function readUrgent(c: Connection, peek: boolean): number {
  if (c.urgentInline || c.urgentState === URGENT_NONE || c.urgentState === URGENT_READ) return -2
  if (c.urgentState === URGENT_AWAITED) return -1
  if (!peek) c.urgentState = URGENT_READ
  return c.urgentOctet
}

/** Whether the next octet to be read is the urgent one: sockatmark(3), SIOCATMARK. */
export function atMark(c: Connection): boolean {
  return c.urgentState !== URGENT_NONE && c.urgentSeq === c.readSeq
}

/** How many octets can be read before the urgent one: SIOCINQ, as tcp_inq of Linux has it. */
export function unreadBeforeUrgent(c: Connection): number {
  if (c.urgentInline || c.urgentState === URGENT_NONE) return c.readable
  const distance = (c.urgentSeq - c.readSeq) | 0
  return distance < 0 || !before(c.urgentSeq, c.rcvNxt) ? c.readable : distance
}

/** Octets at the head of the ring that are no part of the stream: at the mark the urgent one, unless it is read in line. */
export function urgentSkip(c: Connection): number {
  if (c.urgentInline || (c.urgentState !== URGENT_HERE && c.urgentState !== URGENT_READ)) return 0
  return c.urgentSeq === c.readSeq ? 1 : 0
}

/** Reading goes on behind the urgent octet: who has not fetched it by now does not get it any more, as in Linux. */
export function stepOverUrgent(c: Connection): void {
  c.dropReceived(1)
  c.readSeq = (c.readSeq + 1) | 0
  dischargeData(c, 1)
  c.urgentState = URGENT_NONE
}

/** How many of `wanted` octets can be read behind `skip`: reading stops at the mark (tcp(7)). */
export function untilMark(c: Connection, wanted: number, skip: number): number {
  const available = Math.min(wanted, c.receiveRing.length - skip)
  if (c.urgentState === URGENT_NONE || skip > 0) return available
  const distance = (c.urgentSeq - c.readSeq) | 0
  if (distance < 0) {
    c.urgentState = URGENT_NONE
    return available
  }
  if (distance === 0) return c.urgentInline ? available : 0
  return Math.min(available, distance)
}
