// Calls that wait for the same thing, first come first served; one can leave from the middle. A queue is its first waiter, or null:
// two objects of 40 octets for each socket, most of which nobody waits on, are saved by that. The first knows the last as the one
// before it.

import type { Waiter } from './waiter.ts'

/** Puts `waiter` at the end of `queue`, and returns what the queue is now. */
export function enqueued(queue: Waiter | null, waiter: Waiter): Waiter {
  waiter.queued = true
  waiter.next = null
  if (queue === null) {
    waiter.previous = waiter
    return waiter
  }
  const last = queue.previous as Waiter // the first of a queue has one: itself, or another
  last.next = waiter
  waiter.previous = last
  queue.previous = waiter
  return queue
}

/** Takes `waiter` out of `queue`, in which it is, and returns what the queue is now. */
export function dequeued(queue: Waiter, waiter: Waiter): Waiter | null {
  const { next } = waiter
  const previous = waiter.previous as Waiter // as above
  let first: Waiter | null = queue
  if (waiter === queue) first = next
  else previous.next = next
  if (next !== null) next.previous = previous
  else if (first !== null) first.previous = previous
  waiter.next = null
  waiter.previous = null
  waiter.queued = false
  return first
}

/** The earliest time at which one of them gives up; Infinity where none will. */
export function earliestEnd(queue: Waiter | null): number {
  let earliest = Number.POSITIVE_INFINITY
  for (let waiter = queue; waiter !== null; waiter = waiter.next) {
    if (waiter.giveUpAt < earliest) earliest = waiter.giveUpAt
  }
  return earliest
}
