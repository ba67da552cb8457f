import { Duplex } from 'node:stream'
import type { Socket } from './socket.ts'
import type { Callback } from './socket-state.ts'

// The listener of 'end': who writes after the peer has ended gets an error that says so.
export function refuseWrites(this: Socket): void {
  if (!this.allowHalfOpen) this.write = writeAfterEnd as Socket['write']
}

function writeAfterEnd(
  this: Socket,
  chunk: unknown,
  encoding?: BufferEncoding | Callback | null,
  done?: Callback,
): boolean {
  if (!this.writableEnded) return Duplex.prototype.write.call(this, chunk, encoding as BufferEncoding, done)
  const callback = typeof encoding === 'function' ? encoding : done
  const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' })
  if (typeof callback === 'function') process.nextTick(callback, error)
  this.destroy(error)
  return false
}
