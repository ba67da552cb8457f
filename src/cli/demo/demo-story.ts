import { endText } from '../../base/ends-text.ts'
import type { NetstatEntry } from '../../stack/netstat.ts'
import { nameText } from './demo-dns.ts'
import type { RelativeSegment } from './demo-flows.ts'
import type { Frame, FrameSegment } from './demo-frame.ts'
import type { Fate, HostName } from './demo-host.ts'
import { type Ink, type Paper, WIDTH } from './demo-paper.ts'

/** The column that what happens is told in, after the time. */
const MARGIN = 10
const ARROW_WIDTH = 17
/** A silence longer than this is told, in milliseconds. */
const SILENCE = 1500

/** For whom a frame is: 'all' on a link, or one. */
export type Neighbour = HostName | 'all'

/** One link's way that a frame goes. */
export interface Leg {
  readonly from: HostName
  readonly to: Neighbour
  /** Packets are told on each of their links, so that it matters how far they have come. */
  readonly hops: boolean
}

/** Ordinary segments that went the same way at the same moment, told in one line. */
interface Train {
  readonly leg: Leg
  /** Both ends of the connection. */
  readonly source: string
  readonly destination: string
  readonly at: number
  readonly carries: boolean
  /** Those of the first. */
  readonly flags: string
  segments: number
  octets: number
  readonly seq: number
  end: number
  ack: number
  readonly sizes: string
}

/** Tells what happens, as it happens: programs, frames, states. */
export class Story {
  readonly #paper: Paper
  #lastAt = 0
  #train: Train | null = null
  #states = new Map<string, string>()

  constructor(paper: Paper) {
    this.#paper = paper
  }

  /** Begins to tell of a program. Times count from here. */
  begin(heading: string, introduction: string): void {
    this.#lastAt = 0
    this.#states = new Map()
    this.#paper.heading(heading)
    this.#paper.paragraph('dim', introduction)
    this.#paper.line()
  }

  /** Something that is of no program. */
  aside(text: string): void {
    this.#paper.line()
    this.#paper.paragraph('dim', text)
  }

  /** A program says what it does. */
  says(host: HostName, text: string, at: number): void {
    this.#tell(at)
    this.#paper.line(['plain', this.#time(at)], [inkOf(host), `${host} ┃ `], ['plain', text])
  }

  /** A line of a trace of `host`'s calls: whole, however long. */
  calls(host: HostName, text: string, at: number): void {
    this.#tell(at)
    const indent = MARGIN + host.length + 3
    const room = WIDTH - indent
    let rest = text
    while (rest.length > room) {
      const space = rest.lastIndexOf(' ', room)
      const cut = space > room / 2 ? space + 1 : room
      this.#callLine(host, rest === text ? at : null, rest.slice(0, cut).trimEnd())
      rest = rest.slice(cut)
    }
    this.#callLine(host, rest === text ? at : null, rest)
  }

