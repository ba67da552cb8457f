// Read first: RFC 9112 sections 6 and 7.1.

import { given, isBytes } from '../../base/argument.ts'
import type { Framing } from './framing.ts'
import { latin1 } from './head-writer.ts'

/** Octets that are written at once: a peer who takes none of them for long is told from one who takes them slowly. */
const SLICE = 65536

/** Sends octets; resolves when they were taken. */
export type Send = (bytes: Uint8Array) => Promise<void>

/** Sends a message: its head, and its body in the framing that the head has told. */
export class BodyWriter {
  readonly #send: Send
  readonly #framing: Framing
  /** What was not sent yet: a small body goes with its head. */
  #kept: Uint8Array | null
  #left: number

  constructor(send: Send, head: Uint8Array, framing: Framing) {
    this.#send = send
    this.#framing = framing
    this.#kept = head
    this.#left = framing.kind === 'length' ? framing.length : Number.POSITIVE_INFINITY
  }

  /** Sends what was kept. */
  async flush(): Promise<void> {
    const kept = this.#kept
    this.#kept = null
    if (kept !== null) await this.#send(kept)
  }

  /** Throws a TypeError for what is no chunk of a body, and where it is longer than was said. */
  async write(chunk: unknown): Promise<void> {
    if (!isBytes(chunk)) throw new TypeError(`a chunk of a body must be a Uint8Array, got ${given(chunk)}`)
    // A chunk of no length would be the last one.
    if (chunk.length === 0) return
    this.#left -= chunk.length
    if (this.#left < 0) throw new TypeError(`the body is ${-this.#left} octets longer than its Content-Length`)
    for (let at = 0; at < chunk.length; at += SLICE) await this.#write(chunk.subarray(at, at + SLICE))
  }

  /** Behind the last octet. */
  async end(): Promise<void> {
    const { kind } = this.#framing
    if (kind === 'length' && this.#left > 0) {
      throw new TypeError(`the body is ${this.#left} octets shorter than its Content-Length`)
    }
    if (kind === 'chunked') await this.#join(latin1('0\r\n\r\n'))
    await this.flush()
  }

  #write(part: Uint8Array): Promise<void> {
    if (this.#framing.kind !== 'chunked') return this.#join(part)
    return this.#join(latin1(`${part.length.toString(16)}\r\n`), part, latin1('\r\n'))
  }

  async #join(...parts: readonly Uint8Array[]): Promise<void> {
    const all = this.#kept === null ? parts : [this.#kept, ...parts]
    this.#kept = null
    if (all.length === 1) return this.#send(all[0] as Uint8Array)
    const joined = new Uint8Array(all.reduce((length, part) => length + part.length, 0))
    let at = 0
    for (const part of all) {
      joined.set(part, at)
      at += part.length
    }
    await this.#send(joined)
  }
}
