// Which call of a program caused which frame. A stream sends when it may, long after the call perhaps: what was written with which call
// is told by sequence numbers.

import { endsOf } from '../../src/base/ends-text.ts'
import type { Endpoint } from '../../src/socket/provider.ts'
import { TcpEndpoint } from '../../src/stack/endpoint/tcp-endpoint.ts'
import type { Connection } from '../../src/tcp/connection.ts'
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

/** Causes on one host. A call is told when it is over, and what it sent at once is told before: `settle` finds the causes of both. */
export class FrameCauses {
  readonly #asked = new Map<string, Asked>()
  readonly #connections = new Map<number, Connection>()
  #waiting: Waiting[] = []

  /** A segment leaves this host. */
  segment(frame: CausedFrame, ends: string, { seq, flags, payloadLength }: TcpSegment): void {
    this.#waiting.push({ frame, ends, seq, flags, data: payloadLength })
  }

  /** A frame of another kind leaves this host. */
  other(frame: CausedFrame): void {
    this.#waiting.push({ frame, ends: '', seq: 0, flags: 0, data: 0 })
  }

  /** A call was made at an instant, on the socket that is `endpoint`, or was until now. */
  called(index: number, at: number, call: string, fd: number, endpoint: Endpoint | null): void {
    if (SENDING.has(call)) {
      // What is no stream leaves with the call, if it leaves at all.
      for (const { frame, ends } of this.#waiting)
        if (ends === '' && frame.at === at && frame.cause < 0) frame.cause = index
    }
    const connection = this.#connectionOf(fd, endpoint)
    if (connection === null) return
    const asked = this.#of(endsOf(connection))
    if (call === 'connect' && asked.opened === NO_CAUSE) asked.opened = index
    else if (call === 'shutdown' || call === 'close') asked.ended = asked.ended === NO_CAUSE ? index : asked.ended
    const written = asked.written.at(-1)
    if (written === undefined ? SENDING.has(call) : ((connection.writeSeq - written.upTo) | 0) > 0) {
      asked.written.push({ upTo: connection.writeSeq, call: index })
    }
    if (call === 'close') this.#connections.delete(fd)
  }

  #connectionOf(fd: number, endpoint: Endpoint | null): Connection | null {
    if (endpoint instanceof TcpEndpoint && endpoint.connection !== null) {
      this.#connections.set(fd, endpoint.connection)
      return endpoint.connection
    }
    return this.#connections.get(fd) ?? null
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
