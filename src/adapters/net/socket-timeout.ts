// Read first: socket.setTimeout in Node's manual, setTimeout in that of timers.

import { validateFunction, validateNumber } from '../node-argument.ts'
import { outOfRange } from '../node-error.ts'
import { STATE } from './net-world.ts'
import type { Socket } from './socket.ts'

/** setTimeout takes no longer wait. */
const LONGEST = 0x7fffffff

export function setSocketTimeout(socket: Socket, milliseconds: number, callback: (() => void) | undefined): void {
  if (socket.destroyed) return
  socket.timeout = milliseconds
  const wait = checkedWait(milliseconds)
  const state = socket[STATE]
  if (wait === 0) {
    if (state.timer !== null) clearTimeout(state.timer)
    state.timer = null
    if (callback === undefined) return
    validateFunction(callback, 'callback')
    socket.removeListener('timeout', callback)
    return
  }
  if (state.timer !== null) clearTimeout(state.timer)
  state.timer = setTimeout(elapsed, wait, socket).unref()
  if (callback === undefined) return
  validateFunction(callback, 'callback')
  socket.once('timeout', callback)
}

function elapsed(socket: Socket): void {
  socket._onTimeout()
}

function checkedWait(milliseconds: unknown): number {
  validateNumber(milliseconds, 'msecs')
  if (milliseconds < 0 || !Number.isFinite(milliseconds)) {
    throw outOfRange('msecs', 'a non-negative finite number', milliseconds)
  }
  if (milliseconds <= LONGEST) return milliseconds
  process.emitWarning(
    `${milliseconds} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${LONGEST}.`,
    'TimeoutOverflowWarning',
  )
  return LONGEST
}
