import { Worker } from 'node:worker_threads'
import type { Socket } from '../../index.ts'
import type { Keeper } from './give-away.ts'

/** Gives a connection to a new worker thread: descriptors are the process's, so its number is all that the thread needs. */
export async function giveToThread(connection: Socket): Promise<Keeper> {
  const descriptor = connection.detach()
  const worker = new Worker(new URL('./blocking-thread.js', import.meta.url), { workerData: descriptor })
  const done = new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => resolve())
  })
  return { name: `thread ${worker.threadId}`, done }
}
