// Read first: RFC 9293 section 3.4 (sequence numbers begin anywhere: here they are told from where each side began).

import type { FrameSegment } from './demo-frame.ts'

/** One direction of a connection, as seen on the wire. */
interface Flow {
  /** The sequence number of its SYN. */
  readonly initial: number
  /** One past the highest sequence number sent, counted from the SYN. */
  next: number
  /** When what begins at a sequence number was last sent. */
  readonly sentAt: Map<number, number>
}

/** A segment told from the beginning of its connection. */
export interface RelativeSegment {
  readonly seq: number
  /** What it takes of the sequence space: SYN and FIN count one each. */
  readonly end: number
  readonly ack: number
  /** Milliseconds since the same was sent before; null: it is sent for the first time. */
  readonly again: number | null
  /** The blocks that a SACK option reports, "2897:4345"; none: ''. */
  readonly sack: string
}

/** Follows the connections of a capture. */
export class Flows {
  readonly #flows = new Map<string, Flow>()

  /** Takes the next segment that was sent, `at` milliseconds. */
  take(segment: FrameSegment, at: number): RelativeSegment {
    const { source, destination, flags, length } = segment
    const back = this.#flows.get(`${destination} ${source}`)
    const syn = flags.includes('SYN')
    let flow = this.#flows.get(`${source} ${destination}`)
    if (flow === undefined || (syn && flow.initial !== segment.seq)) {
      flow = { initial: syn ? segment.seq : segment.seq - 1, next: 0, sentAt: new Map() }
      this.#flows.set(`${source} ${destination}`, flow)
    }
    const seq = distance(flow.initial, segment.seq)
    const end = seq + length + (syn ? 1 : 0) + (flags.includes('FIN') ? 1 : 0)
    const before = end > seq && seq < flow.next ? (flow.sentAt.get(seq) ?? at) : null
    if (end > seq) flow.sentAt.set(seq, at)
    flow.next = Math.max(flow.next, end)
    const relative = (number: string) => String(distance(back?.initial ?? 0, Number(number)))
    const sack = segment.options.find((option) => option.startsWith('sack '))
    return {
      seq,
      end,
      ack: back === undefined ? segment.ack : distance(back.initial, segment.ack),
      again: before === null ? null : at - before,
      sack:
        sack === undefined
          ? ''
          : [...sack.matchAll(/\{(\d+):(\d+)\}/g)]
              .map(([, left, right]) => `${relative(left as string)}:${relative(right as string)}`)
              .join(' '),
    }
  }
}

function distance(from: number, to: number): number {
  return (to - from) >>> 0
}
