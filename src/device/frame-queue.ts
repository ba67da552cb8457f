// Frames waiting, in one contiguous ring: no allocation for a frame, and a frame is lent from where it lies. The ring grows as
// it fills, up to a limit, and gives large memory back when drained, so that idle links hold little.

import { giveBuffer, takeBuffer } from '../base/buffer-pool.ts'
import { copyBytes } from '../base/byte-ring.ts'
import type { Offload } from './device.ts'

const SMALLEST = 16384
/** A drained ring of up to this many octets is kept: ping-pong of small frames shall not go to the pool each time. */
const KEPT = 65536

// A record: start, end, checksum | segment << 8, checksumStart, checksumOffset, segmentSize, headerLength, mark.
const RECORD_SHIFT = 3
const RECORDS_AT_FIRST = 64

const EMPTY = new Uint8Array(0)

/** A queue of frames, each with its offload and the instant at which it is due. */
export class FrameQueue {
  /** Frames that wait. */
  length = 0
  /** Where they lie. Changes when the queue grows. */
  bytes: Uint8Array<ArrayBuffer> = EMPTY
  readonly #limit: number
  /** Octets kept free in front of each frame, which otherwise begins on a word. */
  readonly #front: number
  #size = SMALLEST
  #peak = 0
  #write = 0
  #records = new Int32Array(RECORDS_AT_FIRST << RECORD_SHIFT)
  #dueAt = new Float64Array(RECORDS_AT_FIRST)
  #mask = RECORDS_AT_FIRST - 1
  #head = 0

  /**
   * Holds up to `limit` octets, rounded up to a power of two. In front of each frame `front` octets are kept free: for a header
   * of the device's own, and 2 more to put the IP header behind an Ethernet header on a word.
   */
  constructor(limit: number, front: number) {
    this.#limit = 2 ** Math.ceil(Math.log2(Math.max(limit, SMALLEST)))
    this.#front = front
  }

  /**
   * Copies the frame `bytes[start, end)` to the end of the queue, with `room` octets behind it that belong to it and that the
   * caller fills. Returns where in `this.bytes` the copy begins; −1 where there is no room.
   */
  push(bytes: Uint8Array, start: number, end: number, room: number, offload: Offload, dueAt: number): number {
    const length = end - start
    const at = this.#place(length + room + this.#front)
    if (at < 0) return -1
    const begin = at + this.#front
    copyBytes(bytes, start, end, this.bytes, begin)
    if (this.length > this.#mask) this.#growRecords()
    const index = (this.#head + this.length) & this.#mask
    const record = index << RECORD_SHIFT
    const records = this.#records
    records[record] = begin
    records[record + 1] = begin + length + room
    records[record + 2] = offload.checksum | (offload.segment << 8)
    records[record + 3] = offload.checksumStart
    records[record + 4] = offload.checksumOffset
    records[record + 5] = offload.segmentSize
    records[record + 6] = offload.headerLength
    records[record + 7] = offload.mark
    this.#dueAt[index] = dueAt
    this.length++
    this.#write = (begin + length + room + 3) & ~3
    return begin
  }

  /** Where the first frame begins. */
  get headStart(): number {
    return this.#records[this.#head << RECORD_SHIFT] as number
  }

  /** Where the first frame ends, its room included. */
  get headEnd(): number {
    return this.#records[(this.#head << RECORD_SHIFT) + 1] as number
  }

  /** When the first frame is due; Infinity where there is none. */
  get headDueAt(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : (this.#dueAt[this.#head] as number)
  }

  /** Writes the offload of the first frame to `into`. */
  headOffload(into: Offload): void {
    const record = this.#head << RECORD_SHIFT
    const records = this.#records
    const kinds = records[record + 2] as number
    into.checksum = (kinds & 255) as Offload['checksum']
    into.segment = (kinds >> 8) as Offload['segment']
    into.checksumStart = records[record + 3] as number
    into.checksumOffset = records[record + 4] as number
    into.segmentSize = records[record + 5] as number
    into.headerLength = records[record + 6] as number
    into.mark = records[record + 7] as number
  }

  /** Forgets the first frame. Its octets stay as they are until the next `push`. */
  drop(): void {
    // Cleared while its first frame was lent.
    if (this.length === 0) return
    this.#head = (this.#head + 1) & this.#mask
    this.length--
    if (this.length > 0) return
    this.#write = 0
    if (this.bytes.length > KEPT) {
      giveBuffer(this.bytes)
      this.bytes = EMPTY
      // The next burst is expected to be about as large as this one.
      if (this.#peak < this.#size >> 2) this.#size >>= 1
    }
    this.#peak = 0
  }

  /** Whether it holds so little that who was refused should try again. */
  get hasRoom(): boolean {
    return this.#used() <= this.#limit >> 1
  }

  /** Forgets all frames. The memory is not given to others: a frame of it may be lent at this moment. */
  clear(): void {
    this.length = 0
    this.#write = 0
    this.bytes = EMPTY
  }

  #used(): number {
    if (this.length === 0) return 0
    const used = this.#write - (this.headStart - this.#front)
    return used > 0 ? used : used + this.bytes.length
  }

  // Where `length` contiguous octets are free; −1 where there are none and the queue may not grow.
  #place(length: number): number {
    for (;;) {
      const size = this.bytes.length
      const write = this.#write
      let at = -1
      if (this.length === 0) {
        if (length <= size) at = 0
      } else {
        const read = this.headStart - this.#front
        if (write <= read) {
          if (write + length <= read) at = write
        } else if (write + length <= size) {
          at = write
        } else if (length <= read) {
          at = 0
        }
      }
      if (at >= 0) {
        const used = at + length - (this.length === 0 ? 0 : this.headStart - this.#front)
        const held = used > 0 ? used : used + size
        if (held > this.#peak) this.#peak = held
        return at
      }
      if (!this.#grow(length)) return -1
    }
  }

  #grow(length: number): boolean {
    const old = this.bytes
    let size = this.length === 0 ? this.#size : old.length * 2
    while (size < length || size <= old.length) size *= 2
    // Empty, it takes any frame: one that never fits would be refused and offered again without end.
    if (size > this.#limit && this.length > 0) return false
    // The old memory is not given to the pool: its first frame may be lent at this moment.
    const grown = takeBuffer(size)
    let to = 0
    for (let i = 0; i < this.length; i++) {
      const record = ((this.#head + i) & this.#mask) << RECORD_SHIFT
      const start = this.#records[record] as number
      const end = this.#records[record + 1] as number
      const begin = to + this.#front
      copyBytes(old, start, end, grown, begin)
      this.#records[record] = begin
      this.#records[record + 1] = begin + end - start
      to = (begin + end - start + 3) & ~3
    }
    this.bytes = grown
    if (size <= this.#limit) this.#size = size
    this.#write = to
    return true
  }

  #growRecords(): void {
    const count = this.#mask + 1
    const records = new Int32Array((count * 2) << RECORD_SHIFT)
    const dueAt = new Float64Array(count * 2)
    for (let i = 0; i < count; i++) {
      const index = (this.#head + i) & this.#mask
      records.set(this.#records.subarray(index << RECORD_SHIFT, (index + 1) << RECORD_SHIFT), i << RECORD_SHIFT)
      dueAt[i] = this.#dueAt[index] as number
    }
    this.#records = records
    this.#dueAt = dueAt
    this.#mask = count * 2 - 1
    this.#head = 0
  }
}
