// Read first: net.Server in Node's manual.

import { channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import net, { type BlockList, isIP } from 'node:net'
import { getDefaultHighWaterMark } from 'node:stream'
import { promisify } from 'node:util'
import type { Endpoint } from '../../socket/provider.ts'
import { callable } from '../callable.ts'
import type { AddressInfo } from '../handle/address-texts.ts'
import type { ListenHandle, ListenOwner } from '../handle/listen-handle.ts'
import { StreamHandle } from '../handle/stream-handle.ts'
import { UNOWNED } from '../handle/unowned.ts'
import { validateNumber } from '../node-argument.ts'
import { errnoException, invalidArgType, nodeError } from '../node-error.ts'
import { nodeAtLeast } from '../node-version.ts'
import { checkBlockList } from './block-list.ts'
import { type ListenArguments, listenServer } from './listen.ts'
import { HANDLE, type NetWorld, type ServerConstructor, STATE, WORLD } from './net-world.ts'
import type { Socket } from './socket.ts'

export interface ServerOptions {
  allowHalfOpen?: boolean
  pauseOnConnect?: boolean
  noDelay?: boolean
  keepAlive?: boolean
  keepAliveInitialDelay?: number
  highWaterMark?: number
  blockList?: BlockList
}

type ConnectionListener = (socket: Socket) => void

/** Since when 0 connections at most is none at all; before, 0 was no limit. */
const NONE_IS_NONE = nodeAtLeast(21)

const serverChannel = channel('net.server.socket')

/** What a Server keeps to itself. */
export class ServerState implements ListenOwner {
  readonly server: Server
  handle: ListenHandle | null = null
  /** Counts what was begun: a name that is found for an earlier one comes too late. */
  listening = 1
  unref = false
  pipeName: string | undefined = undefined

  constructor(server: Server) {
    this.server = server
  }

  accepted(endpoint: Endpoint, listener: ListenHandle): void {
    const { server } = this
    const world = server[WORLD]
    const handle = new StreamHandle(world.provider, listener.kind, UNOWNED, true)
    handle.adopt(endpoint)
    const { maxConnections } = server
    const limited = NONE_IS_NONE ? maxConnections != null : Boolean(maxConnections)
    if (limited && server._connections >= (maxConnections as number)) {
      drop(server, handle)
      return
    }
    if (server.blockList !== undefined && isBlocked(server.blockList, handle)) {
      handle.discard()
      return
    }
    const socket = new world.Socket({
      [HANDLE]: handle,
      allowHalfOpen: server.allowHalfOpen,
      pauseOnCreate: server.pauseOnConnect,
      readable: true,
      writable: true,
      readableHighWaterMark: server.highWaterMark,
      writableHighWaterMark: server.highWaterMark,
    })
    const state = socket[STATE]
    if (handle.kind === 'tcp') {
      if (server.noDelay) {
        state.noDelay = true
        state.applyNoDelay()
      }
      if (server.keepAlive) {
        state.keepAlive = true
        state.keepAliveDelay = server.keepAliveInitialDelay
        state.applyKeepAlive()
      }
    }
    server._connections++
    socket.server = server
    socket._server = server
    server.emit('connection', socket)
    if (serverChannel.hasSubscribers) serverChannel.publish({ socket })
  }

  acceptFailed(status: number): void {
    this.server.emit('error', errnoException(status, 'accept'))
  }
}

/** net.Server. Its constructor never runs: `constructServer` does what it would. */
class ServerBody extends EventEmitter {
  declare readonly [WORLD]: NetWorld
  declare [STATE]: ServerState
  declare allowHalfOpen: boolean
  declare pauseOnConnect: boolean
  declare noDelay: boolean
  declare keepAlive: boolean
  declare keepAliveInitialDelay: number
  declare highWaterMark: number
  declare maxConnections: number | undefined
  declare blockList: BlockList | undefined
  declare _connections: number
  declare _connectionKey: string | undefined

  listen(...args: unknown[]): this {
    listenServer(this, args as ListenArguments)
    return this
  }

  get listening(): boolean {
    return this[STATE].handle !== null
  }

  get _handle(): ListenHandle | null {
    return this[STATE].handle
  }

  address(): AddressInfo | string | null {
    const { handle, pipeName } = this[STATE]
    if (handle === null || handle.kind === 'pipe') return pipeName || null
    const name = handle.localName()
    if (typeof name === 'number') throw errnoException(name, 'address')
    return name
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this._connections)
    return this
  }

  close(callback?: (error?: Error) => void): this {
    const state = this[STATE]
    state.listening++
    if (typeof callback === 'function') {
      if (state.handle === null) this.once('close', () => callback(nodeError('ERR_SERVER_NOT_RUNNING')))
      else this.once('close', callback)
    }
    state.handle?.discard()
    state.handle = null
    this._emitCloseIfDrained()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this[STATE].handle !== null) await promisify(this.close).call(this)
  }

  _emitCloseIfDrained(): void {
    if (this[STATE].handle === null && !this._connections) process.nextTick(emitClose, this)
  }

  // With `captureRejections`: a listener of 'connection' that is asynchronous and fails.
  override [EventEmitter.captureRejectionSymbol](error: Error, event: string | symbol, socket: Socket): void {
    if (event === 'connection') socket.destroy(error)
    else this.emit('error', error)
  }

  ref(): this {
    const state = this[STATE]
    state.unref = false
    state.handle?.ref()
    return this
  }

  unref(): this {
    const state = this[STATE]
    state.unref = true
    state.handle?.unref()
    return this
  }
}

