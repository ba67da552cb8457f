/** Programs that wait for a lease. */
export class LeaseWaiters<T> {
  #waiting: { readonly resolve: (lease: T) => void; readonly reject: (error: unknown) => void }[] = []

  /** Resolves to the next lease; rejects with the signal's reason, or where there will be none. */
  wait(signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const aborted = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter)
        reject(signal?.reason)
      }
      const over = () => signal?.removeEventListener('abort', aborted)
      const waiter = {
        resolve: (lease: T) => {
          over()
          resolve(lease)
        },
        reject: (error: unknown) => {
          over()
          reject(error)
        },
      }
      signal?.addEventListener('abort', aborted, { once: true })
      this.#waiting.push(waiter)
    })
  }

  resolve(lease: T): void {
    for (const { resolve } of this.#take()) resolve(lease)
  }

  reject(error: unknown): void {
    for (const { reject } of this.#take()) reject(error)
  }

  #take() {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
