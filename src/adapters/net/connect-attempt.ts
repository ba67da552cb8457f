// Read first: the events of net.Socket in Node's manual: connect, ready, connectionAttemptFailed.

import { EADDRINUSE, EBADF } from '../../base/errno.ts'
import type { StreamHandle } from '../handle/stream-handle.ts'
import { Unowned } from '../handle/unowned.ts'
import { errnoException, exceptionWithHostPort } from '../node-error.ts'
import { STATE } from './net-world.ts'
import type { Socket } from './socket.ts'

/** Whom a connection is made to; of a Unix socket there is a path for an address, and nothing else. */
export interface Target {
  readonly address: string
  readonly version: number | undefined
  readonly port: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
}

/** One attempt to connect a handle: its owner until it is known how that has gone. */
export class ConnectAttempt extends Unowned {
  readonly handle: StreamHandle
  readonly target: Target
  readonly #socket: Socket

  constructor(socket: Socket, handle: StreamHandle, target: Target) {
    super()
    this.#socket = socket
    this.handle = handle
    this.target = target
  }

  begin(): void {
    this.handle.owner = this
  }

  override connected(status: number): void {
    const socket = this.#socket
    if (socket.destroyed) return
    if (status === 0) {
      finishConnect(socket, this.handle)
      return
    }
    socket.connecting = false
    socket[STATE].ownName = null
    const { address, port, version } = this.target
    const error = connectError(this.target, status)
    socket.emit('connectionAttemptFailed', address, port, version, error)
    socket.destroy(error)
  }
}

/** The connection is there: the socket has what was set for it, and its program is told. */
export function finishConnect(socket: Socket, handle: StreamHandle): void {
  const state = socket[STATE]
  handle.owner = state
  socket.connecting = false
  state.ownName = null
  socket._unrefTimer()
  if (handle.kind === 'tcp') {
    if (state.noDelay) state.applyNoDelay()
    if (state.keepAlive) state.applyKeepAlive()
    if (state.typeOfService !== undefined) {
      const status = state.applyTypeOfService(state.typeOfService)
      if (status < 0 && status !== -EBADF) socket.emit('error', errnoException(status, 'setTypeOfService'))
    }
  }
  socket.emit('connect')
  socket.emit('ready')
  if (!socket.isPaused()) socket.read(0)
}

export function connectError({ address, port, localAddress, localPort }: Target, status: number): Error {
  if (!localAddress || !localPort) return exceptionWithHostPort(status, 'connect', address, port)
  const error = exceptionWithHostPort(status, 'connect', address, port, `${localAddress}:${localPort}`)
  return Object.assign(error, { localAddress, localPort })
}

/** Of a bind that went well: whether it really has the port. Until a call after it, EADDRINUSE is not told. */
export function checkBound(handle: StreamHandle, status: number, port: number | undefined): number {
  if (status !== 0 || port === undefined || !(port > 0)) return status
  const name = handle.localName()
  if (typeof name === 'number') return name
  return name.port === port ? 0 : -EADDRINUSE
}

/** Where a socket is at, for an error's text. */
export function localText(socket: Socket): string {
  const { address, port } = socket._getsockname()
  return `${address}:${port}`
}
