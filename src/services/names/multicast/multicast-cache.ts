// Read first: RFC 6762 sections 5.2, 10 and 10.2.

import type { Clock } from '../../../base/clock.ts'
import type { Random } from '../../../base/random.ts'
import { randomBelow } from '../../../base/random.ts'
import { LONGEST_TTL } from '../answer-cache.ts'
import type { ResourceRecord } from '../message.ts'
import { Agenda } from './agenda.ts'
import { Earliest } from './earliest.ts'
import { identityOf, type MulticastRecord, setKey } from './multicast-message.ts'

/** Records that are kept; the one that was heard longest ago makes room. */
const MOST_RECORDS = 2000
/** When a record that is still wanted is asked for again, in hundredths of its time: RFC 6762 section 5.2. */
const REFRESH_AT = [80, 85, 90, 95]
/** What is void lives a second longer: RFC 6762 sections 10.1 and 10.2. */
const GRACE = 1000

interface Entry {
  readonly record: ResourceRecord
  readonly identity: string
  receivedAt: number
  expiresAt: number
  /** Which of REFRESH_AT comes next, and when. */
  refresh: number
  refreshAt: number
}

/** A record that is known, and for how many seconds it still is. */
export interface KnownRecord {
  readonly record: ResourceRecord
  readonly left: number
}

export interface CacheWatcher {
  added(record: ResourceRecord): void
  removed(record: ResourceRecord): void
  /** The records of this name and type come to their end. */
  ending(name: string, type: string): void
}

/** What was heard of others, for as long as it holds. */
export class MulticastCache {
  readonly #clock: Clock
  readonly #random: Random
  readonly #agenda: Agenda
  readonly #watcher: CacheWatcher
  /** By name and type, then by what it says. */
  readonly #sets = new Map<string, Map<string, Entry>>()
  /** In the order of when they were heard. */
  readonly #all = new Map<string, Entry>()
  readonly #next: Earliest

  constructor(clock: Clock, random: Random, watcher: CacheWatcher) {
    this.#clock = clock
    this.#random = random
    this.#agenda = new Agenda(clock)
    this.#next = new Earliest(this.#agenda, () => this.#wake())
    this.#watcher = watcher
  }

  get size(): number {
    return this.#all.size
  }

  /** The records of a name and a type. */
  records(name: string, type: string): KnownRecord[] {
    const now = this.#clock.now()
    return [...(this.#sets.get(setKey(name, type))?.values() ?? [])]
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ record, expiresAt }) => ({ record, left: (expiresAt - now) / 1000 }))
  }

  hear({ record, flush }: MulticastRecord): void {
    const now = this.#clock.now()
    const key = setKey(record.name, record.type)
    const identity = identityOf(record)
    // What came a moment ago came with it: an answer of several messages.
    if (flush) {
      for (const other of this.#sets.get(key)?.values() ?? []) {
        if (other.identity !== identity && now - other.receivedAt > GRACE) this.#end(other, now + GRACE)
      }
    }
    const old = this.#all.get(identity)
    if (record.ttl === 0) {
      if (old !== undefined) this.#end(old, now + GRACE)
      return
    }
    const lifetime = Math.min(record.ttl, LONGEST_TTL) * 1000
    const entry: Entry = {
      record,
      identity,
      receivedAt: now,
      expiresAt: now + lifetime,
      refresh: 0,
      refreshAt: 0,
    }
    this.#planRefresh(entry)
    this.#all.delete(identity)
    this.#all.set(identity, entry)
    let set = this.#sets.get(key)
    if (set === undefined) {
      set = new Map()
      this.#sets.set(key, set)
    }
    set.set(identity, entry)
    this.#next.by(entry.refreshAt)
    if (old === undefined) this.#watcher.added(record)
    if (this.#all.size > MOST_RECORDS) {
      const [oldest] = this.#all.values()
      if (oldest !== undefined) this.#remove(oldest)
    }
  }

  close(): void {
    this.#agenda.close()
  }

  #planRefresh(entry: Entry): void {
    const hundredths = REFRESH_AT[entry.refresh]
    const lifetime = entry.expiresAt - entry.receivedAt
    // Up to two hundredths later, so that not all who have it ask at once.
    const part = hundredths === undefined ? 1 : (hundredths + randomBelow(this.#random, 200) / 100) / 100
    entry.refreshAt = entry.receivedAt + lifetime * part
  }

  #end(entry: Entry, at: number): void {
    if (entry.expiresAt <= at) return
    entry.expiresAt = at
    entry.refresh = REFRESH_AT.length
    entry.refreshAt = at
    this.#next.by(at)
  }

  #wake(): void {
    const now = this.#clock.now()
    let next = Number.POSITIVE_INFINITY
    const ending = new Map<string, ResourceRecord>()
    for (const entry of [...this.#all.values()]) {
      if (entry.expiresAt <= now) {
        this.#remove(entry)
        continue
      }
      if (entry.refreshAt <= now) {
        if (entry.refresh < REFRESH_AT.length) ending.set(setKey(entry.record.name, entry.record.type), entry.record)
        entry.refresh++
        this.#planRefresh(entry)
      }
      next = Math.min(next, Math.max(entry.refreshAt, now + 1))
    }
    this.#next.by(next)
    for (const { name, type } of ending.values()) this.#watcher.ending(name, type)
  }

  #remove(entry: Entry): void {
    const { record, identity } = entry
    if (this.#all.get(identity) === entry) this.#all.delete(identity)
    const key = setKey(record.name, record.type)
    const set = this.#sets.get(key)
    if (set?.get(identity) !== entry) return
    set.delete(identity)
    if (set.size === 0) this.#sets.delete(key)
    this.#watcher.removed(record)
  }
}
