// Read first: RFC 6762 sections 6 and 7.

import { type Random, randomBelow } from '../../../base/random.ts'
import type { SocketAddress } from '../../../base/socket-address.ts'
import { sameName } from '../domain-name.ts'
import { absence } from './absence.ts'
import type { Agenda } from './agenda.ts'
import type { Claim, Published } from './claim.ts'
import {
  encodeMulticast,
  identityOf,
  LONGEST_PACKET,
  type MulticastMessage,
  type MulticastQuestion,
  type MulticastRecord,
} from './multicast-message.ts'

export const MULTICAST_PORT = 5353
/** How often the same is said to all: RFC 6762 section 6; and where a name is defended, of which the next probe comes in 250 ms. */
const REPEAT_INTERVAL = 1000
const DEFENCE_INTERVAL = 200
/** Seconds that those who know nothing of multicast may keep an answer: RFC 6762 section 6.7. */
const LEGACY_TTL = 10
/** Answers that wait, of very many questions: past it questions are not heard. */
const MOST_PLANS = 100

interface Plan {
  readonly from: string
  readonly records: Set<Published>
  readonly repeat: number
}

/** Answers for what is ours. */
export class MulticastResponder {
  readonly claims = new Set<Claim>()
  readonly #random: Random
  readonly #agenda: Agenda
  readonly #send: (message: Partial<MulticastMessage>, to?: SocketAddress) => void
  readonly #plans = new Set<Plan>()

  constructor(random: Random, agenda: Agenda, send: (message: Partial<MulticastMessage>, to?: SocketAddress) => void) {
    this.#random = random
    this.#agenda = agenda
    this.#send = send
  }

  /** What all claims but `without` publish. */
  identities(without: Claim | null): Set<string> {
    const others = [...this.claims].filter((claim) => claim !== without && claim.state !== 'over')
    return new Set(others.flatMap(({ published }) => published.map(({ record }) => identityOf(record))))
  }

  hearQuery(message: MulticastMessage, from: SocketAddress): void {
    const source = from.toString()
    for (const claim of this.claims) {
      if (!message.questions.some(({ name }) => sameName(name, claim.name))) continue
      claim.hearProbe(message.authorities.filter(({ record }) => sameName(record.name, claim.name)))
    }
    const known = knownAnswers(message.answers)
    // RFC 6762 section 7.2: more known answers of whoever said that they would follow.
    for (const plan of this.#plans) if (plan.from === source) forget(plan.records, known)
    if (from.port !== MULTICAST_PORT) {
      this.#answerLegacy(message, from)
      return
    }
    const now = this.#agenda.clock.now()
    const all = new Set<Published>()
    const alone = new Set<Published>()
    for (const question of message.questions) {
      for (const one of this.#matching(question)) {
        // RFC 6762 section 5.4: whoever asks may be answered alone, if all have heard it lately.
        const lately = now - one.sentAt < one.record.ttl * 250
        if (question.unicast && lately && message.authorities.length === 0) alone.add(one)
        else all.add(one)
      }
    }
    forget(all, known)
    forget(alone, known)
    if (alone.size > 0) this.#say([...alone], from)
    if (all.size === 0 || this.#plans.size >= MOST_PLANS) return
    const defence = message.authorities.length > 0
    const plan = { from: source, records: all, repeat: defence ? DEFENCE_INTERVAL : REPEAT_INTERVAL }
    this.#plans.add(plan)
    this.#agenda.in(this.#delay(message, all), () => this.#carryOut(plan))
  }

  /** What others say: conflicts with ours, and what need not be said twice. */
  hearResponse(message: MulticastMessage): void {
    const now = this.#agenda.clock.now()
    for (const { record } of [...message.answers, ...message.additionals]) {
      const identity = identityOf(record)
      for (const claim of this.claims) {
        claim.hearRecord(record)
        for (const one of claim.published) {
          // RFC 6762 section 7.4.
          if (claim.answers && record.ttl >= one.record.ttl && identityOf(one.record) === identity) one.sentAt = now
        }
      }
    }
  }

  // RFC 6762 section 6: what nobody else can answer at once, what others may answer too a little later.
  #delay({ truncated }: MulticastMessage, records: ReadonlySet<Published>): number {
    if (truncated) return 400 + randomBelow(this.#random, 101)
    return [...records].every(({ unique }) => unique) ? 0 : 20 + randomBelow(this.#random, 101)
  }

  #carryOut(plan: Plan): void {
    this.#plans.delete(plan)
    const now = this.#agenda.clock.now()
    const due = [...plan.records].filter(({ sentAt }) => now - sentAt >= plan.repeat)
    for (const one of due) one.sentAt = now
    if (due.length > 0) this.#say(due)
  }

  #matching({ name, type }: MulticastQuestion): Published[] {
    const found: Published[] = []
    for (const claim of this.claims) {
      if (!claim.answers) continue
      const named = claim.published.filter(({ record }) => sameName(record.name, name))
      const matching = named.filter(({ record }) => type === 'ANY' || record.type === type)
      found.push(...matching)
      // RFC 6762 section 6.1: nobody else has the name, so there is no such record.
      if (matching.length === 0 && named.some(({ unique }) => unique)) found.push(absence(named))
    }
    return found
  }

  #say(answers: readonly Published[], to?: SocketAddress): void {
    for (const some of packets(answers)) {
      const additionals = this.#additionals(some)
      const message = { response: true, answers: some.map(spoken), additionals: additionals.map(spoken) }
      this.#send(encodeMulticast(message).length > LONGEST_PACKET ? { ...message, additionals: [] } : message, to)
    }
  }

