// Read first: uv_stream_t in libuv's manual: uv_read_start, uv_write, uv_try_write, uv_shutdown, uv_tcp_close_reset; connect(2), send(2).

import {
  AF_INET6,
  AF_UNIX,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLRDHUP,
  SHUT_WR,
  SO_ERROR,
  SO_LINGER,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { EAGAIN, ECANCELED, ECONNREFUSED, EINPROGRESS, EINVAL, ENOTCONN } from '../../base/errno.ts'
import { type Endpoint, Message, type Provider } from '../../socket/provider.ts'
import { readRoom } from './read-room.ts'
import { SocketHandle, unixAddress } from './socket-handle.ts'
import { inBeginningTurn, inEarlyTurn, inTurn } from './turns.ts'

/** Told what happens to a stream, each in a turn of its own. Statuses are 0 or a negated errno. */
export interface StreamOwner {
  connected(status: number): void
  /** `chunk` is to be kept, or null: the octets lie in the buffer that the handle was given. */
  received(count: number, chunk: Uint8Array | null): void
  /** The peer has ended its side. */
  ended(): void
  /** Reading has failed, and has stopped. */
  readFailed(status: number): void
  /** What `write` could not send at once. */
  wrote(status: number): void
  shutDown(status: number): void
}

const INPUT = POLLIN | POLLRDHUP | POLLHUP | POLLERR | POLLNVAL
const OUTPUT = POLLOUT | POLLHUP | POLLERR | POLLNVAL

/** The most buffers of one sendmsg: Linux's UIO_MAXIOV. */
const MOST_BUFFERS = 1024
/** What `write` answers where it has sent less than all. */
export const PENDING = 1

const lingerNothing = new Uint8Array(new Int32Array([1, 0]).buffer)

/** A connecting or connected stream socket of Node's, over an Endpoint of any provider. */
export class StreamHandle extends SocketHandle {
  owner: StreamOwner
  bytesRead = 0
  bytesWritten = 0
  reading = false
  /** Where reads land, if not in the room that all share. */
  userBuffer: Uint8Array | null = null
  #connecting = false
  /** connect(2) has said so at once: there is nothing to ask for. */
  #connected = false
  #shutting = false
  #shut = false
  #readDue = false
  #writeDue = false
  #connectDue = false
  #left: Uint8Array[] | null = null
  #leftAt = 0

  constructor(provider: Provider, kind: 'tcp' | 'pipe', owner: StreamOwner, accepted = false) {
    super(provider, kind, kind === 'tcp' ? 'TCPWRAP' : 'PIPEWRAP', accepted)
    this.owner = owner
  }

  protected get active(): boolean {
    return this.reading || this.#connecting || this.#shutting || this.#left !== null
  }

  /** Octets that are still to be sent. */
  get queued(): number {
    let sum = -this.#leftAt
    for (const chunk of this.#left ?? []) sum += chunk.length
    return this.#left === null ? 0 : sum
  }

  ready(events: number): void {
    if (this.#connecting) {
      this.#connectSoon()
      return
    }
    if (this.reading && (events & INPUT) !== 0) this.#readSoon()
    if (this.#left !== null && (events & OUTPUT) !== 0) this.#writeSoon()
  }

  /** 0: the owner will be told. -EINVAL: the address is none of this version of IP. */
  connect(address: string, port: number, version: number): number {
    const peer = this.address(address, port)
    if (peer === null || (version === 6) !== (peer.family === AF_INET6)) return -EINVAL
    const opened = this.open(peer.family)
    if (opened !== 0) return opened
    if (this.delayedError === 0) {
      const result = (this.endpoint as Endpoint).connect(peer)
      // Where nobody listens is told later even if it is known at once.
      if (result === -ECONNREFUSED) this.delayedError = result
      else if (result < 0 && result !== -EINPROGRESS) return result
      this.#connected = result === 0
    }
    this.#connectStarted()
    return 0
  }

  /** 0: the owner will be told, whatever it is. */
  connectPath(path: string): number {
    const address = unixAddress(path)
    if (typeof address === 'number') return address
    const opened = this.open(AF_UNIX)
    if (opened !== 0) return opened
    const result = (this.endpoint as Endpoint).connect(address)
    if (result < 0 && result !== -EINPROGRESS) this.delayedError = result
    this.#connected = result === 0
    this.#connectStarted()
    return 0
  }

  #connectStarted(): void {
    this.#connecting = true
    this.holdOn()
    this.#connectDue = true
    if (this.delayedError === 0) inBeginningTurn(this.resource, connectTurn, this, 0)
    else inEarlyTurn(this.resource, connectTurn, this, 0)
  }

  #connectSoon(): void {
    if (this.#connectDue) return
    this.#connectDue = true
    inTurn(this.resource, connectTurn, this, 0)
  }

  connectTurn(): void {
    this.#connectDue = false
    if (!this.#connecting || this.closed) return
    let status = this.delayedError
    if (status === 0 && !this.#connected) status = connectStatus(this.endpoint as Endpoint)
    if (status === -EINPROGRESS) return
    this.delayedError = 0
    this.#connecting = false
    this.holdOn()
    this.owner.connected(status)
  }

  readStart(): void {
    if (this.closed || this.reading) return
    this.reading = true
    this.holdOn()
    if (((this.endpoint?.wouldBlock ?? 0) & POLLIN) === 0) this.#readSoon()
  }

  readStop(): void {
    if (!this.reading) return
    this.reading = false
    this.holdOn()
  }

  #readSoon(): void {
    if (this.#readDue) return
    this.#readDue = true
    inTurn(this.resource, readTurn, this, 0)
  }

  readTurn(): void {
    this.#readDue = false
    const { endpoint, userBuffer } = this
    if (!this.reading || this.closed || endpoint === null) return
    const room = userBuffer ?? readRoom.room
    const count = endpoint.recv(room, 0, room.length, 0)
    if (count === -EAGAIN) return
    if (count > 0) {
      this.bytesRead += count
      if (((endpoint.wouldBlock ?? 0) & POLLIN) === 0) this.#readSoon()
      this.owner.received(count, userBuffer === null ? readRoom.take(count) : null)
      return
    }
    this.readStop()
    if (count === 0) this.owner.ended()
    else this.owner.readFailed(count)
  }

  /** 0: all is sent; PENDING: the owner will be told; else a negated errno. */
  write(chunk: Uint8Array): number {
    return this.#write(chunk, chunk.length, false)
  }

  /** The same of the first octets of a room that is only lent: what cannot be sent at once is copied. */
  writeLent(room: Uint8Array, length: number): number {
    return this.#write(room, length, true)
  }

  #write(bytes: Uint8Array, length: number, lent: boolean): number {
    this.bytesWritten += length
    const endpoint = this.endpoint as Endpoint
    let done = 0
    while (done < length) {
      const count = endpoint.send(bytes, done, length, 0)
      if (count === -EAGAIN) {
        return lent ? this.#leave([new Uint8Array(bytes.subarray(done, length))], 0) : this.#leave([bytes], done)
      }
      if (count < 0) return count
      done += count
    }
    return 0
  }

  writeMany(chunks: Uint8Array[]): number {
    for (const chunk of chunks) this.bytesWritten += chunk.length
    this.#left = chunks
    this.#leftAt = 0
    const result = this.#sendLeft()
    if (result === PENDING) return this.#leave(this.#left, this.#leftAt)
    this.#left = null
    return result
  }

  #leave(chunks: Uint8Array[], at: number): number {
    this.#left = chunks
    this.#leftAt = at
    this.holdOn()
    return PENDING
  }

  // #left begins in the middle of its first chunk.
  #sendLeft(): number {
    const endpoint = this.endpoint as Endpoint
    for (;;) {
      const left = this.#left as Uint8Array[]
      const [first] = left
      if (first === undefined) return 0
      const count =
        left.length === 1
          ? endpoint.send(first, this.#leftAt, first.length, 0)
          : endpoint.sendmsg(new Message(this.#buffers(left)), 0)
      if (count === -EAGAIN) return PENDING
      if (count < 0) return count
      this.#skip(left, count)
    }
  }

  #buffers(left: Uint8Array[]): Uint8Array[] {
    const buffers = left.slice(0, MOST_BUFFERS)
    if (this.#leftAt > 0) buffers[0] = (buffers[0] as Uint8Array).subarray(this.#leftAt)
    return buffers
  }

  #skip(left: Uint8Array[], count: number): void {
    let at = this.#leftAt + count
    let i = 0
    for (; i < left.length && at >= (left[i] as Uint8Array).length; i++) at -= (left[i] as Uint8Array).length
    this.#left = i === 0 ? left : left.slice(i)
    this.#leftAt = at
  }

  #writeSoon(): void {
    if (this.#writeDue) return
    this.#writeDue = true
    inTurn(this.resource, writeTurn, this, 0)
  }

  writeTurn(): void {
    this.#writeDue = false
    if (this.#left === null || this.closed) return
    const status = this.#sendLeft()
    if (status === PENDING) return
    this.#left = null
    this.holdOn()
    this.owner.wrote(status)
    if (this.#shutting) this.#shutSoon()
  }

  /** Ends this side when all is sent. 0: the owner will be told; -ENOTCONN: there is nothing to end. */
  shutdown(): number {
    if (this.closed || this.#shutting || this.#shut || this.endpoint === null) return -ENOTCONN
    this.#shutting = true
    this.holdOn()
    if (this.#left === null) this.#shutSoon()
    return 0
  }

  #shutSoon(): void {
    inEarlyTurn(this.resource, shutTurn, this, 0)
  }

  shutTurn(): void {
    if (!this.#shutting || this.closed) return
    const status = (this.endpoint as Endpoint).shutdown(SHUT_WR)
    this.#shutting = false
    this.#shut = true
    this.holdOn()
    this.owner.shutDown(status)
  }

  /** Closes with a reset; -EINVAL where it is being ended. */
  reset<S>(done: (subject: S) => void, subject: S): number {
    if (this.#shutting) return -EINVAL
    this.endpoint?.setOption(SOL_SOCKET, SO_LINGER, lingerNothing)
    this.close(done, subject)
    return 0
  }

  override close<S>(done: (subject: S) => void, subject: S): void {
    if (this.closed) return
    this.reading = false
    this.#connecting = false
    // What is cut off is told before the end.
    if (this.#left !== null || this.#shutting) {
      super.close((self: StreamHandle) => self.#cutOff(done, subject), this)
    } else {
      super.close(done, subject)
    }
  }

  #cutOff<S>(done: (subject: S) => void, subject: S): void {
    const { owner } = this
    if (this.#left !== null) {
      this.#left = null
      owner.wrote(-ECANCELED)
    }
    if (this.#shutting) {
      this.#shutting = false
      owner.shutDown(-ECANCELED)
    }
    done(subject)
  }
}

// Functions of the module: a turn takes no closure.
function connectTurn(handle: StreamHandle): void {
  handle.connectTurn()
}

function readTurn(handle: StreamHandle): void {
  handle.readTurn()
}

function writeTurn(handle: StreamHandle): void {
  handle.writeTurn()
}

function shutTurn(handle: StreamHandle): void {
  handle.shutTurn()
}

const errorValue = new Int32Array(1)
const errorOctets = new Uint8Array(errorValue.buffer)

/** -EINPROGRESS: not yet known. */
function connectStatus(endpoint: Endpoint): number {
  if (endpoint.finishConnect !== undefined) return endpoint.finishConnect()
  const events = endpoint.readiness()
  if ((events & OUTPUT) === 0) return -EINPROGRESS
  const result = endpoint.getOption(SOL_SOCKET, SO_ERROR, errorOctets)
  return result < 0 ? result : -(errorValue[0] as number)
}
