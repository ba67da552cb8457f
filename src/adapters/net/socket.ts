// Read first: net.Socket in Node's manual, stream.Duplex.

import { Buffer } from 'node:buffer'
import { addAbortListener } from 'node:events'
import net, { type BlockList } from 'node:net'
import { Duplex } from 'node:stream'
import { isUint8Array } from 'node:util/types'
import { callable } from '../callable.ts'
import type { AddressInfo } from '../handle/address-texts.ts'
import type { StreamHandle } from '../handle/stream-handle.ts'
import { validateAbortSignal, validateInt32 } from '../node-argument.ts'
import { errnoException, invalidArgType, nodeError } from '../node-error.ts'
import { nodeAtLeast } from '../node-version.ts'
import { checkBlockList } from './block-list.ts'
import { BoundSocket } from './bound-socket.ts'
import { type ConnectArguments, connectSocket } from './connect.ts'
import { streamOfDescriptor } from './descriptor.ts'
import { HANDLE, type NetWorld, type SocketConstructor, STATE, WORLD } from './net-world.ts'
import type { Server } from './server.ts'
import { checkOptions, type KeepAliveOptions, type OnReadOptions, type SocketOptions } from './socket-options.ts'
import { type Callback, SocketState } from './socket-state.ts'
import { setSocketTimeout } from './socket-timeout.ts'
import { refuseWrites } from './write-after-end.ts'
import type { WriteChunk } from './write-chunks.ts'

/** net.Socket. Its constructor never runs: `constructSocket` does what it would. */
class SocketBody extends Duplex {
  declare readonly [WORLD]: NetWorld
  declare [STATE]: SocketState
  declare connecting: boolean
  declare timeout: number | undefined
  declare server: Server | null
  declare autoSelectFamilyAttemptedAddresses: string[] | undefined
  declare blockList: BlockList | undefined
  declare _hadError: boolean
  declare _parent: Socket | null
  declare _host: string | null
  declare _server: Server | null
  declare _aborted: boolean | undefined
  declare _pendingData: Buffer | string | WriteChunk[] | null
  declare _pendingEncoding: BufferEncoding | ''

  connect(...args: unknown[]): this {
    connectSocket(this, args as ConnectArguments)
    return this
  }

  // 'timeout' begins anew, of the socket and of what it is a part of.
  _unrefTimer(): void {
    let socket: Socket | null | undefined = this
    while (socket != null) {
      socket[STATE]?.touch()
      socket = socket._parent
    }
  }

  setTimeout(milliseconds: number, callback?: () => void): this {
    setSocketTimeout(this, milliseconds, callback)
    return this
  }

  // A write that is getting on is no idleness.
  _onTimeout(): void {
    const state = this[STATE]
    const queued = state.handle?.queued ?? 0
    if (state.handle !== null && state.lastQueued > 0 && state.lastQueued !== queued) {
      state.lastQueued = queued
      this._unrefTimer()
      return
    }
    this.emit('timeout')
  }

  setNoDelay(noDelay?: boolean): this {
    const state = this[STATE]
    const wanted = noDelay === undefined ? true : Boolean(noDelay)
    const changes = state.handle?.kind === 'tcp' && wanted !== state.noDelay
    if (state.handle === null || changes) state.noDelay = wanted
    if (changes) state.applyNoDelay()
    return this
  }

  setKeepAlive(enable?: boolean | KeepAliveOptions, initialDelay?: number, interval?: number, count?: number): this {
    if (enable !== null && typeof enable === 'object') {
      return this.setKeepAlive(enable.enable, enable.initialDelay, enable.interval, enable.count)
    }
    const state = this[STATE]
    const wanted = Boolean(enable)
    const delay = Math.trunc((initialDelay as number) / 1000) | 0
    const pause = interval === undefined ? undefined : Math.trunc(interval / 1000) | 0
    if (state.handle !== null) {
      if (state.handle.kind !== 'tcp') return this
      const same = state.keepAliveDelay === delay && state.keepAliveInterval === pause && state.keepAliveCount === count
      if (wanted === state.keepAlive && (!wanted || same)) return this
    }
    state.keepAlive = wanted
    state.keepAliveDelay = delay
    state.keepAliveInterval = pause
    state.keepAliveCount = count
    if (state.handle !== null) state.applyKeepAlive()
    return this
  }

  setTypeOfService(value: number): this {
    if (Number.isNaN(value)) throw invalidArgType('tos', 'number', value)
    validateInt32(value, 'tos', 0, 255)
    const state = this[STATE]
    const changes = value !== state.typeOfService
    state.typeOfService = value
    if (state.handle === null || state.handle.kind !== 'tcp' || !changes) return this
    const status = state.applyTypeOfService(value)
    if (status < 0) throw errnoException(status, 'setTypeOfService')
    return this
  }

  getTypeOfService(): number {
    const state = this[STATE]
    if (state.handle === null || state.handle.kind !== 'tcp') return state.typeOfService ?? 0
    const value = state.currentTypeOfService()
    if (value < 0) throw errnoException(value, 'getTypeOfService')
    return value
  }

