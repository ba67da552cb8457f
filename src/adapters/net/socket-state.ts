import type { Buffer } from 'node:buffer'
import { isUint8Array } from 'node:util/types'
import {
  AF_INET6,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '../../base/constants.ts'
import { EBADF, EOPNOTSUPP } from '../../base/errno.ts'
import type { AddressInfo } from '../handle/address-texts.ts'
import { PENDING, type StreamHandle, type StreamOwner } from '../handle/stream-handle.ts'
import { errnoException } from '../node-error.ts'
import { nodeAtLeast } from '../node-version.ts'
import type { Socket } from './socket.ts'
import { type WriteChunk, writeMany, writeOne } from './write-chunks.ts'

export type Callback = (error?: Error | null) => void

/** What libuv probes an idle connection with, where nothing else is said: seconds between probes, and how many. */
const KEEPALIVE_INTERVAL = 1
const KEEPALIVE_COUNT = 10

/** What a Socket keeps to itself: its handle, what it is to set on it, and what it waits for. */
export class SocketState implements StreamOwner {
  readonly socket: Socket
  handle: StreamHandle | null = null
  noDelay = false
  keepAlive = false
  /** Seconds. */
  keepAliveDelay = 0
  keepAliveInterval: number | undefined = undefined
  keepAliveCount: number | undefined = undefined
  typeOfService: number | undefined = undefined
  /** Of the option `onread`. */
  userBuffer: Uint8Array | true | null = null
  nextUserBuffer: (() => Uint8Array) | null = null
  onUserBuffer: ((this: Socket, count: number, buffer: Uint8Array) => boolean | undefined) | null = null
  timer: ReturnType<typeof setTimeout> | null = null
  /** Octets that were still to be sent when 'timeout' last looked; 0: none were. */
  lastQueued = 0
  /** What its handle had read and written, once that is gone. */
  bytesRead = 0
  bytesWritten = 0
  /** A BoundSocket has been adopted, and not been let go of. */
  bound = false
  boundPath: string | undefined = undefined
  resetting = false
  peerName: AddressInfo | undefined = undefined
  ownName: Partial<AddressInfo> | null = null
  #writeDone: Callback | null = null
  #shutDone: Callback | null = null

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Something has come or gone: the timer of `setTimeout` begins anew. */
  touch(): void {
    this.timer?.refresh()
  }

  // Told by connections that others have made; those of `connect` have an owner of their own until they are there.
  connected(): void {}

  received(count: number, chunk: Uint8Array | null): void {
    this.socket._unrefTimer()
    const { socket, handle } = this
    if (socket.destroyed) return
    const more = chunk === null ? this.#filled(count) : socket.push(chunk)
    if (!more) handle?.readStop()
  }

  #filled(count: number): boolean {
    const { socket } = this
    const more = this.onUserBuffer?.call(socket, count, this.userBuffer as Uint8Array) !== false
    const { nextUserBuffer } = this
    if (nextUserBuffer !== null) {
      const next: unknown = nextUserBuffer()
      if (isUint8Array(next)) {
        this.userBuffer = next
        if (this.handle !== null) this.handle.userBuffer = next
      }
    }
    return more
  }

  ended(): void {
    const { socket } = this
    socket._unrefTimer()
    if (socket.readableEnded) return
    socket.push(null)
    socket.read(0)
  }

  readFailed(status: number): void {
    this.socket._unrefTimer()
    this.socket.destroy(errnoException(status, 'read'))
  }

  wrote(status: number): void {
    const done = this.#writeDone
    this.#writeDone = null
    const { destroyed } = this.socket
    if (status < 0 && (!destroyed || TELLS_OF_CANCELED)) {
      done?.(errnoException(status, 'write'))
      return
    }
    if (destroyed) {
      done?.(null)
      return
    }
    this.socket._unrefTimer()
    this.lastQueued = 0
    done?.(null)
  }

  shutDown(): void {
    const done = this.#shutDone
    this.#shutDone = null
    done?.()
  }

  /** Starts with a handle, or, after it was destroyed, with a further one. */
  begin(): void {
    const { socket, handle } = this
    ;(socket as unknown as { _undestroy(): void })._undestroy()
    this.ownName = null
    if (handle === null || this.userBuffer === null) return
    const { nextUserBuffer } = this
    if (nextUserBuffer !== null) {
      const first: unknown = nextUserBuffer()
      if (!isUint8Array(first)) return
      this.userBuffer = first
    }
    handle.userBuffer = this.userBuffer as Uint8Array
  }

  write(data: Buffer | string | WriteChunk[], encoding: BufferEncoding, done: Callback): void {
    const handle = this.handle as StreamHandle
    this.socket._unrefTimer()
    const result = Array.isArray(data) ? writeMany(handle, data) : writeOne(handle, data, encoding)
    if (result === PENDING) {
      this.#writeDone = done
      this.lastQueued = handle.queued
    } else if (result < 0) {
      done(errnoException(result, 'write'))
    } else {
      done()
    }
  }

  shutdown(done: Callback): void {
    const result = this.handle === null ? -1 : this.handle.shutdown()
    if (result === 0) this.#shutDone = done
    else done()
  }

  applyNoDelay(): void {
    this.handle?.setOption(IPPROTO_TCP, TCP_NODELAY, this.noDelay ? 1 : 0)
  }

  applyKeepAlive(): void {
    const { handle } = this
    if (handle === null || handle.kind !== 'tcp') return
    handle.setOption(SOL_SOCKET, SO_KEEPALIVE, this.keepAlive ? 1 : 0)
    if (!this.keepAlive || this.keepAliveDelay <= 0) return
    handle.setOption(IPPROTO_TCP, TCP_KEEPIDLE, this.keepAliveDelay)
    handle.setOption(IPPROTO_TCP, TCP_KEEPINTVL, this.keepAliveInterval ?? KEEPALIVE_INTERVAL)
    handle.setOption(IPPROTO_TCP, TCP_KEEPCNT, this.keepAliveCount ?? KEEPALIVE_COUNT)
  }

  /** 0, or a negated errno. */
  applyTypeOfService(value: number): number {
    const { handle } = this
    if (handle?.endpoint == null) return -EBADF
    if (handle.kind !== 'tcp') return -EOPNOTSUPP
    return handle.endpoint.family === AF_INET6
      ? handle.setOption(IPPROTO_IPV6, IPV6_TCLASS, value)
      : handle.setOption(IPPROTO_IP, IP_TOS, value)
  }

  /** What the connection has it at, or a negated errno. */
  currentTypeOfService(): number {
    const { handle } = this
    if (handle?.endpoint == null) return -EBADF
    return handle.endpoint.family === AF_INET6
      ? handle.getOption(IPPROTO_IPV6, IPV6_TCLASS)
      : handle.getOption(IPPROTO_IP, IP_TOS)
  }
}

/** Newer Nodes tell the channel of clients in `socket.connect`, older ones in `net.connect` alone. */
export const TELLS_CLIENT_IN_CONNECT: boolean = nodeAtLeast(22)

/** Newer Nodes tell a write that it was cut off by destroy(). */
const TELLS_OF_CANCELED = nodeAtLeast(22)
