// Read first: RFC 6762 sections 5.2 and 7.1 to 7.3.

import type { Clock } from '../../../base/clock.ts'
import { type Random, randomBelow } from '../../../base/random.ts'
import { saysAbsent } from './absence.ts'
import { Agenda } from './agenda.ts'
import { Earliest } from './earliest.ts'
import type { MulticastCache } from './multicast-cache.ts'
import {
  encodeMulticast,
  identityOf,
  LONGEST_PACKET,
  type MulticastMessage,
  type MulticastQuestion,
  type MulticastRecord,
  setKey,
} from './multicast-message.ts'

const FIRST_INTERVAL = 1000
/** An hour: RFC 6762 section 5.2. */
const LONGEST_INTERVAL = 3_600_000
/** How close to its own time a question is that somebody else's stands for. */
const SOON = 500

interface Asked {
  readonly name: string
  readonly type: string
  /** How many want it. */
  count: number
  /** Asked only while nothing is known. */
  readonly untilKnown: boolean
  interval: number
  nextAt: number
}

/** Questions that are asked again and again, ever more seldom, for as long as somebody wants to know. */
export class MulticastQuestions {
  readonly #clock: Clock
  readonly #random: Random
  readonly #agenda: Agenda
  readonly #cache: MulticastCache
  readonly #send: (message: Partial<MulticastMessage>) => void
  readonly #asked = new Map<string, Asked>()
  readonly #next: Earliest

  constructor(clock: Clock, random: Random, cache: MulticastCache, send: (message: Partial<MulticastMessage>) => void) {
    this.#clock = clock
    this.#random = random
    this.#agenda = new Agenda(clock)
    this.#next = new Earliest(this.#agenda, () => this.#wake())
    this.#cache = cache
    this.#send = send
  }

  /** Asks until what is returned is called. `untilKnown`: no longer than until there is an answer, and again before that ends. */
  ask(name: string, type: string, untilKnown: boolean): () => void {
    const key = setKey(name, type)
    let asked = this.#asked.get(key)
    if (asked === undefined) {
      // Not at once: many start at one moment, after a power failure.
      const nextAt = this.#clock.now() + 20 + randomBelow(this.#random, 101)
      asked = { name, type, count: 0, untilKnown, interval: FIRST_INTERVAL, nextAt }
      this.#asked.set(key, asked)
      this.#next.by(nextAt)
    }
    asked.count++
    let wanted = true
    return () => {
      if (!wanted) return
      wanted = false
      if (asked !== undefined && --asked.count === 0) this.#asked.delete(key)
    }
  }

  /** What is known of it ends: it is asked for once more. */
  refresh(name: string, type: string): void {
    const asked = this.#asked.get(setKey(name, type))
    if (asked !== undefined) this.#ask([asked])
  }

  /** Somebody else has asked: whoever was about to ask the same need not (RFC 6762 section 7.3). */
  heard({ questions, answers, truncated }: MulticastMessage): void {
    if (truncated) return
    const now = this.#clock.now()
    for (const { name, type, unicast } of questions) {
      const asked = this.#asked.get(setKey(name, type))
      if (asked === undefined || unicast || asked.nextAt - now > SOON) continue
      // Answers that they know and we do not, we would not hear of.
      const known = new Set(this.#known([asked]).map(({ record }) => identityOf(record)))
      const key = setKey(name, type)
      const theirs = answers.filter(({ record }) => setKey(record.name, record.type) === key)
      if (theirs.every(({ record }) => known.has(identityOf(record)))) this.#later(asked)
    }
  }

  close(): void {
    this.#agenda.close()
    this.#asked.clear()
  }

  #later(asked: Asked): void {
    asked.nextAt = this.#clock.now() + asked.interval
    asked.interval = Math.min(2 * asked.interval, LONGEST_INTERVAL)
    this.#next.by(asked.nextAt)
  }

  #wake(): void {
    const now = this.#clock.now()
    const due = [...this.#asked.values()].filter(({ nextAt }) => nextAt <= now)
    for (const asked of due) this.#later(asked)
    this.#ask(due.filter((asked) => !asked.untilKnown || !this.#isKnown(asked)))
    let next = Number.POSITIVE_INFINITY
    for (const { nextAt } of this.#asked.values()) next = Math.min(next, nextAt)
    this.#next.by(next)
  }

  // Also that there is none.
  #isKnown({ name, type }: Asked): boolean {
    if (this.#cache.records(name, type).length > 0) return true
    return this.#cache.records(name, 'NSEC').some(({ record }) => saysAbsent(record, name, type))
  }

  // RFC 6762 section 7.1: what still holds for half its time need not be said again.
  #known(asked: readonly Asked[]): MulticastRecord[] {
    return asked.flatMap(({ name, type }) =>
      this.#cache
        .records(name, type)
        .filter(({ record, left }) => left > record.ttl / 2)
        .map(({ record, left }) => ({ record: { ...record, ttl: Math.floor(left) }, flush: false })),
    )
  }

  #ask(asked: readonly Asked[]): void {
    if (asked.length === 0) return
    let questions: MulticastQuestion[] = asked.map(({ name, type }) => ({ name, type, unicast: false }))
    let answers = this.#known(asked)
    // RFC 6762 section 7.2: known answers that do not fit follow in messages of their own, and all but the last say so.
    for (;;) {
      let count = answers.length
      while (count > 0 && tooLong(questions, answers.slice(0, count))) count = count >> 1
      const truncated = count < answers.length && count > 0
      this.#send({ questions, answers: answers.slice(0, count), truncated })
      if (!truncated) return
      questions = []
      answers = answers.slice(count)
    }
  }
}

function tooLong(questions: readonly MulticastQuestion[], answers: readonly MulticastRecord[]): boolean {
  return encodeMulticast({ questions, answers }).length > LONGEST_PACKET
}
