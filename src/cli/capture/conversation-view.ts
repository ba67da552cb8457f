// Who talks with whom on a link, and how much, for a window; below it the packets that came last.

import { read16 } from '../../base/bytes.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { paint } from '../terminal/paint.ts'
import { octetsShort } from '../terminal/rate-text.ts'
import { Scroll } from '../terminal/scroll.ts'
import { sparkline } from '../terminal/sparkline.ts'
import { type Column, cutTo, plain, tableLines } from '../terminal/table.ts'
import { CaptureHeaders } from './capture-headers.ts'

/** Conversations that are remembered: a scan of all ports is to take no memory without bound. */
const REMEMBERED = 4096
const RATES = 12
const LINES = 100

const COLUMNS: readonly Column[] = [
  { title: 'Proto', leaves: 1 },
  { title: 'One', least: 12, cut: 'start' },
  { title: 'Other', least: 12, cut: 'start' },
  { title: 'Packets', align: 'right', leaves: 2 },
  { title: 'Octets', align: 'right', leaves: 3 },
  { title: 'Rate', align: 'right' },
  { title: '', leaves: 4 },
]

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 2: 'igmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' }

interface Conversation {
  readonly protocol: string
  readonly one: string
  readonly other: string
  packets: number
  octets: number
  /** Octets since the last tick. */
  fresh: number
  rate: number
  rates: number[]
}

export class ConversationView {
  readonly #headers = new CaptureHeaders()
  readonly #conversations = new Map<string, Conversation>()
  readonly #last: string[] = []
  /** Which of the conversations are shown; while it is held, packets are counted, and no lines of them come. */
  readonly scroll: Scroll = new Scroll()
  #packets = 0
  #octets = 0
  #tickedAt: number

  /** `at`: now, in milliseconds of any clock. */
  constructor(at: number) {
    this.#tickedAt = at
  }

  /** A packet, and the line that says what it is. */
  packet(bytes: Uint8Array, start: number, end: number, medium: 'ethernet' | 'ip', length: number, line: string): void {
    this.#headers.read(bytes, start, end, medium)
    this.#packets++
    this.#octets += length
    const conversation = this.#conversationOf(this.#headers)
    conversation.packets++
    conversation.octets += length
    conversation.fresh += length
    if (this.scroll.held) return
    this.#last.push(line.trimEnd())
    if (this.#last.length > LINES) this.#last.shift()
  }

  /** Time has passed: rates are made of what came since the last time. */
  tick(at: number): void {
    const seconds = (at - this.#tickedAt) / 1000
    if (seconds <= 0 || this.scroll.held) return
    this.#tickedAt = at
    for (const one of this.#conversations.values()) {
      one.rate = one.fresh / seconds
      one.fresh = 0
      one.rates = [...one.rates, one.rate].slice(-RATES)
    }
  }

  lines(name: string, columns: number, rows: number, colours: boolean): string[] {
    const all = [...this.#conversations.values()].sort((x, y) => y.rate - x.rate || y.octets - x.octets)
    const title = `jackfield capture  ${name}  ${this.#packets} packets, ${octetsShort(this.#octets)}, ${all.length} conversations`
    const below = Math.max(0, Math.floor((rows - 5) / 2))
    const room = Math.max(0, rows - 4 - below)
    const first = this.scroll.first(all.length, room)
    const table = tableLines(
      COLUMNS,
      all
        .slice(first, first + room)
        .map((one) => [
          plain(one.protocol),
          plain(one.one),
          plain(one.other),
          plain(String(one.packets)),
          plain(octetsShort(one.octets)),
          { text: `${octetsShort(one.rate)}/s`, tone: one.rate > 0 ? 'value' : 'faint' },
          { text: sparkline(one.rates, RATES), tone: 'good' },
        ]),
      columns,
      colours,
    )
    const last =
      below === 0 ? [] : this.#last.slice(-below).map((line) => paint(cutTo(line, columns), 'faint', colours))
    const lines = [paint(cutTo(title, columns), 'title', colours), ...table, '', ...last]
    const empty = Array.from({ length: Math.max(0, rows - 1 - lines.length) }, () => '')
    return [...lines, ...empty, paint(cutTo(this.scroll.hint(all.length), columns), 'faint', colours)]
  }

  #conversationOf(headers: CaptureHeaders): Conversation {
    const protocol = PROTOCOLS[headers.protocol] ?? (headers.etherType === 0x0806 ? 'arp' : 'other')
    const source = endOf(headers, headers.source, headers.sourcePort)
    const destination = endOf(headers, headers.destination, headers.destinationPort)
    const [one, other] = source < destination ? [source, destination] : [destination, source]
    const key = `${protocol} ${one} ${other}`
    let found = this.#conversations.get(key)
    if (found === undefined) {
      found = { protocol, one, other, packets: 0, octets: 0, fresh: 0, rate: 0, rates: [] }
      this.#conversations.set(key, found)
      const [oldest] = this.#conversations.keys()
      if (this.#conversations.size > REMEMBERED && oldest !== undefined) this.#conversations.delete(oldest)
    }
    return found
  }
}

function endOf({ bytes, addressLength }: CaptureHeaders, at: number, port: number): string {
  if (at < 0) return '-'
  const words = Array.from({ length: addressLength / 2 }, (_, i) => read16(bytes, at + i * 2))
  const address =
    addressLength === 4
      ? bytes.subarray(at, at + 4).join('.')
      : String(IpAddress.parse(words.map((word) => word.toString(16)).join(':')))
  return port < 0 ? address : addressLength === 4 ? `${address}:${port}` : `[${address}]:${port}`
}
