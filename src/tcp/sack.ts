// Read first: RFC 2018, RFC 2883, RFC 6675 section 2, RFC 8985 section 6.2 step 3.
//
// What the peer reports of what it has beyond its acknowledgement, and of what it got twice.

import type { TcpSegment } from '../wire/tcp.ts'
import { SACK_BLOCKS_MAX } from '../wire/tcp-options.ts'
import { type AckNews, NEWS_DUPLICATE, NEWS_PROBE_DUPLICATE } from './ack-news.ts'
import { CA_LOSS, type Connection } from './connection.ts'
import type { Flight } from './flight.ts'
import { REORDERING_MAX } from './repair.ts'
import { after, before } from './seq.ts'

const edges = new Int32Array(2 * SACK_BLOCKS_MAX)

/** Takes the SACK option of an acknowledgement, before SND.UNA moves. */
export function takeSack(c: Connection, segment: TcpSegment, news: AckNews): void {
  const options = segment.options
  const duplicate = takeDuplicate(c, segment, news)
  const flight = c.flight
  // Old news, but for the duplicate in it.
  if (flight === null || before(segment.ack, (c.sndUna - c.maxSndWnd) | 0)) return
  if (duplicate) takeDuplicateInFlight(c, flight, segment, news)
  let count = 0
  for (let i = 0; i < options.sackCount; i++) {
    const left = options.sack[2 * i] as number
    const right = options.sack[2 * i + 1] as number
    if (isValid(c, left, right)) count = insertSorted(count, left, right)
  }
  // From low to high: else what one acknowledgement reports would seem reordered in itself.
  for (let i = 0; i < count; i++) flight.sack(edges[2 * i] as number, edges[2 * i + 1] as number, news)
  if (c.caState !== CA_LOSS || c.repair?.undoable) noteReordering(c, flight, news.lowest)
}

/** A block in what is in flight: not turned round, nor beyond SND.NXT, nor at or below SND.UNA, as that would be acknowledged. */
function isValid(c: Connection, left: number, right: number): boolean {
  return before(left, right) && !after(right, c.sndNxt) && after(left, c.sndUna)
}

function insertSorted(count: number, left: number, right: number): number {
  let at = count
  while (at > 0 && after(edges[2 * (at - 1)] as number, left)) {
    edges[2 * at] = edges[2 * (at - 1)] as number
    edges[2 * at + 1] = edges[2 * (at - 1) + 1] as number
    at--
  }
  edges[2 * at] = left
  edges[2 * at + 1] = right
  return count + 1
}

/**
 * RFC 2883: the first block reports a duplicate if it lies below the acknowledgement, or within the second block. Returns whether
 * it does, and is to be believed: more duplicates than we ever sent again are the network's, or a liar's.
 */
function takeDuplicate(c: Connection, segment: TcpSegment, news: AckNews): boolean {
  const { sack, sackCount } = segment.options
  const left = sack[0] as number
  const right = sack[1] as number
  if (!before(left, segment.ack)) {
    if (sackCount < 2) return false
    if (after(right, sack[3] as number) || before(left, sack[2] as number)) return false
  }
  const length = (right - left) | 0
  if (length <= 0 || length > c.maxSndWnd) return false
  const packets = length > c.mss ? Math.ceil(length / c.mss) : 1
  const repairs = c.repairs
  const ofProbe = packets === 1 && repairs.probe && right === repairs.probeEnd
  repairs.duplicates += packets
  if (repairs.duplicates > c.totalRetransmits) return false
  if (ofProbe) news.flags |= NEWS_PROBE_DUPLICATE
  // RFC 8985 section 6.2 step 4: only where the path reorders do duplicates say that we were too hasty.
  else if (repairs.reorderingSeen > 0) repairs.duplicateSeen = true
  news.flags |= NEWS_DUPLICATE
  // It has arrived, if for nothing (as Linux counts).
  c.delivered += packets
  if (!after(right, c.sndUna) && repairs.undoable && after(right, repairs.undoMarker)) countDuplicates(c, packets)
  return true
}

/** A duplicate of something that is reported received, but not yet acknowledged. */
function takeDuplicateInFlight(c: Connection, flight: Flight, segment: TcpSegment, news: AckNews): void {
  const left = segment.options.sack[0] as number
  const right = segment.options.sack[1] as number
  if (!isValid(c, left, right)) return
  const packets = flight.duplicate(left, right, news)
  if (c.repairs.undoable && after(right, c.repairs.undoMarker)) countDuplicates(c, packets)
}

/** So many of our retransmissions were needless (RFC 3708 section 3). */
function countDuplicates(c: Connection, packets: number): void {
  const repairs = c.repairs
  if (repairs.undoResent > 0) repairs.undoResent = Math.max(repairs.undoResent - packets, 0)
}

/**
 * Something sent once arrived though something behind it had arrived before: by so much the path reorders. `lowest` is where it
 * began.
 */
export function noteReordering(c: Connection, flight: Flight, lowest: number): void {
  const highest = flight.sackedOut > 0 ? flight.highestSacked : c.sndUna
  if (!before(lowest, highest)) return
  const repairs = c.repairs
  const packets = Math.ceil(((highest - lowest) | 0) / c.mss)
  if (packets > repairs.reordering) repairs.reordering = Math.min(packets, REORDERING_MAX)
  repairs.reorderingSeen++
}
