import type { Watcher } from './provider.ts'

/** What stands on a ReadyList: an endpoint of a system that tells watchers at the end of a burst. */
export interface ReadyNode {
  readonly watcher: Watcher | null
  /** POLL… events to tell at the end of the burst, and the next that has some. */
  readyEvents: number
  nextReady: ReadyNode | null
  onReadyList: boolean
}

/** Endpoints whose watchers are to be told something, in the order in which that came up. */
export class ReadyList {
  #head: ReadyNode | null = null
  #tail: ReadyNode | null = null

  get empty(): boolean {
    return this.#head === null
  }

  /** Adds events to what the endpoint's watcher will be told: once for all of them. */
  add(endpoint: ReadyNode, events: number): void {
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
