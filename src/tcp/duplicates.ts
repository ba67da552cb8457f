// Read first: RFC 2883 section 4.
//
// What was received twice is told to the peer, once, in the first block of the next SACK option: it learns that a retransmission was
// needless.

import type { TcpSegment } from '../wire/tcp.ts'
import type { Connection } from './connection.ts'
import type { Reassembly } from './reassembly.ts'
import { after, before } from './seq.ts'

function report(c: Connection, left: number, right: number): void {
  if (!c.sackPermitted || !c.host.config.duplicateSack || !before(left, right)) return
  c.duplicateSeen = true
  c.duplicateLeft = left
  c.duplicateRight = right
}

/** What touches the range that is to be reported is reported with it; of two apart only the first. */
function extend(c: Connection, left: number, right: number): void {
  if (!c.duplicateSeen) {
    report(c, left, right)
    return
  }
  if (after(left, c.duplicateRight) || after(c.duplicateLeft, right)) return
  if (before(left, c.duplicateLeft)) c.duplicateLeft = left
  if (after(right, c.duplicateRight)) c.duplicateRight = right
}

/** `length` octets at `seq` lie below RCV.NXT. */
export function reportOld(c: Connection, seq: number, length: number): void {
  report(c, seq, (seq + length) | 0)
}

/** A segment that is not acceptable: as far as it is below RCV.NXT its data is old. */
export function reportUnacceptable(c: Connection, segment: TcpSegment): void {
  const end = (segment.seq + segment.payloadLength) | 0
  if (segment.payloadLength === 0 || !before(segment.seq, c.rcvNxt)) return
  report(c, segment.seq, after(end, c.rcvNxt) ? c.rcvNxt : end)
}

/** Data ahead of a hole, before it is added to what is there. */
export function reportOverlap(c: Connection, reassembly: Reassembly, seq: number, end: number): void {
  if (!c.sackPermitted || reassembly.count === 0) return
  for (let i = reassembly.firstEndingAt((seq + 1) | 0); i < reassembly.count; i++) {
    const left = reassembly.left(i)
    const right = reassembly.right(i)
    if (!before(left, end)) return
    if (!after(end, right)) {
      // All of it is there, or its end is.
      if (after(left, seq)) extend(c, left, end)
      else report(c, seq, end)
      return
    }
    if (after(seq, left)) report(c, seq, right)
    else extend(c, left, right)
  }
}

/** The stream reaches `next`, by data that may lie over what was there already. */
export function reportFilled(c: Connection, reassembly: Reassembly, next: number): void {
  if (!c.sackPermitted) return
  let high = next
  for (let i = 0; i < reassembly.count && before(reassembly.left(i), high); i++) {
    extend(c, reassembly.left(i), high)
    if (before(reassembly.right(i), high)) high = reassembly.right(i)
  }
}
