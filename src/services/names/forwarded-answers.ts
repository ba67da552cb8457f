// Read first: RFC 1035 section 7.4, RFC 2181 section 8, RFC 2308 section 5, RFC 5452 section 5, RFC 5625 section 4.1.
//
// What servers have answered, as they wrote it: types that nobody here knows, signatures and the order of records survive.
// We differ from RFC 1035 section 4.1.1: an answer that is kept has AA where the server had it.

import { write32 } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { AnswerCache } from './answer-cache.ts'
import { canonicalName } from './domain-name.ts'
import { type Message, NOERROR, NXDOMAIN, type Question } from './message.ts'
import { findBounds, TYPE_OPT } from './message-bounds.ts'
import type { QueryFlags } from './query.ts'
import { followChain } from './query-result.ts'
import type { Resolver } from './resolver.ts'
import { timeToKeep } from './time-to-keep.ts'

/** Octets of an answer that is kept: with 1000 of them the cache takes 4 MiB at most. */
const LONGEST_KEPT = 4096

/** A question as its client asks it. */
export interface ForwardedQuestion {
  readonly question: Question
  readonly flags: QueryFlags
  readonly edns: boolean
}

/** An answer, and whether somebody else's question has brought it. */
export interface ForwardedAnswer {
  /** The caller's. */
  readonly bytes: Uint8Array
  readonly shared: boolean
}

/** Answers of a resolver's servers, kept for as long as they hold. Who asks what is being asked shares the answer. */
export class ForwardedAnswers {
  readonly #resolver: Resolver
  readonly #cache: AnswerCache<Uint8Array>
  readonly #underWay = new Map<string, Promise<Uint8Array>>()

  constructor(resolver: Resolver, clock: Clock, capacity: number) {
    this.#resolver = resolver
    this.#cache = new AnswerCache(clock, capacity)
  }

  /** The answer that is kept, its times as they are now, in octets that are the caller's; null where there is none. */
  kept(asked: ForwardedQuestion): Uint8Array | null {
    const known = this.#cache.get(keyOf(asked))
    return known === null ? null : aged(known.value, known.age)
  }

  /** Asks the servers. Rejects as `Resolver.exchange`. */
  async ask(asked: ForwardedQuestion, signal: AbortSignal): Promise<ForwardedAnswer> {
    const key = keyOf(asked)
    // RFC 5452 section 5: asked twice at once, a question would be answered by the first of twice as many guesses.
    const other = this.#underWay.get(key)
    if (other !== undefined) return { bytes: (await other).slice(), shared: true }
    const own = this.#exchange(key, asked, signal)
    this.#underWay.set(key, own)
    try {
      return { bytes: (await own).slice(), shared: false }
    } finally {
      this.#underWay.delete(key)
    }
  }

  async #exchange(key: string, { question, flags, edns }: ForwardedQuestion, signal: AbortSignal): Promise<Uint8Array> {
    const { message, bytes } = await this.#resolver.exchange(question, { flags, edns, signal })
    if (bytes.length <= LONGEST_KEPT) this.#cache.set(key, bytes, timeToPass(message, question))
    return bytes
  }
}

// What changes the answer, beside the question, are the flags that a client may set.
function keyOf({ question, flags, edns }: ForwardedQuestion): string {
  const { recursionDesired, checkingDisabled, authenticData, dnssecOk } = flags
  const bits = [recursionDesired, checkingDisabled, authenticData, dnssecOk, edns].map((bit) => (bit ? 1 : 0)).join('')
  return `${canonicalName(question.name)} ${question.type} ${question.class} ${bits}`
}

/** Seconds for which the answer may be passed on again: 0 for none that says something, and where one of its records says so. */
function timeToPass(message: Message, { name, type }: Question): number {
  if (message.truncated || (message.rcode !== NOERROR && message.rcode !== NXDOMAIN)) return 0
  const end = followChain(message, name, type, [])
  if (end === null) return 0
  const all = [...message.answers, ...message.authorities, ...message.additionals]
  return timeToKeep(all, end.records.length > 0, end.soa)
}

/** A copy of a message whose records are `age` seconds older: RFC 1035 section 3.2.1, the time to live runs while it is kept. */
export function aged(kept: Uint8Array, age: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(kept)
  const { answers, authorities, additionals } = findBounds(bytes)
  for (const section of [answers, authorities, additionals]) {
    for (const { type, ttl, dataStart } of section) {
      // Behind the name are type, class, time to live and length. That of OPT is no time.
      if (type !== TYPE_OPT) write32(bytes, dataStart - 6, Math.max(0, ttl - age))
    }
  }
  return bytes
}
