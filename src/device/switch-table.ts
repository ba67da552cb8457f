// Read first: IEEE 802.1D-2004 sections 7.8 (learning), 7.9 (the filtering database), 7.9.2 (aging).
//
// Which port each hardware address was last heard at. Entries lie in typed arrays, found by a hash of the 48 bits, and hang in a
// list in the order in which they were heard last: what is too old, and what makes room in a full table, is at its head.
//
// We differ from hardware in that there are no buckets: addresses that were chosen to share a hash make one long chain, no
// longer than the table.

const FIRST_SIZE = 64

/** What is known of one hardware address, in `visit`. */
export type SwitchTableVisitor<Port> = (high: number, low: number, port: Port, age: number) => void

/** The forwarding table of a switch: hardware addresses, as their first 16 and last 32 bits, and where they are. */
export class SwitchTable<Port> {
  /** Addresses held. */
  length = 0
  /** Addresses that made room for others before their time. */
  forgotten = 0
  readonly #limit: number
  readonly #aging: number
  // Slot 0 is nobody: links of 0 end a chain.
  #high = new Int32Array(FIRST_SIZE + 1)
  #low = new Int32Array(FIRST_SIZE + 1)
  #heardAt = new Float64Array(FIRST_SIZE + 1)
  #chained = new Int32Array(FIRST_SIZE + 1)
  #older = new Int32Array(FIRST_SIZE + 1)
  #newer = new Int32Array(FIRST_SIZE + 1)
  readonly #ports: (Port | null)[] = [null]
  #buckets = new Int32Array(FIRST_SIZE)
  #oldest = 0
  #newest = 0
  /** Slots given back, chained. */
  #free = 0
  #used = 0

  /** Holds up to `limit` addresses, each for `aging` milliseconds after it was heard. */
  constructor(limit: number, aging: number) {
    this.#limit = limit
    this.#aging = aging
  }

  /** The address was heard at `port`, now. */
  learn(high: number, low: number, port: Port, now: number): void {
    this.#expire(now)
    let slot = this.#slot(high, low)
    if (slot === 0) {
      slot = this.#take()
      this.#high[slot] = high
      this.#low[slot] = low
      const bucket = this.#bucket(high, low)
      this.#chained[slot] = this.#buckets[bucket] as number
      this.#buckets[bucket] = slot
      this.length++
    } else {
      if (slot === this.#newest) {
        this.#ports[slot] = port
        this.#heardAt[slot] = now
        return
      }
      this.#unlist(slot)
    }
    this.#ports[slot] = port
    this.#heardAt[slot] = now
    this.#older[slot] = this.#newest
    this.#newer[slot] = 0
    if (this.#newest === 0) this.#oldest = slot
    else this.#newer[this.#newest] = slot
    this.#newest = slot
  }

  /** Where the address is; null where that is not known, or no longer. */
  find(high: number, low: number, now: number): Port | null {
    this.#expire(now)
    return this.#ports[this.#slot(high, low)] as Port | null
  }

  /** Forgets every address that was heard at `port`. */
  forget(port: Port): void {
    for (let slot = this.#oldest; slot !== 0; ) {
      const newer = this.#newer[slot] as number
      if (this.#ports[slot] === port) this.#remove(slot)
      slot = newer
    }
  }

  /** Shows every address, the one heard longest ago first. */
  visit(now: number, visitor: SwitchTableVisitor<Port>): void {
    this.#expire(now)
    for (let slot = this.#oldest; slot !== 0; slot = this.#newer[slot] as number) {
      const age = now - (this.#heardAt[slot] as number)
      visitor(this.#high[slot] as number, this.#low[slot] as number, this.#ports[slot] as Port, age)
    }
  }

  #slot(high: number, low: number): number {
    let slot = this.#buckets[this.#bucket(high, low)] as number
    while (slot !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = this.#chained[slot] as number
    return slot
  }

  #bucket(high: number, low: number): number {
    const hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1)
  }

  #expire(now: number): void {
    const limit = now - this.#aging
    while (this.#oldest !== 0 && (this.#heardAt[this.#oldest] as number) <= limit) this.#remove(this.#oldest)
  }

  // A free slot: one that was given back, a new one, or that of the oldest.
  #take(): number {
    if (this.length >= this.#limit) {
      this.forgotten++
      this.#remove(this.#oldest)
    }
    const slot = this.#free
    if (slot !== 0) {
      this.#free = this.#chained[slot] as number
      return slot
    }
    if (this.#used === this.#buckets.length) this.#grow()
    return ++this.#used
  }

  #remove(slot: number): void {
    const bucket = this.#bucket(this.#high[slot] as number, this.#low[slot] as number)
    const after = this.#chained[slot] as number
    if (this.#buckets[bucket] === slot) {
      this.#buckets[bucket] = after
    } else {
      let before = this.#buckets[bucket] as number
      while (this.#chained[before] !== slot) before = this.#chained[before] as number
      this.#chained[before] = after
    }
    this.#unlist(slot)
    this.#ports[slot] = null
    this.#chained[slot] = this.#free
    this.#free = slot
    this.length--
  }

  #unlist(slot: number): void {
    const older = this.#older[slot] as number
    const newer = this.#newer[slot] as number
    if (older === 0) this.#oldest = newer
    else this.#newer[older] = newer
    if (newer === 0) this.#newest = older
    else this.#older[newer] = older
  }

  #grow(): void {
    const size = this.#buckets.length * 2
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(size + 1)
      array.set(old)
      return array
    }
    this.#high = grown(this.#high)
    this.#low = grown(this.#low)
    this.#older = grown(this.#older)
    this.#newer = grown(this.#newer)
    const heardAt = new Float64Array(size + 1)
    heardAt.set(this.#heardAt)
    this.#heardAt = heardAt
    // Every slot is in use when it grows: none is on the list of free ones, whose chain would be lost here.
    this.#chained = new Int32Array(size + 1)
    this.#buckets = new Int32Array(size)
    for (let slot = this.#oldest; slot !== 0; slot = this.#newer[slot] as number) {
      const bucket = this.#bucket(this.#high[slot] as number, this.#low[slot] as number)
      this.#chained[slot] = this.#buckets[bucket] as number
      this.#buckets[bucket] = slot
    }
  }
}
