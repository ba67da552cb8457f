// Read first: RFC 4821 (packetization layer path MTU discovery), RFC 8899, RFC 2923 section 2.1 (black holes).
//
// A way that drops large packets without a word would hang a connection whose segments are large. The search goes from a size
// that fits everywhere to that of the link, by single larger segments: one that is acknowledged shows what the way carries.

import { CA_OPEN, type Connection } from './connection.ts'
import { mssOfMtu, mtuOfMss, packetMax, segmentLimit, updateMss } from './mss.ts'
import { varyingLength } from './segment-writer.ts'
import { after } from './seq.ts'

/** Octets. */
const TIMESTAMPS = 12

/** What a connection knows of its search; only those that search have one. MTUs are octets of IP packet. */
export class MtuSearch {
  /** What the way is known to carry, or taken to; what it may carry at the most. */
  low = 0
  high = 0
  /** The packet that is under way to find out; 0: none. */
  probe = 0
  /** Its octets. */
  probeSeq = 0
  probeEnd = 0
  /** When the search began, in milliseconds of the host's time. */
  begunAt = 0
}

function begin(c: Connection): void {
  const search = new MtuSearch()
  search.low = mtuOfMss(c, c.host.config.baseMss)
  // What the peer takes without options, and the headers.
  search.high = Math.min(segmentLimit(c) + mtuOfMss(c, 0) - (c.timestamps ? TIMESTAMPS : 0), packetMax(c))
  search.begunAt = c.host.time.now
  c.mtuSearch = search
}

/** The connection is established: begins the search where the host wants it from the start (Linux: tcp_mtu_probing 2). */
export function searchFromStart(c: Connection): void {
  if (c.host.config.mtuProbing < 2) return
  begin(c)
  // As Linux: room for timestamps that the peer has not taken up is filled, until something changes.
  if (c.active && c.host.config.timestamps && !c.timestamps) (c.mtuSearch as MtuSearch).low += TIMESTAMPS
  // What a listener's connection sends first is what fits the way; then the search rules.
  if (c.active) updateMss(c)
  begin(c)
}

/**
 * A time-out of a segment that was sent again and again: perhaps a black hole (RFC 4821 section 7.7). Segments become as small
 * as the search begins with, and then smaller still.
 */
export function suspectPathMtu(c: Connection): void {
  const { config } = c.host
  if (config.mtuProbing === 0 || c.retries === 0) return
  // As Linux counts its tcp_retries1: the time that so many doubled time-outs take at the least, since the first.
  const wait = ((2 << config.retries1) - 1) * config.minimumRto
  if ((c.tsNow - c.repairs.stamp) >>> 0 < wait) return
  const search = c.mtuSearch
  if (search === null) {
    begin(c)
  } else {
    const half = mssOfMtu(c, search.low) >> 1
    const mss = Math.max(Math.min(config.baseMss, half), config.mtuProbeFloor, config.minimumMss)
    search.low = mtuOfMss(c, mss)
  }
  updateMss(c)
}

/**
 * How much to send as one segment to learn whether the way carries it (RFC 4821 section 7.5): 0: nothing to learn now; −1: wait,
 * so that it can be sent. `available` octets wait to be sent, of which the peer's window takes `usable`.
 */
export function probeLength(c: Connection, available: number, usable: number): number {
  const search = c.mtuSearch
  // Not in recovery and not with SACK blocks, whose headers vary; and with so much of a window that a loss is seen soon.
  if (search === null || search.probe !== 0 || c.caState !== CA_OPEN || c.cwnd < 11 || varyingLength(c) > 0) return 0
  const length = mssOfMtu(c, (search.low + search.high) >> 1)
  // After it so many as show by duplicate acknowledgements that it was lost.
  const needed = length + (DUPLICATES + 1) * c.mss
  if (length > mssOfMtu(c, search.high) || search.high - search.low < c.host.config.mtuProbeThreshold) {
    searchAnew(c, search)
    return 0
  }
  if (available < needed || c.sndWnd < needed) return 0
  if (usable < needed) return -1
  if (c.packetsInNetwork + 2 > c.cwnd) return c.packetsInNetwork === 0 ? 0 : -1
  return length
}

/** DupThresh (RFC 5681 section 3.2). */
const DUPLICATES = 3

/** RFC 4821 section 7.3: paths change; what was too much once may fit after a while. */
function searchAnew(c: Connection, search: MtuSearch): void {
  const { config, time } = c.host
  if ((time.now - search.begunAt) >>> 0 < config.mtuProbeInterval) return
  search.probe = 0
  search.high = segmentLimit(c) + mtuOfMss(c, 0) - (c.timestamps ? TIMESTAMPS : 0)
  search.low = mtuOfMss(c, c.mss)
  search.begunAt = time.now
}

/** A segment of `length` octets from `seq` on was sent to find out. It counts as two packets until it is answered. */
export function probeSent(c: Connection, seq: number, length: number): void {
  const search = c.mtuSearch as MtuSearch // it was asked for the length
  search.probe = mtuOfMss(c, length)
  search.probeSeq = seq
  search.probeEnd = (seq + length) | 0
  c.cwnd--
}

/** SND.UNA has moved: if over the probe, the way carries it. */
export function probeMayBeAcknowledged(c: Connection): void {
  const search = c.mtuSearch
  if (search === null || search.probe === 0 || after(search.probeEnd, c.sndUna)) return
  // As many octets as before, in larger packets.
  c.cwnd = Math.max(Math.floor((c.cwnd * mtuOfMss(c, c.mss)) / search.probe), 1)
  c.cwndCount = 0
  search.low = search.probe
  search.probe = 0
  updateMss(c)
}

/** A loss is about to be mended. True: it is only the probe that was lost, which tells of its size and not of congestion. */
export function probeWasLost(c: Connection): boolean {
  const search = c.mtuSearch
  if (search === null || search.probe === 0 || c.sndUna !== search.probeSeq) return false
  search.high = search.probe - 1
  search.probe = 0
  c.cwnd++
  updateMss(c)
  return true
}

/** Something is sent again: what becomes of the probe tells nothing any more. */
export function forgetProbe(c: Connection): void {
  if (c.mtuSearch !== null) c.mtuSearch.probe = 0
}