export type Server = ServerBody

function constructServer(
  server: Server,
  given?: ServerOptions | null | ConnectionListener,
  listener?: ConnectionListener,
): void {
  EventEmitter.call(server as never)
  let options: ServerOptions = {}
  if (typeof given === 'function') {
    server.on('connection', given)
  } else if (given == null || typeof given === 'object') {
    options = { ...given }
    if (typeof listener === 'function') server.on('connection', listener)
  } else {
    throw invalidArgType('options', 'Object', given)
  }
  const { keepAliveInitialDelay, highWaterMark } = options
  if (keepAliveInitialDelay !== undefined) validateNumber(keepAliveInitialDelay, 'options.keepAliveInitialDelay')
  if (highWaterMark !== undefined) validateNumber(highWaterMark, 'options.highWaterMark')
  server[STATE] = new ServerState(server)
  server._connections = 0
  server.allowHalfOpen = options.allowHalfOpen || false
  server.pauseOnConnect = Boolean(options.pauseOnConnect)
  server.noDelay = Boolean(options.noDelay)
  server.keepAlive = Boolean(options.keepAlive)
  server.keepAliveInitialDelay = (Math.max(keepAliveInitialDelay ?? 0, 0) / 1000) | 0
  server.highWaterMark = (highWaterMark ?? -1) < 0 ? getDefaultHighWaterMark(false) : (highWaterMark as number)
  if (options.blockList) server.blockList = checkBlockList(options.blockList)
}

function drop(server: Server, handle: StreamHandle): void {
  if (handle.kind === 'tcp') {
    const [local, remote] = [handle.localName(), handle.peerName()].map((name) =>
      typeof name === 'number' ? null : name,
    )
    server.emit('drop', {
      localAddress: local?.address,
      localPort: local?.port,
      localFamily: local?.family,
      remoteAddress: remote?.address,
      remotePort: remote?.port,
      remoteFamily: remote?.family,
    })
  } else {
    server.emit('drop')
  }
  handle.discard()
}

function isBlocked(list: BlockList, handle: StreamHandle): boolean {
  const name = handle.peerName()
  if (typeof name === 'number') return false
  const version = isIP(name.address)
  return version !== 0 && list.check(name.address, version === 6 ? 'ipv6' : 'ipv4')
}

function emitClose(server: Server): void {
  server.emit('close')
}

// Whatever stands in its place later.
const { Server: NodeServer } = net

/** net.Server of one provider. */
export function serverOf(world: NetWorld): ServerConstructor {
  const own = { [WORLD]: { value: world } }
  return callable('Server', ServerBody, EventEmitter, constructServer, own, NodeServer) as unknown as ServerConstructor
}
