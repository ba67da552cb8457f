// Read first: RFC 6762 sections 8, 9 and 10.1.
//
// A name that shall be ours: it is asked for three times, announced twice if nobody has it, and another one is taken if somebody does.

import { type Random, randomBelow } from '../../../base/random.ts'
import { sameName } from '../domain-name.ts'
import { encodeMessage, type ResourceRecord } from '../message.ts'
import { findBounds, type RecordBounds } from '../message-bounds.ts'
import type { Agenda } from './agenda.ts'
import { identityOf, type MulticastMessage, type MulticastRecord } from './multicast-message.ts'

const PROBES = 3
const PROBE_INTERVAL = 250
const ANNOUNCEMENTS = 2
const ANNOUNCE_INTERVAL = 1000
/** After so many conflicts within so long each costs so much: RFC 6762 section 8.1. */
const MANY_CONFLICTS = 15
const CONFLICT_PERIOD = 10_000
const CONFLICT_DELAY = 5000
/** Who has lost to another prober tries again after this: by then that one has the name. */
const DEFERRAL = 1000

/** A record of ours. */
export interface Published {
  readonly record: ResourceRecord
  /** Nobody else has any of this name and type. */
  readonly unique: boolean
  /** When all on the link were last told. */
  sentAt: number
}

export type ClaimState = 'idle' | 'probing' | 'announcing' | 'established' | 'over'

export interface ClaimOptions {
  readonly random: Random
  readonly agenda: Agenda
  readonly send: (message: Partial<MulticastMessage>) => void
  /** The records under a name; those of the name itself are unique. */
  readonly records: (name: string) => readonly Omit<Published, 'sentAt'>[]
  /** The name to try after `name`. */
  readonly rename: (name: string) => string
  readonly renamed?: (name: string) => void
}

/** A name, and the records that go with it. */
export class Claim {
  name: string
  state: ClaimState = 'idle'
  published: readonly Published[] = []
  /** Resolved once the name is ours, for the first time. */
  readonly claimed: Promise<void>
  #resolve: () => void = () => {}
  readonly #options: ClaimOptions
  #cancel: () => void = () => {}
  #conflicts: number[] = []
  #slow = false

  constructor(name: string, options: ClaimOptions) {
    this.name = name
    this.#options = options
    this.claimed = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#rebuild()
  }

  /** Whether questions for its records are answered. */
  get answers(): boolean {
    return this.state === 'announcing' || this.state === 'established'
  }

  start(): void {
    this.#probeIn(randomBelow(this.#options.random, PROBE_INTERVAL + 1))
  }

  /** Its records have changed: all are told, of those that there are no more too. What is new in their place is enough (section 8.4). */
  update(): void {
    const before = this.published
    this.#rebuild()
    if (!this.answers) return
    const kept = new Set(this.published.map(({ record, unique }) => placeOf(record, unique)))
    this.#leave(before.filter(({ record, unique }) => !kept.has(placeOf(record, unique))))
    this.#announce()
  }

  /** Gives the name up. `kept`: what others of ours still publish. */
  end(kept: ReadonlySet<string>): void {
    const announced = this.answers
    this.#cancel()
    this.state = 'over'
    this.#resolve()
    if (!announced) return
    this.#leave(this.published.filter(({ record }) => !kept.has(identityOf(record))))
  }

