// Read first: unix(7) "Ancillary messages" on barriers.

import { ByteRing } from '../base/byte-ring.ts'
import type { Credentials } from '../base/credentials.ts'
import type { OpenDescription } from '../socket/open-description.ts'
import type { Ancillary } from './ancillary.ts'

const NOTHING: readonly OpenDescription[] = []

/** The octets that came with ancillary data, [from, to) counted from the beginning of the stream. */
interface Mark {
  readonly from: number
  readonly to: number
  files: readonly OpenDescription[]
  readonly credentials: Credentials | null
}

/** Octets of a stream that wait to be received, and what came with some of them. */
export class StreamQueue {
  readonly #ring = new ByteRing()
  readonly #marks: Mark[] = []
  /** Octets taken since the beginning. */
  #taken = 0

  get length(): number {
    return this.#ring.length
  }

  /** The next `length` octets that are written come with this. */
  mark(length: number, { files, credentials }: Ancillary): void {
    const from = this.#taken + this.#ring.length
    this.#marks.push({ from, to: from + length, files, credentials })
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.#ring.write(bytes, start, end)
  }

  /**
   * How many octets, `most` at most, one call may give that begins `offset` octets from the head: passed descriptors come with one
   * of the octets they were sent with, and nothing that was sent behind those comes with them. Where `apart`, octets of which the
   * sender said that they are somebody else's come by themselves.
   */
  extent(offset: number, most: number, apart: boolean): number {
    const begin = this.#taken + offset
    let end = Math.min(begin + most, this.#taken + this.#ring.length)
    for (let i = 0; i < this.#marks.length; i++) {
      const { from, to, files, credentials } = this.#marks[i] as Mark
      if (from >= end) break
      if (to <= begin) continue
      if (apart && credentials !== null) {
        if (from > begin) {
          end = from
          break
        }
        end = Math.min(end, to)
      }
      if (files.length > 0) {
        end = Math.min(end, to)
        break
      }
    }
    return Math.max(0, end - begin)
  }

  /** What comes with `length` octets from `offset` on, which `extent` allows. */
  files(offset: number, length: number): readonly OpenDescription[] {
    return this.#marked(offset, length)?.files ?? NOTHING
  }

  /** What the sender said of the octet at `offset`; null: nothing. */
  credentials(offset: number): Credentials | null {
    const at = this.#taken + offset
    for (const mark of this.#marks) if (mark.from <= at && at < mark.to && mark.credentials) return mark.credentials
    return null
  }

  /** Copies `length` octets from `offset` on to `into` at `at`. */
  peek(offset: number, length: number, into: Uint8Array, at: number): void {
    this.#ring.peek(offset, length, into, at)
  }

  /** Forgets the first `length` octets. Gives what came with them: it is the caller's to release. */
  take(length: number): readonly OpenDescription[] {
    if (this.#marks.length === 0) {
      this.#taken += length
      this.#ring.drop(length)
      return NOTHING
    }
    const marked = this.#marked(0, length)
    const files = marked?.files ?? NOTHING
    if (marked !== null) marked.files = NOTHING
    this.#taken += length
    this.#ring.drop(length)
    while (this.#marks.length > 0 && (this.#marks[0] as Mark).to <= this.#taken) this.#marks.shift()
    return files
  }

  /** Visits all that waits to be received with the octets. */
  forEachFile(visit: (file: OpenDescription) => void): void {
    for (const { files } of this.#marks) for (const file of files) visit(file)
  }

  /** Takes away what came with the octets: it is the caller's to release. */
  takeFiles(): readonly OpenDescription[] {
    const all: OpenDescription[] = []
    for (const mark of this.#marks) {
      all.push(...mark.files)
      mark.files = NOTHING
    }
    return all
  }

  /** Forgets the octets and gives the memory back. The files have been taken before. */
  clear(): void {
    this.#taken += this.#ring.length
    this.#marks.length = 0
    this.#ring.free()
  }

  #marked(offset: number, length: number): Mark | null {
    const begin = this.#taken + offset
    for (let i = 0; i < this.#marks.length; i++) {
      const mark = this.#marks[i] as Mark
      if (mark.from >= begin + length) break
      if (mark.to > begin && mark.files.length > 0) return mark
    }
    return null
  }
}
