// Read first: tcp(7) TCP_INFO.

import {
  TCP_CA_Loss,
  TCPI_OPT_ECN,
  TCPI_OPT_ECN_SEEN,
  TCPI_OPT_SACK,
  TCPI_OPT_SYN_DATA,
  TCPI_OPT_TFO_CHILD,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
  type TcpInfo,
} from '../base/tcp-info.ts'
import { type AccurateEcn, PACKETS_INITIAL } from './accurate-ecn.ts'
import { firstWindow } from './active-open.ts'
import { BUSY, LIMITED_BY_BUFFER, LIMITED_BY_RECEIVER, timeSpent } from './chronograph.ts'
import type { TcpConfig } from './config.ts'
import { type Connection, TIMER_PERSIST } from './connection.ts'
import { ECN_ACCURATE, ECN_AGREED, ECN_SEEN } from './ecn.ts'
import { FO_CHILD, FO_DATA, FO_DATA_TAKEN, FO_FAIL_SHIFT } from './fast-open.ts'
import { pacingRate, UNLIMITED } from './pacing.ts'
import { ownMss } from './receive-window.ts'
import { reno } from './reno.ts'
import { REORDERING_INITIAL } from './repair.ts'
import { currentRto } from './rtt.ts'
import { CLOSED, LISTEN, type State, SYN_RECEIVED, SYN_SENT } from './state.ts'

const TIMESTAMPS = 12
const MSS_DEFAULT = 536
const SEGMENT_MIN = 88

/**
 * Fills `info` with what is true of the connection now. Not kept, and 0: the delivery rate, the receiver's round trip
 * and slow start threshold.
 */
export function fillTcpInfo(c: Connection, info: TcpInfo): void {
  const now = c.host.time.now
  const flight = c.flight
  info.tcpi_state = c.state
  info.tcpi_pacing_rate = Math.floor(pacingRate(c, c.mss))
  info.tcpi_max_pacing_rate = c.pacing === null ? UNLIMITED : c.pacing.limit
  info.tcpi_ca_state = c.caState
  const probing = c.flight === null && c.opened && c.state !== CLOSED
  info.tcpi_retransmits = Math.min(c.request !== null ? c.request.retries : probing ? 0 : c.retries, 255)
  info.tcpi_probes = probing ? Math.min(c.retries + c.keepAliveSent, 255) : Math.min(c.keepAliveSent, 255)
  info.tcpi_backoff = c.state === CLOSED ? 0 : Math.min(c.backoff, 255)
  info.tcpi_options =
    (c.timestamps ? TCPI_OPT_TIMESTAMPS : 0) |
    (c.sackPermitted ? TCPI_OPT_SACK : 0) |
    (c.windowScaling ? TCPI_OPT_WSCALE : 0) |
    ((c.fastOpen & FO_DATA_TAKEN) !== 0 ? TCPI_OPT_SYN_DATA : 0) |
    ((c.fastOpen & FO_CHILD) !== 0 ? TCPI_OPT_TFO_CHILD : 0) |
    ((c.ecn & (ECN_AGREED | ECN_ACCURATE)) !== 0 ? TCPI_OPT_ECN : 0) |
    ((c.ecn & ECN_SEEN) !== 0 ? TCPI_OPT_ECN_SEEN : 0)
  info.tcpi_fastopen_client_fail = (c.fastOpen >> FO_FAIL_SHIFT) & 3
  info.tcpi_snd_wscale = c.sndWndShift
  info.tcpi_rcv_wscale = c.rcvWndShift
  // icsk_rto: probes of a window are backed off without it.
  info.tcpi_rto = ((c.armed & TIMER_PERSIST) !== 0 ? c.rto : currentRto(c)) * 1000
  info.tcpi_ato = c.ackDelay * 1000
  info.tcpi_snd_mss = c.mss
  info.tcpi_rcv_mss = c.receiveMss
  info.tcpi_unacked = flight === null ? 0 : flight.packetsOut
  info.tcpi_sacked = flight === null ? 0 : flight.sackedOut
  info.tcpi_lost = flight === null ? 0 : flight.lostOut
  info.tcpi_retrans = flight === null ? 0 : flight.resentOut
  info.tcpi_last_data_sent = c.lastSentAt === 0 ? 0 : (now - c.lastSentAt) >>> 0
  info.tcpi_last_data_recv = (now - (c.ackDelay > 0 ? c.lastDataAt : c.openedAt)) >>> 0
  info.tcpi_last_ack_recv = (now - c.lastReceivedAt) >>> 0
  info.tcpi_pmtu = c.path === null ? 0 : c.path.mtu
  info.tcpi_rtt = c.srtt
  // Without a sample: of the time-out to begin with, or of that after a handshake that told nothing.
  info.tcpi_rttvar = c.srtt8 === 0 ? (c.rto * 1000) >> 2 : c.mdev4 >> 2
  info.tcpi_min_rtt = c.minRtt === 0 ? 0xffffffff : c.minRtt
  info.tcpi_snd_ssthresh = c.ssthresh
  info.tcpi_snd_cwnd = c.cwnd
  info.tcpi_advmss = ownMss(c)
  const repairs = c.repair
  info.tcpi_reordering = repairs === null ? REORDERING_INITIAL : repairs.reordering
  info.tcpi_reord_seen = repairs === null ? 0 : repairs.reorderingSeen
  info.tcpi_dsack_dups = repairs === null ? 0 : repairs.duplicates
  if (repairs !== null) {
    info.tcpi_total_rto = Math.min(repairs.timeouts, 0xffff)
    info.tcpi_total_rto_recoveries = Math.min(repairs.timeoutEpisodes, 0xffff)
    info.tcpi_total_rto_time = repairs.timedOutTime + (repairs.timedOut ? (now - repairs.timedOutAt) >>> 0 : 0)
  }
  // Linux has the three times from one clock: busy is busy with whatever holds up.
  info.tcpi_rwnd_limited = timeSpent(c, LIMITED_BY_RECEIVER) * 1000
  info.tcpi_sndbuf_limited = timeSpent(c, LIMITED_BY_BUFFER) * 1000
  info.tcpi_busy_time = timeSpent(c, BUSY) * 1000 + info.tcpi_rwnd_limited + info.tcpi_sndbuf_limited
  info.tcpi_rcv_space = c.tuned ? c.readSpace : Math.min(c.rcvSsthresh, 10 * ownMss(c))
  info.tcpi_rcv_ssthresh = c.rcvSsthresh
  info.tcpi_rcv_wnd = (c.rcvAdv - c.lastAckSent) | 0
  info.tcpi_rcv_rtt = c.receiverRtt8 >> 3
  info.tcpi_total_retrans = c.totalRetransmits
  // Linux counts our SYN as an octet where we sent it first.
  const acked = ((c.sndUna - c.iss) >>> 0) + c.ackedWraps * 2 ** 32 - (c.active ? 0 : 1)
  info.tcpi_bytes_acked = c.opened ? acked : 0
  info.tcpi_bytes_received = c.opened
    ? ((c.readSeq + c.receiveRing.length - c.irs) >>> 0) + c.receivedWraps * 2 ** 32 - 1 + (c.finReceived ? 1 : 0)
    : 0
  info.tcpi_bytes_retrans = c.retransmittedOctets >>> 0
  const inFlight = (c.sndNxt - c.sndUna) | 0
  info.tcpi_bytes_sent = c.opened
    ? acked - (c.active ? 1 : 0) + inFlight + info.tcpi_bytes_retrans - (c.finSent ? 1 : 0)
    : 0
  info.tcpi_segs_in = c.segmentsIn
  info.tcpi_segs_out = c.segmentsOut
  info.tcpi_data_segs_in = c.dataSegmentsIn
  info.tcpi_data_segs_out = c.dataSegmentsOut
  info.tcpi_rcv_ooopack = c.outOfOrderIn
  info.tcpi_delivered = c.delivered
  info.tcpi_delivered_ce = c.deliveredMarked
  if (c.active && !c.opened) fillOpening(c, info)
  if (c.accurateEcn !== null) fillAccurateEcn(c.accurateEcn, info)
  info.tcpi_notsent_bytes = Math.max((c.writeSeq - c.sndNxt) | 0, 0)
  info.tcpi_snd_wnd = c.sndWnd
}

