// Read first: RFC 6675 sections 2 to 4, RFC 2018 section 8, RFC 8985 section 5.2.
//
// What has been sent and not yet acknowledged, a record for each segment as it was sent, oldest first: the scoreboard of
// selective acknowledgement, the pipe, and the round trip samples all read it. A large segment is one record that counts as
// the packets it was cut into. Records lie in one Int32Array, so that a window of thousands of segments is no garbage.
//
// What an acknowledgement costs follows from its news, not from the size of the window (SegmentSmack, SACK Panic): records are
// found by halving, runs of reported ones are stepped over at once, and nothing that is settled is looked at again.
//
// A connection has a Flight only while something is in flight; they are lent from a pool.

import { type AckNews, NEWS_ORIGINAL, NEWS_RESENT_ACKED, NEWS_SACKED } from './ack-news.ts'
import { Resends } from './resends.ts'
import { after, before } from './seq.ts'

const STRIDE = 6
const SEQ = 0
const END = 1
/** Of a record that is reported received: the sequence number up to which all is reported, as far as was known once. */
const SENT_AT = 2
const FLAGS = 3
const PACKETS = 4
/** How many packets the connection had delivered when this was sent last. */
const DELIVERED = 5

/** The peer has reported it received (RFC 2018); advisory: it is kept until acknowledged. */
export const SACKED = 1
/** Deemed lost. */
export const LOST = 2
/** Has been sent again since it was last deemed lost. */
export const RESENT = 4
/** Has been sent more than once ever: no round trip sample (Karn). */
export const EVER_RESENT = 8
/** What the application gave ends with it: it has PSH. */
export const PUSHED = 16
/** The last of a chunk (chunk.ts). */
export const ENDS_CHUNK = 64
/** A record of the application ends with it: it is not joined with what follows. */
const ENDS_RECORD = 32
/** Above these bits of the same field: the payload of each packet that the record was sent as. */
const MARKS = 0xff
const SIZE_SHIFT = 8

const INITIAL_RECORDS = 16

export class Flight {
  #records = new Int32Array(INITIAL_RECORDS * STRIDE)
  #head = 0
  /** How many records. */
  count = 0
  /** Packets sent and not acknowledged cumulatively; of those, reported received; deemed lost; sent again. */
  packetsOut = 0
  sackedOut = 0
  lostOut = 0
  resentOut = 0
  /** Of those deemed lost, the packets not yet sent again. */
  toResend = 0
  /** Packets ever deemed lost, each time that they were: differences count. */
  lostEver = 0
  /** What RACK knows of the latest segment to arrive (`Connection.rackSentAt`). */
  rackSentAt = 0
  rackEnd = 0
  /** When it is lost what may only be late, and when the end of the flight is probed, milliseconds: while the timers are set. */
  reorderAt = 0
  probeAt = 0
  /** The end of the highest record that is reported received; meaningful while `sackedOut` is not 0. */
  highestSacked = 0
  /** A retransmission was deemed lost since this was last set to false. */
  resentLost = false
  /** How often a record was looked at: what the work of an acknowledgement is measured by. */
  looks = 0
  /** Records before this one, but for those sent again, are reported received or deemed lost. */
  unsettled = 0
  /** No record before this one waits to be sent again. */
  #waiting = 0
  readonly resends = new Resends()

  /** RFC 6675's pipe: packets thought to be in the network. */
  get inNetwork(): number {
    return this.packetsOut - this.sackedOut - this.lostOut + this.resentOut
  }

  clear(): void {
    this.count = 0
    this.#head = 0
    this.packetsOut = 0
    this.sackedOut = 0
    this.lostOut = 0
    this.resentOut = 0
    this.toResend = 0
    this.unsettled = 0
    this.#waiting = 0
    this.resends.clear()
  }

