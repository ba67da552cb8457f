// A case that never ends cannot be interrupted from its own thread: another one looks on, and ends the process.

import { Worker } from 'node:worker_threads'

/** Seconds of processor time in which no case begins: then one hangs. (Of time that others took it says nothing.) */
const PATIENCE = 60

const PROGRAM = `
const { workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const cases = new Int32Array(workerData.shared)
let last = -1
let since = 0
setInterval(() => {
  const now = Atomics.load(cases, 0)
  const { user, system } = process.cpuUsage()
  if (now !== last) since = user + system
  if (user + system - since > ${PATIENCE * 1e6}) {
    writeSync(2, 'hang: case ' + Atomics.load(cases, 1) + ' of target ' + Atomics.load(cases, 2) + ' goes on for ${PATIENCE} seconds of processor time\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  last = now
}, 1000)
`

/** Tells another thread that things move; it ends the process where they do not. */
export class Watchdog {
  readonly #shared = new SharedArrayBuffer(12)
  readonly #cases = new Int32Array(this.#shared)
  readonly #worker: Worker

  constructor() {
    this.#worker = new Worker(PROGRAM, { eval: true, workerData: { shared: this.#shared } })
    this.#worker.unref()
  }

  /** A case begins: its seed, and the number of its target. */
  begin(seed: number, target: number): void {
    Atomics.store(this.#cases, 1, seed)
    Atomics.store(this.#cases, 2, target)
    Atomics.add(this.#cases, 0, 1)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
