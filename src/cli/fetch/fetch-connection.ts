// Read first: connect(2) on EINPROGRESS, poll(2). The calls are those that curl makes, one by one, so that a trace of them reads
// like one of curl.

import { Duplex } from 'node:stream'
import {
  AF_INET,
  AF_UNIX,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  POLLIN,
  POLLOUT,
  SO_BINDTODEVICE,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../../base/constants.ts'
import { EAGAIN, EINPROGRESS } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'
import { poll } from '../../socket/poll.ts'
import type { Provider } from '../../socket/provider.ts'
import { Socket } from '../../socket/socket.ts'
import { SocketError } from '../../socket/socket-error.ts'

/** Seconds of silence before a connection is probed, and between probes: curl's. */
const KEEPALIVE = 60

/** What curl reads at once. */
const READ = 102_400

/** Where a connection comes from. */
export interface ConnectionSource {
  /** Of this interface alone. */
  readonly device?: string
  readonly address?: IpAddress
  readonly port?: number
}

/** A connection to `peer`. Rejects with a SocketError, or with the signal's reason. */
export async function openConnection(
  provider: Provider,
  peer: SocketAddress,
  signal: AbortSignal,
  source: ConnectionSource = {},
): Promise<Socket> {
  const unix = peer.family === AF_UNIX
  const socket = new Socket(provider, peer.family, SOCK_STREAM, unix ? 0 : IPPROTO_TCP)
  try {
    if (!unix) {
      socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
      socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, true)
      socket.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE)
      socket.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE)
    }
    if (!unix) bindSource(socket, source)
    if (socket.tryConnect(peer) === -EINPROGRESS) await poll([{ socket, events: POLLOUT }], { signal })
    const error = socket.getsockopt(SOL_SOCKET, SO_ERROR)
    if (error !== 0) throw new SocketError('connect', error, peer)
    return socket
  } catch (error) {
    void socket.close()
    throw error
  }
}

function bindSource(socket: Socket, { device, address, port = 0 }: ConnectionSource): void {
  if (device !== undefined) socket.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, device)
  if (address === undefined && port === 0) return
  const any = socket.family === AF_INET ? IpAddress.v4(0) : new IpAddress()
  if (port > 0) socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, true)
  socket.bind(new SocketAddress(socket.family, address ?? any, port))
}

/** A connection as the stream that Node's http writes a request to and reads the answer from. */
export class FetchStream extends Duplex {
  readonly socket: Socket
  readonly #gone = new AbortController()
  readonly #buffer = new Uint8Array(READ)
  #reading = false

  constructor(socket: Socket) {
    super({ allowHalfOpen: true })
    this.socket = socket
  }

  override _read(): void {
    if (!this.#reading) this.#receive().catch((error: Error) => this.destroy(error))
  }

  // Asks whether there is anything before it reads. One read for each time that there is.
  async #receive(): Promise<void> {
    this.#reading = true
    const { signal } = this.#gone
    for (let more = true; more && !this.destroyed; ) {
      try {
        await poll([{ socket: this.socket, events: POLLIN }], { signal })
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
      const count = this.socket.tryRecv(this.#buffer)
      if (count === -EAGAIN) continue
      if (count === 0) this.push(null)
      more = count > 0 && this.push(Buffer.from(this.#buffer.subarray(0, count)))
    }
    this.#reading = false
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.socket.send(chunk, MSG_NOSIGNAL).then((count) => {
      // Fewer: an error came after them, which the next call tells.
      if (count < chunk.length) this._write(chunk.subarray(count), _encoding, callback)
      else callback()
    }, callback)
  }

  // The request's end is its length's matter: the connection stays open for the answer.
  override _final(callback: (error?: Error | null) => void): void {
    callback()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#gone.abort()
    this.socket.close().then(() => callback(error))
  }
}
