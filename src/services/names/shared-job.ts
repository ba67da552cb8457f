// A job that several wait for: each may leave on its own, and the job itself is given up when nobody is left.

import { type Abortable, unwatchAbort, watchAbort } from '../../socket/abort.ts'

export class SharedJob<T> {
  readonly #control = new AbortController()
  readonly #result: Promise<T>
  #waiting = 0
  /** Resolves when it is over, however it went. */
  readonly settled: Promise<void>

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#control.signal)
    this.settled = this.#result.then(
      () => {},
      () => {},
    )
  }

  /** Whether it was given up: nobody may join it any more. */
  get abandoned(): boolean {
    return this.#control.signal.aborted
  }

  /** Waits for the result; rejects with the signal's reason when that aborts first. */
  join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++
    const leave = () => {
      if (--this.#waiting === 0) this.#control.abort()
    }
    if (signal === undefined) return this.#result.finally(leave)
    return new Promise((resolve, reject) => {
      const left: Abortable = {
        aborted: () => {
          leave()
          reject(signal.reason)
        },
      }
      watchAbort(signal, left)
      this.#result.then(resolve, reject).finally(() => {
        unwatchAbort(signal, left)
        if (!signal.aborted) leave()
      })
    })
  }
}
