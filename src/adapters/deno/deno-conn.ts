// Read first: Deno's documentation of Deno.Conn, Deno.TcpConn and Deno.TlsConn.

import { isBytes } from '../../base/argument.ts'
import { IPPROTO_TCP, SO_KEEPALIVE, SOL_SOCKET, TCP_NODELAY } from '../../base/constants.ts'
import type { Socket } from '../../socket/socket.ts'
import { ChannelStreams } from '../web/channel-streams.ts'
import type { OctetChannel } from '../web/octet-channel.ts'
import { CHUNK } from '../web/open-channel.ts'
import type { Addr } from './deno-address.ts'
import { denoError, errors, told, wrongOption } from './deno-errors.ts'
import { DenoResource } from './deno-resource.ts'

/** A connection as Deno has it. */
export class DenoConn<A extends Addr = Addr> extends DenoResource {
  readonly localAddr: A
  readonly remoteAddr: A
  readonly #channel: OctetChannel
  #streams: ChannelStreams | null = null
  #reads = 0
  #writes = 0

  constructor(channel: OctetChannel, socket: Socket, localAddr: A, remoteAddr: A) {
    super(socket)
    this.#channel = channel
    this.localAddr = localAddr
    this.remoteAddr = remoteAddr
  }

  /** Octets of the peer into `p`; how many, null at the end. */
  async read(p: Uint8Array): Promise<number | null> {
    this.#check(p)
    if (p.length === 0) return 0
    this.#reads++
    try {
      const count = await this.#channel.read(p as Uint8Array<ArrayBuffer>)
      return count === 0 ? null : count
    } catch (error) {
      throw this.#told(error)
    } finally {
      this.#reads--
    }
  }

  /** Octets to the peer; how many went: all. */
  async write(p: Uint8Array): Promise<number> {
    this.#check(p)
    this.#writes++
    try {
      await this.#channel.write(p)
      return p.length
    } catch (error) {
      throw this.#told(error)
    } finally {
      this.#writes--
    }
  }

  /** Sends the end of the stream; the peer may go on. */
  async closeWrite(): Promise<void> {
    this.checkOpen()
    try {
      await this.#channel.end()
    } catch (error) {
      throw this.#told(error)
    }
  }

  protected override shut(): void {
    void this.#channel.close()
  }

  /** When both are done, the connection is closed. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#pair().readable
  }

  get writable(): WritableStream<ArrayBufferView | ArrayBuffer> {
    return this.#pair().writable
  }

  setNoDelay(noDelay = true): void {
    this.checkOpen()
    told(() => this.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, Boolean(noDelay)))
  }

  setKeepAlive(keepAlive = true): void {
    this.checkOpen()
    told(() => this.socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, Boolean(keepAlive)))
  }

  /** Takes the connection away: this is unusable then. Throws where somebody reads or writes. */
  consume(): { readonly channel: OctetChannel; readonly socket: Socket } {
    this.checkOpen()
    if (this.#reads > 0 || this.#writes > 0 || this.#streams !== null) {
      throw new errors.Busy('the connection is being used elsewhere')
    }
    this.closed = true
    return { channel: this.#channel, socket: this.socket }
  }

  #pair(): ChannelStreams {
    this.#streams ??= new ChannelStreams(this.#channel, CHUNK, {
      ended: () => {},
      failed: (error) => this.#told(error),
      aborted: () => {},
    })
    return this.#streams
  }

  #check(p: unknown): void {
    this.checkOpen()
    if (!isBytes(p)) throw wrongOption('p', 'a Uint8Array', p)
  }

  #told(error: unknown): unknown {
    return this.closed ? new errors.Interrupted('operation canceled', { cause: error }) : denoError(error)
  }
}

export interface TlsHandshakeInfo {
  /** The protocol that was agreed on, or null. */
  readonly alpnProtocol: string | null
}

export class DenoTlsConn<A extends Addr = Addr> extends DenoConn<A> {
  readonly #handshake: TlsHandshakeInfo

  constructor(channel: OctetChannel, socket: Socket, localAddr: A, remoteAddr: A, alpnProtocol: string | null) {
    super(channel, socket, localAddr, remoteAddr)
    this.#handshake = { alpnProtocol }
  }

  /** It is over when the connection is given. */
  async handshake(): Promise<TlsHandshakeInfo> {
    return this.#handshake
  }
}
