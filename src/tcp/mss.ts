// Read first: RFC 9293 section 3.7.1, RFC 6691; RFC 4821 for what a search for the path MTU adds.

import { SIGNATURE_SPACE } from '../wire/tcp-options.ts'
import type { Connection } from './connection.ts'
import type { TcpFlow } from './host.ts'
import { metricsOf } from './path-metrics.ts'

const TCP_HEADER = 20
const TIMESTAMPS = 12
/** Half of a larger window is what one segment takes at the most; of a smaller one all (Linux: TCP_MSS_DEFAULT). */
const WINDOW_SMALL = 536
/** RFC 791: every link carries this much in one packet. */
const PACKET_MIN = 68

/** Octets of IP header without options. */
export function ipHeaderLength(flow: TcpFlow): number {
  return flow.remote.isV4 ? 20 : 40
}

/** Octets of the largest IP packet: what the way takes, and what the length field of IPv4 can say (a loopback's MTU is more). */
export function packetMax(flow: TcpFlow): number {
  const mtu = flow.path === null ? 576 : flow.path.mtu
  return flow.remote.isV4 ? Math.min(mtu, 65535) : mtu
}

/** MUST-15: what is assumed of a peer that sends no MSS option. */
export function defaultMss(flow: TcpFlow): number {
  return flow.remote.isV4 ? 536 : 1220
}

/**
 * What we say in our SYN: what fits the MTU of the way, without options (MUST-67), or what the route says; at most `limit` if
 * that is not 0.
 */
export function advertisedMss(flow: TcpFlow, limit: number): number {
  const said = metricsOf(flow).advertisedMss
  const mss = Math.min(said > 0 ? said : packetMax(flow) - ipHeaderLength(flow) - TCP_HEADER, 65535)
  return limit > 0 && limit < mss ? limit : mss
}

/** Octets of options in every segment. */
export function optionsLength(c: Connection): number {
  return (c.timestamps ? TIMESTAMPS : 0) + (c.signatureKey === null ? 0 : SIGNATURE_SPACE)
}

/** The most that the peer takes in a segment, options counted in, and that the application lets us send. */
export function segmentLimit(c: Connection): number {
  return c.mssLimit > 0 ? Math.min(c.peerMss, c.mssLimit) : c.peerMss
}

/** The payload of a segment that fills an IP packet of `mtu` octets, as far as the peer takes it. */
export function mssOfMtu(c: Connection, mtu: number): number {
  const mss = Math.min(mtu - ipHeaderLength(c) - TCP_HEADER, segmentLimit(c))
  return Math.max(mss, c.host.config.minimumMss) - optionsLength(c)
}

/** The IP packet that a segment of `mss` octets of payload fills. */
export function mtuOfMss(c: Connection, mss: number): number {
  return mss + optionsLength(c) + TCP_HEADER + ipHeaderLength(c)
}

/**
 * The payload of a full-sized segment (MUST-16), after the way, the peer's word or its window has changed, and of the largest
 * that the device takes in one piece.
 */
export function updateMss(c: Connection): void {
  const limit = packetMax(c)
  let mss = withinWindow(c, mssOfMtu(c, limit))
  const { mtuSearch } = c
  if (mtuSearch !== null) {
    if (mtuSearch.high > limit) mtuSearch.high = limit
    mss = Math.min(mss, mssOfMtu(c, mtuSearch.low))
  }
  c.mss = mss
  // A signature is of one segment: no device can cut it.
  const large = c.signatureKey === null ? c.host.largeSegment(c) : 0
  const fits = large === 0 ? 0 : Math.floor((large - ipHeaderLength(c) - 60) / mss)
  c.segmentMax = Math.max(fits, 1) * mss
}

/** No more than half of the largest window: two segments shall fit, so that one acknowledgement comes for them (as Linux). */
function withinWindow(c: Connection, mss: number): number {
  const most = c.maxSndWnd > WINDOW_SMALL ? c.maxSndWnd >> 1 : c.maxSndWnd
  return most > 0 && mss > most ? Math.max(most, PACKET_MIN - TCP_HEADER - optionsLength(c)) : mss
}

/** The peer has offered a larger window than ever. */
export function windowGrew(c: Connection, before: number): void {
  // Where half of the old one held more than any segment nothing can change.
  if (before >> 1 < segmentLimit(c)) updateMss(c)
}
