// What a host of a link hears of others: it remembers a bounded number of things, says a bounded number of things, and all is quiet when
// it is closed.

import { IpAddress } from '../../src/base/ip-address.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SeededRandom } from '../../src/base/random.ts'
import { SocketAddress } from '../../src/base/socket-address.ts'
import { CLASS_IN, MessageError, type ResourceRecord } from '../../src/services/names/message.ts'
import { Agenda } from '../../src/services/names/multicast/agenda.ts'
import { Claim } from '../../src/services/names/multicast/claim.ts'
import { MulticastCache } from '../../src/services/names/multicast/multicast-cache.ts'
import {
  decodeMulticast,
  encodeMulticast,
  type MulticastMessage,
  type MulticastRecord,
} from '../../src/services/names/multicast/multicast-message.ts'
import { MulticastQuestions } from '../../src/services/names/multicast/multicast-questions.ts'
import { MulticastResponder } from '../../src/services/names/multicast/multicast-responder.ts'
import { ServiceBrowser } from '../../src/services/names/multicast/service-browser.ts'
import { nextLabel } from '../../src/services/names/multicast/service-text.ts'
import type { Chance } from '../../test/tcp/chance.ts'
import { damaged } from '../octets.ts'
import { type Step, step } from '../step.ts'
import type { Target, World } from '../target.ts'
import { makeMessage } from './dns.ts'

const CACHE_MAX = 2000
/** Messages that one that came may lead to, those that come of themselves among them. */
const SENT_MAX = 200
const NAMES = ['host.local', 'host-2.local', 'HOST.local', '_lab._udp.local', 'a._lab._udp.local', 'x.local']
const ADDRESS = IpAddress.v4(0x0a000001)

function address(name: string, data: IpAddress, ttl: number): ResourceRecord {
  return { kind: 'address', name, type: 'A', class: CLASS_IN, ttl, data }
}

class LinkWorld implements World {
  inputs = 0
  thorough = false
  readonly #clock = new ManualClock(1000)
  readonly #agenda = new Agenda(this.#clock)
  readonly #random = new SeededRandom(1)
  #sent = 0
  readonly #claim: Claim
  readonly #cache: MulticastCache
  readonly #questions: MulticastQuestions
  readonly #responder: MulticastResponder
  readonly #browser: ServiceBrowser

  constructor() {
    const send = (message: Partial<MulticastMessage>) => {
      this.#sent++
      if (decodeMulticast(encodeMulticast(message)) === null) throw new Error('what was sent says nothing')
    }
    const watcher = {
      added: () => {},
      removed: () => {},
      ending: (name: string, type: string) => this.#questions.refresh(name, type),
    }
    this.#cache = new MulticastCache(this.#clock, this.#random, watcher)
    this.#questions = new MulticastQuestions(this.#clock, this.#random, this.#cache, send)
    this.#responder = new MulticastResponder(this.#random, this.#agenda, send)
    this.#claim = new Claim('host.local', {
      random: this.#random,
      agenda: this.#agenda,
      send,
      records: (name) => [{ record: address(name, ADDRESS, 120), unique: true }],
      rename: (name) => `${nextLabel(name.slice(0, -6), false)}.local`,
    })
    this.#responder.claims.add(this.#claim)
    this.#claim.start()
    this.#browser = new ServiceBrowser('_lab._udp', this.#cache, this.#questions, { added: () => {} }, () => {})
  }

  next(chance: Chance): Step {
    return step('octets', [chance.pick(0, 1, 100, 250, 1000, 60_000), chance.pick(5353, 5353, 40_000)], make(chance))
  }

  run({ numbers, bytes }: Step): void {
    this.inputs++
    const [milliseconds = 0, port = 5353] = numbers
    this.#sent = 0
    try {
      const message = decodeMulticast(bytes)
      if (message?.response === true) {
        this.#responder.hearResponse(message)
        for (const record of [...message.answers, ...message.additionals]) this.#cache.hear(record)
      } else if (message !== null) {
        this.#questions.heard(message)
        this.#responder.hearQuery(message, SocketAddress.internet('10.0.0.2', port))
      }
    } catch (error) {
      if (!(error instanceof MessageError)) throw error
    }
    this.#browser.look()
    this.#clock.advanceTo(this.#clock.now() + milliseconds)
    if (this.#cache.size > CACHE_MAX) throw new Error(`${this.#cache.size} records are remembered`)
    if (this.#sent > SENT_MAX) throw new Error(`one message and ${milliseconds} ms led to ${this.#sent}`)
  }

  finish(): void {
    this.#browser.close()
    this.#claim.end(new Set())
    this.#questions.close()
    this.#cache.close()
    this.#agenda.close()
    if (this.#clock.nextAt() !== Number.POSITIVE_INFINITY) throw new Error('something is still to happen')
  }
}

function records(chance: Chance): MulticastRecord[] {
  return Array.from({ length: chance.below(4) }, () => {
    const name = chance.pick(...NAMES)
    const ttl = chance.pick(0, 1, 120, 4500, 0x7fffffff)
    const owned = { name, class: CLASS_IN, ttl }
    const record = chance.pick<ResourceRecord>(
      address(name, IpAddress.v4(chance.int32()), ttl),
      { ...owned, kind: 'name', type: 'PTR', data: `i${chance.below(2000)}._lab._udp.local` },
      { ...owned, kind: 'srv', type: 'SRV', data: { priority: 0, weight: 0, port: 1, target: chance.pick(...NAMES) } },
      { ...owned, kind: 'text', type: 'TXT', data: [Uint8Array.of(chance.below(256), 61, 65)] },
      { ...owned, kind: 'other', type: 'NSEC', data: Uint8Array.of(192, 12, 0, chance.below(40), 64) },
    )
    return { record, flush: chance.oneIn(2) }
  })
}

function make(chance: Chance): Uint8Array {
  if (chance.oneIn(4)) return makeMessage(chance)
  const questions = Array.from({ length: chance.below(4) }, () => ({
    name: chance.pick(...NAMES),
    type: chance.pick('A', 'AAAA', 'ANY', 'PTR', 'SRV', 'TXT'),
    unicast: chance.oneIn(2),
  }))
  const bytes = encodeMulticast({
    response: chance.oneIn(2),
    truncated: chance.oneIn(4),
    questions,
    answers: records(chance),
    authorities: chance.oneIn(3) ? records(chance) : [],
    additionals: records(chance),
  })
  return chance.oneIn(4) ? damaged(bytes, chance) : bytes
}

export const MULTICAST: Target = {
  name: 'multicast',
  length: 1500,
  begin: () => step('multicast'),
  open: () => new LinkWorld(),
}
