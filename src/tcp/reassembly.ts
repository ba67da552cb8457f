// Read first: RFC 9293 section 3.10.7.4 (seventh step), RFC 2018 section 4.
//
// Data that arrives ahead of a hole is put into the receive ring at once, at its place; what is kept here is only which
// ranges are there. Nothing is copied twice, and what a peer can make us hold is bounded by the window it was offered and by
// a cap on the number of ranges (the cost of a list that an attacker can make long: SegmentSmack).

import { after, before } from './seq.ts'

const RANGES_MAX = 1024

export class Reassembly {
  #edges = new Int32Array(32)
  /** How many ranges wait, in order of sequence number, none touching another. */
  count = 0
  /** How many octets they hold. */
  octets = 0
  /** The left edges of the ranges that changed last, latest first: the order of SACK blocks. */
  readonly #recent = new Int32Array(4)
  #recentCount = 0

  left(i: number): number {
    return this.#edges[2 * i] as number
  }

  right(i: number): number {
    return this.#edges[2 * i + 1] as number
  }

  /** Notes that [left, right) is there. False where the list is full: the data counts as not received. */
  add(left: number, right: number): boolean {
    // The first range that ends at or behind the new one's beginning: it, and those after it, may join.
    const i = this.firstEndingAt(left)
    let last = i
    let newLeft = left
    let newRight = right
    while (last < this.count && !after(this.left(last), right)) {
      if (before(this.left(last), newLeft)) newLeft = this.left(last)
      if (after(this.right(last), newRight)) newRight = this.right(last)
      last++
    }
    const joined = last - i
    for (let k = i; k < last; k++) this.octets -= (this.right(k) - this.left(k)) | 0
    if (joined === 0 && this.count >= RANGES_MAX) return false
    this.#splice(i, joined)
    this.#edges[2 * i] = newLeft
    this.#edges[2 * i + 1] = newRight
    this.octets += (newRight - newLeft) | 0
    this.#remember(newLeft)
    return true
  }

  /** The stream now reaches to `next`: forgets ranges before it, and returns where the stream reaches with what was kept. */
  advance(next: number): number {
    let reached = next
    while (this.count > 0 && !after(this.left(0), reached)) {
      if (after(this.right(0), reached)) reached = this.right(0)
      this.octets -= (this.right(0) - this.left(0)) | 0
      this.#edges.copyWithin(0, 2, 2 * this.count)
      this.count--
    }
    return reached
  }

  /** Forgets the last octets of the last range, up to `length`; returns how many. */
  trim(length: number): number {
    const last = this.count - 1
    const trimmed = Math.min(length, (this.right(last) - this.left(last)) | 0)
    this.octets -= trimmed
    this.#edges[2 * last + 1] = (this.right(last) - trimmed) | 0
    if (this.right(last) === this.left(last)) this.count--
    return trimmed
  }

  /**
   * Fills `edges` with up to `max` SACK blocks (RFC 2018 section 4: the range of the latest segment first, then those reported
   * before it); returns how many.
   */
  blocks(edges: Int32Array, max: number): number {
    let filled = 0
    for (let r = 0; r < this.#recentCount && filled < max; r++) {
      const i = this.#holding(this.#recent[r] as number)
      if (i >= 0) filled = this.#put(edges, filled, i)
    }
    for (let i = 0; i < this.count && filled < max; i++) filled = this.#put(edges, filled, i)
    return filled
  }

  #put(edges: Int32Array, filled: number, i: number): number {
    const left = this.left(i)
    for (let k = 0; k < filled; k++) if (edges[2 * k] === left) return filled
    edges[2 * filled] = left
    edges[2 * filled + 1] = this.right(i)
    return filled + 1
  }

  #holding(seq: number): number {
    const i = this.firstEndingAt((seq + 1) | 0)
    return i < this.count && !before(seq, this.left(i)) ? i : -1
  }

  /** The first range that ends at `seq` or behind it; `count` where there is none. */
  firstEndingAt(seq: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (before(this.right(middle), seq)) low = middle + 1
      else high = middle
    }
    return low
  }

  #remember(left: number): void {
    const recent = this.#recent
    let at = 0
    while (at < this.#recentCount && recent[at] !== left) at++
    if (at === this.#recentCount && this.#recentCount < recent.length) this.#recentCount++
    if (at === recent.length) at--
    recent.copyWithin(1, 0, at)
    recent[0] = left
  }

  /** Makes place for one range at `i` instead of the `joined` that were there. */
  #splice(i: number, joined: number): void {
    const end = 2 * this.count
    if (joined === 0 && end + 2 > this.#edges.length) {
      const grown = new Int32Array(this.#edges.length * 2)
      grown.set(this.#edges)
      this.#edges = grown
    }
    this.#edges.copyWithin(2 * (i + 1), 2 * (i + joined), end)
    this.count += 1 - joined
  }
}
