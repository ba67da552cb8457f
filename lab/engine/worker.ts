// The thread of a run, in a page: orders come as messages, tidings go as messages.

import type { Order, Tidings } from './messages.ts'
import { LabSession } from './session.ts'

interface Thread {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void
  addEventListener(type: 'message', listener: (event: { readonly data: Order }) => void): void
  addEventListener(
    type: 'unhandledrejection',
    listener: (event: { readonly reason: unknown; preventDefault(): void }) => void,
  ): void
}

const thread = globalThis as unknown as Thread
// As they are now: programs have none of it.
const { setTimeout, performance } = globalThis

const tell = (tidings: Tidings) => {
  thread.postMessage(tidings, tidings.tell === 'captured' ? [tidings.bytes.buffer] : [])
}
const session = new LabSession(tell, {
  now: () => performance.now(),
  later: (task, milliseconds) => void setTimeout(task, milliseconds),
})
thread.addEventListener('message', ({ data }) => void session.order(data))
thread.addEventListener('unhandledrejection', (event) => {
  if (session.rejected(event.reason)) event.preventDefault()
})
