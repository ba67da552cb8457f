// Read first: writev(2), struct iovec (on systems of 64 bits, in the byte order of all that Node runs on under Linux).

import type { RingSpan } from '../base/byte-ring.ts'
import type { Libc } from './libc.ts'

const IOVEC_LENGTH = 16
/** What lies in the frame, and two pieces of a ring. */
const PIECES_MAX = 3

const EMPTY = new Uint8Array(0)

/** What one writev(2) gathers; filled anew for each. */
export class GatherVector {
  readonly bytes: Uint8Array = new Uint8Array(new ArrayBuffer(PIECES_MAX * IOVEC_LENGTH))
  /** Entries in use. */
  count = 0
  readonly #words = new Uint32Array(this.bytes.buffer)
  readonly #libc: Libc
  /** A stack composes all its frames in the same octets: they are held, and with them their address. */
  #frame: Uint8Array = EMPTY
  #frameAddress = 0

  constructor(libc: Libc) {
    this.#libc = libc
  }

  /**
   * `bytes[start, end)`, and `payload` behind it. Where a ring lies is asked each time (70 ns), since one that grows or is drained lies
   * elsewhere, and to hold it for its address would be to keep its memory.
   */
  fill(bytes: Uint8Array, start: number, end: number, payload: RingSpan): void {
    if (bytes !== this.#frame) {
      this.#frame = bytes
      this.#frameAddress = this.#libc.address(bytes)
    }
    this.count = 0
    this.#add(this.#frameAddress + start, end - start)
    const ring = this.#libc.address(payload.bytes)
    const { start: first, length, before } = payload
    this.#add(ring + first, before)
    if (before < length) this.#add(ring, length - before)
  }

  #add(address: number, length: number): void {
    const at = (this.count++ * IOVEC_LENGTH) >> 2
    const words = this.#words
    words[at] = address
    words[at + 1] = address / 2 ** 32
    words[at + 2] = length
  }
}
