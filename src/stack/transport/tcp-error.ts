// Read first: RFC 9293 section 3.9.2.2, RFC 5927 sections 4 to 7, RFC 1191 section 6.4.

import { read16, read32 } from '../../base/bytes.ts'
import { POLLERR, POLLIN, POLLOUT } from '../../base/constants.ts'
import { resendSyn } from '../../tcp/active-open.ts'
import { closeConnection } from '../../tcp/close.ts'
import { Connection, TIMER_RETRANSMIT } from '../../tcp/connection.ts'
import { arm } from '../../tcp/deadlines.ts'
import { updateMss } from '../../tcp/mss.ts'
import { dropHalfOpen } from '../../tcp/passive-open.ts'
import { resendSmaller } from '../../tcp/recovery.ts'
import { currentRto } from '../../tcp/rtt.ts'
import { before } from '../../tcp/seq.ts'
import { SYN_RECEIVED, SYN_SENT } from '../../tcp/state.ts'
import { TimeWait } from '../../tcp/time-wait.ts'
import {
  ICMP_HOST_UNREACHABLE,
  ICMP_NET_UNREACHABLE,
  ICMP_PARAMETER_PROBLEM,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
} from '../../wire/icmpv4.ts'
import { ICMPV6_ADDRESS_UNREACHABLE, ICMPV6_NO_ROUTE, ICMPV6_UNREACHABLE } from '../../wire/icmpv6.ts'
import { TcpEndpoint } from '../endpoint/tcp-endpoint.ts'
import type { TcpLayer } from './tcp-layer.ts'
import type { IcmpReport } from './transport.ts'

const SOURCE_ROUTE_FAILED = 5

/** An ICMP error about a segment of ours: a hint, believed only if it quotes a sequence number that is in flight. */
export function tcpErrorArrives(layer: TcpLayer, report: IcmpReport): void {
  const { bytes, start, end } = report
  if (end - start < 8) return
  const localPort = read16(bytes, start)
  const remotePort = read16(bytes, start + 2)
  const seq = read32(bytes, start + 4)
  const entry = layer.connections.find(report.source, localPort, report.destination, remotePort)
  // In TIME-WAIT nothing is in flight that it could quote.
  if (entry === null || entry instanceof TimeWait) return
  if (!(entry instanceof Connection)) {
    if (seq === entry.iss && endsHalfOpen(report)) dropHalfOpen(entry)
    return
  }
  // RFC 5927 section 4.1
  const { request } = entry
  if (before(seq, request === null ? entry.sndUna : entry.iss) || !before(seq, entry.sndNxt)) return
  if (report.mtu > 0) {
    layer.stack.reducePathMtu(report)
    // What routers may cut was not lost; only what follows is smaller (as Linux; IPv6 has no routers that cut).
    if (entry.dontFragment || report.version === 6) pathMtuShrank(entry)
    return
  }
  const owner = entry.owner instanceof TcpEndpoint ? entry.owner : null
  const connecting = entry.state === SYN_SENT || (entry.state === SYN_RECEIVED && request?.accepted !== true)
  const wanted = owner?.reported(report, connecting) ?? false
  if (connecting) {
    if (isSoft(report) && !layer.config.softErrorsEndAttempts) {
      // MUST-56: the attempt goes on. What it ends in, should it time out, is this error (SHLD-25).
      // A neighbour of our own link that does not answer ends it, since nobody else has said so.
      entry.softError = report.errno
      return
    }
    layer.counters.attemptFails++
    entry.aborted = true
    closeConnection(entry, report.errno)
    return
  }
  // MUST-56, RFC 5927 section 5.2: in a synchronised state no ICMP message ends a connection. It is what a time-out will say.
  if (!wanted) {
    entry.softError = report.errno
    return
  }
  // ip(7), IP_RECVERR: the program wants to hear of it at once, and only once; and the connection goes on all the same.
  entry.error = report.errno
  owner?.markReady(POLLERR | POLLIN | POLLOUT)
}

/** Whether it ends a connection that was only asked for: tcp_v4_err, icmpv6_err_convert in Linux. */
function endsHalfOpen(report: IcmpReport): boolean {
  if (report.version === 6) return report.hard && report.mtu === 0
  return isNoWay(report) || report.type === ICMP_TIME_EXCEEDED || report.type === ICMP_PARAMETER_PROBLEM
}

/** Neither the network nor the host can be reached, in the words of either version. */
function isNoWay({ version, type, code }: IcmpReport): boolean {
  if (version === 4)
    return type === ICMP_UNREACHABLE && (code === ICMP_NET_UNREACHABLE || code === ICMP_HOST_UNREACHABLE)
  return type === ICMPV6_UNREACHABLE && (code === ICMPV6_NO_ROUTE || code === ICMPV6_ADDRESS_UNREACHABLE)
}

/** RFC 9293 section 3.9.2.2: these, a source route that failed, time exceeded, parameter problem. */
function isSoft(report: IcmpReport): boolean {
  if (report.local) return false
  if (isNoWay(report)) return true
  if (report.version === 6) return report.type !== ICMPV6_UNREACHABLE
  return report.type !== ICMP_UNREACHABLE || report.code === SOURCE_ROUTE_FAILED
}

/** What is in flight was too big for the way: it is lost, though not by congestion, and goes again in smaller pieces. */
function pathMtuShrank(c: Connection): void {
  const before_ = c.mss
  if (c.host.findPath(c) < 0) return
  if (c.state === SYN_SENT) {
    // The data of a Fast Open was too much: the SYN goes again without it (tcp_simple_retransmit in Linux).
    if (c.flight === null || c.synRepeated) return
    resendSyn(c)
    arm(c, TIMER_RETRANSMIT, currentRto(c))
    return
  }
  updateMss(c)
  if (c.mss < before_) resendSmaller(c)
}
