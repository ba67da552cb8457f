import { addAbortListener } from 'node:events'
import { validateAbortSignal } from '../node-argument.ts'
import type { Server } from './server.ts'

/** Closes the server when the signal is aborted. */
export function closeOnAbort(server: Server, signal: unknown): void {
  if (signal === undefined) return
  validateAbortSignal(signal, 'options.signal')
  const close = () => {
    server.close()
  }
  if ((signal as AbortSignal).aborted) {
    process.nextTick(close)
    return
  }
  const listening = addAbortListener(signal as AbortSignal, close)
  server.once('close', () => listening[Symbol.dispose]())
}