/** An attempt to connect, or one that failed: our SYN counts as a packet, and nothing is agreed on yet. */
function fillOpening(c: Connection, info: TcpInfo): void {
  info.tcpi_unacked += c.state === CLOSED ? 0 : 1
  if (c.state === SYN_RECEIVED) return
  const timestamps = c.host.config.timestamps ? TIMESTAMPS : 0
  info.tcpi_options = 0
  if ((c.fastOpen & FO_DATA) === 0) info.tcpi_snd_mss = MSS_DEFAULT - timestamps
  info.tcpi_rcv_mss = SEGMENT_MIN
  info.tcpi_advmss = c.saidMss
  info.tcpi_rcv_wscale = 0
  const window = firstWindow(c)
  info.tcpi_rcv_ssthresh = window
  info.tcpi_rcv_wnd = window
  if (c.state !== SYN_SENT) return
  info.tcpi_bytes_sent = Math.max((c.sndNxt - c.iss - 1) | 0, 0)
  if (c.totalRetransmits === 0) return
  // A SYN that was lost is congestion to Linux, until it has got through.
  info.tcpi_ca_state = TCP_CA_Loss
  info.tcpi_lost = info.tcpi_unacked
  info.tcpi_retrans = 1
  info.tcpi_snd_ssthresh = Math.max(Math.floor((c.cwnd * (c.control === reno ? 5 : 7)) / 10), 2)
  info.tcpi_snd_cwnd = 1
}

/** What is to be said of a socket that has no connection: a listener, or one that is not used yet. */
export function fillUnconnectedInfo(config: TcpConfig, state: State, info: TcpInfo): void {
  info.tcpi_state = state
  info.tcpi_snd_cwnd = config.initialWindow
  info.tcpi_rto = config.initialRto * 1000
  info.tcpi_rttvar = info.tcpi_rto >> 2
  info.tcpi_min_rtt = 0xffffffff
  info.tcpi_snd_ssthresh = state === LISTEN ? 0 : 0x7fffffff
  info.tcpi_snd_mss = state === LISTEN ? 0 : MSS_DEFAULT
  info.tcpi_reordering = REORDERING_INITIAL
}

function fillAccurateEcn(a: AccurateEcn, info: TcpInfo): void {
  info.tcpi_received_ce = (a.receivedMarks - PACKETS_INITIAL) >>> 0
  info.tcpi_delivered_e1_bytes = a.deliveredE1Octets >>> 0
  info.tcpi_delivered_e0_bytes = a.deliveredE0Octets >>> 0
  info.tcpi_delivered_ce_bytes = a.deliveredCeOctets >>> 0
  info.tcpi_received_e1_bytes = (a.receivedE1 - 1) >>> 0
  info.tcpi_received_e0_bytes = (a.receivedE0 - 1) >>> 0
  info.tcpi_received_ce_bytes = a.receivedCe >>> 0
  info.tcpi_accecn_fail_mode = a.failures
  info.tcpi_accecn_opt_seen = a.optionSeen ? 1 : 0
}
