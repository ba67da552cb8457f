// Read first: top(1), iftop(8), for what people look for in such a table.

import type { NetstatEntry } from '../../base/netstat-entry.ts'
import { paint, type Tone } from '../terminal/paint.ts'
import { octetsShort } from '../terminal/rate-text.ts'
import type { Scroll } from '../terminal/scroll.ts'
import { sparkline } from '../terminal/sparkline.ts'
import { type Cell, type Column, cutTo, plain, tableLines } from '../terminal/table.ts'
import type { Section } from './sections.ts'

/** As many rates are remembered of each socket. */
const REMEMBERED = 20

const COLUMNS: readonly Column[] = [
  { title: 'Proto', leaves: 2 },
  { title: 'Local Address', least: 12, cut: 'start' },
  { title: 'Foreign Address', least: 12, cut: 'start' },
  { title: 'State', leaves: 1 },
  { title: 'In/s', align: 'right' },
  { title: 'Out/s', align: 'right' },
  { title: 'Rate', leaves: 3 },
  { title: 'Recv-Q', align: 'right', leaves: 4 },
  { title: 'Send-Q', align: 'right', leaves: 4 },
  { title: 'Program', least: 6 },
]

const TONES: Readonly<Record<string, Tone>> = {
  ESTABLISHED: 'good',
  LISTEN: 'value',
  'SYN-SENT': 'warning',
  'SYN-RECEIVED': 'warning',
  'TIME-WAIT': 'faint',
  'CLOSE-WAIT': 'warning',
}

interface Seen {
  received: number
  sent: number
  at: number
  /** Octets a second. */
  inRate: number
  outRate: number
  rates: number[]
}

interface Row {
  readonly entry: NetstatEntry
  readonly seen: Seen
  readonly program: string
}

/** Sockets with what passes through them, the busiest first. */
export class SocketView {
  #seen = new Map<string, Seen>()
  #rows: Row[] = []
  #at = 0

  /** What there is at `at`, in milliseconds of any clock. */
  update(sections: readonly Section[], at: number): void {
    const seen = new Map<string, Seen>()
    this.#at = at
    this.#rows = sections.flatMap(({ sockets, program }) =>
      sockets.map((entry) => {
        const key = `${program?.pid ?? 0} ${keyOf(entry)}`
        const one = nextOf(this.#seen.get(key), entry, at)
        seen.set(key, one)
        return { entry, seen: one, program: program?.name ?? entry.system?.holders[0]?.name ?? '' }
      }),
    )
    this.#seen = seen
    // Sorting is stable: who is as busy stays in netstat's order.
    this.#rows.sort((x, y) => y.seen.inRate + y.seen.outRate - x.seen.inRate - x.seen.outRate)
  }

  lines(columns: number, rows: number, interval: number, colours: boolean, scroll: Scroll): string[] {
    const sum = (of: (seen: Seen) => number) => octetsShort(this.#rows.reduce((all, { seen }) => all + of(seen), 0))
    const heading = `${this.#rows.length} sockets, in ${sum(({ inRate }) => inRate)}/s, out ${sum(({ outRate }) => outRate)}/s`
    const time = new Date(this.#at).toTimeString().slice(0, 8)
    const title = cutTo(`jackfield netstat  ${time}  every ${interval / 1000} s  ${heading}`, columns)
    const room = Math.max(0, rows - 3)
    const first = scroll.first(this.#rows.length, room)
    const shown = this.#rows.slice(first, first + room)
    const table = tableLines(
      COLUMNS,
      shown.map((row) => cellsOf(row)),
      columns,
      colours,
    )
    const empty = Array.from({ length: room - shown.length }, () => '')
    const hint = paint(cutTo(scroll.hint(this.#rows.length), columns), 'faint', colours)
    return [paint(title, 'title', colours), ...table, ...empty, hint]
  }
}

function keyOf({ protocol, localAddress, localPort, peerAddress, peerPort, system, fd }: NetstatEntry): string {
  return `${protocol} ${localAddress} ${localPort} ${peerAddress} ${peerPort} ${system?.inode ?? fd ?? ''}`
}

function nextOf(before: Seen | undefined, { details, traffic }: NetstatEntry, at: number): Seen {
  const received = Number(details?.tcpi_bytes_received ?? traffic?.octetsReceived ?? 0)
  const sent = Number(details?.tcpi_bytes_acked ?? traffic?.octetsSent ?? 0)
  if (before === undefined || at <= before.at) {
    return { received, sent, at, inRate: 0, outRate: 0, rates: before?.rates ?? [] }
  }
  const seconds = (at - before.at) / 1000
  const inRate = Math.max(0, received - before.received) / seconds
  const outRate = Math.max(0, sent - before.sent) / seconds
  return { received, sent, at, inRate, outRate, rates: [...before.rates, inRate + outRate].slice(-REMEMBERED) }
}

function cellsOf({ entry, seen, program }: Row): Cell[] {
  const { protocol, state, receiveQueue, sendQueue, details, traffic } = entry
  // Nothing passes through listeners. What passes through sockets of datagrams the kernel tells nobody.
  const untold = plain(/^(udp|raw|icmp)/.test(protocol) ? '-' : '')
  const rate = (value: number): Cell =>
    details === null && traffic === undefined
      ? untold
      : { text: octetsShort(value), tone: value > 0 ? 'value' : 'faint' }
  const queue = (value: number): Cell => ({
    text: String(value),
    tone: value > 0 && state !== 'LISTEN' ? 'warning' : 'faint',
  })
  return [
    plain(protocol),
    plain(placeOf(entry.localAddress, entry.localPort, protocol)),
    plain(placeOf(entry.peerAddress, entry.peerPort, protocol)),
    { text: state, tone: TONES[state] ?? null },
    rate(seen.inRate),
    rate(seen.outRate),
    { text: sparkline(seen.rates, 10), tone: 'good' },
    queue(receiveQueue),
    queue(sendQueue),
    plain(program),
  ]
}

function placeOf(address: string, port: number, protocol: string): string {
  if (protocol.startsWith('unix')) return address
  const shown = address === '0.0.0.0' || address === '::' ? '*' : address.includes(':') ? `[${address}]` : address
  return `${shown}:${port === 0 ? '*' : port}`
}
