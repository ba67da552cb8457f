// Read first: tcp(7) TCP_INFO; linux/tcp.h for the layout of struct tcp_info. One table for both directions: the stack writes
// the struct from it, the socket reads it.

// tcpi_state: the numbers that Linux gives the states of RFC 9293 3.3.2.
export const TCP_ESTABLISHED = 1
export const TCP_SYN_SENT = 2
export const TCP_SYN_RECV = 3
export const TCP_FIN_WAIT1 = 4
export const TCP_FIN_WAIT2 = 5
export const TCP_TIME_WAIT = 6
export const TCP_CLOSE = 7
export const TCP_CLOSE_WAIT = 8
export const TCP_LAST_ACK = 9
export const TCP_LISTEN = 10
export const TCP_CLOSING = 11

const stateNames = [
  '',
  'ESTABLISHED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
] as const

/** The RFC's name of a state: 'SYN-SENT', 'ESTABLISHED', …; '' of what is none. */
export function stateName(state: number): string {
  return stateNames[state] ?? ''
}

// tcpi_options
export const TCPI_OPT_TIMESTAMPS = 1
export const TCPI_OPT_SACK = 2
export const TCPI_OPT_WSCALE = 4
export const TCPI_OPT_ECN = 8
export const TCPI_OPT_ECN_SEEN = 16
export const TCPI_OPT_SYN_DATA = 32
export const TCPI_OPT_USEC_TS = 64
export const TCPI_OPT_TFO_CHILD = 128

// tcpi_ca_state
export const TCP_CA_Open = 0
export const TCP_CA_Disorder = 1
export const TCP_CA_CWR = 2
export const TCP_CA_Recovery = 3
export const TCP_CA_Loss = 4

/**
 * Where each field of struct tcp_info lies: name, octet, octets wide; a width under 1 octet is a bit field, given as
 * [shift, bits] of its octet.
 */
export const TCP_INFO_LAYOUT = [
  ['tcpi_state', 0, 1],
  ['tcpi_ca_state', 1, 1],
  ['tcpi_retransmits', 2, 1],
  ['tcpi_probes', 3, 1],
  ['tcpi_backoff', 4, 1],
  ['tcpi_options', 5, 1],
  ['tcpi_snd_wscale', 6, [0, 4]],
  ['tcpi_rcv_wscale', 6, [4, 4]],
  ['tcpi_delivery_rate_app_limited', 7, [0, 1]],
  ['tcpi_fastopen_client_fail', 7, [1, 2]],
  ['tcpi_rto', 8, 4],
  ['tcpi_ato', 12, 4],
  ['tcpi_snd_mss', 16, 4],
  ['tcpi_rcv_mss', 20, 4],
  ['tcpi_unacked', 24, 4],
  ['tcpi_sacked', 28, 4],
  ['tcpi_lost', 32, 4],
  ['tcpi_retrans', 36, 4],
  ['tcpi_fackets', 40, 4],
  ['tcpi_last_data_sent', 44, 4],
  ['tcpi_last_ack_sent', 48, 4],
  ['tcpi_last_data_recv', 52, 4],
  ['tcpi_last_ack_recv', 56, 4],
  ['tcpi_pmtu', 60, 4],
  ['tcpi_rcv_ssthresh', 64, 4],
  ['tcpi_rtt', 68, 4],
  ['tcpi_rttvar', 72, 4],
  ['tcpi_snd_ssthresh', 76, 4],
  ['tcpi_snd_cwnd', 80, 4],
  ['tcpi_advmss', 84, 4],
  ['tcpi_reordering', 88, 4],
  ['tcpi_rcv_rtt', 92, 4],
  ['tcpi_rcv_space', 96, 4],
  ['tcpi_total_retrans', 100, 4],
  ['tcpi_pacing_rate', 104, 8],
  ['tcpi_max_pacing_rate', 112, 8],
  ['tcpi_bytes_acked', 120, 8],
  ['tcpi_bytes_received', 128, 8],
  ['tcpi_segs_out', 136, 4],
  ['tcpi_segs_in', 140, 4],
  ['tcpi_notsent_bytes', 144, 4],
  ['tcpi_min_rtt', 148, 4],
  ['tcpi_data_segs_in', 152, 4],
  ['tcpi_data_segs_out', 156, 4],
  ['tcpi_delivery_rate', 160, 8],
  ['tcpi_busy_time', 168, 8],
  ['tcpi_rwnd_limited', 176, 8],
  ['tcpi_sndbuf_limited', 184, 8],
  ['tcpi_delivered', 192, 4],
  ['tcpi_delivered_ce', 196, 4],
  ['tcpi_bytes_sent', 200, 8],
  ['tcpi_bytes_retrans', 208, 8],
  ['tcpi_dsack_dups', 216, 4],
  ['tcpi_reord_seen', 220, 4],
  ['tcpi_rcv_ooopack', 224, 4],
  ['tcpi_snd_wnd', 228, 4],
  ['tcpi_rcv_wnd', 232, 4],
  ['tcpi_rehash', 236, 4],
  ['tcpi_total_rto', 240, 2],
  ['tcpi_total_rto_recoveries', 242, 2],
  ['tcpi_total_rto_time', 244, 4],
  // RFC 9768, Accurate ECN.
  ['tcpi_received_ce', 248, 4],
  ['tcpi_delivered_e1_bytes', 252, 4],
  ['tcpi_delivered_e0_bytes', 256, 4],
  ['tcpi_delivered_ce_bytes', 260, 4],
  ['tcpi_received_e1_bytes', 264, 4],
  ['tcpi_received_e0_bytes', 268, 4],
  ['tcpi_received_ce_bytes', 272, 4],
  ['tcpi_accecn_fail_mode', 276, 2],
  ['tcpi_accecn_opt_seen', 278, 2],
] as const