  address(): Partial<AddressInfo> {
    return this._getsockname()
  }

  get _connecting(): boolean {
    return this.connecting
  }

  get pending(): boolean {
    return this[STATE].handle === null || this.connecting
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  get bufferSize(): number | undefined {
    return this[STATE].handle === null ? undefined : this.writableLength
  }

  get bytesRead(): number {
    const { handle, bytesRead } = this[STATE]
    return handle === null ? bytesRead : handle.bytesRead
  }

  get _bytesDispatched(): number {
    const { handle, bytesWritten } = this[STATE]
    return handle === null ? bytesWritten : handle.bytesWritten
  }

  // What waits to be written counts.
  get bytesWritten(): number | undefined {
    const waiting = (this as unknown as { writableBuffer?: WriteChunk[] }).writableBuffer
    if (!waiting) return undefined
    let sum = this._bytesDispatched
    for (const { chunk, encoding } of waiting) sum += lengthOf(chunk, encoding)
    const held = this._pendingData
    if (Array.isArray(held)) for (const { chunk, encoding } of held) sum += lengthOf(chunk, encoding)
    else if (held) sum += lengthOf(held, this._pendingEncoding as BufferEncoding)
    return sum
  }

  get remoteAddress(): string | undefined {
    return this._getpeername().address
  }

  get remoteFamily(): string | undefined {
    return this._getpeername().family
  }

  get remotePort(): number | undefined {
    return this._getpeername().port
  }

  get localAddress(): string | undefined {
    return this._getsockname().address
  }

  get localPort(): number | undefined {
    return this._getsockname().port
  }

  get localFamily(): string | undefined {
    return this._getsockname().family
  }

  _getpeername(): Partial<AddressInfo> {
    const state = this[STATE]
    if (state.handle === null || this.connecting) return state.peerName ?? {}
    if (state.peerName === undefined) {
      const name = state.handle.peerName()
      if (typeof name === 'number') return {}
      state.peerName = name
    }
    return state.peerName
  }

  _getsockname(): Partial<AddressInfo> {
    const state = this[STATE]
    if (state.boundPath !== undefined) return { address: state.boundPath }
    if (state.handle === null) return {}
    if (state.ownName === null) {
      const name = state.handle.localName()
      state.ownName = typeof name === 'number' ? {} : name
    }
    return state.ownName
  }

  ref(): this {
    const { handle } = this[STATE]
    if (handle === null) this.once('connect', this.ref)
    else handle.ref()
    return this
  }

  unref(): this {
    const { handle } = this[STATE]
    if (handle === null) this.once('connect', this.unref)
    else handle.unref()
    return this
  }

  override _read(size: number): void {
    const { handle } = this[STATE]
    if (this.connecting || handle === null) this.once('connect', () => this._read(size))
    else handle.readStart()
  }

  // With `onread` nothing passes through the stream: it reads as long as it flows.
  override read(size?: number): unknown {
    readOnFlow(this)
    return super.read(size)
  }

  override pause(): this {
    const { userBuffer, handle } = this[STATE]
    if (userBuffer !== null && !this.connecting) handle?.readStop()
    return super.pause()
  }

  override resume(): this {
    readOnFlow(this)
    return super.resume()
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Callback): void {
    this._writeGeneric(false, chunk, encoding, done)
  }

  override _writev(chunks: WriteChunk[], done: Callback): void {
    this._writeGeneric(true, chunks, '', done)
  }

  // Before the connection is there, one write waits here, and the stream keeps all others back.
  _writeGeneric(
    _many: boolean,
    data: Buffer | string | WriteChunk[],
    encoding: BufferEncoding | '',
    done: Callback,
  ): void {
    if (!this.connecting) {
      this._pendingData = null
      this._pendingEncoding = ''
      const state = this[STATE]
      if (state.handle === null) done(nodeError('ERR_SOCKET_CLOSED'))
      else state.write(data, encoding as BufferEncoding, done)
      return
    }
    this._pendingData = data
    this._pendingEncoding = encoding
    const closed = () => done(nodeError('ERR_SOCKET_CLOSED_BEFORE_CONNECTION'))
    this.once('connect', () => {
      this.off('close', closed)
      this._writeGeneric(_many, data, encoding, done)
    })
    this.once('close', closed)
  }

  override _final(done: Callback): void {
    if (ENDS_WITHOUT_CONNECTION ? this.connecting : this.pending) this.once('connect', () => this._final(done))
    else this[STATE].shutdown(done)
  }

  override _destroy(error: Error | null, done: Callback): void {
    this.connecting = false
    stopTimers(this)
    const state = this[STATE]
    const { handle } = state
    if (handle === null) {
      done(error)
      process.nextTick(emitClose, this)
    } else {
      state.bytesRead = handle.bytesRead
      state.bytesWritten = handle.bytesWritten
      state.handle = null
      state.ownName = null
      closeHandle(this, handle, error !== null && error !== undefined)
      done(error)
    }
    const server = this._server
    if (!server) return
    server._connections--
    server._emitCloseIfDrained?.()
  }

  override end(chunk?: unknown, encoding?: unknown, done?: unknown): this {
    return super.end(chunk, encoding as BufferEncoding, done as () => void)
  }

  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', this.destroy)
  }

