// Read first: socket(7) on SO_TIMESTAMPING, send(2) on MSG_ZEROCOPY, recv(2) on MSG_ERRQUEUE. Checked on Linux 6.18.
//
// What a stream tells about octets that it was given: when they went out and arrived, and that a lent buffer may be used again. It
// is told by the error queue. The octets of MSG_ZEROCOPY are copied as any others, and the completion says so.

import { MSG_ZEROCOPY, POLLERR } from '../../base/constants.ts'
import {
  SCM_TSTAMP_ACK,
  SCM_TSTAMP_SCHED,
  SCM_TSTAMP_SND,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_ACK,
  SOF_TIMESTAMPING_TX_SCHED,
  SOF_TIMESTAMPING_TX_SOFTWARE,
} from '../../base/constants-control.ts'
import type { Connection } from '../../tcp/connection.ts'
import { ipHeaderLength } from '../../tcp/mss.ts'
import { after, before } from '../../tcp/seq.ts'
import type { StreamWatcher } from '../../tcp/stream-watcher.ts'
import { ErrorQueue } from './error-queue.ts'
import type { TcpEndpoint } from './tcp-endpoint.ts'

/** What a call may ask to be stamped. */
export const STAMPS_TO_SEND: number = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_ACK

/** Of one call: the last of its octets, and what is to be told of it. */
interface Stamp {
  last: number
  readonly flags: number
}

/** Calls with MSG_ZEROCOPY that are completed together, by their numbers, and where the octets of the last end. */
interface Loan {
  readonly first: number
  last: number
  end: number
}

/** When octets up to `end` came, in milliseconds since 1970. */
interface Arrival {
  readonly end: number
  readonly at: number
}

const NOTHING = new Uint8Array(0)

/** Follows the octets of one stream, for the options SO_TIMESTAMPING, SO_TIMESTAMP, SO_TIMESTAMPNS and SO_ZEROCOPY. */
export class StreamNotices implements StreamWatcher {
  readonly #endpoint: TcpEndpoint
  /** SO_ZEROCOPY. */
  zeroCopy = false
  /** SO_TIMESTAMPING. */
  stamping = 0
  /** Whether arrivals are noted: SO_TIMESTAMP, or SO_TIMESTAMPING to receive. */
  arriving = false
  /** The octet that SOF_TIMESTAMPING_OPT_ID counts from. */
  origin = 0
  /** The call that is under way: what it wants stamped, and whether it lends its buffer. */
  #wanted = 0
  #lends = false
  #stamps: Stamp[] = []
  #loans: Loan[] = []
  #calls = 0
  #arrivals: Arrival[] = []

  constructor(endpoint: TcpEndpoint) {
    this.#endpoint = endpoint
  }

  /** A call to send begins; `once` are SOF_TIMESTAMPING_TX_… flags that it came with, or −1. */
  begin(flags: number, once: number): void {
    this.#wanted = once >= 0 ? once : this.stamping & STAMPS_TO_SEND
    this.#lends = this.zeroCopy && (flags & MSG_ZEROCOPY) !== 0
  }

  written(end: number): void {
    const { connection } = this.#endpoint
    if (connection === null) return
    if (this.#wanted !== 0) this.#stamp(connection, end)
    if (this.#lends) this.#lend(connection, end)
  }

  // tcp_tx_timestamp: one mark a packet; of several calls in one that has not been sent the last has it.
  #stamp(c: Connection, end: number): void {
    const newest = this.#stamps.at(-1)
    const last = (end - 1) | 0
    const together = newest !== undefined && !before(newest.last, c.sndNxt) && ((last - newest.last) | 0) < c.segmentMax
    const flags = this.#wanted | (together ? newest.flags : 0)
    if (together) this.#stamps.pop()
    this.#stamps.push({ last, flags })
  }

  // msg_zerocopy_realloc: calls whose octets share a packet that has not been sent are completed as one.
  #lend(c: Connection, end: number): void {
    const newest = this.#loans.at(-1)
    const call = this.#calls
    this.#calls = (call + 1) | 0
    if (newest !== undefined && after(newest.end, c.sndNxt) && newest.last === ((call - 1) | 0)) {
      newest.last = call
      newest.end = end
      return
    }
    this.#loans.push({ first: call, last: call, end })
  }

