/** What -n and -k end a test by: so many octets or blocks, over all streams of one direction. */
export class TransferLimit {
  readonly #bytes: number
  readonly #blocks: number
  readonly #reached: () => void
  /** While the beginning of a test is left out there is no limit. */
  #omitting: boolean
  #takenBytes = 0
  #takenBlocks = 0
  #doneBytes = 0
  #doneBlocks = 0

  /** 0 octets and 0 blocks: no limit. `reached` is called when as much has passed. */
  constructor(bytes: number, blocks: number, omitting: boolean, reached: () => void) {
    this.#bytes = bytes
    this.#blocks = blocks
    this.#omitting = omitting
    this.#reached = reached
  }

  /** How many blocks of so many octets, `wanted` at most, may still be begun. */
  take(wanted: number, length: number): number {
    if (this.#omitting) return wanted
    let count = wanted
    if (this.#bytes > 0) count = Math.min(count, Math.ceil((this.#bytes - this.#takenBytes) / length))
    if (this.#blocks > 0) count = Math.min(count, this.#blocks - this.#takenBlocks)
    if (count <= 0) return 0
    this.#takenBytes += count * length
    this.#takenBlocks += count
    return count
  }

  /** So many blocks that were begun were not sent. */
  giveBack(count: number, length: number): void {
    if (this.#omitting) return
    this.#takenBytes -= count * length
    this.#takenBlocks -= count
  }

  /** So many octets and blocks have passed. */
  passed(bytes: number, blocks: number): void {
    if (this.#omitting) return
    this.#doneBytes += bytes
    this.#doneBlocks += blocks
    if (this.#bytes > 0 ? this.#doneBytes >= this.#bytes : this.#blocks > 0 && this.#doneBlocks >= this.#blocks) {
      this.#reached()
    }
  }

  /** What is to be left out is over: it counts from here on. */
  begin(): void {
    this.#omitting = false
  }
}
