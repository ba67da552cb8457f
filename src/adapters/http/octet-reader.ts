// Read first: RFC 9112 section 2.2.

import type { OctetChannel } from '../web/octet-channel.ts'
import { HttpError } from './http-error.ts'

const CR = 0x0d
const LF = 0x0a
/** Octets of a buffer at first: most heads are shorter. */
const FIRST_ROOM = 4096

/** What comes of a channel: as lines, and as octets. */
export class OctetReader {
  /** Octets that came in all. */
  received = 0
  readonly #channel: OctetChannel
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #start = 0
  #end = 0
  #filling: Promise<boolean> | null = null
  #ended = false
  #receiving = false
  #failure: { readonly error: unknown } | null = null

  constructor(channel: OctetChannel) {
    this.#channel = channel
  }

  /** Octets that came and were not read. */
  get buffered(): number {
    return this.#end - this.#start
  }

  /** Somebody waits for octets who will not be told of them here. */
  get taken(): boolean {
    return this.#receiving && this.#filling === null
  }

  /**
   * Waits for octets behind those that are there; false at the end. Who asks while another waits, waits with him: so a connection can be
   * watched, and what comes is there for whoever reads next.
   */
  fill(): Promise<boolean> {
    this.#filling ??= this.#fill()
    return this.#filling
  }

  /** The next line, of at most `limit` octets with its end, which is CR LF and is not given. */
  async line(limit: number): Promise<string> {
    for (let looked = 0; ; ) {
      const at = this.#bytes.subarray(this.#start + looked, this.#end).indexOf(LF)
      const length = at < 0 ? this.buffered : looked + at + 1
      if (length > limit) throw new HttpError('HTTP_LIMIT', `a line is longer than ${limit} octets`, 431)
      if (at >= 0) return this.#line(length)
      looked = length
      if (!(await this.fill()))
        throw new HttpError('HTTP_CLOSED', 'the connection was closed in the middle of a message')
    }
  }

  /** Octets into `into`: how many, 0 at the end. */
  async read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.buffered === 0) {
      if (this.#filling === null) return this.#receive(into)
      if (!(await this.#filling)) return 0
    }
    const count = Math.min(into.length, this.buffered)
    into.set(this.#bytes.subarray(this.#start, this.#start + count))
    this.#start += count
    return count
  }

  // We differ: "a recipient MAY recognize a single LF as a line terminator". Two who disagree about that can be made to see different
  // messages in the same octets.
  #line(length: number): string {
    const line = this.#bytes.subarray(this.#start, this.#start + length)
    this.#start += length
    if (length < 2 || line.indexOf(CR) !== length - 2)
      throw new HttpError('HTTP_SYNTAX', 'a line does not end in CR LF, or has a CR in it')
    return String.fromCharCode(...line.subarray(0, -2))
  }

  async #fill(): Promise<boolean> {
    try {
      this.#makeRoom()
      const count = await this.#receive(this.#bytes.subarray(this.#end))
      this.#end += count
      return count > 0
    } finally {
      this.#filling = null
    }
  }

  // A socket tells an error once, and is at its end from then on.
  async #receive(into: Uint8Array<ArrayBuffer>): Promise<number> {
    if (this.#failure !== null) throw this.#failure.error
    if (this.#ended) return 0
    this.#receiving = true
    try {
      const count = await this.#channel.read(into)
      this.#ended = count === 0
      this.received += count
      return count
    } catch (error) {
      this.#failure = { error }
      throw error
    } finally {
      this.#receiving = false
    }
  }

  // Callers stop where a limit of theirs is reached, so that this one needs none.
  #makeRoom(): void {
    if (this.#start === this.#end) this.#start = this.#end = 0
    if (this.#end < this.#bytes.length) return
    const room = this.#start > 0 ? this.#bytes : new Uint8Array(Math.max(FIRST_ROOM, 2 * this.#bytes.length))
    room.set(this.#bytes.subarray(this.#start, this.#end))
    this.#bytes = room
    this.#end -= this.#start
    this.#start = 0
  }
}