/** Octets of the struct, that of Linux 6.18. An older kernel's, or a shorter buffer's, is a prefix of it. */
export const TCP_INFO_LENGTH = 280

/**
 * What TCP_INFO tells of a connection: times in microseconds where Linux has them so (rto, ato, rtt, busy_time and what limited the
 * sender), else milliseconds. What an older kernel does not tell is 0.
 */
export type TcpInfo = { -readonly [Name in (typeof TCP_INFO_LAYOUT)[number][0]]: number }

/** A TcpInfo whose fields are all 0. */
export function emptyTcpInfo(): TcpInfo {
  const info: Record<string, number> = {}
  for (const [name] of TCP_INFO_LAYOUT) info[name] = 0
  return info as TcpInfo
}

/**
 * Writes `info` to the front of `into` as C has it. Returns the octets written: a field that does not fit whole, and all
 * after it, is left out, as getsockopt(2) cuts a struct to the caller's length.
 */
export function encodeTcpInfo(info: TcpInfo, into: Uint8Array): number {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength)
  let end = 0
  for (const [name, at, width] of TCP_INFO_LAYOUT) {
    const value = info[name]
    if (typeof width !== 'number') {
      if (at >= into.length) break
      const [shift, bits] = width
      const mask = (1 << bits) - 1
      if (shift === 0) into[at] = 0
      into[at] = (into[at] as number) | ((value & mask) << shift)
      end = at + 1
      continue
    }
    if (at + width > into.length) break
    if (width === 1) into[at] = value
    else if (width === 2) view.setUint16(at, value, true)
    else if (width === 4) view.setUint32(at, value, true)
    // What has no limit is all ones, which a number can only round up.
    else view.setBigUint64(at, value >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(Math.trunc(value)), true)
    end = at + width
  }
  return end
}

/** Reads what the first `length` octets of `bytes` hold of the struct; fields beyond are 0. 64-bit values above 2⁵³ are rounded. */
export function decodeTcpInfo(bytes: Uint8Array, length: number = bytes.length): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, Math.min(length, bytes.byteLength))
  const info = emptyTcpInfo()
  for (const [name, at, width] of TCP_INFO_LAYOUT) {
    if (typeof width !== 'number') {
      if (at >= view.byteLength) break
      info[name] = (view.getUint8(at) >>> width[0]) & ((1 << width[1]) - 1)
      continue
    }
    if (at + width > view.byteLength) break
    if (width === 1) info[name] = view.getUint8(at)
    else if (width === 2) info[name] = view.getUint16(at, true)
    else if (width === 4) info[name] = view.getUint32(at, true)
    else info[name] = Number(view.getBigUint64(at, true))
  }
  return info
}