  #callLine(host: HostName, at: number | null, text: string): void {
    const time = at === null ? ' '.repeat(MARGIN) : this.#time(at)
    this.#paper.line(
      ['plain', time],
      [inkOf(host), at === null ? ' '.repeat(host.length + 3) : `${host} ┃ `],
      ['bold', text],
    )
  }

  /** Something to look at, line by line, as it is. */
  shows(host: HostName, title: string, text: string, at: number): void {
    this.#tell(at)
    this.#paper.line(['plain', this.#time(at)], [inkOf(host), `${host}: `], ['bold', title])
    for (const line of text.trimEnd().split('\n')) this.#paper.line(['plain', `  ${line}`])
  }

  /** What is often said, and what was seen. */
  remark(said: string, seen: string, at: number): void {
    this.#tell(at)
    this.#paper.line(['plain', ' '.repeat(MARGIN)], ['dim', `Often thought: ${said}`])
    this.#paper.paragraph('green', `Seen here: ${seen}`, MARGIN)
  }

  /** A frame was sent; `segment` and `relative` are those of a TCP segment, `why` where it was sent again. */
  frame(leg: Leg, frame: Frame, relative: RelativeSegment | null, fate: Fate, at: number, why: string): void {
    const { segment } = frame
    if (segment !== null && relative !== null && fate === 'sent' && isOrdinary(segment, relative)) {
      this.#couple(leg, frame, segment, relative, at)
      return
    }
    this.#tell(at)
    const text = segment === null || relative === null ? lineOf(frame, leg.hops) : segmentText(segment, relative)
    this.#frameLine(leg, at, text, frame.sizes, frame.octets, fate)
    if (segment?.flags.includes('SYN') && why === '') {
      this.#note('plain', `initial sequence number ${segment.seq}`)
      this.#note('plain', `options ${segment.options.join(', ')}`)
    }
    if (why !== '') this.#note('yellow', why)
  }

  /** Frames came damaged to the host, or switch, `name`. */
  damaged(name: string, count: number, at: number): void {
    this.#tell(at)
    const what = count === 1 ? 'a frame came damaged' : `${count} frames came damaged`
    this.#paper.line(
      ['plain', this.#time(at)],
      ['red', `✗ ${what} to the ${name}: the frame check sequence is wrong, dropped`],
    )
  }

  /** The sockets that a host has now: what has changed since the last time is told. */
  sockets(host: HostName, entries: readonly NetstatEntry[], at: number): void {
    const now = new Map(entries.map((entry) => [`${host} ${keyOf(entry)}`, entry.state]))
    for (const [key, state] of now) {
      const before = this.#states.get(key)
      if (before === state) continue
      this.#states.set(key, state)
      this.#stateLine(host, key, before === undefined || before === '' ? state : `${before} → ${state}`, at)
    }
    for (const [key, before] of [...this.#states]) {
      if (!key.startsWith(`${host} `) || now.has(key)) continue
      this.#states.delete(key)
      this.#stateLine(host, key, before === '' ? 'closed' : `${before} → CLOSED`, at)
    }
  }

  /** Tells what was held back to be told together. */
  flush(): void {
    const train = this.#train
    if (train === null) return
    this.#train = null
    const { leg, at, carries, segments, octets, seq, end, ack } = train
    const many = segments === 1 ? '' : `${segments} × `
    const text = carries ? `${many}${train.flags} seq ${seq}:${end} ack ${ack}` : `${many}ACK ack ${ack}`
    this.#frameLine(leg, at, text, segments === 1 ? train.sizes : `${segments} frames`, octets, 'sent')
  }

  #couple(leg: Leg, frame: Frame, segment: FrameSegment, relative: RelativeSegment, at: number): void {
    const train = this.#train
    const carries = segment.length > 0
    const { source, destination } = segment
    const same = train !== null && train.source === source && train.destination === destination
    if (train !== null && same && train.at === at && train.carries === carries) {
      if (!carries || relative.seq === train.end) {
        train.segments++
        train.octets += frame.octets
        train.end = relative.end
        train.ack = relative.ack
        return
      }
    }
    this.#tell(at)
    const { seq, end, ack } = relative
    const { octets, sizes } = frame
    const { flags } = segment
    this.#train = { leg, source, destination, at, carries, flags, segments: 1, octets, seq, end, ack, sizes }
  }

  #tell(at: number): void {
    this.flush()
    const silence = at - this.#lastAt
    this.#lastAt = at
    if (silence > SILENCE) {
      this.#paper.line(['plain', ' '.repeat(MARGIN)], ['dim', `… ${(silence / 1000).toFixed(1)} s pass …`])
    }
  }

  #frameLine(leg: Leg, at: number, text: string, sizes: string, octets: number, fate: Fate): void {
    const arrow = arrowOf(leg)
    const what = fate === 'sent' ? text : `${text} ${FATES[fate][1]}`
    const size = `${sizes} = ${octets}`
    const room = WIDTH - MARGIN - ARROW_WIDTH - 2 - size.length - 1
    this.#paper.line(
      ['plain', this.#time(at)],
      [inkOf(leg.from), `${arrow}  `],
      [FATES[fate][0], what.length > room ? `${what.slice(0, room - 1)}…` : what],
      ['dim', ' '.repeat(Math.max(1, room - what.length + 1)) + size],
    )
  }

  #note(ink: Ink, text: string): void {
    this.#paper.paragraph(ink, text, MARGIN + ARROW_WIDTH + 2)
  }

  #stateLine(host: HostName, key: string, state: string, at: number): void {
    this.#tell(at)
    const [, protocol = '', local = '', foreign = ''] = key.split(' ')
    const indent = ' '.repeat(MARGIN)
    const name = `${protocol.padEnd(4)} ${local.padEnd(21)} ${foreign.padEnd(21)}`
    this.#paper.line(['plain', indent], [inkOf(host), `${host}  `], ['dim', name], ['green', `  ${state}`])
  }

  #time(at: number): string {
    return `${at.toFixed(1).padStart(MARGIN - 2)}  `
  }
}

