// Rings grow as they fill and give their memory back when drained, so that an idle connection holds none.

import { giveBuffer, takeBuffer } from './buffer-pool.ts'
import type { MemoryAccount } from './memory-account.ts'

const SMALLEST = 4096
/** Copies up to this many octets go by a loop: `set(subarray)` costs about 45 ns before its first octet. */
const LOOP_LIMIT = 48
const EMPTY = new Uint8Array(0)

/** Copies `from[start, end)` to `to` at `at`. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  const length = end - start
  if (length <= LOOP_LIMIT) {
    for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number
  } else {
    to.set(start === 0 && end === from.length ? from : from.subarray(start, end), at)
  }
}

/** A queue of octets: the send and the receive buffer of a stream. */
export class ByteRing {
  #buffer: Uint8Array<ArrayBuffer> = EMPTY
  #head = 0
  readonly #account: MemoryAccount | null
  /** Octets held. */
  length = 0

  /** `account`: who is told of the memory that the ring takes and gives back. */
  constructor(account: MemoryAccount | null = null) {
    this.#account = account
  }

  /** Appends `bytes[start, end)`. The caller keeps to its own limit; the ring grows to what it is given. */
  write(bytes: Uint8Array, start: number, end: number): void {
    this.writeAt(this.length, bytes, start, end)
    this.length += end - start
  }

  /**
   * Puts `bytes[start, end)` at `offset` octets from the head without moving the end: data that arrived ahead of a hole is
   * kept in its place. `extend` then makes it part of the stream.
   */
  writeAt(offset: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (length === 0) return
    if (offset + length > this.#buffer.length) this.#grow(offset + length)
    const buffer = this.#buffer
    let at = this.#head + offset
    if (at >= buffer.length) at -= buffer.length
    const room = buffer.length - at
    if (length <= room) {
      copyBytes(bytes, start, end, buffer, at)
    } else {
      copyBytes(bytes, start, start + room, buffer, at)
      copyBytes(bytes, start + room, end, buffer, 0)
    }
  }

  /** Counts `length` octets that `writeAt` has placed behind the end as held. */
  extend(length: number): void {
    this.length += length
  }

  /** Copies `length` octets that start `offset` octets after the head to `into` at `at`; they stay held. */
  peek(offset: number, length: number, into: Uint8Array, at: number): void {
    const buffer = this.#buffer
    let from = this.#head + offset
    if (from >= buffer.length) from -= buffer.length
    const room = buffer.length - from
    if (length <= room) {
      copyBytes(buffer, from, from + length, into, at)
    } else {
      copyBytes(buffer, from, buffer.length, into, at)
      copyBytes(buffer, 0, length - room, into, at + room)
    }
  }

  /** The octet `offset` after the head. */
  at(offset: number): number {
    let from = this.#head + offset
    if (from >= this.#buffer.length) from -= this.#buffer.length
    return this.#buffer[from] as number
  }

  /** Forgets the first `length` octets. `keep` says that octets placed by `writeAt` are still behind the end. */
  drop(length: number, keep = false): void {
    this.length -= length
    if (this.length === 0 && !keep) {
      this.free()
      return
    }
    this.#head += length
    if (this.#head >= this.#buffer.length) this.#head -= this.#buffer.length
  }

  /** Empties the ring and gives its memory back. */
  free(): void {
    if (this.#account !== null) this.#account.used -= this.#buffer.length
    giveBuffer(this.#buffer)
    this.#buffer = EMPTY
    this.#head = 0
    this.length = 0
  }

  /** Octets of memory held. */
  get capacity(): number {
    return this.#buffer.length
  }

  #grow(need: number): void {
    let size = this.#buffer.length === 0 ? SMALLEST : this.#buffer.length
    while (size < need) size *= 2
    const old = this.#buffer
    const grown = takeBuffer(size)
    if (old.length > 0) {
      // All of the old ring, not only `length` octets: behind the end there may be data placed by writeAt.
      const tail = old.length - this.#head
      copyBytes(old, this.#head, old.length, grown, 0)
      copyBytes(old, 0, this.#head, grown, tail)
      giveBuffer(old)
    }
    if (this.#account !== null) this.#account.used += size - old.length
    this.#buffer = grown
    this.#head = 0
  }
}
