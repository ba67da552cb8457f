import { given, isBytes } from '../../base/argument.ts'
import type { OctetChannel } from './octet-channel.ts'
import type { StreamPair } from './tls-engine.ts'

/** A pair of streams as a channel. From then on they are the channel's. */
export class StreamChannel implements OctetChannel {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<ArrayBufferView | ArrayBuffer>
  /** What has been read, and there was no room for. */
  #rest: Uint8Array | null = null
  #writes = 0
  #over = false

  constructor(pair: StreamPair) {
    this.#reader = pair.readable.getReader()
    this.#writer = pair.writable.getWriter()
    // Both tell by their calls how they end.
    this.#reader.closed.catch(() => {})
    this.#writer.closed.catch(() => {})
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<number> {
    let chunk = this.#rest
    while (chunk === null || chunk.length === 0) {
      const { done, value } = await this.#reader.read()
      if (done) return 0
      if (!isBytes(value)) throw new TypeError(`a chunk of the readable must be a Uint8Array, got ${given(value)}`)
      chunk = value
    }
    const length = Math.min(chunk.length, into.length)
    into.set(chunk.subarray(0, length))
    this.#rest = length < chunk.length ? chunk.subarray(length) : null
    return length
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#writes++
    try {
      await this.#writer.write(bytes as Uint8Array<ArrayBuffer>)
    } finally {
      this.#writes--
    }
  }

  end(): Promise<void> {
    return this.#writer.close()
  }

  mute(): void {
    this.#reader.cancel().catch(() => {})
  }

  async abort(reason: unknown): Promise<void> {
    this.#over = true
    await Promise.allSettled([this.#writer.abort(reason), this.#reader.cancel(reason)])
  }

  // A farewell is sent where nothing stands in its way: who does not read what was sent would not read it either, and the write that
  // waits ends with what carries this.
  async close(): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.mute()
    if (this.#writes > 0) this.#writer.abort().catch(() => {})
    else await this.#writer.close().catch(() => {})
  }
}
