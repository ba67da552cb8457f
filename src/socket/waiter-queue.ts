import type { Waiter } from './waiter.ts'

/** Calls that wait for the same thing, first come first served. One can leave from the middle. */
export class WaiterQueue {
  head: Waiter | null = null
  #tail: Waiter | null = null

  push(waiter: Waiter): void {
    waiter.queued = true
    waiter.previous = this.#tail
    if (this.#tail === null) this.head = waiter
    else this.#tail.next = waiter
    this.#tail = waiter
  }

  remove(waiter: Waiter): void {
    const { previous, next } = waiter
    if (previous === null) this.head = next
    else previous.next = next
    if (next === null) this.#tail = previous
    else next.previous = previous
    waiter.next = null
    waiter.previous = null
    waiter.queued = false
  }

  /** The earliest time at which one of them gives up; Infinity where none will. */
  giveUpAt(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (let waiter = this.head; waiter !== null; waiter = waiter.next) {
      if (waiter.giveUpAt < earliest) earliest = waiter.giveUpAt
    }
    return earliest
  }
}
