// Read first: netstat(8), ss(8): the layouts.

import { checkBoolean, checkOptions, checkText, given } from '../base/argument.ts'
import type {
  NetstatDetails,
  NetstatEntry,
  NetstatSystem,
  NetstatTimer,
  NetstatTraffic,
} from '../base/netstat-entry.ts'
import { TCPI_OPT_SACK, TCPI_OPT_TIMESTAMPS, TCPI_OPT_WSCALE } from '../base/tcp-info.ts'

export interface NetstatTextOptions {
  /** A column of timers: netstat -o. */
  readonly timers?: boolean | undefined
  /** A line below each socket of which details are known: ss -i, and ss -em of the operating system's. */
  readonly details?: boolean | undefined
  /** Who holds a socket: not told, as process and descriptor, or with the program's name: netstat -p. Default 'descriptor'. */
  readonly holders?: 'none' | 'descriptor' | 'program' | undefined
  /** With the holders 'program': whose stack this is. Sockets of the operating system say so themselves. */
  readonly program?: string | undefined
  /** The name of a service by its port, to be printed in its place; null: it has none. Left out: ports are numbers. */
  readonly serviceName?: ((port: number, transport: 'tcp' | 'udp') => string | null) | undefined
}

const OPTIONS = ['timers', 'details', 'holders', 'program', 'serviceName'] as const
const HOLDERS = { none: '', descriptor: 'PID/FD', program: 'PID/FD/Program' } as const

const ADDRESS_WIDTH = 23

/**
 * Sockets as a table in the layout of netstat(8), a heading above. Each line ends in "\n".
 *
 * ```ts
 * console.log(formatNetstat(netstat(stack), { timers: true }))
 * ```
 */
export function formatNetstat(entries: readonly NetstatEntry[], options: NetstatTextOptions = {}): string {
  checkTextOptions(options)
  const holders = options.holders ?? 'descriptor'
  const rows = entries.map((entry) => rowOf(entry, options))
  const heading: Row = {
    protocol: 'Proto',
    receive: 'Recv-Q',
    send: 'Send-Q',
    local: 'Local Address',
    peer: 'Foreign Address',
    state: 'State',
    holder: HOLDERS[holders],
    timers: 'Timers',
  }
  const all = [heading, ...rows]
  const local = widest(all, ADDRESS_WIDTH, (row) => row.local)
  const peer = widest(all, ADDRESS_WIDTH, (row) => row.peer)
  const holder = widest(all, holders === 'program' ? 20 : 10, (row) => row.holder)
  const line = (row: Row): string => {
    const queues = `${row.protocol.padEnd(5)} ${row.receive.padStart(6)} ${row.send.padStart(6)}`
    const ends = `${row.local.padEnd(local)} ${row.peer.padEnd(peer)}`
    const held = holders === 'none' ? '' : ` ${row.holder.padEnd(holder)}`
    const timers = options.timers === true ? ` ${row.timers}` : ''
    return `${`${queues} ${ends} ${row.state.padEnd(12)}${held}${timers}`.trimEnd()}\n`
  }
  let text = line(heading)
  rows.forEach((row, i) => {
    text += line(row)
    if (options.details === true) text += detailsLine(entries[i] as NetstatEntry)
  })
  return text
}

function checkTextOptions(options: NetstatTextOptions): void {
  checkOptions('options', options, OPTIONS)
  const { holders, serviceName } = options
  checkBoolean('options.timers', options.timers)
  checkBoolean('options.details', options.details)
  checkText('options.program', options.program)
  if (holders !== undefined && !Object.hasOwn(HOLDERS, holders)) {
    throw new RangeError(`options.holders must be 'none', 'descriptor' or 'program', got ${given(holders)}`)
  }
  if (serviceName !== undefined && typeof serviceName !== 'function') {
    throw new TypeError(`options.serviceName must be a function, got ${given(serviceName)}`)
  }
}

function detailsLine({ details, traffic, system }: NetstatEntry): string {
  const parts = []
  if (system !== undefined) parts.push(formatSystem(system))
  if (details !== null) parts.push(formatConnection(details))
  if (traffic !== undefined) parts.push(trafficText(traffic))
  return parts.length === 0 ? '' : `\t ${parts.join(' ')}\n`
}

