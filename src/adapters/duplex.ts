// Read first: Node's stream.Duplex and net.Socket, whose manners this has: 'end' at the end of the stream, `destroy`, `setTimeout`.

import type { Buffer } from 'node:buffer'
import { Duplex } from 'node:stream'
import { checkBoolean, checkInteger, checkOptions, given } from '../base/argument.ts'
import type { Alarm } from '../base/clock.ts'
import {
  AF_INET6,
  IPPROTO_TCP,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLRDHUP,
  SHUT_WR,
  SO_KEEPALIVE,
  SO_LINGER,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from '../base/constants.ts'
import { EAGAIN } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'
import { Message } from '../socket/provider.ts'
import type { Socket } from '../socket/socket.ts'
import { SocketError } from '../socket/socket-error.ts'
import { readRoom } from './handle/read-room.ts'

export interface DuplexOptions {
  /**
   * Keeps the writable side open when the peer has ended its own. As in `node:net`, it ends too if this is left out. Under Node's TLS it
   * must be true: that ends what it lies on itself, once all that it still has is written.
   */
  readonly allowHalfOpen?: boolean | undefined
  /** Octets buffered in each direction before backpressure. Left out: 64 KiB. */
  readonly highWaterMark?: number | undefined
}

type Callback = (error?: Error | null) => void

/** Reads before others get their turn: a peer that sends as fast as we read would keep the event loop for itself. */
const READS_PER_TURN = 32
/** Octets that are buffered in each direction, where nobody says. */
const HIGH_WATER_MARK = 65536
/** The most buffers of one sendmsg: Linux's UIO_MAXIOV. */
const MOST_BUFFERS = 1024

const INPUT = POLLIN | POLLRDHUP | POLLHUP | POLLERR | POLLNVAL

/**
 * A connected stream socket as Node's Duplex, with the methods of `net.Socket` that programs and Node's own `http` ask for.
 * From then on the socket is the stream's: read and write only through it. `destroy` closes the socket; the peer sees an orderly
 * end, or a reset where data was left unread; `resetAndDestroy` resets.
 *
 * ```ts
 * for await (const connection of listener.connections()) {
 *   httpServer.emit('connection', toDuplex(connection, { allowHalfOpen: true }))
 * }
 * ```
 */
export function toDuplex(socket: Socket, options: DuplexOptions = {}): SocketDuplex {
  return new SocketDuplex(socket, options)
}

export class SocketDuplex extends Duplex {
  /** The socket underneath. */
  readonly socket: Socket
  bytesRead = 0
  bytesWritten = 0
  /** Milliseconds set by `setTimeout`; 0: none. */
  timeout = 0
  readonly connecting = false
  #wanted = false
  #scheduled = false
  #pushing = false
  #local: SocketAddress | null = null
  #remote: SocketAddress | null = null
  #alarm: Alarm | null = null
  #activeAt = 0
  readonly #drain = () => {
    this.#scheduled = false
    if (this.#wanted && !this.destroyed) this.#receive()
  }

  constructor(socket: Socket, options: DuplexOptions) {
    if (typeof socket?.tryRecv !== 'function') throw new TypeError(`socket must be a Socket, got ${given(socket)}`)
    checkOptions('options', options, ['allowHalfOpen', 'highWaterMark'])
    checkBoolean('options.allowHalfOpen', options.allowHalfOpen)
    if (options.highWaterMark !== undefined) checkInteger('options.highWaterMark', options.highWaterMark, 0)
    super({ allowHalfOpen: options.allowHalfOpen ?? false, highWaterMark: options.highWaterMark ?? HIGH_WATER_MARK })
    this.socket = socket
    socket.addWatcher(this)
  }

  /**
   * Called by the socket. What reads must not run here, in the middle of a stack's work, but as soon as that is over.
   */
  ready(events: number): void {
    if (!this.#wanted || this.#scheduled || (events & INPUT) === 0) return
    this.#scheduled = true
    queueMicrotask(this.#drain)
  }

  override _read(): void {
    this.#wanted = true
    // Called from inside push by a listener that reads (TLS of Node 26 does): the loop that pushes goes on by itself. A second one within
    // it would hand out a chunk in the middle of the one before.
    if (!this.#scheduled && !this.#pushing) this.#receive()
  }

  #receive(): void {
    for (let i = 0; i < READS_PER_TURN; i++) {
      let count: number
      try {
        count = this.socket.tryRecv(readRoom.room)
      } catch (error) {
        this.#wanted = false
        this.destroy(error as Error)
        return
      }
      if (count === -EAGAIN) return
      this.#wanted = false
      if (count === 0) {
        this.push(null)
        return
      }
      this.bytesRead += count
      this.#active()
      const chunk = readRoom.take(count)
      // Where push runs a listener that reads or pauses, that has the last word on whether more is wanted.
      this.#pushing = true
      try {
        if (this.push(chunk)) this.#wanted = true
      } finally {
        this.#pushing = false
      }
      if (!this.#wanted || this.destroyed) return
    }
    this.#scheduled = true
    setImmediate(this.#drain)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    let count: number
    try {
      count = this.socket.trySend(chunk)
    } catch (error) {
      callback(error as Error)
      return
    }
    if (count === chunk.length) {
      this.#wrote(count)
      callback()
    } else {
      this.#finish([chunk], count, callback)
    }
  }

  // All buffers in one call where they fit.
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: Callback): void {
    const buffers = chunks.map(({ chunk }) => chunk)
    let count: number
    try {
      count = this.socket.trySendmsg(new Message(buffers.slice(0, MOST_BUFFERS)))
    } catch (error) {
      callback(error as Error)
      return
    }
    this.#finish(buffers, count, callback)
  }

  // What was not taken at once is left to a call that waits. Fewer octets than it was given mean that an error came after them: the
  // next call tells which.
  #finish(buffers: Buffer[], count: number, callback: Callback): void {
    if (count > 0) this.#wrote(count)
    const left = after(buffers, Math.max(count, 0))
    if (left.length === 0) {
      callback()
      return
    }
    this.socket
      .sendmsg(new Message(left.slice(0, MOST_BUFFERS)))
      .then((more) => this.#finish(left, more, callback), callback)
  }

  #wrote(count: number): void {
    this.bytesWritten += count
    this.#active()
  }

  override _final(callback: Callback): void {
    try {
      this.socket.shutdown(SHUT_WR)
    } catch (error) {
      // The peer has reset the connection: there is nothing left to end.
      if (!(error instanceof SocketError) || error.code !== 'ENOTCONN') {
        callback(error as Error)
        return
      }
    }
    callback()
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#names()
    this.#wanted = false
    this.#alarm?.clear()
    this.#alarm = null
    this.socket.removeWatcher(this)
    this.socket.close().then(() => callback(error))
  }

  /** Resets the connection: the peer gets ECONNRESET, and what was not sent is dropped. Source: SO_LINGER, socket(7). */
  resetAndDestroy(): this {
    if (!this.destroyed) {
      this.socket.setsockopt(SOL_SOCKET, SO_LINGER, { onoff: true, linger: 0 })
      this.destroy()
    }
    return this
  }

  /** Ends the writable side, and destroys the stream when all is written. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', this.destroy)
  }

  /** TCP_NODELAY. A socket without such an option stays as it is. */
  setNoDelay(noDelay = true): this {
    return this.#set(IPPROTO_TCP, TCP_NODELAY, noDelay)
  }

  /** SO_KEEPALIVE, and TCP_KEEPIDLE where `initialDelay` (milliseconds) is a second or more. */
  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#set(SOL_SOCKET, SO_KEEPALIVE, enable)
    const seconds = Math.trunc(initialDelay / 1000)
    return enable && seconds > 0 ? this.#set(IPPROTO_TCP, TCP_KEEPIDLE, seconds) : this
  }

  /** Emits 'timeout' when nothing has been read or written for so many milliseconds; 0: never. It closes nothing. */
  setTimeout(milliseconds: number, callback?: () => void): this {
    if (typeof milliseconds !== 'number') {
      throw new TypeError(`milliseconds must be a number, got ${given(milliseconds)}`)
    }
    if (!(milliseconds >= 0)) throw new RangeError(`milliseconds must be 0 or more, got ${milliseconds}`)
    if (this.destroyed) return this
    this.timeout = milliseconds
    if (callback !== undefined) {
      if (milliseconds === 0) this.off('timeout', callback)
      else this.once('timeout', callback)
    }
    const { clock } = this.socket.provider
    this.#activeAt = clock.now()
    if (milliseconds === 0 || milliseconds === Number.POSITIVE_INFINITY) {
      this.#alarm?.clear()
      return this
    }
    this.#alarm ??= clock.alarm(() => this.#idle())
    this.#alarm.set(this.#activeAt + milliseconds)
    return this
  }

  /** A stack of ours keeps no process alive. For those who call what `net.Socket` has. */
  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  /** The local address as `net.Socket` tells it; empty once it is unknown. */
  address(): { address?: string; family?: string; port?: number } {
    const local = this.#names().local
    return local === null ? {} : { address: local.address, family: familyName(local), port: local.port }
  }

  get pending(): boolean {
    return false
  }

  get readyState(): 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  get remoteAddress(): string | undefined {
    return this.#names().remote?.address
  }

  get remotePort(): number | undefined {
    return this.#names().remote?.port
  }

  get remoteFamily(): string | undefined {
    const { remote } = this.#names()
    return remote === null ? undefined : familyName(remote)
  }

  get localAddress(): string | undefined {
    return this.#names().local?.address
  }

  get localPort(): number | undefined {
    return this.#names().local?.port
  }

  get localFamily(): string | undefined {
    const { local } = this.#names()
    return local === null ? undefined : familyName(local)
  }

  // Asked once, and kept for those who want to know after the end.
  #names(): { local: SocketAddress | null; remote: SocketAddress | null } {
    if (!this.socket.closed) {
      try {
        this.#local ??= this.socket.getsockname()
        this.#remote ??= this.socket.getpeername()
      } catch (error) {
        if (!(error instanceof SocketError)) throw error
      }
    }
    return { local: this.#local, remote: this.#remote }
  }

  #set(level: number, name: number, value: boolean | number): this {
    if (this.destroyed) return this
    try {
      this.socket.setsockopt(level, name, value)
    } catch (error) {
      if (!(error instanceof SocketError)) throw error
    }
    return this
  }

  #active(): void {
    if (this.timeout > 0) this.#activeAt = this.socket.provider.clock.now()
  }

  // The alarm is not set anew by every chunk: when it rings, it looks when the last one was.
  #idle(): void {
    const { clock } = this.socket.provider
    const idleAt = this.#activeAt + this.timeout
    if (clock.now() < idleAt) this.#alarm?.set(idleAt)
    else queueMicrotask(() => this.destroyed || this.emit('timeout'))
  }
}

function familyName(address: SocketAddress): string {
  return address.family === AF_INET6 ? 'IPv6' : 'IPv4'
}

/** What follows the first `count` octets of the buffers. */
function after(buffers: Buffer[], count: number): Buffer[] {
  let skip = count
  for (let i = 0; i < buffers.length; i++) {
    const buffer = buffers[i] as Buffer
    // An empty one has nothing left to send.
    if (skip < buffer.length) return skip === 0 ? buffers.slice(i) : [buffer.subarray(skip), ...buffers.slice(i + 1)]
    skip -= buffer.length
  }
  return []
}
