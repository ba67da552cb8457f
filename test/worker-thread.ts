import { Worker, type WorkerOptions } from 'node:worker_threads'

/** A worker thread of a test, and what it says by its messages, one after the other. */
export class WorkerThread {
  readonly worker: Worker
  readonly #heard: unknown[] = []
  readonly #waiting: ((value: unknown) => void)[] = []
  readonly #failed: Promise<never>

  constructor(program: URL, options: WorkerOptions) {
    this.worker = new Worker(program, options)
    this.worker.on('message', (value) => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#heard.push(value)
      else next(value)
    })
    this.#failed = new Promise((_, reject) => this.worker.once('error', reject))
    this.#failed.catch(() => {})
  }

  /** The next message; rejects where the thread fails before. */
  said(): Promise<unknown> {
    const next = this.#heard.length > 0 ? this.#heard.shift() : new Promise((resolve) => this.#waiting.push(resolve))
    return Promise.race([next, this.#failed])
  }
}
