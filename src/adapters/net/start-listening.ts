// Read first: server.listen in Node's manual, and its channels in that of diagnostics_channel.

import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import type { ListenHandle } from '../handle/listen-handle.ts'
import { listenException } from '../node-error.ts'
import { STATE } from './net-world.ts'
import type { Server } from './server.ts'

export const listenChannel = tracingChannel('net.server.listen') as TracingChannel & {
  readonly hasSubscribers: boolean
}

/** The default, with which the kernel makes a queue of 512. */
const BACKLOG = 511

/** Listens by the handle that the server has, and tells it. */
export function startListening(
  server: Server,
  address: string | null,
  port: number | null,
  family: number | null,
  backlog: number,
): void {
  const state = server[STATE]
  const handle = state.handle as ListenHandle
  const status = handle.listen((backlog || BACKLOG) | 0)
  if (status < 0) {
    handle.discard()
    state.handle = null
    failListening(server, listenException(status, 'listen', address, port as number))
    return
  }
  if (listenChannel.hasSubscribers) listenChannel.asyncEnd.publish({ server })
  server._connectionKey = `${family}:${address}:${port}`
  if (state.unref) handle.unref()
  process.nextTick(emitListening, server)
}

// Who has just called listen may have no listener yet.
export function failListening(server: Server, error: Error): void {
  if (listenChannel.hasSubscribers) listenChannel.error.publish({ server, error })
  process.nextTick(emitError, server, error)
}

function emitError(server: Server, error: Error): void {
  server.emit('error', error)
}

function emitListening(server: Server): void {
  if (server[STATE].handle !== null) server.emit('listening')
}
