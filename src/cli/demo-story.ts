import type { RelativeSegment } from './demo-flows.ts'
import type { Frame, FrameSegment } from './demo-frame.ts'
import type { Fate, HostName } from './demo-network.ts'
import { type Ink, type Paper, WIDTH } from './demo-paper.ts'
import type { SocketRow } from './demo-sockets.ts'

/** The column that what happens is told in, after the time. */
const MARGIN = 10
const ARROW_WIDTH = 17
/** A silence longer than this is told, in milliseconds. */
const SILENCE = 1500

/** Ordinary segments that went the same way at the same moment, told in one line. */
interface Train {
  readonly host: HostName
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

  /** A program says what it does. */
  says(host: HostName, text: string, at: number): void {
    this.#tell(at)
    this.#paper.line(['plain', this.#time(at)], [inkOf(host), `${host} ┃ `], ['plain', text])
  }

  /** A frame was sent; `segment` and `relative` are those of a TCP segment, `why` where it was sent again. */
  frame(host: HostName, frame: Frame, relative: RelativeSegment | null, fate: Fate, at: number, why: string): void {
    const { segment } = frame
    if (segment !== null && relative !== null && fate === 'sent' && isOrdinary(segment, relative)) {
      this.#couple(host, frame, segment, relative, at)
      return
    }
    this.#tell(at)
    const text = segment === null || relative === null ? lineOf(frame) : segmentText(segment, relative)
    this.#frameLine(host, at, text, frame.sizes, frame.octets, fate)
    if (segment?.flags.includes('SYN') && why === '') {
      this.#note('plain', `initial sequence number ${segment.seq}`)
      this.#note('plain', `options ${segment.options.join(', ')}`)
    }
    if (why !== '') this.#note('yellow', why)
  }

  /** Frames came damaged to `host`. */
  damaged(host: HostName, count: number, at: number): void {
    this.#tell(at)
    const what = count === 1 ? 'a frame came damaged' : `${count} frames came damaged`
    this.#paper.line(
      ['plain', this.#time(at)],
      ['red', `✗ ${what} to the ${host}: the frame check sequence is wrong, dropped`],
    )
  }

  /** The sockets that a host has now: what has changed since the last time is told. */
  sockets(host: HostName, rows: readonly SocketRow[], at: number): void {
    const now = new Map(rows.map((row) => [`${host} ${row.protocol} ${row.local} ${row.foreign}`, row.state]))
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
    const { host, at, carries, segments, octets, seq, end, ack } = train
    const many = segments === 1 ? '' : `${segments} × `
    const text = carries ? `${many}${train.flags} seq ${seq}:${end} ack ${ack}` : `${many}ACK ack ${ack}`
    this.#frameLine(host, at, text, segments === 1 ? train.sizes : `${segments} frames`, octets, 'sent')
  }

  #couple(host: HostName, frame: Frame, segment: FrameSegment, relative: RelativeSegment, at: number): void {
    const train = this.#train
    const carries = segment.length > 0
    if (train !== null && train.host === host && train.at === at && train.carries === carries) {
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
    this.#train = { host, at, carries, flags: segment.flags, segments: 1, octets, seq, end, ack, sizes }
  }

  #tell(at: number): void {
    this.flush()
    const silence = at - this.#lastAt
    this.#lastAt = at
    if (silence > SILENCE) {
      this.#paper.line(['plain', ' '.repeat(MARGIN)], ['dim', `… ${(silence / 1000).toFixed(1)} s pass …`])
    }
  }

  #frameLine(host: HostName, at: number, text: string, sizes: string, octets: number, fate: Fate): void {
    const arrow = host === 'client' ? 'client ──→ server' : 'client ←── server'
    const what = fate === 'sent' ? text : `${text} ${FATES[fate][1]}`
    const size = `${sizes} = ${octets}`
    const room = WIDTH - MARGIN - ARROW_WIDTH - 2 - size.length - 1
    this.#paper.line(
      ['plain', this.#time(at)],
      [inkOf(host), `${arrow}  `],
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
    const name = `${protocol}  ${local.padEnd(16)}  ${foreign.padEnd(16)}`
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

function inkOf(host: HostName): Ink {
  return host === 'client' ? 'cyan' : 'yellow'
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

/** What is not TCP: without addresses, which are the two hosts', and without lengths, which are shown anyway. */
function lineOf({ line, protocol, ports }: Frame): string {
  const text = line.replace(/^IP \S+ > \S+: |(?<=^ARP), \w+/, '').replace(/, length \d+$/, '')
  return protocol === 'UDP' ? `UDP port ${ports[0]} to ${ports[1]}` : text
}
