import type { Endpoint } from '../../socket/provider.ts'

// setTimeout takes no longer wait.
const LONGEST_WAIT = 0x7fffffff

let holders = 0
let timer: ReturnType<typeof setInterval> | null = null

/** What keeps the process alive for a handle: the endpoint, where it knows how to; else one timer for all that have none. */
export class Hold {
  #endpoint: Endpoint | null = null
  #holds = false

  /** From now on it is this endpoint that holds, or null: the timer. */
  use(endpoint: Endpoint | null): void {
    const holds = this.#holds
    this.set(false)
    this.#endpoint = endpoint
    endpoint?.keepAlive?.(false)
    this.set(holds)
  }

  set(holds: boolean): void {
    if (holds === this.#holds) return
    this.#holds = holds
    const endpoint = this.#endpoint
    if (endpoint?.keepAlive !== undefined) endpoint.keepAlive(holds)
    else count(holds)
  }
}

function count(holds: boolean): void {
  holders += holds ? 1 : -1
  if (timer === null) {
    if (holds) timer = setInterval(() => {}, LONGEST_WAIT)
  } else if (holders === 0) timer.unref()
  else if (holds && holders === 1) timer.ref()
}
