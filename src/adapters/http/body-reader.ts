// Read first: RFC 9112 sections 6.3 and 8.

import { ChunkedBody } from './chunked-body.ts'
import type { Framing } from './framing.ts'
import { HttpError } from './http-error.ts'
import type { OctetReader } from './octet-reader.ts'

/** The octets of a body. */
export interface BodyReader {
  /** Nothing of it is left to be read. */
  readonly done: boolean
  /** Octets that are left; Infinity where nobody knows. */
  readonly left: number
  /** Octets into `into`: how many, 0 at the end. One call at a time. Rejects where the connection ends before the body. */
  read(into: Uint8Array<ArrayBuffer>): Promise<number>
}

export function bodyReader(reader: OctetReader, framing: Framing): BodyReader {
  if (framing.kind === 'chunked') return new ChunkedBody(reader)
  return framing.kind === 'close' ? new ClosedBody(reader) : new MeasuredBody(reader, framing.length)
}

/** A body whose length was said. */
class MeasuredBody implements BodyReader {
  left: number
  readonly #reader: OctetReader

  constructor(reader: OctetReader, length: number) {
    this.#reader = reader
    this.left = length
  }

  get done(): boolean {
    return this.left === 0
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.left === 0) return 0
    const count = await this.#reader.read(into.length > this.left ? into.subarray(0, this.left) : into)
    if (count === 0)
      throw new HttpError('HTTP_CLOSED', `the connection was closed ${this.left} octets before the end of the body`)
    this.left -= count
    return count
  }
}

/** A body that ends where the connection does. */
class ClosedBody implements BodyReader {
  done = false
  readonly left = Number.POSITIVE_INFINITY
  readonly #reader: OctetReader

  constructor(reader: OctetReader) {
    this.#reader = reader
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    const count = await this.#reader.read(into)
    this.done = count === 0
    return count
  }
}
