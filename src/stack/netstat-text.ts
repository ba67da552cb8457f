// Read first: netstat(8), ss(8): the layouts.

import { checkBoolean, checkOptions } from '../base/argument.ts'
import { TCPI_OPT_SACK, TCPI_OPT_TIMESTAMPS, TCPI_OPT_WSCALE } from '../base/tcp-info.ts'
import type { NetstatDetails, NetstatEntry } from './netstat.ts'
import type { NetstatTimer } from './netstat-timers.ts'

export interface NetstatTextOptions {
  /** A column of timers: netstat -o. */
  readonly timers?: boolean | undefined
  /** A line below each connection of which details are known: ss -i. */
  readonly details?: boolean | undefined
}

const ADDRESS_WIDTH = 23

/**
 * Sockets as a table in the layout of netstat(8), a heading above. Each line ends in "\n".
 *
 * ```ts
 * console.log(formatNetstat(netstat(stack), { timers: true }))
 * ```
 */
export function formatNetstat(entries: readonly NetstatEntry[], options: NetstatTextOptions = {}): string {
  checkOptions('options', options, ['timers', 'details'])
  checkBoolean('options.timers', options.timers)
  checkBoolean('options.details', options.details)
  const rows = entries.map(rowOf)
  const heading: Row = {
    protocol: 'Proto',
    receive: 'Recv-Q',
    send: 'Send-Q',
    local: 'Local Address',
    peer: 'Foreign Address',
    state: 'State',
    holder: 'PID/FD',
    timers: 'Timers',
  }
  const local = widest([heading, ...rows].map((row) => row.local))
  const peer = widest([heading, ...rows].map((row) => row.peer))
  const line = (row: Row): string => {
    const queues = `${row.protocol.padEnd(5)} ${row.receive.padStart(6)} ${row.send.padStart(6)}`
    const ends = `${row.local.padEnd(local)} ${row.peer.padEnd(peer)}`
    const timers = options.timers === true ? ` ${row.timers}` : ''
    return `${`${queues} ${ends} ${row.state.padEnd(12)} ${row.holder.padEnd(10)}${timers}`.trimEnd()}\n`
  }
  let text = line(heading)
  rows.forEach((row, i) => {
    text += line(row)
    const { details } = entries[i] as NetstatEntry
    if (options.details === true && details !== null) text += `\t ${formatConnection(details)}\n`
  })
  return text
}

interface Row {
  protocol: string
  receive: string
  send: string
  local: string
  peer: string
  state: string
  holder: string
  timers: string
}

/** As ss(8) calls them. */
const unixNames: Readonly<Record<string, string>> = {
  'unix-stream': 'u_str',
  'unix-dgram': 'u_dgr',
  'unix-seqpacket': 'u_seq',
}

function rowOf(entry: NetstatEntry): Row {
  const { localAddress, interface: bound } = entry
  const place = bound === null ? localAddress : `${localAddress}%${bound}`
  const unix = entry.protocol.startsWith('unix')
  return {
    protocol: unix ? (unixNames[entry.protocol] ?? entry.protocol) : entry.protocol,
    receive: String(entry.receiveQueue),
    send: String(entry.sendQueue),
    local: unix ? place || '*' : end(place, entry.localPort),
    peer: unix ? entry.peerAddress || '*' : end(entry.peerAddress, entry.peerPort),
    state: entry.state,
    holder: entry.fd === null ? '-' : `${entry.pid ?? '-'}/${entry.fd}`,
    timers: entry.timers.length === 0 ? 'off' : entry.timers.map(timerText).join(', '),
  }
}

function end(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '*' : port}`
}

function timerText({ kind, left, retries }: NetstatTimer): string {
  return `${kind} (${(left / 1000).toFixed(2)}/${retries})`
}

function widest(texts: readonly string[]): number {
  return Math.max(ADDRESS_WIDTH, ...texts.map((text) => text.length))
}

/** One connection in one line, in the words of ss -i: times in milliseconds, all else in octets or segments. */
export function formatConnection(details: NetstatDetails): string {
  const d = details
  const options = d.tcpi_options
  const words: (string | false)[] = [
    (options & TCPI_OPT_TIMESTAMPS) !== 0 && 'ts',
    (options & TCPI_OPT_SACK) !== 0 && 'sack',
    d.congestion,
    (options & TCPI_OPT_WSCALE) !== 0 && `wscale:${d.tcpi_snd_wscale},${d.tcpi_rcv_wscale}`,
    `rto:${d.tcpi_rto / 1000}`,
    d.tcpi_backoff > 0 && `backoff:${d.tcpi_backoff}`,
    d.tcpi_rtt > 0 && `rtt:${d.tcpi_rtt / 1000}/${d.tcpi_rttvar / 1000}`,
    `mss:${d.tcpi_snd_mss}`,
    `pmtu:${d.tcpi_pmtu}`,
    `rcvmss:${d.tcpi_rcv_mss}`,
    `advmss:${d.tcpi_advmss}`,
    `cwnd:${d.tcpi_snd_cwnd}`,
    // As large as can be: no loss has set it yet.
    d.tcpi_snd_ssthresh < 0x7fffffff && `ssthresh:${d.tcpi_snd_ssthresh}`,
    d.tcpi_bytes_sent > 0 && `bytes_sent:${d.tcpi_bytes_sent}`,
    d.tcpi_bytes_retrans > 0 && `bytes_retrans:${d.tcpi_bytes_retrans}`,
    d.tcpi_bytes_acked > 0 && `bytes_acked:${d.tcpi_bytes_acked}`,
    d.tcpi_bytes_received > 0 && `bytes_received:${d.tcpi_bytes_received}`,
    `segs_out:${d.tcpi_segs_out}`,
    `segs_in:${d.tcpi_segs_in}`,
    d.tcpi_data_segs_out > 0 && `data_segs_out:${d.tcpi_data_segs_out}`,
    d.tcpi_data_segs_in > 0 && `data_segs_in:${d.tcpi_data_segs_in}`,
    `lastsnd:${d.tcpi_last_data_sent}`,
    `lastrcv:${d.tcpi_last_data_recv}`,
    `lastack:${d.tcpi_last_ack_recv}`,
    `delivered:${d.tcpi_delivered}`,
    d.tcpi_unacked > 0 && `unacked:${d.tcpi_unacked}`,
    d.tcpi_total_retrans > 0 && `retrans:${d.tcpi_retrans}/${d.tcpi_total_retrans}`,
    d.tcpi_lost > 0 && `lost:${d.tcpi_lost}`,
    d.tcpi_sacked > 0 && `sacked:${d.tcpi_sacked}`,
    d.tcpi_rcv_ooopack > 0 && `rcv_ooopack:${d.tcpi_rcv_ooopack}`,
    d.tcpi_notsent_bytes > 0 && `notsent:${d.tcpi_notsent_bytes}`,
    `rcv_space:${d.tcpi_rcv_space}`,
    `rcv_wnd:${d.tcpi_rcv_wnd}`,
    `snd_wnd:${d.tcpi_snd_wnd}`,
    d.tcpi_min_rtt > 0 && `minrtt:${d.tcpi_min_rtt / 1000}`,
  ]
  return words.filter((word) => word !== false).join(' ')
}
