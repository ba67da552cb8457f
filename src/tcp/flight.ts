// Read first: RFC 6675 sections 2 to 4, RFC 2018 section 8, RFC 8985 section 5.2.
//
// What has been sent and not yet acknowledged, a record for each segment as it was sent, oldest first: the scoreboard of
// selective acknowledgement, the pipe, and the round trip samples all read it. A large segment is one record that counts as
// the packets it was cut into. Records lie in one Int32Array, so that a window of thousands of segments is no garbage.
//
// A connection has a Flight only while something is in flight; they are lent from a pool.

import { after, before } from './seq.ts'

const STRIDE = 5
const SEQ = 0
const END = 1
const SENT_AT = 2
const FLAGS = 3
const PACKETS = 4

/** The peer has reported it received (RFC 2018); advisory: it is kept until acknowledged. */
export const SACKED = 1
/** Deemed lost. */
export const LOST = 2
/** Has been sent again since it was last deemed lost. */
export const RESENT = 4
/** Has been sent more than once ever: no round trip sample (Karn). */
export const EVER_RESENT = 8
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
  /** RFC 8985's RACK.fack: the octet after the highest that was ever delivered; meaningful while something is in flight. */
  highestDelivered = 0
  /** Of what `markSacked` and `shift` have seen delivered since `beginDelivery`: the segment that was sent last. */
  delivered = false
  deliveredSentAt = 0
  deliveredEnd = 0
  deliveredResent = false
  /** Something was delivered that was sent once, and before something delivered earlier: the path reorders. */
  reordered = false

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
  }

  /** Gives back the memory of a long flight. */
  shrink(): void {
    if (this.#records.length > 64 * STRIDE) this.#records = new Int32Array(INITIAL_RECORDS * STRIDE)
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

  /** A segment was sent for the first time, as packets of `size` octets that carry `length` in all. */
  push(seq: number, end: number, sentAt: number, length: number, size: number): void {
    const packets = packetsOf(length, size)
    if (this.count === 0) this.highestDelivered = seq
    if ((this.#head + this.count + 1) * STRIDE > this.#records.length) this.#makeRoom()
    const at = this.#at(this.count)
    this.#records[at + SEQ] = seq
    this.#records[at + END] = end
    this.#records[at + SENT_AT] = sentAt
    this.#records[at + FLAGS] = size << SIZE_SHIFT
    this.#records[at + PACKETS] = packets
    this.count++
    this.packetsOut += packets
  }

  /** Record `i` was sent again, as packets of `size` octets. */
  resent(i: number, sentAt: number, size: number): void {
    const at = this.#at(i)
    const flags = this.#records[at + FLAGS] as number
    this.#uncount(i)
    const packets = packetsOf((this.#records[at + END] as number) - (this.#records[at + SEQ] as number), size)
    const marked = (flags & MARKS) | RESENT | EVER_RESENT
    this.#records[at + FLAGS] = marked | (size << SIZE_SHIFT)
    this.#records[at + PACKETS] = packets
    this.#records[at + SENT_AT] = sentAt
    this.#count(marked, packets)
  }

  /** Deems record `i` lost; one that was sent again, lost again. */
  markLost(i: number): void {
    const at = this.#at(i)
    const flags = this.#records[at + FLAGS] as number
    if ((flags & SACKED) !== 0) return
    this.#remark(at, flags, (flags & ~RESENT) | LOST)
  }

  markSacked(i: number): void {
    const at = this.#at(i)
    const flags = this.#records[at + FLAGS] as number
    if ((flags & SACKED) !== 0) return
    this.#remark(at, flags, (flags & ~(LOST | RESENT)) | SACKED)
    this.#noteDelivery(at, flags)
  }

  /** An acknowledgement is about to be taken. */
  beginDelivery(): void {
    this.delivered = false
    this.reordered = false
  }

  #noteDelivery(at: number, flags: number): void {
    const sentAt = this.#records[at + SENT_AT] as number
    const end = this.#records[at + END] as number
    const resent = (flags & EVER_RESENT) !== 0
    if (!after(end, this.highestDelivered)) {
      if (!resent && before(end, this.highestDelivered)) this.reordered = true
    } else {
      this.highestDelivered = end
    }
    if (this.delivered && !sentAfter(sentAt, end, this.deliveredSentAt, this.deliveredEnd)) return
    this.delivered = true
    this.deliveredSentAt = sentAt
    this.deliveredEnd = end
    this.deliveredResent = resent
  }

  /**
   * A time-out: all that is not reported received is lost, and nothing counts as resent any more (RFC 6675 section 5.1).
   * `forgetSacks` drops the reports as well: the peer has gone back on one (RFC 2018 section 8).
   */
  markAllLost(forgetSacks: boolean): void {
    // Not only marks: without SACK, duplicates are counted here that belong to no record.
    if (forgetSacks) this.sackedOut = 0
    for (let i = 0; i < this.count; i++) {
      const at = this.#at(i)
      const flags = this.#records[at + FLAGS] as number
      if ((flags & SACKED) === 0) {
        this.#remark(at, flags, (flags & ~RESENT) | LOST)
      } else if (forgetSacks) {
        this.#records[at + FLAGS] = flags & ~SACKED
        this.#remark(at, flags & ~SACKED, (flags & ~(SACKED | RESENT)) | LOST)
      }
    }
  }

  /** Forgets all marks but what the peer reported, and that something was sent twice: recovery is over. */
  clearMarks(): void {
    for (let i = 0; i < this.count; i++) {
      const at = this.#at(i)
      const flags = this.#records[at + FLAGS] as number
      this.#remark(at, flags, flags & ~(LOST | RESENT))
    }
  }

  /** Forgets record 0, which is acknowledged as a whole. */
  shift(): void {
    const at = this.#at(0)
    const flags = this.#records[at + FLAGS] as number
    if ((flags & SACKED) === 0) this.#noteDelivery(at, flags)
    this.#uncount(0)
    this.#head++
    this.count--
    if (this.count === 0) this.#head = 0
  }

  /** Record 0 is acknowledged up to `seq`. */
  trim(seq: number): void {
    const at = this.#at(0)
    const flags = this.#records[at + FLAGS] as number
    this.#uncount(0)
    this.#records[at + SEQ] = seq
    const packets = packetsOf(((this.#records[at + END] as number) - seq) | 0, this.packetSize(0))
    this.#records[at + PACKETS] = packets
    this.#count(flags, packets)
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
    const flags = records[at + FLAGS] as number
    const packets = records[at + PACKETS] as number
    const first = packetsOf((seq - (records[at + SEQ] as number)) | 0, mss)
    const second = packetsOf(((records[at + END] as number) - seq) | 0, mss)
    records[at + END] = seq
    records[at + PACKETS] = first
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

  /**
   * Marks what the peer reports received of [left, right). Returns how many packets are newly reported. A record covered in
   * part is cut, but only between the packets it was sent as: a peer that reports single octets would else make a record, and a
   * packet to be counted, of each (the SACK Panic family).
   */
  sack(left: number, right: number): number {
    const before_ = this.sackedOut
    for (let i = this.find(left); i < this.count; i++) {
      const seq = this.seq(i)
      if (!before(seq, right)) break
      if ((this.flags(i) & SACKED) !== 0) continue
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
      this.markSacked(i)
    }
    return this.sackedOut - before_
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

  #uncount(i: number): void {
    const at = this.#at(i)
    this.#count(this.#records[at + FLAGS] as number, -(this.#records[at + PACKETS] as number))
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

/** RFC 8985 section 5.2: whether one segment was sent after another; of two sent at once, the one further on. */
export function sentAfter(sentAt: number, end: number, otherSentAt: number, otherEnd: number): boolean {
  return after(sentAt, otherSentAt) || (sentAt === otherSentAt && after(end, otherEnd))
}

/** How many packets of `mss` octets carry `length`; a segment without data (a SYN or a FIN alone) is one. */
export function packetsOf(length: number, mss: number): number {
  return length <= mss ? 1 : Math.ceil(length / mss)
}
