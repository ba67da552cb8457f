// Read first: RFC 9293 section 3.7.1, RFC 6691.

import type { Connection } from './connection.ts'
import type { TcpFlow } from './host.ts'
import { metricsOf } from './path-metrics.ts'

const TCP_HEADER = 20
const TIMESTAMPS = 12
/** Less than this no path may make us send, whatever an ICMP message or an option says (Linux: tcp_min_snd_mss). */
const MSS_MIN = 48

/** Octets of IP header without options. */
export function ipHeaderLength(flow: TcpFlow): number {
  return flow.remote.isV4 ? 20 : 40
}

/** Octets of the largest IP packet: what the way takes, and what the length field of IPv4 can say (a loopback's MTU is more). */
function packetMax(flow: TcpFlow): number {
  const mtu = flow.path === null ? 576 : flow.path.mtu
  return flow.remote.isV4 ? Math.min(mtu, 65535) : mtu
}

/** MUST-15: what is assumed of a peer that sends no MSS option. */
export function defaultMss(flow: TcpFlow): number {
  return flow.remote.isV4 ? 536 : 1220
}

/** What we say in our SYN: what fits the MTU of the way, without options (MUST-67), or what the route says; at most `limit` if that is not 0. */
export function advertisedMss(flow: TcpFlow, limit: number): number {
  const said = metricsOf(flow).advertisedMss
  const mss = Math.min(said > 0 ? said : packetMax(flow) - ipHeaderLength(flow) - TCP_HEADER, 65535)
  return limit > 0 && limit < mss ? limit : mss
}

/**
 * The payload of a full-sized segment (MUST-16), after the way or the peer's word has changed, and of the largest that the
 * device takes in one piece.
 */
export function updateMss(c: Connection): void {
  const ip = ipHeaderLength(c)
  const options = c.timestamps ? TIMESTAMPS : 0
  let mss = Math.min(packetMax(c) - ip - TCP_HEADER, c.peerMss)
  if (c.mssLimit > 0) mss = Math.min(mss, c.mssLimit)
  c.mss = Math.max(mss, MSS_MIN) - options
  const large = c.host.largeSegment(c)
  const fits = large === 0 ? 0 : Math.floor((large - ip - 60) / c.mss)
  c.segmentMax = Math.max(fits, 1) * c.mss
}