  sent(from: number, to: number, frameEnd: number): void {
    for (let i = 0; i < this.#stamps.length; i++) {
      const { last, flags } = this.#stamps[i] as Stamp
      if (before(last, from) || !before(last, to)) continue
      const payload = this.#packet(frameEnd)
      if ((flags & SOF_TIMESTAMPING_TX_SCHED) !== 0) this.#tell(SCM_TSTAMP_SCHED, last, payload)
      if ((flags & SOF_TIMESTAMPING_TX_SOFTWARE) !== 0) this.#tell(SCM_TSTAMP_SND, last, payload)
    }
  }

  /** The packet as it was sent, from its IP header on. */
  #packet(frameEnd: number): Uint8Array {
    const { connection, layer } = this.#endpoint
    if (connection === null || (this.stamping & SOF_TIMESTAMPING_OPT_TSONLY) !== 0) return NOTHING
    return layer.frame.slice(layer.segmentStart - ipHeaderLength(connection), frameEnd)
  }

  acknowledged(una: number): void {
    let i = 0
    for (; i < this.#stamps.length; i++) {
      const { last, flags } = this.#stamps[i] as Stamp
      if (!before(last, una)) break
      if ((flags & SOF_TIMESTAMPING_TX_ACK) !== 0) this.#tell(SCM_TSTAMP_ACK, last, this.#octets(last))
    }
    if (i > 0) this.#stamps.splice(0, i)
    this.#complete(una)
  }

  /** What has arrived up to `last`, as far as it has not been told before. */
  #octets(last: number): Uint8Array {
    const { connection: c } = this.#endpoint
    if (c === null || (this.stamping & SOF_TIMESTAMPING_OPT_TSONLY) !== 0) return NOTHING
    const octets = new Uint8Array(Math.min((last + 1 - c.ringSeq) | 0, c.sendRing.length))
    c.sendRing.peek(0, octets.length, octets, 0)
    return octets
  }

  #complete(una: number): void {
    let i = 0
    for (; i < this.#loans.length; i++) {
      const { first, last, end } = this.#loans[i] as Loan
      if (after(end, una)) break
      this.#queue.loan(first, last, this.#endpoint.receiveBufferSize)
    }
    if (i === 0) return
    this.#loans.splice(0, i)
    this.#endpoint.markReady(POLLERR)
  }

  get #queue(): ErrorQueue {
    this.#endpoint.errors ??= new ErrorQueue()
    return this.#endpoint.errors
  }

  #tell(kind: number, last: number, payload: Uint8Array): void {
    if ((this.stamping & SOF_TIMESTAMPING_SOFTWARE) === 0) return
    const id = (this.stamping & SOF_TIMESTAMPING_OPT_ID) === 0 ? 0 : (last - this.origin) | 0
    this.#queue.stamp(kind, id, this.#now(), payload, this.#endpoint.receiveBufferSize)
    this.#endpoint.markReady(POLLERR)
  }

  #now(): number {
    const { clock } = this.#endpoint.stack
    return (clock.epoch ?? 0) + clock.now()
  }

  received(next: number): void {
    if (this.arriving) this.#arrivals.push({ end: next, at: this.#now() })
  }

  /** When the octet before `seq` came, in milliseconds since 1970; 0 where nobody noted it. What came before it is forgotten. */
  arrivalOf(seq: number): number {
    let i = 0
    while (i < this.#arrivals.length && before((this.#arrivals[i] as Arrival).end, seq)) i++
    if (i > 0) this.#arrivals.splice(0, i)
    return this.#arrivals[0]?.at ?? 0
  }

  ended(): void {
    const newest = this.#loans.at(-1)
    if (newest !== undefined) this.#complete(newest.end)
    this.#stamps = []
  }
}
