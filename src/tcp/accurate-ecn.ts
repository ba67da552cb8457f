// Read first: RFC 9768 sections 3.1 to 3.2.
//
// Accurate ECN: instead of one echo a round trip the receiver tells how many marked packets have come, in three flags of every
// segment (ACE: AE, CWR and ECE as one number), and how many octets, in an option.

import { AE, CWR, ECE, SYN, type TcpSegment } from '../wire/tcp.ts'
import type { TcpOptions } from '../wire/tcp-options.ts'
import type { Connection } from './connection.ts'
import { packetsOf } from './flight.ts'
import { ownMss } from './receive-window.ts'

/** Section 3.2.1: where the counters of packets and of octets begin, so that no count looks like a field that was cleared. */
export const PACKETS_INITIAL = 5
const OCTETS_INITIAL = 1
const OCTETS_MASK = 0xffffff

const NOT_ECT = 0
const ECT_1 = 1
const ECT_0 = 2
const CE = 3

/** Section 3.1.2, table 2, and 3.2.2.1, table 3: how a SYN's or a SYN-ACK's own IP field is told, by that field. */
const REFLECTED = [2, 3, 4, 6] as const

/** So many marks since the last acknowledgement draw one at once (section 3.2.2.5.1). */
const MARKS_UNTOLD_MAX = 2

/** Octets of the option with all three counters, and a NOP. */
const OPTION_LENGTH = 12

// tcpi_accecn_fail_mode: what of the way does not carry ECN.
const FAIL_ACE_SENT = 1
const FAIL_ACE_RECEIVED = 2

/** What a connection that agreed to accurate ECN counts: received ("r."), and told by the peer of what was sent ("s."). */
export class AccurateEcn {
  receivedMarks = PACKETS_INITIAL
  /** Octets of payload that came as ECT(0), marked, and as ECT(1). */
  receivedE0 = OCTETS_INITIAL
  receivedCe = 0
  receivedE1 = OCTETS_INITIAL
  /** `receivedMarks` as last told. */
  toldMarks = PACKETS_INITIAL
  deliveredMarks = PACKETS_INITIAL
  /** 24 bits of each, as the peer told them last. */
  deliveredE0 = OCTETS_INITIAL
  deliveredCe = 0
  deliveredE1 = OCTETS_INITIAL
  /** Octets in all, for TCP_INFO. */
  deliveredE0Octets = 0
  deliveredCeOctets = 0
  deliveredE1Octets = 0
  /** The field that our first segment tells: how the SYN-ACK came; −1: it has been told. */
  reflected = -1
  /** The peer's first segment after its SYN has not come. */
  awaitingFirst = true
  /** The peer sends the option, so the way lets it through. */
  optionSeen = false
  failures = 0
  /** A counter of octets has changed since it was told. */
  untold = true
}

/** AE, CWR and ECE as one number. */
export function aceOf(flags: number): number {
  return ((flags & AE) !== 0 ? 4 : 0) | ((flags & CWR) !== 0 ? 2 : 0) | ((flags & ECE) !== 0 ? 1 : 0)
}

/** The flags that tell `ace`. */
export function flagsOfAce(ace: number): number {
  return ((ace & 4) !== 0 ? AE : 0) | ((ace & 2) !== 0 ? CWR : 0) | ((ace & 1) !== 0 ? ECE : 0)
}

/** What a SYN-ACK says of the IP field that the SYN came with. */
export function reflectionOf(field: number): number {
  return flagsOfAce(REFLECTED[field & 3] as number)
}

/** The client has a SYN-ACK that agrees. */
export function beginActive(c: Connection, segment: TcpSegment): void {
  const a = new AccurateEcn()
  c.accurateEcn = a
  a.reflected = REFLECTED[segment.ecn & 3] as number
  if (segment.ecn === CE) a.receivedMarks++
  takeReflection(a, aceOf(segment.flags))
  if (segment.options.ecnCounters > 0) a.optionSeen = true
}

/** The server's connection begins; its SYN came with the IP field `field`. */
export function beginPassive(c: Connection, field: number): void {
  const a = new AccurateEcn()
  c.accurateEcn = a
  if (field === CE) a.receivedMarks++
  a.awaitingFirst = false
}

/** The segment that acknowledges our SYN-ACK. */
export function takeHandshakeEnd(a: AccurateEcn, segment: TcpSegment): void {
  if (segment.options.ecnCounters > 0) a.optionSeen = true
  const ace = aceOf(segment.flags)
  // Section 3.2.2.4: no count and no reflection is zero here. Something on the way clears the flags.
  if (ace === 0) a.failures |= FAIL_ACE_RECEIVED | FAIL_ACE_SENT
  else takeReflection(a, ace)
}

