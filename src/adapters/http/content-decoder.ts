// Read first: RFC 9110 section 8.4, the WHATWG Compression Standard.

/** Octets that are given to the coder at once: they may become a thousand times as many. */
const SLICE = 16_384

type Result = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>

/**
 * A body without its coding. The coder gets no more than somebody has asked for: that of Node 20 takes what it is given until a gibioctet
 * waits behind it, and goes on when its reader has left.
 */
export class ContentDecoder {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly #source: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>
  readonly #input: WritableStreamDefaultWriter<BufferSource>
  readonly #output: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>
  /** What was read of the source, and not given to the coder. */
  #rest: Uint8Array<ArrayBuffer> | null = null
  #ended = false
  #reading: Promise<Result> | null = null
  #feeding: Promise<null> | null = null

  constructor(
    source: ReadableStream<Uint8Array<ArrayBuffer>>,
    format: CompressionFormat,
    failed: (error: unknown) => unknown,
  ) {
    const coder = new DecompressionStream(format)
    this.#source = source.getReader()
    this.#input = coder.writable.getWriter()
    this.#output = coder.readable.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>
    for (const { closed } of [this.#input, this.#output]) closed.catch(() => {})
    this.readable = new ReadableStream(
      {
        type: 'bytes',
        pull: async (controller) => {
          try {
            const { done, value } = await this.#next()
            if (!done) controller.enqueue(value)
            else {
              controller.close()
              controller.byobRequest?.respond(0)
            }
          } catch (error) {
            // Where the coder found that it is no such coding, there is somebody who sends on.
            this.#source.cancel(error).catch(() => {})
            controller.error(failed(error))
          }
        },
        cancel: (reason) => this.#source.cancel(reason),
      },
      { highWaterMark: 0 },
    ) as ReadableStream<Uint8Array<ArrayBuffer>>
  }

  async #next(): Promise<Result> {
    this.#reading ??= this.#output.read()
    for (;;) {
      if (this.#feeding === null && !this.#ended) this.#feeding = this.#feed()
      const result = await (this.#feeding === null ? this.#reading : Promise.race([this.#reading, this.#feeding]))
      if (result !== null) {
        this.#reading = null
        return result
      }
      this.#feeding = null
    }
  }

  async #feed(): Promise<null> {
    if (this.#rest === null || this.#rest.length === 0) {
      const { done, value } = await this.#source.read()
      if (done) {
        this.#ended = true
        await this.#input.close()
        return null
      }
      this.#rest = value
    }
    const slice = this.#rest.subarray(0, SLICE)
    this.#rest = this.#rest.subarray(slice.length)
    await this.#input.write(slice)
    return null
  }
}
