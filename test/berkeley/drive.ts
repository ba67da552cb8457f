// Drives a ManualClock while a test awaits: hours of virtual time in milliseconds, and the same run every time.

import type { ManualClock } from '../../src/base/manual-clock.ts'

/** Microtask turns that everything which a deferred task resolved is heard in: promises of promises of async iterators. */
const TURNS = 12

export async function turns(count = TURNS): Promise<void> {
  for (let i = 0; i < count; i++) await null
}

/** Lets all happen that happens at this instant: deferred tasks and the promises they resolve. */
export async function settle(clock: ManualClock): Promise<void> {
  do await turns()
  while (clock.settle())
}

/** Lets `milliseconds` pass. */
export async function pass(clock: ManualClock, milliseconds: number): Promise<void> {
  const end = clock.now() + milliseconds
  for (;;) {
    await settle(clock)
    const next = clock.nextAt()
    if (next > end) break
    clock.advanceTo(next)
  }
  clock.advanceTo(end)
  await settle(clock)
}

/**
 * The result of `promise`, moving the clock to each next event until it is settled. Throws where nothing is left to happen, or
 * `limit` virtual milliseconds were not enough.
 */
export async function drive<T>(clock: ManualClock, promise: Promise<T>, limit = 3_600_000): Promise<T> {
  let over = false
  const note = () => {
    over = true
  }
  promise.then(note, note)
  const end = clock.now() + limit
  for (;;) {
    await settle(clock)
    if (over) return promise
    const next = clock.nextAt()
    if (next === Number.POSITIVE_INFINITY)
      throw new Error('nothing is left to happen, and the promise is still pending')
    if (next > end) throw new Error(`still pending after ${limit} ms of virtual time`)
    clock.advanceTo(next)
  }
}

/** The error that `promise` is rejected with. Throws where it is not. */
export async function failure(clock: ManualClock, promise: Promise<unknown>, limit?: number): Promise<unknown> {
  let value: unknown
  try {
    value = await drive(clock, promise, limit)
  } catch (error) {
    return error
  }
  throw new Error(`expected a rejection, got ${String(value)}`)
}

/** 'pending', or how the promise was settled. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending'
  promise.then(
    () => {
      state = 'resolved'
    },
    () => {
      state = 'rejected'
    },
  )
  await turns()
  return state
}
