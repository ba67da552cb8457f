// Read first: the WHATWG Streams Standard, sections 3.2 (readable byte streams) and 5 (writable streams).

import { given } from '../../base/argument.ts'
import type { OctetChannel } from './octet-channel.ts'

/** What the writable takes. */
export type Chunk = ArrayBufferView | ArrayBuffer

const encoder = new TextEncoder()

/** Told what becomes of the streams. */
export interface ChannelOwner {
  /** The peer's end has been read. */
  ended(): void
  /** The channel has failed, and is closed. What the streams are to tell of it. */
  failed(error: unknown): unknown
  /** The writable was aborted, and the channel with it. */
  aborted(reason: unknown): void
}

/** A channel as a pair of web streams. */
export class ChannelStreams {
  /** A byte stream. Nothing is read before somebody asks for it. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly writable: WritableStream<Chunk>
  readonly #channel: OctetChannel
  readonly #owner: ChannelOwner | null
  readonly #held: HeldWritable
  readonly #text: boolean
  #input: ReadableByteStreamController | null = null
  #output: WritableStreamDefaultController | null = null
  #reading = true
  #writing = true

  /** `chunkSize`: octets of the buffer that a read without one of its own gets. `text`: strings may be written too, as UTF-8. */
  constructor(channel: OctetChannel, chunkSize: number, owner: ChannelOwner | null = null, text = false) {
    this.#channel = channel
    this.#owner = owner
    this.#text = text
    this.readable = new ReadableStream({
      type: 'bytes',
      autoAllocateChunkSize: chunkSize,
      start: (controller) => {
        this.#input = controller
      },
      pull: (controller) => this.#pull(controller),
      cancel: () => {
        this.#reading = false
        channel.mute()
        return this.#over()
      },
    }) as ReadableStream<Uint8Array<ArrayBuffer>>
    this.writable = this.#held = new HeldWritable({
      start: (controller) => {
        this.#output = controller
      },
      write: async (chunk) => {
        try {
          await channel.write(this.#text && typeof chunk === 'string' ? encoder.encode(chunk) : octets(chunk))
        } catch (error) {
          throw this.#writing ? this.#fail(error) : error
        }
      },
      close: async () => {
        this.#held.ending = true
        await channel.end()
        this.#writing = false
        await this.#over()
      },
      abort: async (reason) => {
        this.#writing = false
        this.#failInput(reason)
        const gone = channel.abort(reason)
        owner?.aborted(reason)
        await gone
      },
    })
  }

  /**
   * Cancels the readable and aborts the writable, whoever has locked them: section 8.2 forbids that to users, not to the maker of a
   * stream. The channel stays.
   */
  shut(reason: unknown): void {
    this.stopReading()
    if (!this.#writing) return
    this.#writing = false
    this.#output?.error(reason)
  }

  /**
   * Cancels the readable, whoever has locked it; who waits for octets hears that there are no more. He gets his buffer back, which takes
   * it from the read that waits on it: that takes no octet any more (Socket: EFAULT), and the next one is served.
   */
  stopReading(): void {
    if (!this.#reading) return
    this.#reading = false
    const input = this.#input as ReadableByteStreamController
    try {
      input.close()
      input.byobRequest?.respond(0)
    } catch (error) {
      // A part of a larger element was read: there can be no whole one.
      input.error(error)
    }
  }

  /** Closes the writable behind what was written; where somebody has locked it who cannot be reached, it fails with `reason`. */
  async finish(reason: unknown): Promise<void> {
    try {
      await this.#held.finish()
    } catch {
      if (this.#writing) this.#output?.error(reason)
      this.#writing = false
    }
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    // There always is one: autoAllocateChunkSize makes it where the reader brings no buffer.
    const request = controller.byobRequest as ReadableStreamBYOBRequest
    const view = request.view as ArrayBufferView<ArrayBuffer>
    let length: number
    try {
      length = await this.#channel.read(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    } catch (error) {
      // After a cancel nobody waits for this read any more.
      if (this.#reading) this.#fail(error)
      return
    }
    if (!this.#reading) return
    if (length > 0) {
      request.respond(length)
      return
    }
    this.stopReading()
    this.#owner?.ended()
    await this.#over()
  }

  /** Ends all; gives what is to be told. */
  #fail(error: unknown): unknown {
    const told = this.#owner === null ? error : this.#owner.failed(error)
    void this.#channel.close()
    this.#failInput(told)
    if (this.#writing) this.#output?.error(told)
    this.#writing = false
    return told
  }

  #failInput(error: unknown): void {
    if (this.#reading) this.#input?.error(error)
    this.#reading = false
  }

  async #over(): Promise<void> {
    if (!this.#reading && !this.#writing) await this.#channel.close()
  }
}

/** A stream that knows who writes to it, so that its maker can close it as well. */
class HeldWritable extends WritableStream<Chunk> {
  /** Its close has begun. */
  ending = false
  #writer: HeldWriter | null = null

  override getWriter(): WritableStreamDefaultWriter<Chunk> {
    this.#writer = new HeldWriter(this)
    return this.#writer
  }

  /** Rejects where it is closed already, or has failed, or is locked by nobody who is known: pipeTo. */
  async finish(): Promise<void> {
    if (this.locked && this.#writer === null) throw new TypeError('the stream is locked')
    await (this.locked ? this.#writer : this)?.close()
  }
}

class HeldWriter extends WritableStreamDefaultWriter<Chunk> {
  readonly #stream: HeldWritable

  constructor(stream: HeldWritable) {
    super(stream)
    this.#stream = stream
  }

  // Node 20 throws an assertion of its own where the stream is closed; one that closes by itself is met so easily.
  override write(chunk?: Chunk): Promise<void> {
    return this.#stream.ending ? Promise.reject(new TypeError('the stream is closed')) : super.write(chunk)
  }
}

function octets(chunk: Chunk): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw new TypeError(`a chunk must be a Uint8Array, an ArrayBuffer or a view, got ${given(chunk)}`)
}
