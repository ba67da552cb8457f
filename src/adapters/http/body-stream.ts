// Read first: the WHATWG Streams Standard, section 3.2 (readable byte streams).

import type { BodyReader } from './body-reader.ts'

/** Octets of the buffer that a read without one of its own gets. */
const CHUNK = 65536

/** Told what becomes of a body. */
export interface BodyOwner {
  /** It was read to its end. */
  ended(): void
  /** It cannot be read on. What the stream is to tell of it. */
  failed(error: unknown): unknown
  /** Nobody wants the rest. */
  cancelled(reason: unknown): void
}

/** A body as a byte stream. */
export class BodyStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly #body: BodyReader
  readonly #owner: BodyOwner
  #controller: ReadableByteStreamController | null = null
  #open = true
  #pulling: Promise<void> | null = null

  /** `ahead`: octets that are read before anybody asks for them; beyond those the peer has to wait until somebody does. */
  constructor(body: BodyReader, owner: BodyOwner, ahead: number) {
    this.#body = body
    this.#owner = owner
    this.readable = new ReadableStream(
      {
        type: 'bytes',
        autoAllocateChunkSize: CHUNK,
        start: (controller) => {
          this.#controller = controller
        },
        pull: (controller) => {
          this.#pulling = this.#pull(controller)
          return this.#pulling
        },
        cancel: (reason) => {
          this.#open = false
          owner.cancelled(reason)
        },
      },
      { highWaterMark: ahead },
    ) as ReadableStream<Uint8Array<ArrayBuffer>>
  }

  /** Who reads it is told this. Resolves when nothing reads the connection any more on behalf of him. */
  async stop(reason: unknown): Promise<void> {
    if (this.#open) this.#controller?.error(reason)
    this.#open = false
    await this.#pulling
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    // There is none where it is read ahead, though there may be one when the octets are there.
    const request = controller.byobRequest
    const view = request?.view as ArrayBufferView<ArrayBuffer> | undefined
    const into =
      view === undefined ? new Uint8Array(CHUNK) : new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    try {
      const count = await this.#body.read(into)
      if (!this.#open) return
      // What was read ahead may wait for long: it takes no more room than it has octets.
      if (count > 0 && request !== null) request.respond(count)
      else if (count > 0) controller.enqueue(count > CHUNK / 2 ? into.subarray(0, count) : into.slice(0, count))
      if (count === 0 || this.#body.done) this.#end(controller)
    } catch (error) {
      if (this.#open) controller.error(this.#owner.failed(error))
      this.#open = false
    }
  }

  #end(controller: ReadableByteStreamController): void {
    this.#open = false
    this.#owner.ended()
    try {
      controller.close()
      controller.byobRequest?.respond(0)
    } catch (error) {
      // A part of a larger element was read: there can be no whole one.
      controller.error(error)
    }
  }
}
