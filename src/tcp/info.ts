// Read first: tcp(7) TCP_INFO.

import { TCPI_OPT_SACK, TCPI_OPT_TIMESTAMPS, TCPI_OPT_WSCALE, type TcpInfo } from '../base/tcp-info.ts'
import type { Connection } from './connection.ts'
import { advertisedMss } from './mss.ts'
import { currentRto } from './rtt.ts'

/** Fills `info` with what is true of the connection now; what is not kept is 0. */
export function fillTcpInfo(c: Connection, info: TcpInfo): void {
  const now = c.host.time.now
  const flight = c.flight
  info.tcpi_state = c.state
  info.tcpi_ca_state = c.caState
  info.tcpi_retransmits = Math.min(c.flight === null ? 0 : c.retries, 255)
  info.tcpi_probes = c.flight === null ? Math.min(c.retries + c.keepAliveSent, 255) : 0
  info.tcpi_backoff = Math.min(c.backoff, 255)
  info.tcpi_options =
    (c.timestamps ? TCPI_OPT_TIMESTAMPS : 0) |
    (c.sackPermitted ? TCPI_OPT_SACK : 0) |
    (c.windowScaling ? TCPI_OPT_WSCALE : 0)
  info.tcpi_snd_wscale = c.sndWndShift
  info.tcpi_rcv_wscale = c.rcvWndShift
  info.tcpi_rto = currentRto(c) * 1000
  info.tcpi_ato = c.host.config.delayedAck * 1000
  info.tcpi_snd_mss = c.mss
  info.tcpi_rcv_mss = c.mss
  info.tcpi_unacked = flight === null ? 0 : flight.packetsOut
  info.tcpi_sacked = flight === null ? 0 : flight.sackedOut
  info.tcpi_lost = flight === null ? 0 : flight.lostOut
  info.tcpi_retrans = flight === null ? 0 : flight.resentOut
  info.tcpi_last_data_sent = c.lastSentAt === 0 ? 0 : (now - c.lastSentAt) >>> 0
  info.tcpi_last_data_recv = (now - c.lastDataAt) >>> 0
  info.tcpi_last_ack_recv = (now - c.lastReceivedAt) >>> 0
  info.tcpi_pmtu = c.path === null ? 0 : c.path.mtu
  info.tcpi_rtt = c.srtt
  info.tcpi_rttvar = c.rttvar
  info.tcpi_min_rtt = c.minRtt
  info.tcpi_snd_ssthresh = c.ssthresh
  info.tcpi_snd_cwnd = c.cwnd
  info.tcpi_advmss = advertisedMss(c, c.mssLimit) - (c.timestamps ? 12 : 0)
  info.tcpi_reordering = 3
  info.tcpi_rcv_space = c.receiveBuffer
  info.tcpi_total_retrans = c.totalRetransmits
  // Octets modulo 2^32: the sequence space itself counts them.
  // Linux counts our SYN as an octet where we sent it first.
  info.tcpi_bytes_acked = (c.sndUna - c.iss - (c.active ? 0 : 1)) >>> 0
  info.tcpi_bytes_received = c.rcvNxt === 0 && c.irs === 0 ? 0 : (c.rcvNxt - c.irs - 1) >>> 0
  info.tcpi_notsent_bytes = Math.max((c.writeSeq - c.sndNxt) | 0, 0)
  info.tcpi_snd_wnd = c.sndWnd
  info.tcpi_rcv_wnd = c.receiveWindow
}
