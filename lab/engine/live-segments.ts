// Read first: RFC 9293 section 3.4. What a stack that is watched has sent: it tells of each frame as it leaves, and of each connection
// where its sequence numbers begin.

import { FIN, RST, SYN, type TcpSegment } from '../../src/wire/tcp.ts'
import type { SegmentEvent, SegmentKind } from './run-events.ts'

/** So many of a connection wait to be told of until it is known where that begins. */
const WAITING_MAX = 64

interface Sent {
  readonly seq: number
  readonly flags: number
  /** SEG.LEN: octets of data, and one each for SYN and FIN. */
  readonly length: number
  readonly at: number
  readonly frame: number
}

interface Sender {
  /** The number of its SYN; null: it is not known yet. */
  iss: number | null
  /** The number after all that has left; null: nothing has. */
  reached: number | null
  readonly waiting: Sent[]
}

/** The segments of one stack. */
export class LiveSegments {
  readonly #host: string
  readonly #tell: (event: SegmentEvent) => void
  readonly #senders = new Map<string, Sender>()

  constructor(host: string, tell: (event: SegmentEvent) => void) {
    this.#host = host
    this.#tell = tell
  }

  /** The connection `ends` has begun with the sequence number `iss`. */
  begins(ends: string, iss: number): void {
    const sender = this.#senderOf(ends)
    const first = iss | 0
    if (sender.iss === first) return
    // Another one between the same ends goes before.
    if (sender.iss !== null) sender.reached = null
    sender.iss = first
    for (const sent of sender.waiting.splice(0)) this.#sent(ends, sender, first, sent)
  }

  /** A segment has left in a frame. */
  leaves(ends: string, { seq, flags, length }: TcpSegment, at: number, frame: number): void {
    if ((flags & SYN) !== 0) this.begins(ends, seq)
    const sender = this.#senderOf(ends)
    const sent = { seq, flags, length, at, frame }
    if (sender.iss !== null) this.#sent(ends, sender, sender.iss, sent)
    else if (sender.waiting.length < WAITING_MAX) sender.waiting.push(sent)
  }

  #senderOf(ends: string): Sender {
    let sender = this.#senders.get(ends)
    if (sender === undefined) {
      sender = { iss: null, reached: null, waiting: [] }
      this.#senders.set(ends, sender)
    }
    return sender
  }

  #sent(ends: string, sender: Sender, iss: number, { seq, flags, length, at, frame }: Sent): void {
    const end = (seq + length) | 0
    const { reached } = sender
    let kind: SegmentKind = reached === null || ((seq - reached) | 0) >= 0 ? 'new' : 'again'
    if (length === 0) {
      // One octet below what the peer awaits: it must answer (RFC 9293 sections 3.8.4 and 3.8.6.1).
      if ((flags & (RST | SYN | FIN)) !== 0 || kind === 'new') return
      kind = 'probe'
    } else if (reached === null || ((end - reached) | 0) > 0) {
      sender.reached = end
    }
    this.#tell({ at, host: this.#host, ends, seq: (seq - iss) >>> 0, end: (end - iss) >>> 0, kind, frame })
  }
}
