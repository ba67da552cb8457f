// Read first: RFC 8985 section 6.2 step 5.
//
// What was sent again, in the order in which it was: originals lie in order of sending anyway, retransmissions do not.

const STRIDE = 3

export class Resends {
  #entries = new Int32Array(8 * STRIDE)
  #head = 0
  count = 0

  clear(): void {
    this.#head = 0
    this.count = 0
  }

  /** Gives back the memory of a long recovery. */
  shrink(): void {
    if (this.#entries.length > 64 * STRIDE) this.#entries = new Int32Array(8 * STRIDE)
  }

  seq(i: number): number {
    return this.#entries[(this.#head + i) * STRIDE] as number
  }

  end(i: number): number {
    return this.#entries[(this.#head + i) * STRIDE + 1] as number
  }

  sentAt(i: number): number {
    return this.#entries[(this.#head + i) * STRIDE + 2] as number
  }

  push(seq: number, end: number, sentAt: number): void {
    if ((this.#head + this.count + 1) * STRIDE > this.#entries.length) this.#makeRoom()
    const at = (this.#head + this.count) * STRIDE
    this.#entries[at] = seq
    this.#entries[at + 1] = end
    this.#entries[at + 2] = sentAt
    this.count++
  }

  shift(): void {
    this.#head++
    this.count--
    if (this.count === 0) this.#head = 0
  }

  #makeRoom(): void {
    const from = this.#head * STRIDE
    const used = this.count * STRIDE
    if (this.#head > this.count) {
      this.#entries.copyWithin(0, from, from + used)
    } else {
      const grown = new Int32Array(this.#entries.length * 2)
      grown.set(this.#entries.subarray(from, from + used))
      this.#entries = grown
    }
    this.#head = 0
  }
}
