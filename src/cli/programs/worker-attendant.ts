import { Worker } from 'node:worker_threads'
import type { Attendant } from './hand-over.ts'

/** A worker thread for one client; octets go there and back in messages. */
export async function hireWorker(): Promise<Attendant> {
  const worker = new Worker(new URL('./upper-worker.js', import.meta.url))
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread has ended too early')))
  })
  failed.catch(() => {})
  await Promise.race([failed, new Promise<void>((resolve) => worker.once('online', resolve))])
  return {
    name: `thread ${worker.threadId}`,
    answer(chunk) {
      const answer = new Promise<Uint8Array>((resolve) => worker.once('message', resolve))
      worker.postMessage(chunk)
      return Promise.race([failed, answer])
    },
    async dismiss() {
      await worker.terminate()
    },
  }
}
