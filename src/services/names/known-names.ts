// Read first: RFC 1034 section 4.3.2, RFC 6604 section 2.1, RFC 2308 section 3.
//
// All that a server knows by itself, from a table of hosts and from zones, as one: aliases lead from one into the other.

import { canonicalName } from './domain-name.ts'
import type { LocalZone } from './local-zone.ts'
import { NOERROR, type Question, type ResourceRecord } from './message.ts'
import { LONGEST_CHAIN } from './query-result.ts'
import { type Found, hostOf, type Zone } from './zone.ts'

/** An answer of one's own. */
export interface KnownAnswer {
  readonly rcode: number
  /** Whether it is for a name that is known here, and not known to somebody else. */
  readonly authoritative: boolean
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  readonly additionals: readonly ResourceRecord[]
  /** The name that the aliases lead to, of which others know; null where there is none. */
  readonly beyond: string | null
  /** The additional records are needed: RFC 9471. */
  readonly referral: boolean
}

/** A table of hosts and zones. */
export class KnownNames {
  readonly #hosts: LocalZone
  readonly #zones = new Map<string, Zone>()

  /** Throws a RangeError where two zones have one name. */
  constructor(hosts: LocalZone, zones: readonly Zone[]) {
    this.#hosts = hosts
    for (const zone of zones) {
      if (this.#zones.has(zone.name)) throw new RangeError(`options.zones has the zone ${zone.name} twice`)
      this.#zones.set(zone.name, zone)
    }
  }

  /** The zone of this name, if it is one. */
  zone(name: string): Zone | null {
    return this.#zones.get(canonicalName(name)) ?? null
  }

  /** The answer to a question of class IN; null where others have to be asked. `others`: there are some to ask, and they may be. */
  answer(question: Question, others: boolean): KnownAnswer | null {
    const own = this.#hosts.answer(question)
    if (own !== null) return { ...own, authoritative: true, additionals: [], beyond: null, referral: false }
    const answers: ResourceRecord[] = []
    const links = new Set<string>()
    let target = question.name
    for (;;) {
      const zone = this.#zoneOf(target)
      if (zone === null) return answers.length === 0 ? null : this.#outside(question, target, answers)
      const found = zone.find(target, question.type)
      if (found.kind === 'referral' && others) {
        return answers.length === 0 ? null : { ...NOTHING_MORE, answers, beyond: target }
      }
      if (found.kind !== 'alias') return this.#end(zone, found, answers)
      links.add(canonicalName(target))
      answers.push(...found.records)
      target = found.target
      // A circle: what there is of it is the answer, and whoever asked sees that it is one.
      if (links.has(canonicalName(target)) || links.size >= LONGEST_CHAIN) return { ...NOTHING_MORE, answers }
    }
  }

  // The deepest zone that has the name.
  #zoneOf(name: string): Zone | null {
    let rest = canonicalName(name)
    for (;;) {
      const zone = this.#zones.get(rest)
      if (zone !== undefined) return zone
      if (rest === '.') return null
      const dot = rest.indexOf('.')
      rest = dot < 0 ? '.' : rest.slice(dot + 1)
    }
  }

  #outside(question: Question, name: string, answers: readonly ResourceRecord[]): KnownAnswer {
    const host = this.#hosts.answer({ ...question, name })
    if (host === null) return { ...NOTHING_MORE, answers, beyond: name }
    const { rcode, authorities } = host
    return { ...NOTHING_MORE, rcode, answers: [...answers, ...host.answers], authorities }
  }

  #end(zone: Zone, found: Exclude<Found, { kind: 'alias' }>, before: readonly ResourceRecord[]): KnownAnswer {
    if (found.kind === 'nothing') {
      return { ...NOTHING_MORE, rcode: found.rcode, answers: before, authorities: [zone.negative] }
    }
    if (found.kind === 'referral') {
      const { servers } = found
      const additionals = this.#addresses(servers)
      return {
        ...NOTHING_MORE,
        authoritative: before.length > 0,
        answers: before,
        authorities: servers,
        additionals,
        referral: true,
      }
    }
    return { ...NOTHING_MORE, answers: [...before, ...found.records], additionals: this.#addresses(found.records) }
  }

  // RFC 1034 section 4.3.2, step 6: what will be asked for next.
  #addresses(records: readonly ResourceRecord[]): ResourceRecord[] {
    const hosts = new Set(records.flatMap((record) => canonicalName(hostOf(record) ?? '') || []))
    return [...hosts].flatMap((host) => this.#zoneOf(host)?.addressesOf(host) ?? [])
  }
}

const NOTHING_MORE = {
  rcode: NOERROR,
  authoritative: true,
  answers: [],
  authorities: [],
  additionals: [],
  beyond: null,
  referral: false,
} as const