  // RFC 6763 section 12: what will be asked for next.
  #additionals(answers: readonly Published[]): Published[] {
    const all = [...this.claims].filter((claim) => claim.answers).flatMap(({ published }) => published)
    const found = new Set<Published>()
    const add = (name: string, ...types: readonly string[]) => {
      for (const one of all) {
        if (types.includes(one.record.type) && sameName(one.record.name, name)) found.add(one)
      }
    }
    for (const { record } of answers) if (record.kind === 'name') add(record.data, 'SRV', 'TXT')
    for (const { record } of [...answers, ...found]) if (record.kind === 'srv') add(record.data.target, 'A', 'AAAA')
    for (const { record } of answers) if (record.kind === 'address') add(record.name, 'A', 'AAAA')
    for (const one of answers) found.delete(one)
    return [...found]
  }

  // RFC 6762 section 6.7: as a server of names would, to whoever is none of us.
  #answerLegacy({ id, questions }: MulticastMessage, from: SocketAddress): void {
    const answers = [...new Set(questions.flatMap((question) => this.#matching(question)))].filter(
      ({ record }) => record.type !== 'NSEC',
    )
    if (answers.length === 0) return
    const plain = ({ record }: Published) => ({
      record: { ...record, ttl: Math.min(record.ttl, LEGACY_TTL) },
      flush: false,
    })
    const message = { id, response: true, questions, answers: answers.map(plain) }
    const additionals = this.#additionals(answers).map(plain)
    const whole = { ...message, additionals }
    this.#send(encodeMulticast(whole).length > LONGEST_PACKET ? message : whole, from)
  }
}

function spoken({ record, unique }: Published): MulticastRecord {
  return { record, flush: unique }
}

function* packets(answers: readonly Published[]): Generator<readonly Published[]> {
  if (
    answers.length < 2 ||
    encodeMulticast({ response: true, answers: answers.map(spoken) }).length <= LONGEST_PACKET
  ) {
    yield answers
    return
  }
  const half = answers.length >> 1
  yield* packets(answers.slice(0, half))
  yield* packets(answers.slice(half))
}

// RFC 6762 section 7.1: those that are known for half their time at least.
function knownAnswers(answers: readonly MulticastRecord[]): Map<string, number> {
  return new Map(answers.map(({ record }) => [identityOf(record), record.ttl]))
}

function forget(records: Set<Published>, known: ReadonlyMap<string, number>): void {
  for (const one of records) {
    const ttl = known.get(identityOf(one.record))
    if (ttl !== undefined && ttl >= one.record.ttl / 2) records.delete(one)
  }
}
