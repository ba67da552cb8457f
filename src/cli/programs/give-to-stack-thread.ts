import { Worker } from 'node:worker_threads'
import { type Provider, type ServedCalls, serveCalls } from '../../index.ts'
import type { GiveTo } from './give-away.ts'

/**
 * Gives connections of a stack of this thread to new worker threads: the stack stays, and each thread has its calls made here.
 */
export function giveToStackThread(provider: Provider, serve: (provider: Provider) => ServedCalls = serveCalls): GiveTo {
  return async (connection) => {
    const calls = serve(provider)
    const worker = new Worker(new URL('./stack-thread.js', import.meta.url), {
      workerData: { init: calls.init, descriptor: calls.hand(connection) },
      transferList: calls.transfer,
    })
    const failed = new Promise<never>((_, reject) => worker.once('error', reject))
    return { name: `thread ${worker.threadId}`, done: Promise.race([calls.ended, failed]) }
  }
}
