// Read first: Node's tls.connect, of whose options `socket` may be any Duplex.

import { Buffer } from 'node:buffer'
import { isIP } from 'node:net'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect, createSecureContext, rootCertificates, TLSSocket } from 'node:tls'
import { checkOptions } from '../base/argument.ts'
import type { SecurePair, StreamPair, TlsEngine } from './web/tls-engine.ts'

type Callback = (error?: Error | null) => void

/**
 * Node's own TLS, for `socketsFor` and `httpFor`. `options` are those of `tls.connect`: `ca`, `rejectUnauthorized`, `minVersion`, …; name, protocols
 * and streams come with each connection.
 *
 * ```ts
 * const { connect } = socketsFor(stack, { tls: nodeTls({ minVersion: 'TLSv1.3' }) })
 * ```
 */
export function nodeTls(options: ConnectionOptions = {}): TlsEngine {
  if (typeof options !== 'object') checkOptions('options', options, [])
  return {
    async connect(pair, { servername, alpn, caCerts, cert, key }) {
      // An address is no name: RFC 6066 section 3. It is the one that the certificate must have.
      const name = isIP(servername) > 0 ? { host: servername, servername: '' } : { servername }
      const socket = connect({
        ...options,
        ...name,
        ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
        ...(caCerts === undefined ? {} : { ca: [options.ca ?? rootCertificates, caCerts].flat(2) as string[] }),
        ...(cert === undefined || key === undefined ? {} : { cert, key }),
        socket: new PairDuplex(pair),
      })
      return secure(socket, 'secureConnect')
    },

    async accept(pair, { cert, key, alpn }) {
      const socket = new TLSSocket(new PairDuplex(pair), {
        isServer: true,
        secureContext: createSecureContext({ ...options, cert, key }),
        ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
      })
      return secure(socket, 'secure')
    },
  }
}

/** What is inside, once the handshake is over, which this event tells. */
async function secure(socket: TLSSocket, event: string): Promise<SecurePair> {
  // Who reads and writes is told of errors; there may be nobody.
  socket.on('error', () => {})
  await new Promise<void>((resolve, reject) => {
    socket.once(event, resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed before the handshake of TLS was over')))
  })
  const { alpnProtocol } = socket
  return { ...pairOf(socket), alpn: typeof alpnProtocol === 'string' && alpnProtocol !== '' ? alpnProtocol : null }
}

/** What is inside of TLS, as streams. */
function pairOf(socket: TLSSocket): StreamPair {
  const chunks = socket.iterator({ destroyOnReturn: false })
  const readable = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value as Buffer)
      },
      cancel() {
        // What comes now is nobody's, and must not stand in the way of the end.
        if (!socket.readableEnded) socket.resume()
      },
    },
    { highWaterMark: 0 },
  )
  const done = (call: (callback: Callback) => void) =>
    new Promise<void>((resolve, reject) => {
      call((error) => (error ? reject(error) : resolve()))
    })
  const writable = new WritableStream<ArrayBufferView | ArrayBuffer>({
    start(controller) {
      socket.once('error', (error) => controller.error(error))
      socket.once('close', () => controller.error(new Error('the connection is closed')))
    },
    write: (chunk) => done((callback) => socket.write(octets(chunk), callback)),
    close: () => done((callback) => socket.end(callback)),
    abort: () => {
      socket.destroy()
    },
  })
  return { readable, writable }
}

function octets(chunk: ArrayBufferView | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(chunk)
    ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : new Uint8Array(chunk)
}

/** A pair of streams as Node's Duplex. */
class PairDuplex extends Duplex {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #writer: WritableStreamDefaultWriter<ArrayBufferView | ArrayBuffer>

  constructor({ readable, writable }: StreamPair) {
    super({ allowHalfOpen: true })
    this.#reader = readable.getReader()
    this.#writer = writable.getWriter()
    this.#reader.closed.catch(() => {})
    this.#writer.closed.catch((error: Error) => this.destroy(error))
  }

  override _read(): void {
    this.#reader.read().then(
      ({ done, value }) => this.push(done ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength)),
      (error: Error) => this.destroy(error),
    )
  }

  override _write(chunk: Buffer<ArrayBuffer>, _encoding: BufferEncoding, callback: Callback): void {
    this.#writer.write(chunk).then(() => callback(), callback)
  }

  override _final(callback: Callback): void {
    this.#writer.close().then(() => callback(), callback)
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#reader.cancel(error).catch(() => {})
    this.#writer.abort(error).catch(() => {})
    callback(error)
  }
}
