// Read first: the WHATWG Streams Standard, sections 3.2 (readable byte streams) and 5 (writable streams).

import { checkOptions, given } from '../base/argument.ts'
import { SHUT_RD, SHUT_WR, SO_LINGER, SOL_SOCKET } from '../base/constants.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'

export interface WebStreams {
  /** A byte stream: `getReader({ mode: 'byob' })` reads straight into the reader's own buffers. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  /** Takes Uint8Arrays, other views and ArrayBuffers. */
  readonly writable: WritableStream<ArrayBufferView | ArrayBuffer>
}

export interface WebStreamOptions {
  /** Octets of the buffer that a read without one of its own gets. Left out: 64 KiB. */
  readonly chunkSize?: number | undefined
}

/**
 * A connected stream socket as a pair of web streams. From then on the socket is theirs. Closing the writable sends the end of
 * the stream, cancelling the readable stops receiving, aborting the writable resets the connection; when both are done, the
 * socket is closed.
 *
 * ```ts
 * const { readable, writable } = toWebStreams(socket)
 * await readable.pipeThrough(new CompressionStream('gzip')).pipeTo(writable)
 * ```
 */
export function toWebStreams(socket: Socket, options: WebStreamOptions = {}): WebStreams {
  if (typeof socket?.recv !== 'function') throw new TypeError(`socket must be a Socket, got ${given(socket)}`)
  checkOptions('options', options, ['chunkSize'])
  const { chunkSize = 65536 } = options
  if (!Number.isInteger(chunkSize) || chunkSize < 1) {
    throw new RangeError(`options.chunkSize must be a positive integer, got ${given(chunkSize)}`)
  }
  let reading = true
  let writing = true
  const over = async () => {
    if (!reading && !writing) await socket.close()
  }
  const fail = async (error: unknown): Promise<never> => {
    reading = false
    writing = false
    await socket.close()
    throw error
  }

  const readable = new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: chunkSize,
    async pull(controller) {
      // There always is one: autoAllocateChunkSize makes it where the reader brings no buffer.
      const request = controller.byobRequest as ReadableStreamBYOBRequest
      const view = request.view as ArrayBufferView<ArrayBuffer>
      let length: number
      try {
        length = await socket.recv(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
      } catch (error) {
        // After a cancel nobody waits for this read any more.
        if (!reading) return
        return fail(error)
      }
      if (!reading) return
      if (length === 0) {
        reading = false
        controller.close()
        request.respond(0)
        await over()
      } else {
        request.respond(length)
      }
    },
    async cancel() {
      reading = false
      quietly(() => socket.shutdown(SHUT_RD))
      await over()
    },
  }) as ReadableStream<Uint8Array<ArrayBuffer>>

  const writable = new WritableStream<ArrayBufferView | ArrayBuffer>({
    async write(chunk) {
      let left = octets(chunk)
      try {
        // A short count means that an error came after it: the next call tells which.
        while (left.length > 0) left = left.subarray(await socket.send(left))
      } catch (error) {
        await fail(error)
      }
    },
    async close() {
      writing = false
      quietly(() => socket.shutdown(SHUT_WR))
      await over()
    },
    async abort() {
      reading = false
      writing = false
      quietly(() => socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 }))
      await socket.close()
    },
  })
  return { readable, writable }
}

function octets(chunk: ArrayBufferView | ArrayBuffer): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw new TypeError(`a chunk must be a Uint8Array, an ArrayBuffer or a view, got ${given(chunk)}`)
}

// Ending a direction of a connection that is gone already is no error.
function quietly(call: () => void): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof SocketError)) throw error
  }
}
