// The thread of a run, in a page: a port is handed to it, through which orders come and tidings go.

import type { Order, Tidings } from './messages.ts'
import { LabSession } from './session.ts'
import { speakOneLanguage } from './universal-language.ts'

interface Thread {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void, options: { readonly once: boolean }): void
  addEventListener(
    type: 'unhandledrejection',
    listener: (event: { readonly reason: unknown; preventDefault(): void }) => void,
  ): void
}

const thread = globalThis as unknown as Thread
// As they are now: programs have none of it.
const { setTimeout, performance } = globalThis

speakOneLanguage(globalThis)

thread.addEventListener(
  'message',
  ({ ports }) => {
    if (ports[0] !== undefined) begin(ports[0])
  },
  { once: true },
)

function begin(port: MessagePort): void {
  const post = port.postMessage.bind(port)
  const tell = (tidings: Tidings) => {
    post(tidings, tidings.tell === 'captured' ? [tidings.bytes.buffer] : [])
  }
  const session = new LabSession(tell, {
    now: performance.now.bind(performance),
    later: (task, milliseconds) => void setTimeout(task, milliseconds),
  })
  thread.addEventListener('unhandledrejection', (event) => {
    if (session.rejected(event.reason)) event.preventDefault()
  })
  port.onmessage = ({ data }: MessageEvent<Order>) => void session.order(data)
  tell({ tell: 'begun' })
}
