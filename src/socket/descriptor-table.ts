import { EMFILE } from '../base/errno.ts'

/** 0, 1 and 2 are a process's standard streams; sockets begin here, so that a trace looks like anybody's. */
const FIRST = 3

/** The descriptors of one provider: small integers, the lowest free one first, as POSIX wants of socket(2) and accept(2). */
export class DescriptorTable<T> {
  /** Told when the table gets its first descriptor in use, and when it has none again. */
  occupied: ((yes: boolean) => void) | null = null
  readonly #limit: number
  readonly #entries: (T | null)[] = []
  /** One bit for each descriptor in use. */
  #used = new Int32Array(32)
  /** All descriptors below this word of #used are in use. */
  #firstFree = 0
  #size = 0

  /** `limit`: how many can be open at once. */
  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new RangeError(`limit must be an integer of at least 1, got ${String(limit)}`)
    }
    this.#limit = limit
  }

  /** How many are in use. */
  get size(): number {
    return this.#size
  }

  /** Takes the lowest free descriptor, for `set` to fill; -EMFILE where all are in use. */
  reserve(): number {
    if (this.#size >= this.#limit) return -EMFILE
    let word = this.#firstFree
    while (word < this.#used.length && this.#used[word] === -1) word++
    if (word === this.#used.length) {
      const grown = new Int32Array(2 * word)
      grown.set(this.#used)
      this.#used = grown
    }
    this.#firstFree = word
    const bits = this.#used[word] as number
    const bit = 31 - Math.clz32(~bits & (bits + 1))
    this.#used[word] = bits | (1 << bit)
    if (this.#size++ === 0) this.occupied?.(true)
    return FIRST + 32 * word + bit
  }

  /** Puts `entry` behind a reserved descriptor. */
  set(fd: number, entry: T): void {
    const index = fd - FIRST
    while (this.#entries.length <= index) this.#entries.push(null)
    this.#entries[index] = entry
  }

  /** Takes the lowest free descriptor for `entry`; -EMFILE where all are in use. */
  add(entry: T): number {
    const fd = this.reserve()
    if (fd >= 0) this.set(fd, entry)
    return fd
  }

  /** What is behind `fd`; null where it is not in use. */
  get(fd: number): T | null {
    return this.#entries[fd - FIRST] ?? null
  }

  /** Gives `fd` back. False where it was not in use. */
  release(fd: number): boolean {
    const index = fd - FIRST
    const word = index >>> 5
    const bit = 1 << (index & 31)
    if (index < 0 || word >= this.#used.length || ((this.#used[word] as number) & bit) === 0) return false
    this.#used[word] = (this.#used[word] as number) & ~bit
    if (index < this.#entries.length) this.#entries[index] = null
    if (word < this.#firstFree) this.#firstFree = word
    if (--this.#size === 0) this.occupied?.(false)
    return true
  }

  /** Calls `visit` for each descriptor in use, in ascending order. */
  forEach(visit: (entry: T, fd: number) => void): void {
    for (let i = 0; i < this.#entries.length; i++) {
      const entry = this.#entries[i] ?? null
      if (entry !== null) visit(entry, i + FIRST)
    }
  }
}
