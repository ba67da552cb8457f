// Which call of a program caused which frame. A stream sends when it may, long after the call perhaps: what was written with which call
// is told by sequence numbers.

import type { WrittenStream } from '../../src/stack/endpoint/written-stream.ts'
import { FIN, RST, SYN, type TcpSegment } from '../../src/wire/tcp.ts'

/** No call. */
export const NO_CAUSE = -1

/** What has been asked of one connection. */
class Asked {
  opened = NO_CAUSE
  ended = NO_CAUSE
  /** Up to which sequence number the stream was written by which call, in order. */
  readonly written: { readonly upTo: number; readonly call: number }[] = []
}

/** Calls that send something by themselves. */
const SENDING = new Set(['connect', 'sendto', 'sendmsg', 'sendmmsg', 'sendfile'])

/** A call that was made on a socket. */
export interface MadeCall {
  /** Its place among calls. */
  readonly index: number
  readonly name: string
  /** The socket's descriptor, or that which it had until now. */
  readonly fd: number
  /** When it began, and when it was over. */
  readonly from: number
  readonly until: number
  readonly stream: WrittenStream | null
}

/** A frame whose cause is to be found. */
export interface CausedFrame {
  readonly at: number
  cause: number
}

/** What of a frame tells its cause. */
interface Waiting {
  readonly frame: CausedFrame
  /** Its connection, this host's end first; '' where it is no segment. */
  readonly ends: string
  readonly seq: number
  readonly flags: number
  readonly data: number
}

/** Causes on one host: `settle` finds those of all that has left. */
export class FrameCauses {
  readonly #asked = new Map<string, Asked>()
  readonly #streams = new Map<number, WrittenStream>()
  readonly #callsFirst: boolean
  #waiting: Waiting[] = []
  /** Calls that send, told already, during which what leaves next may have left. */
  readonly #sent: MadeCall[] = []

  /** `callsFirst`: whether a call is told before what it has sent at once, in place of behind that. */
  constructor(callsFirst = false) {
    this.#callsFirst = callsFirst
  }

  /** A segment leaves this host. */
  segment(frame: CausedFrame, ends: string, { seq, flags, payloadLength }: TcpSegment): void {
    this.#pass(frame)
    this.#waiting.push({ frame, ends, seq, flags, data: payloadLength })
  }

  /** A frame of another kind leaves this host. */
  other(frame: CausedFrame): void {
    this.#pass(frame)
    const [call] = this.#sent
    if (!this.#callsFirst) this.#waiting.push({ frame, ends: '', seq: 0, flags: 0, data: 0 })
    else if (call !== undefined && isDuring(frame, call)) frame.cause = call.index
  }

  /** Frames come in the order in which they left: what was over before this one has sent all that it has. */
  #pass({ at }: CausedFrame): void {
    while (this.#sent[0] !== undefined && this.#sent[0].until < at) this.#sent.shift()
  }

  called(call: MadeCall): void {
    const { index, name, fd } = call
    if (SENDING.has(name)) {
      // What is no stream leaves with the call, if it leaves at all.
      for (const { frame, ends } of this.#waiting)
        if (ends === '' && frame.cause < 0 && isDuring(frame, call)) frame.cause = index
      if (this.#callsFirst) this.#sent.push(call)
    }
    if (call.stream !== null) this.#streams.set(fd, call.stream)
    const stream = this.#streams.get(fd)
    if (stream === undefined) return
    const asked = this.#of(stream.ends)
    if (name === 'connect' && asked.opened === NO_CAUSE) asked.opened = index
    else if (name === 'shutdown' || name === 'close') asked.ended = asked.ended === NO_CAUSE ? index : asked.ended
    const written = asked.written.at(-1)
    if (written === undefined ? SENDING.has(name) : ((stream.upTo - written.upTo) | 0) > 0) {
      asked.written.push({ upTo: stream.upTo, call: index })
    }
    if (name === 'close') this.#streams.delete(fd)
  }

  #of(ends: string): Asked {
    let asked = this.#asked.get(ends)
    if (asked === undefined) {
      asked = new Asked()
      this.#asked.set(ends, asked)
    }
    return asked
  }

  /** Finds the causes of what has left since this was called last. */
  settle(): void {
    for (const waiting of this.#waiting) if (waiting.ends !== '') waiting.frame.cause = this.#ofSegment(waiting)
    this.#waiting = []
  }

  #ofSegment({ ends, seq, flags, data }: Waiting): number {
    const asked = this.#asked.get(ends)
    if (asked === undefined) return NO_CAUSE
    if ((flags & SYN) !== 0) return asked.opened
    if (data > 0) return writeOf(asked.written, seq)
    return (flags & (FIN | RST)) === 0 ? NO_CAUSE : asked.ended
  }
}

function isDuring({ at }: CausedFrame, { from, until }: MadeCall): boolean {
  return from <= at && at <= until
}

/** The call that wrote the octet at `seq`: the first of those, in their order, that goes beyond it. */
function writeOf(written: Asked['written'], seq: number): number {
  let [low, high] = [0, written.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((((written[middle] as { upTo: number }).upTo - seq) | 0) > 0) high = middle
    else low = middle + 1
  }
  return written[low]?.call ?? NO_CAUSE
}
