import { EventEmitter } from 'node:events'
import { type DatagramSocket, STATE } from './state.ts'

/** Runs `task` when the socket is bound. Where binding fails, what waited is dropped. */
export function whenBound(socket: DatagramSocket, task: () => void): void {
  const state = socket[STATE]
  if (state.queue === null) {
    state.queue = []
    const failed = () => {
      socket.removeListener('listening', listening)
      state.queue = null
    }
    const listening = () => {
      socket.removeListener(EventEmitter.errorMonitor, failed)
      const tasks = state.queue ?? []
      state.queue = null
      for (const one of tasks) one()
    }
    socket.once(EventEmitter.errorMonitor, failed)
    socket.once('listening', listening)
  }
  state.queue.push(task)
}