const FATES: Record<Fate, readonly [Ink, string]> = {
  sent: ['plain', ''],
  lost: ['red', '✗ lost'],
  'held back': ['yellow', '↷ held up'],
  doubled: ['yellow', '⇉ doubled'],
}

const INKS: Record<HostName, Ink> = { client: 'cyan', second: 'blue', router: 'magenta', server: 'yellow' }

function inkOf(host: HostName): Ink {
  return INKS[host]
}

/** From left to right they are as on the way from a client to the server. */
const PLACES: readonly Neighbour[] = ['client', 'second', 'router', 'server', 'all']

function arrowOf({ from, to }: Leg): string {
  return PLACES.indexOf(from) < PLACES.indexOf(to) ? `${from} ──→ ${to.padEnd(6)}` : `${to.padEnd(6)} ←── ${from}`
}

/** Protocol and both ends, as netstat lists them. */
function keyOf({ protocol, localAddress, localPort, peerAddress, peerPort }: NetstatEntry): string {
  const raw = protocol.startsWith('raw')
  const local = endText(localAddress, raw ? '*' : localPort)
  // A socket of AF_INET6 may talk IPv4: its addresses show what it talks.
  return `${protocol.replace('6', '')} ${local} ${endText(peerAddress, peerPort === 0 ? '*' : peerPort)}`
}

function isOrdinary(segment: FrameSegment, relative: RelativeSegment): boolean {
  return /^(PSH-)?ACK$/.test(segment.flags) && relative.again === null && relative.sack === ''
}

function segmentText(segment: FrameSegment, { seq, end, ack, sack }: RelativeSegment): string {
  const { flags } = segment
  let text = end > seq ? `${flags} seq ${seq}` : flags
  if (segment.length > 0) text += `:${seq + segment.length}`
  if (flags.includes('RST')) text += ` seq ${seq}`
  if (flags.includes('ACK')) text += ` ack ${ack}`
  if (flags.includes('SYN')) text += ` win ${segment.window}`
  return sack === '' ? text : `${text}, SACK ${sack}`
}

/** What is not TCP, or is passed on: without addresses, which the arrow shows, and without lengths, which are shown anyway. */
function lineOf(frame: Frame, hops: boolean): string {
  const { line, ttl, protocol, ports, segment, payload } = frame
  const way = hops && ttl > 0 ? `, ttl ${ttl}` : ''
  if (segment !== null) return `TCP ${segment.flags}${way}`
  const text = line.replace(/^IP6? \S+ > \S+?:? (?=[A-Za-z(])|(?<=^ARP), \w+/, '').replace(/, length \d+(?= |$)/, '')
  if (protocol === 'fragment') return `${/\(frag.*\)|frag.*\)/.exec(line)?.[0] ?? 'fragment'}${way}`
  if (/neighbor|unreachable|exceeded/.test(text)) return text.replace(/^ICMP6, (?=neigh)|(?<=^ICMP)[ ,]+[\d.]{7,}/, '')
  if (protocol !== 'UDP') return text + way
  if (ports.includes('53') && payload !== null) return nameText(payload)
  return `UDP port ${ports[0]} to ${ports[1]}${/frag/.test(line) ? ', first fragment' : ''}${way}`
}