/** How our SYN or SYN-ACK arrived, which was sent as Not-ECT: anything else was written on the way (section 3.2.2.3). */
function takeReflection(a: AccurateEcn, ace: number): void {
  if (ace === REFLECTED[CE]) a.deliveredMarks++
  if (ace === REFLECTED[CE] || ace === REFLECTED[ECT_0] || ace === REFLECTED[ECT_1]) a.failures |= FAIL_ACE_SENT
}

/** Whether what is sent may be ECT. */
export function maySendEct(a: AccurateEcn): boolean {
  return a.failures === 0
}

/** The flags of a segment without SYN. */
export function aceFlags(a: AccurateEcn): number {
  return flagsOfAce(a.reflected >= 0 ? a.reflected : a.receivedMarks & 7)
}

/** One was sent, with the option or without. */
export function aceSent(a: AccurateEcn, withOption: boolean): void {
  a.reflected = -1
  a.toldMarks = a.receivedMarks
  if (withOption) a.untold = false
}

/** A segment has come that the window takes: counts it, and its octets. */
export function countArrival(c: Connection, segment: TcpSegment): void {
  const a = c.accurateEcn as AccurateEcn // it has agreed
  const octets = segment.payloadLength
  if (segment.ecn === NOT_ECT) return
  a.untold = a.untold || octets > 0
  if (segment.ecn === CE) {
    a.receivedMarks = (a.receivedMarks + packetsOf(octets, ownMss(c))) | 0
    a.receivedCe = (a.receivedCe + octets) | 0
  } else if (segment.ecn === ECT_0) {
    a.receivedE0 = (a.receivedE0 + octets) | 0
  } else {
    a.receivedE1 = (a.receivedE1 + octets) | 0
  }
}

/** Whether so many marks came that the peer is to hear of them at once. */
export function marksAreDue(a: AccurateEcn): boolean {
  return ((a.receivedMarks - a.toldMarks) | 0) >= MARKS_UNTOLD_MAX
}

/**
 * How many packets the peer says were marked since its last word, with an acknowledgement of `packets` (section 3.2.2.5, appendix
 * A.2). The field counts to seven: where more were acknowledged at once the octets decide, and without them the worst is assumed.
 */
export function marksTold(c: Connection, segment: TcpSegment, packets: number): number {
  const a = c.accurateEcn as AccurateEcn // it has agreed
  const marked = takeOption(a, segment.options)
  const ace = aceOf(segment.flags)
  if (a.awaitingFirst) {
    a.awaitingFirst = false
    if (ace === 0) a.failures |= FAIL_ACE_RECEIVED
  }
  if ((segment.flags & SYN) !== 0 || (a.failures & FAIL_ACE_RECEIVED) !== 0) return 0
  let marks = (ace - a.deliveredMarks) & 7
  if (packets > 7) {
    const most = packets - ((packets - marks) & 7)
    if (marked < 0 || marked > marks * c.mss) marks = most
  }
  a.deliveredMarks = (a.deliveredMarks + marks) | 0
  return marks
}

/** Takes the octets that the peer tells. Returns how many marked ones are new; −1: it says nothing of them. */
function takeOption(a: AccurateEcn, options: TcpOptions): number {
  if (options.ecnCounters === 0) return -1
  a.optionSeen = true
  if (options.e0b >= 0) {
    a.deliveredE0Octets = (a.deliveredE0Octets + growth(options.e0b, a.deliveredE0)) | 0
    a.deliveredE0 = options.e0b
  }
  if (options.e1b >= 0) {
    a.deliveredE1Octets = (a.deliveredE1Octets + growth(options.e1b, a.deliveredE1)) | 0
    a.deliveredE1 = options.e1b
  }
  if (options.ceb < 0) return -1
  const marked = growth(options.ceb, a.deliveredCe)
  a.deliveredCeOctets = (a.deliveredCeOctets + marked) | 0
  a.deliveredCe = options.ceb
  return marked
}

/** Of a counter of 24 bits. One that went back is of an acknowledgement that others have overtaken. */
function growth(now: number, before: number): number {
  const more = (now - before) & OCTETS_MASK
  return more > OCTETS_MASK >> 1 ? 0 : more
}

/** Octets that the option takes in a segment sent now, of which `room` are left. */
export function ecnOptionLength(c: Connection, room: number): number {
  const a = c.accurateEcn
  if (a === null || room < OPTION_LENGTH || !a.optionSeen) return 0
  const mode = c.host.config.ecnOption
  // Section 3.2.3.3: where a counter has changed, or always.
  return mode === 2 || (mode === 1 && a.untold) ? OPTION_LENGTH : 0
}