  #leave(leaving: readonly Published[]): void {
    if (leaving.length === 0) return
    this.#options.send({
      response: true,
      answers: leaving.map(({ record, unique }) => ({ record: { ...record, ttl: 0 }, flush: unique })),
    })
  }

  /** Another prober wants the name too, with these records: RFC 6762 section 8.2. */
  hearProbe(theirs: readonly MulticastRecord[]): void {
    if (this.state !== 'probing' || theirs.length === 0) return
    const order = compareSets(
      this.#own().map(({ record }) => record),
      theirs.map(({ record }) => record),
    )
    if (order < 0) this.#probeIn(DEFERRAL)
  }

  /** Somebody answers for a name: RFC 6762 sections 8.1 and 9. */
  hearRecord(record: ResourceRecord): void {
    if (record.ttl === 0 || !sameName(record.name, this.name)) return
    const identity = identityOf(record)
    if (this.published.some((own) => identityOf(own.record) === identity)) return
    if (this.state === 'probing') {
      this.name = this.#options.rename(this.name)
      this.#rebuild()
      this.#options.renamed?.(this.name)
      this.#probeIn(this.#conflictDelay())
    } else if (this.answers && this.#own().some((own) => own.record.type === record.type)) {
      // It was ours: who it belongs to now, probing decides.
      this.#probeIn(this.#conflictDelay())
    }
  }

  #rebuild(): void {
    this.published = this.#options.records(this.name).map((one) => ({ ...one, sentAt: Number.NEGATIVE_INFINITY }))
  }

  #own(): readonly Published[] {
    return this.published.filter(({ record, unique }) => unique && sameName(record.name, this.name))
  }

  #conflictDelay(): number {
    const now = this.#options.agenda.clock.now()
    this.#conflicts = [...this.#conflicts.filter((at) => now - at < CONFLICT_PERIOD), now]
    // From then on, until it has a name.
    if (this.#conflicts.length >= MANY_CONFLICTS) this.#slow = true
    return this.#slow ? CONFLICT_DELAY : 0
  }

  #probeIn(milliseconds: number): void {
    this.#cancel()
    this.state = 'probing'
    this.#cancel = this.#options.agenda.in(milliseconds, () => this.#probe(1))
  }

  #probe(number: number): void {
    if (number > PROBES) {
      this.state = 'announcing'
      this.#slow = false
      this.#conflicts = []
      this.#resolve()
      this.#announce()
      return
    }
    this.#options.send({
      questions: [{ name: this.name, type: 'ANY', unicast: true }],
      authorities: this.#own().map(({ record }) => ({ record, flush: false })),
    })
    this.#cancel = this.#options.agenda.in(PROBE_INTERVAL, () => this.#probe(number + 1))
  }

  #announce(left = ANNOUNCEMENTS): void {
    this.#cancel()
    if (left === 0) {
      this.state = 'established'
      return
    }
    const now = this.#options.agenda.clock.now()
    for (const one of this.published) one.sentAt = now
    this.#options.send({
      response: true,
      answers: this.published.map(({ record, unique }) => ({ record, flush: unique })),
    })
    this.#cancel = this.#options.agenda.in(ANNOUNCE_INTERVAL, () => this.#announce(left - 1))
  }
}

/** What takes the place of a record: of one that is unique, any of its name and type. */
function placeOf(record: ResourceRecord, unique: boolean): string {
  return unique ? `${record.name.toLowerCase()} ${record.type}` : identityOf(record)
}

/**
 * Which of two sets of records comes later, as RFC 6762 section 8.2.1 orders them: class, type, then octets of the data. Positive: `a`.
 */
export function compareSets(a: readonly ResourceRecord[], b: readonly ResourceRecord[]): number {
  const [left, right] = [a, b].map((records) => records.map(octetsOf).sort(compareOctets)) as [
    Uint8Array[],
    Uint8Array[],
  ]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareOctets(left[i] as Uint8Array, right[i] as Uint8Array)
    if (order !== 0) return order
  }
  return left.length - right.length
}

// Type, then data; the class is one.
function octetsOf(record: ResourceRecord): Uint8Array {
  const bytes = encodeMessage({ id: 0, answers: [record] })
  const { dataStart, end } = findBounds(bytes).answers[0] as RecordBounds
  return Uint8Array.of(...bytes.subarray(dataStart - 10, dataStart - 8), ...bytes.subarray(dataStart, end))
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = (a[i] as number) - (b[i] as number)
    if (order !== 0) return order
  }
  return a.length - b.length
}
