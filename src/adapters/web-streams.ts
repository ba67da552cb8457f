import { checkOptions, given } from '../base/argument.ts'
import type { Socket } from '../socket/socket.ts'
import { ChannelStreams } from './web/channel-streams.ts'
import { SocketChannel } from './web/socket-channel.ts'

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
  const { readable, writable } = new ChannelStreams(new SocketChannel(socket), chunkSize)
  return { readable, writable }
}
