import type { StackEndpoint } from './endpoint.ts'

/** Endpoints whose watchers are to be told something, in the order in which that came up. */
export class ReadyList {
  #head: StackEndpoint | null = null
  #tail: StackEndpoint | null = null

  get empty(): boolean {
    return this.#head === null
  }

  /** Adds events to what the endpoint's watcher will be told: once for all of them. */
  add(endpoint: StackEndpoint, events: number): void {
    endpoint.readyEvents |= events
    if (endpoint.onReadyList) return
    endpoint.onReadyList = true
    endpoint.nextReady = null
    if (this.#tail === null) this.#head = endpoint
    else this.#tail.nextReady = endpoint
    this.#tail = endpoint
  }

  /** Tells the watchers, those included whose events come up meanwhile. */
  run(): void {
    for (let endpoint = this.#head; endpoint !== null; endpoint = this.#head) {
      this.#head = endpoint.nextReady
      if (this.#head === null) this.#tail = null
      endpoint.nextReady = null
      endpoint.onReadyList = false
      const events = endpoint.readyEvents
      endpoint.readyEvents = 0
      endpoint.watcher?.ready(events)
    }
  }
}