  resetAndDestroy(): this {
    const { handle } = this[STATE]
    if (handle === null) this.destroy(nodeError('ERR_SOCKET_CLOSED'))
    else if (handle.kind !== 'tcp') throw nodeError('ERR_INVALID_HANDLE_TYPE')
    else if (this.connecting) this.once('connect', () => this._reset())
    else this._reset()
    return this
  }

  _reset(): this {
    this[STATE].resetting = true
    return this.destroy()
  }
}

export type Socket = SocketBody

/** An older Node's end() waits for a connection even where none is asked for. */
const ENDS_WITHOUT_CONNECTION = nodeAtLeast(22)

function constructSocket(socket: Socket, given?: SocketOptions | number): void {
  const options: SocketOptions = typeof given === 'number' ? { fd: given } : { ...given }
  checkOptions(options)
  const state = new SocketState(socket)
  socket[STATE] = state
  socket.connecting = false
  socket._hadError = false
  socket._parent = null
  socket._host = null
  Duplex.call(socket, {
    ...options,
    allowHalfOpen: Boolean(options.allowHalfOpen),
    // 'close' is told when the handle is closed, texts are turned into octets where they are sent.
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  })
  takeHandle(socket, options)
  takeOnRead(state, options.onread)
  state.noDelay = Boolean(options.noDelay)
  state.keepAlive = Boolean(options.keepAlive)
  state.keepAliveDelay = ((options.keepAliveInitialDelay as number) / 1000) | 0
  state.typeOfService = options.typeOfService
  socket.on('end', refuseWrites)
  state.begin()
  socket._pendingData = null
  socket._pendingEncoding = ''
  if (state.handle !== null && options.readable !== false && !state.bound) {
    // As a paused stream is.
    if (options.pauseOnCreate) (socket as { readableFlowing: boolean | null }).readableFlowing = false
    else if (!options.manualStart) socket.read(0)
  }
  if (options.signal) noteAbort(socket, options.signal)
  socket.server = null
  socket._server = null
  if (options.blockList) socket.blockList = checkBlockList(options.blockList)
}

function takeHandle(socket: Socket, options: SocketOptions): void {
  const state = socket[STATE]
  const accepted = options[HANDLE]
  if (accepted !== undefined) {
    state.handle = accepted
    accepted.owner = state
  } else if (options.handle instanceof BoundSocket) {
    state.boundPath = BoundSocket.path(options.handle)
    state.handle = BoundSocket.take(options.handle)
    state.handle.owner = state
    state.bound = true
  } else if (options.fd !== undefined) {
    state.handle = streamOfDescriptor(socket[WORLD].provider, options.fd, state)
  }
}

function takeOnRead(state: SocketState, onread: OnReadOptions | null | undefined): void {
  if (onread === null || typeof onread !== 'object' || typeof onread.callback !== 'function') return
  if (typeof onread.buffer === 'function') {
    state.userBuffer = true
    state.nextUserBuffer = onread.buffer
  } else if (isUint8Array(onread.buffer)) {
    state.userBuffer = onread.buffer
  } else {
    return
  }
  state.onUserBuffer = onread.callback
}

// The stream itself is destroyed by the signal; what is being tried for it is told by this that it is to stop.
function noteAbort(socket: Socket, signal: AbortSignal): void {
  validateAbortSignal(signal, 'options.signal')
  let listening: Disposable | undefined
  const aborted = () => {
    listening?.[Symbol.dispose]()
    socket._aborted = true
  }
  process.nextTick(() => {
    if (signal.aborted) aborted()
    else listening = addAbortListener(signal, aborted)
  })
}

function readOnFlow(socket: Socket): void {
  const { userBuffer, handle } = socket[STATE]
  if (userBuffer !== null && !socket.connecting) handle?.readStart()
}

function stopTimers(socket: Socket): void {
  let one: Socket | null | undefined = socket
  while (one != null) {
    const state = one[STATE]
    if (state?.timer) clearTimeout(state.timer)
    one = one._parent
  }
}

function closeHandle(socket: Socket, handle: StreamHandle, hadError: boolean): void {
  const state = socket[STATE]
  const closed = () => {
    socket.emit('close', hadError)
  }
  if (!state.resetting) {
    handle.close(closed, undefined)
    return
  }
  state.resetting = false
  const status = handle.reset(closed, undefined)
  if (status < 0) socket.emit('error', errnoException(status, 'reset'))
}

function emitClose(socket: Socket): void {
  socket.emit('close')
}

function lengthOf(chunk: Buffer | string, encoding: BufferEncoding): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
}

// Whatever stands in its place later.
const { Socket: NodeSocket } = net

/** net.Socket of one provider. */
export function socketOf(world: NetWorld): SocketConstructor {
  const own = { [WORLD]: { value: world } }
  return callable('Socket', SocketBody, Duplex, constructSocket, own, NodeSocket) as unknown as SocketConstructor
}