  /** Gives back the memory of a long flight. */
  shrink(): void {
    if (this.#records.length > 64 * STRIDE) this.#records = new Int32Array(INITIAL_RECORDS * STRIDE)
    this.resends.shrink()
  }

  #at(i: number): number {
    return (this.#head + i) * STRIDE
  }

  seq(i: number): number {
    return this.#records[this.#at(i) + SEQ] as number
  }

  end(i: number): number {
    return this.#records[this.#at(i) + END] as number
  }

  /** When record `i` was sent last; not of one that is reported received. */
  sentAt(i: number): number {
    return this.#records[this.#at(i) + SENT_AT] as number
  }

  flags(i: number): number {
    return (this.#records[this.#at(i) + FLAGS] as number) & MARKS
  }

  /** The payload of each packet that record `i` was sent as; a segment of its own may be shorter. */
  packetSize(i: number): number {
    return (this.#records[this.#at(i) + FLAGS] as number) >>> SIZE_SHIFT
  }

  packets(i: number): number {
    return this.#records[this.#at(i) + PACKETS] as number
  }

  /**
   * A segment was sent for the first time, as packets of `size` octets that carry `length` in all, when the connection had
   * delivered `delivered` packets; `marks`: PUSHED, ENDS_CHUNK.
   */
  push(seq: number, end: number, sentAt: number, length: number, size: number, delivered: number, marks: number): void {
    const packets = packetsOf(length, size)
    if ((this.#head + this.count + 1) * STRIDE > this.#records.length) this.#makeRoom()
    const at = this.#at(this.count)
    this.#records[at + SEQ] = seq
    this.#records[at + END] = end
    this.#records[at + SENT_AT] = sentAt
    this.#records[at + FLAGS] = (size << SIZE_SHIFT) | marks
    this.#records[at + PACKETS] = packets
    this.#records[at + DELIVERED] = delivered
    this.count++
    this.packetsOut += packets
  }

  /** A record of the application ends with what was sent last. */
  endRecord(): void {
    const at = this.#at(this.count - 1)
    this.#records[at + FLAGS] = (this.#records[at + FLAGS] as number) | ENDS_RECORD
  }

  /** How many chunks they are: looks at all of them. */
  chunks(): number {
    let chunks = 0
    for (let i = 0; i < this.count; i++) if ((this.flags(i) & ENDS_CHUNK) !== 0) chunks++
    return Math.max(chunks, this.count > 0 ? 1 : 0)
  }

  /** When the oldest was sent last. */
  get oldestSentAt(): number {
    return this.#records[this.#at(0) + SENT_AT] as number
  }

  /** Makes one of the records `i` and `i` + 1, each a packet. False: they are not to be joined. */
  join(i: number): boolean {
    const at = this.#at(i)
    const next = at + STRIDE
    const flags = this.#records[at + FLAGS] as number
    const others = this.#records[next + FLAGS] as number
    if (((flags | others) & SACKED) !== 0 || (flags & ENDS_RECORD) !== 0) return false
    this.#count(others, -(this.#records[next + PACKETS] as number))
    this.#records[at + END] = this.#records[next + END] as number
    this.#records[at + FLAGS] = flags | (others & (EVER_RESENT | PUSHED | ENDS_CHUNK | ENDS_RECORD))
    this.#records.copyWithin(next, next + STRIDE, this.#at(this.count))
    this.count--
    if (this.unsettled > i + 1) this.unsettled--
    if (this.#waiting > i + 1) this.#waiting--
    return true
  }

  /** Record `i` was sent again, as packets of `size` octets; by a `probe` it does not count as being in flight twice. */
  resent(i: number, sentAt: number, size: number, delivered: number, probe: boolean): void {
    const at = this.#at(i)
    const flags = this.#records[at + FLAGS] as number
    const seq = this.#records[at + SEQ] as number
    const end = this.#records[at + END] as number
    this.#count(flags, -(this.#records[at + PACKETS] as number))
    const packets = packetsOf((end - seq) | 0, size)
    const marked = (flags & MARKS) | EVER_RESENT | (probe ? 0 : RESENT)
    this.#records[at + FLAGS] = marked | (size << SIZE_SHIFT)
    this.#records[at + PACKETS] = packets
    this.#records[at + DELIVERED] = delivered
    if ((flags & SACKED) === 0) {
      this.#records[at + SENT_AT] = sentAt
      this.resends.push(seq, end, sentAt)
    }
    this.#count(marked, packets)
  }

  /** The first record that is deemed lost and not yet sent again; -1: none. */
  nextToResend(): number {
    if (this.toResend === 0) return -1
    let i = this.#waiting
    while (i < this.count && (this.flags(i) & (LOST | RESENT)) !== LOST) {
      i = Math.max(this.afterSacked(i), i + 1)
      this.looks++
    }
    this.#waiting = i
    return i < this.count ? i : -1
  }

  /** Deems record `i` lost; one that was sent again, lost again. */
  markLost(i: number): void {
    const at = this.#at(i)
    const flags = this.#records[at + FLAGS] as number
    if ((flags & SACKED) !== 0 || (flags & (LOST | RESENT)) === LOST) return
    if ((flags & RESENT) !== 0) this.resentLost = true
    this.lostEver += this.#records[at + PACKETS] as number
    this.#remark(at, flags, (flags & ~RESENT) | LOST)
    if (i < this.#waiting) this.#waiting = i
  }

  /**
   * A time-out: what is not reported received is lost, but for what was sent less than `patience` microseconds ago, the oldest
   * excepted. `reneged`: the peer has gone back on what it reported, and all reports are forgotten (RFC 2018 section 8).
   */
  markTimedOut(reneged: boolean, patience: number, now: number): void {
    if (reneged) this.sackedOut = 0
    for (let i = 0; i < this.count; i++) {
      const at = this.#at(i)
      const flags = this.#records[at + FLAGS] as number
      if ((flags & SACKED) !== 0) {
        if (!reneged) continue
        // Neighbours that were both reported are one chunk to Linux.
        const joined = i + 1 < this.count && (this.flags(i + 1) & SACKED) !== 0
        this.#records[at + FLAGS] = flags & (joined ? ~(SACKED | PUSHED | ENDS_CHUNK) : ~SACKED)
        this.#records[at + SENT_AT] = (now - patience) | 0
      } else if (
        i > 0 &&
        (flags & (LOST | RESENT)) !== LOST &&
        !reneged &&
        ((this.sentAt(i) + patience - now) | 0) > 0
      ) {
        continue
      }
      this.markLost(i)
    }
    if (reneged) this.unsettled = 0
  }

  /** Nothing is deemed lost any more: it was late. */
  unmarkLost(): void {
    if (this.lostOut === 0) return
    for (let i = 0; i < this.count; i++) {
      const at = this.#at(i)
      const flags = this.#records[at + FLAGS] as number
      if ((flags & LOST) !== 0) this.#remark(at, flags, flags & ~LOST)
    }
    this.unsettled = 0
  }

  /** Whether the oldest record has been sent again, or anything is. */
  get anyResent(): boolean {
    return this.resentOut > 0 || (this.count > 0 && (this.flags(0) & EVER_RESENT) !== 0)
  }

  /**
   * Forgets what is acknowledged up to `ack`, and tells `news` of it. `selective`: the peer speaks SACK. Returns how many packets
   * those were.
   */
  acknowledge(ack: number, news: AckNews, selective: boolean): number {
    let acknowledged = 0
    while (this.count > 0) {
      this.looks++
      const at = this.#at(0)
      const end = this.#records[at + END] as number
      const whole = !after(end, ack)
      if (!whole && !after(ack, this.#records[at + SEQ] as number)) break
      const packetsBefore = this.#records[at + PACKETS] as number
      const flags = this.#records[at + FLAGS] as number
      const left = whole ? 0 : packetsOf((end - ack) | 0, this.packetSize(0))
      const packets = packetsBefore - left
      // Linux: a part of a packet is nothing.
      if (packets > 0) this.#tellAcknowledged(at, flags, packets, news, selective)
      acknowledged += packets
      this.#count(flags, -packets)
      if (!whole) {
        this.#records[at + SEQ] = ack
        this.#records[at + PACKETS] = left
        break
      }
      this.#head++
      this.count--
      if (this.unsettled > 0) this.unsettled--
      if (this.#waiting > 0) this.#waiting--
    }
    if (this.count === 0) {
      this.#head = 0
      this.resends.clear()
    }
    return acknowledged
  }

  #tellAcknowledged(at: number, flags: number, packets: number, news: AckNews, selective: boolean): void {
    const seq = this.#records[at + SEQ] as number
    const end = this.#records[at + END] as number
    const sentAt = this.#records[at + SENT_AT] as number
    const resent = (flags & EVER_RESENT) !== 0
    if (resent) {
      news.flags |= NEWS_RESENT_ACKED
    } else if ((flags & SACKED) === 0) {
      if (!news.acked) news.firstAckedAt = sentAt
      news.acked = true
      news.lastAckedAt = sentAt
      if (before(seq, news.lowest)) news.lowest = seq
      if (!after(end, news.point)) news.flags |= NEWS_ORIGINAL
    }
    if ((flags & SACKED) !== 0 || !selective) return
    news.delivered += packets
    // The echo tells: it was the original that arrived.
    if (resent && news.echoBefore(sentAt)) return
    news.arrived(sentAt, end, resent, this.#records[at + DELIVERED] as number)
  }

  /** The last packet of record `i` goes with PSH from now on. */
  markPushed(i: number): void {
    const at = this.#at(i) + FLAGS
    this.#records[at] = (this.#records[at] as number) | PUSHED
  }

  /** Cuts record `i` in two at `seq`; one that does not lie inside it cuts nothing. */
  split(i: number, seq: number): void {
    const mss = this.packetSize(i)
    if (!after(seq, this.seq(i)) || !before(seq, this.end(i))) return
    if ((this.#head + this.count + 1) * STRIDE > this.#records.length) this.#makeRoom()
    const at = this.#at(i)
    const records = this.#records
    records.copyWithin(at + STRIDE, at, this.#at(this.count))
    this.count++
    if (this.unsettled > i) this.unsettled++
    if (this.#waiting > i) this.#waiting++
    const flags = records[at + FLAGS] as number
    const packets = records[at + PACKETS] as number
    const first = packetsOf((seq - (records[at + SEQ] as number)) | 0, mss)
    const second = packetsOf(((records[at + END] as number) - seq) | 0, mss)
    records[at + END] = seq
    records[at + PACKETS] = first
    records[at + FLAGS] = flags & ~(PUSHED | ENDS_CHUNK | ENDS_RECORD)
    records[at + STRIDE + SEQ] = seq
    records[at + STRIDE + PACKETS] = second
    // Two parts may count one packet more than the whole did.
    this.#count(flags, first + second - packets)
  }

  /** The record that holds the octet `seq`, or `count` where it lies behind them all. */
  find(seq: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (after(this.end(middle), seq)) high = middle
      else low = middle + 1
    }
    return low
  }

  /** The first record from `i` on that is not reported received. Runs of those are remembered, so that they cost one step. */
  afterSacked(i: number): number {
    let j = i
    while (j < this.count && (this.flags(j) & SACKED) !== 0) {
      this.looks++
      const reached = this.sentAt(j)
      j = after(reached, this.end(j)) ? this.find(reached) : j + 1
    }
    if (j - i > 1) this.#records[this.#at(i) + SENT_AT] = this.end(j - 1)
    return j
  }

  /**
   * Marks what the peer reports received of [left, right), and tells `news` of it. A record covered in part is cut, but only
   * between the packets it was sent as: a peer that reports single octets would else make a record, and a packet to be counted,
   * of each (the SACK Panic family).
   */
  sack(left: number, right: number, news: AckNews): void {
    for (let i = this.find(left); i < this.count; i++) {
      i = this.afterSacked(i)
      if (i === this.count) break
      this.looks++
      const seq = this.seq(i)
      if (!before(seq, right)) break
      const size = this.packetSize(i)
      if (before(seq, left)) {
        const cut = (seq + Math.ceil(((left - seq) | 0) / size) * size) | 0
        if (before(cut, this.end(i))) this.split(i, cut)
        continue
      }
      if (after(this.end(i), right)) {
        const cut = (seq + Math.floor(((right - seq) | 0) / size) * size) | 0
        if (cut === seq) break
        this.split(i, cut)
      }
      this.#markSacked(i, news)
    }
  }

  #markSacked(i: number, news: AckNews): void {
    const at = this.#at(i)
    const records = this.#records
    const flags = records[at + FLAGS] as number
    const seq = records[at + SEQ] as number
    const end = records[at + END] as number
    const sentAt = records[at + SENT_AT] as number
    news.flags |= NEWS_SACKED
    news.delivered += records[at + PACKETS] as number
    news.arrived(sentAt, end, (flags & EVER_RESENT) !== 0, records[at + DELIVERED] as number)
    let marked = flags | SACKED
    if ((flags & RESENT) !== 0) {
      // One that is not deemed lost any more is still in flight.
      if ((flags & LOST) !== 0) marked &= ~(LOST | RESENT)
    } else {
      if ((flags & EVER_RESENT) === 0) {
        if (this.sackedOut > 0 && before(seq, this.highestSacked) && before(seq, news.lowest)) news.lowest = seq
        if (!after(end, news.point)) news.flags |= NEWS_ORIGINAL
        if (!news.sacked) news.firstSackedAt = sentAt
        news.sacked = true
        news.lastSackedAt = sentAt
      }
      marked &= ~LOST
    }
    if (this.sackedOut === 0 || after(end, this.highestSacked)) this.highestSacked = end
    this.#remark(at, flags, marked)
    records[at + SENT_AT] = end
  }

  /**
   * The peer reports [left, right), ahead of what it acknowledges, as received twice. Returns how many packets of it had been sent
   * again, which are no longer in flight.
   */
  duplicate(left: number, right: number, news: AckNews): number {
    let packets = 0
    for (let i = this.find(left); i < this.count && !after(this.end(i), right); i++) {
      this.looks++
      const at = this.#at(i)
      const flags = this.#records[at + FLAGS] as number
      if ((flags & EVER_RESENT) === 0 || before(this.seq(i), left)) continue
      packets += this.#records[at + PACKETS] as number
      if ((flags & SACKED) !== 0 && before(this.seq(i), news.lowest)) news.lowest = this.seq(i)
      if ((flags & RESENT) !== 0 && (flags & LOST) === 0) this.#remark(at, flags, flags & ~RESENT)
    }
    return packets
  }

  #count(flags: number, packets: number): void {
    this.packetsOut += packets
    if ((flags & SACKED) !== 0) this.sackedOut += packets
    if ((flags & LOST) !== 0) this.lostOut += packets
    if ((flags & RESENT) !== 0) this.resentOut += packets
    if ((flags & (LOST | RESENT)) === LOST) this.toResend += packets
  }

  /** Gives the record at `at` other marks. */
  #remark(at: number, from: number, to: number): void {
    const packets = this.#records[at + PACKETS] as number
    this.#count(from, -packets)
    this.#count(to, packets)
    this.#records[at + FLAGS] = to
  }

  #makeRoom(): void {
    const used = this.count * STRIDE
    const from = this.#head * STRIDE
    if (this.#head > this.count) {
      this.#records.copyWithin(0, from, from + used)
    } else {
      const grown = new Int32Array(Math.max(this.#records.length * 2, used + STRIDE))
      grown.set(this.#records.subarray(from, from + used))
      this.#records = grown
    }
    this.#head = 0
  }
}

/** How many packets of `mss` octets carry `length`; a segment without data (a SYN or a FIN alone) is one. */
export function packetsOf(length: number, mss: number): number {
  return length <= mss ? 1 : several(length, mss)
}

// By itself, so that V8 inlines the other: it looks at the length of functions.
function several(length: number, mss: number): number {
  return Math.ceil(length / mss)
}
