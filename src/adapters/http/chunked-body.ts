// Read first: RFC 9112 section 7.1.

import type { BodyReader } from './body-reader.ts'
import { readFields } from './fields.ts'
import { HttpError, quoted } from './http-error.ts'
import type { OctetReader } from './octet-reader.ts'

/** A size of at most 13 digits is an integer that a number holds. The value of an extension may be quoted, and hold what it likes. */
const CHUNK_LINE = /^0*([0-9A-Fa-f]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/
/** Octets of the line in front of a chunk: "MUST … limit the total length of chunk extensions" (section 7.1.1). */
const LONGEST_LINE = 1024
/** Extensions of a body in all, so that it cannot be made of them. */
const EXTENSIONS = 16_384
const TRAILER = { octets: 16_384, fields: 100 }

/** A body that comes in chunks. Its extensions and its trailer are read and forgotten. */
export class ChunkedBody implements BodyReader {
  done = false
  readonly #reader: OctetReader
  /** Of the chunk: octets that are to come; −1 before the first. */
  #chunk = -1
  #extensions = 0

  constructor(reader: OctetReader) {
    this.#reader = reader
  }

  get left(): number {
    return this.done ? 0 : Number.POSITIVE_INFINITY
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.#chunk <= 0 && !(await this.#begin())) return 0
    const count = await this.#reader.read(into.length > this.#chunk ? into.subarray(0, this.#chunk) : into)
    if (count === 0) throw new HttpError('HTTP_CLOSED', 'the connection was closed in the middle of a chunk')
    this.#chunk -= count
    return count
  }

  async #begin(): Promise<boolean> {
    if (this.done) return false
    if (this.#chunk === 0 && (await this.#line(2)) !== '') {
      throw new HttpError('HTTP_SYNTAX', 'a chunk is longer than it says')
    }
    const line = await this.#line(LONGEST_LINE)
    const size = CHUNK_LINE.exec(line)?.[1]
    if (size === undefined) throw new HttpError('HTTP_SYNTAX', `${quoted(line)} is no size of a chunk`)
    this.#extensions += line.length - size.length
    if (this.#extensions > EXTENSIONS) throw new HttpError('HTTP_LIMIT', 'the extensions of chunks are too long')
    this.#chunk = Number.parseInt(size, 16)
    if (this.#chunk > 0) return true
    await readFields(this.#reader, TRAILER, TRAILER.octets)
    this.done = true
    return false
  }

  async #line(limit: number): Promise<string> {
    try {
      return await this.#reader.line(limit)
    } catch (error) {
      if (error instanceof HttpError && error.code === 'HTTP_LIMIT') {
        throw new HttpError(
          'HTTP_SYNTAX',
          limit === 2 ? 'a chunk is longer than it says' : 'the line of a chunk is too long',
        )
      }
      throw error
    }
  }
}
