// Read first: socket.close in Node's manual.

import { type DatagramSocket, running, STATE } from './state.ts'

export function close(this: DatagramSocket, callback?: unknown): DatagramSocket {
  const state = this[STATE]
  if (typeof callback === 'function') this.on('close', callback as () => void)
  // What waits to be bound is sent first.
  if (state.queue !== null) {
    const { close: again } = this
    state.queue.push(() => Reflect.apply(again, this, []))
    return this
  }
  const handle = running(this)
  if (state.receiving) {
    handle.recvStop()
    state.receiving = false
  }
  handle.close()
  state.handle = null
  process.nextTick(tellClosed, this)
  return this
}

/** Symbol.asyncDispose: closes it, if it is open, and is done when that is told. */
export async function dispose(this: DatagramSocket): Promise<void> {
  if (this[STATE].handle === null) return
  await new Promise<void>((resolve) => {
    this.close(() => resolve())
  })
}

function tellClosed(socket: DatagramSocket): void {
  socket.emit('close')
}
