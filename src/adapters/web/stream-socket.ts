// Read first: the WinterTC Sockets API, "The Socket class" and "connect"; quotations in comments are its text.

import { ChannelStreams, type Chunk } from './channel-streams.ts'
import { CHUNK, type OpenChannel, type SocketInfo, secureChannel } from './open-channel.ts'
import { OpeningChannel } from './opening-channel.ts'
import { SocketError } from './socket-error.ts'
import type { CheckedSocketOptions } from './socket-options.ts'
import type { TlsEngine } from './tls-engine.ts'

/** What a socket is made of. */
export interface StreamSocketMaking {
  /** Connects; rejects where `signal` aborts. */
  open(signal: AbortSignal): Promise<OpenChannel>
  readonly options: CheckedSocketOptions
  /** For `startTls`; null where there is none. */
  readonly engine: TlsEngine | null
  /** Whose certificate it must be. */
  readonly servername: string
}

/** Ends of a connection that the specification does not call failures: a RST closes the socket as a FIN does. */
const RESETS: readonly unknown[] = ['ECONNRESET', 'EPIPE']

/**
 * A connection as the WinterTC Sockets API has it: what `connect` gives. Its streams can be used at once; what is written waits for
 * the connection.
 *
 * ```ts
 * const { connect } = socketsFor(stack)
 * const socket = connect('192.0.2.1:7')
 * await socket.writable.getWriter().write(new TextEncoder().encode('hello'))
 * const { value } = await socket.readable.getReader().read()
 * await socket.close()
 * ```
 */
export class StreamSocket {
  readonly #making: StreamSocketMaking
  readonly #attempt = new AbortController()
  readonly #opening: Promise<OpenChannel>
  readonly #channel: OpeningChannel
  readonly #streams: ChannelStreams
  readonly #opened: Promise<SocketInfo>
  readonly #closed: Promise<void>
  #tellOpened: (info: SocketInfo) => void = () => {}
  #refuseOpened: (reason: unknown) => void = () => {}
  #tellClosed: () => void = () => {}
  #refuseClosed: (reason: unknown) => void = () => {}
  #upgraded = false
  #over = false

  constructor(making: StreamSocketMaking) {
    this.#making = making
    this.#opened = new Promise((resolve, reject) => {
      this.#tellOpened = resolve
      this.#refuseOpened = reject
    })
    this.#closed = new Promise((resolve, reject) => {
      this.#tellClosed = resolve
      this.#refuseClosed = reject
    })
    // "Set opened.[[PromiseIsHandled]] to true", and that of closed.
    this.#opened.catch(() => {})
    this.#closed.catch(() => {})
    this.#opening = making.open(this.#attempt.signal).catch((error) => {
      throw SocketError.of(error)
    })
    // Before anybody else hears of it: the streams are to be canceled and aborted, where a read of the channel would fail.
    this.#opening.then(
      ({ info }) => this.#tellOpened(info),
      (error) => this.#fail(error),
    )
    this.#channel = new OpeningChannel(
      this.#opening.then(({ channel }) => channel),
      (reason) => this.#attempt.abort(reason),
    )
    this.#streams = new ChannelStreams(
      this.#channel,
      CHUNK,
      {
        ended: () => void this.#peerEnded(),
        failed: (error) => this.#lost(SocketError.of(error)),
        aborted: (reason) => void this.close(reason),
      },
      // Its first example writes a string.
      true,
    )
  }

  /** What the peer sends: a byte stream. Cancelling it does not close the socket. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#streams.readable
  }

  /** What the peer gets: octets, or strings as UTF-8. Closing it sends the end of the stream, and does not close the socket; aborting it resets the connection. */
  get writable(): WritableStream<Chunk | string> {
    return this.#streams.writable as WritableStream<Chunk | string>
  }

  /** Resolves when the connection is there, the handshake of TLS among it; rejects with a SocketError where it fails, with the reason of `close` where that came first. */
  get opened(): Promise<SocketInfo> {
    return this.#opened
  }

  /**
   * Resolves when the socket is closed: by `close`, or by itself when the peer's end was read and `allowHalfOpen` is off, or the peer has
   * reset the connection. Rejects with a SocketError where the connection could not be made, or has failed otherwise.
   */
  get closed(): Promise<void> {
    return this.#closed
  }

  /** Whether `startTls` was called. */
  get upgraded(): boolean {
    return this.#upgraded
  }

  /** As it was asked for; 'on' of a socket that `startTls` gave. */
  get secureTransport(): 'off' | 'on' | 'starttls' {
    return this.#making.options.secureTransport
  }

  /** Closes the socket: cancels its readable and aborts its writable with `reason`, whoever holds them. Gives `closed`. */
  close(reason?: unknown): Promise<void> {
    if (!this.#over) {
      this.#over = true
      this.#refuseOpened(reason)
      this.#streams.shut(reason)
      // What went wrong while it was closed is no use to anybody: it is closed.
      this.#channel.close().then(this.#tellClosed, this.#tellClosed)
    }
    return this.#closed
  }

  /**
   * The same connection, as a socket on TLS. Of a socket with `secureTransport: 'starttls'`, once; what was written before is sent
   * before. This socket is closed then, and its streams with it. Throws a SocketError otherwise.
   */
  startTls(): StreamSocket {
    const { options, engine, servername } = this.#making
    if (options.secureTransport === 'on') throw new SocketError('startTls: there is TLS already')
    if (options.secureTransport !== 'starttls') throw new SocketError("startTls needs secureTransport 'starttls'")
    if (this.#upgraded) throw new SocketError('startTls has been called')
    if (this.#over || engine === null) throw new SocketError('startTls: the socket is closed')
    this.#upgraded = true
    this.#over = true
    return new StreamSocket({
      ...this.#making,
      options: { ...options, secureTransport: 'on' },
      open: async (signal) => {
        signal.addEventListener('abort', () => this.#attempt.abort(signal.reason))
        const plain = await this.#handOver()
        return secureChannel(plain, engine, { servername, alpn: options.alpn }, signal)
      },
    })
  }

  // "the original socket is closed, though the original connection is kept alive". Its writable is closed in order, not aborted: what
  // was written and waits, such as the request to begin TLS, is sent. Nothing is read any more, so that TLS gets what comes.
  async #handOver(): Promise<OpenChannel> {
    this.#channel.letGo()
    this.#streams.stopReading()
    await this.#streams.finish(new SocketError('the socket goes on as the one that startTls gave'))
    const open = await this.#opening
    this.#tellClosed()
    return open
  }

  // "If the connection fails for any reason": step 7 of connect.
  #fail(error: SocketError): void {
    if (this.#over && !this.#upgraded) return
    this.#refuseOpened(error)
    this.#refuseClosed(error)
    if (!this.#over) this.#streams.shut(error)
    this.#over = true
  }

  /** The connection has failed after it was there; gives what its streams tell. */
  #lost(error: SocketError): SocketError {
    this.#over = true
    if (RESETS.includes(error.code)) this.#tellClosed()
    else this.#refuseClosed(error)
    return error
  }

  // "The WritableStream- and the socket instance- will be automatically closed when a FIN packet is received".
  async #peerEnded(): Promise<void> {
    if (this.#making.options.allowHalfOpen || this.#over) return
    await this.#streams.finish(new SocketError('the peer has closed the connection'))
    void this.close()
  }
}
