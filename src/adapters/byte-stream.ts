import { Buffer } from 'node:buffer'
import type { Duplex } from 'node:stream'
import { checkMethods } from '../base/argument.ts'
import type { ByteStream, ByteStreamUser } from '../socket/byte-stream.ts'

/**
 * A stream of Node (a `net.Socket`, a Unix domain socket, TLS, the pipes of a process) as a ByteStream: a FrameStream can run over
 * it. From then on the stream is the ByteStream's.
 *
 * ```ts
 * createServer((connection) => lan.plug(new FrameStream(toByteStream(connection)))).listen('/run/lan.sock')
 * ```
 */
export function toByteStream(stream: Duplex): ByteStream {
  checkMethods('stream', stream, 'a Duplex of Node', 'write', 'on', 'destroy')
  return new DuplexByteStream(stream)
}

class DuplexByteStream implements ByteStream {
  readonly #stream: Duplex
  #user: ByteStreamUser | null = null

  constructor(stream: Duplex) {
    this.#stream = stream
    // One that comes before anybody listens, or after all is over, must not end the process.
    stream.on('error', (error) => this.#end(error))
  }

  open(user: ByteStreamUser): void {
    this.#user = user
    const stream = this.#stream
    stream.on('data', (chunk: Buffer) => {
      this.#user?.octets(chunk, 0, chunk.length)
      this.#user?.flush()
    })
    stream.on('drain', () => this.#user?.writable())
    stream.on('end', () => this.#end(null))
    stream.on('close', () => this.#end(null))
    // Over before it was opened: no event will come.
    if (stream.destroyed || stream.readableEnded) queueMicrotask(() => this.#end(stream.errored))
  }

  write(bytes: Uint8Array, start: number, end: number): number {
    const stream = this.#stream
    // What is written to a stream that is over is lost; its end is told.
    if (!stream.writable) return end - start
    if (stream.writableNeedDrain) return 0
    // Node keeps what it was given until it has left.
    stream.write(Buffer.from(bytes.subarray(start, end)))
    return end - start
  }

  close(): void {
    this.#user = null
    this.#stream.destroy()
  }

  #end(error: Error | null): void {
    const user = this.#user
    this.close()
    user?.ended(error)
  }
}