/** In the words that ss has for octets and segments of TCP. */
function trafficText(traffic: NetstatTraffic): string {
  const { datagramsReceived, octetsReceived, datagramsSent, octetsSent, drops } = traffic
  const sent = `bytes_sent:${octetsSent} bytes_received:${octetsReceived}`
  return `${sent} datagrams_out:${datagramsSent} datagrams_in:${datagramsReceived}${drops > 0 ? ` drops:${drops}` : ''}`
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

function rowOf(entry: NetstatEntry, options: NetstatTextOptions): Row {
  const unix = entry.protocol.startsWith('unix')
  return {
    protocol: unix ? (unixNames[entry.protocol] ?? entry.protocol) : entry.protocol,
    receive: String(entry.receiveQueue),
    send: String(entry.sendQueue),
    ...(unix ? unixEnds(entry) : internetEnds(entry, options)),
    state: entry.state,
    holder: holderText(entry, options),
    timers: entry.timers.length === 0 ? 'off' : entry.timers.map(timerText).join(', '),
  }
}

/** Sockets of the operating system have numbers too, as ss(8) prints them: most have no other name. */
function unixEnds({ localAddress, peerAddress, system }: NetstatEntry): { local: string; peer: string } {
  const [local, peer] = [printable(localAddress) || '*', printable(peerAddress) || '*']
  if (system === undefined) return { local, peer }
  return { local: `${local} ${system.inode}`, peer: `${peer} ${system.peerInode ?? '*'}` }
}

function internetEnds(entry: NetstatEntry, options: NetstatTextOptions): { local: string; peer: string } {
  const { localAddress, interface: bound, protocol } = entry
  const transport = protocol.startsWith('tcp') ? 'tcp' : protocol.startsWith('udp') ? 'udp' : null
  const portText = (port: number) => {
    if (port === 0) return '*'
    const name = transport === null ? null : (options.serviceName?.(port, transport) ?? null)
    return name === null ? String(port) : printable(name)
  }
  const place = bound === null || bound === undefined ? localAddress : `${localAddress}%${bound}`
  return {
    local: `${bracketed(printable(place))}:${portText(entry.localPort)}`,
    peer: `${bracketed(printable(entry.peerAddress))}:${portText(entry.peerPort)}`,
  }
}

function holderText({ fd, pid, system }: NetstatEntry, { holders, program }: NetstatTextOptions): string {
  const named = holders === 'program'
  if (system !== undefined && system.holders.length > 0) {
    return system.holders.map((one) => `${one.pid}/${one.fd}${named ? `/${printable(one.name)}` : ''}`).join(',')
  }
  if (fd === null) return '-'
  return `${pid ?? '-'}/${fd}${named && program !== undefined ? `/${printable(program)}` : ''}`
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** What others have named must not write on the terminal as it likes. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}

function timerText({ kind, left, retries }: NetstatTimer): string {
  return `${kind} (${(left / 1000).toFixed(2)}/${retries})`
}

function widest(rows: readonly Row[], least: number, textOf: (row: Row) => string): number {
  return rows.reduce((width, row) => Math.max(width, textOf(row).length), least)
}

/** What the operating system knows of a socket besides, in the words of ss -em. */
export function formatSystem(system: NetstatSystem): string {
  const { uid, inode, cookie, memory: m, typeOfService, trafficClass, mark, v6only, shutdown } = system
  const words: (string | false)[] = [
    uid !== null && uid > 0 && `uid:${uid}`,
    `ino:${inode}`,
    cookie !== null && `sk:${cookie}`,
    typeOfService !== null && typeOfService > 0 && `tos:0x${typeOfService.toString(16)}`,
    trafficClass !== null && trafficClass > 0 && `tclass:0x${trafficClass.toString(16)}`,
    mark !== null && mark > 0 && `fwmark:0x${mark.toString(16)}`,
    v6only !== null && `v6only:${Number(v6only)}`,
    shutdown !== null &&
      shutdown > 0 &&
      `shutdown:${(shutdown & 1) === 0 ? '-' : 'r'}${(shutdown & 2) === 0 ? '-' : 'w'}`,
    m !== null &&
      `skmem:(r${m.received},rb${m.receiveBuffer},t${m.sent},tb${m.sendBuffer},f${m.forward},w${m.queued},o${m.option},bl${m.backlog},d${m.drops})`,
  ]
  return words.filter((word) => word !== false).join(' ')
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
    // Linux has all bits set where it was not measured.
    d.tcpi_min_rtt > 0 && d.tcpi_min_rtt < 0xffffffff && `minrtt:${d.tcpi_min_rtt / 1000}`,
  ]
  return words.filter((word) => word !== false).join(' ')
}
