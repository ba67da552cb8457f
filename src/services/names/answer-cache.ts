// Read first: RFC 1035 section 7.4, RFC 2181 section 8, RFC 2308 section 5.

import type { Clock } from '../../base/clock.ts'

/** Seconds that anything is kept at most, whatever it says of itself; and that something is not: RFC 2308 section 5. */
export const LONGEST_TTL = 86_400
export const LONGEST_NEGATIVE_TTL = 10_800

interface Entry<T> {
  readonly value: T
  readonly storedAt: number
  readonly expiresAt: number
}

/** Answers, for as long as they may be kept. When it is full the oldest is given up. */
export class AnswerCache<T> {
  readonly #clock: Clock
  readonly #capacity: number
  // In order of storing: the first is the oldest.
  readonly #entries = new Map<string, Entry<T>>()
  hits = 0
  misses = 0

  /** `capacity` 0: nothing is kept. */
  constructor(clock: Clock, capacity: number) {
    this.#clock = clock
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  /** What was stored under `key`, and how many whole seconds ago; null where there is nothing (any more). */
  get(key: string): { readonly value: T; readonly age: number } | null {
    const entry = this.#entries.get(key)
    const now = this.#clock.now()
    if (entry !== undefined && now < entry.expiresAt) {
      this.hits++
      return { value: entry.value, age: Math.floor((now - entry.storedAt) / 1000) }
    }
    if (entry !== undefined) this.#entries.delete(key)
    this.misses++
    return null
  }

  /** Keeps `value` for `ttl` seconds. With 0 it is for whoever has asked alone: RFC 1035 section 3.2.1. */
  set(key: string, value: T, ttl: number): void {
    this.#entries.delete(key)
    if (ttl <= 0 || this.#capacity === 0) return
    if (this.#entries.size >= this.#capacity) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    const now = this.#clock.now()
    this.#entries.set(key, { value, storedAt: now, expiresAt: now + ttl * 1000 })
  }

  clear(): void {
    this.#entries.clear()
  }
}
