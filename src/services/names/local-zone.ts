// Read first: RFC 1034 section 4.3.2, RFC 2308 section 3, RFC 6761 sections 6.3 and 6.4. A table of hosts, asked as a zone is.

import { addressOfReverseName, canonicalName, isWithin } from './domain-name.ts'
import type { HostsFile } from './hosts-file.ts'
import { CLASS_IN, NOERROR, NXDOMAIN, type Question, type ResourceRecord, type SoaRecord } from './message.ts'

/** An answer of one's own. */
export interface LocalAnswer {
  readonly rcode: number
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly SoaRecord[]
}

/** Names of a table of hosts, and a zone of which they are all there is. */
export class LocalZone {
  readonly #hosts: HostsFile
  readonly #zone: string | null
  readonly #ttl: number

  /** `zone` null: none. `ttl` is that of every record, in seconds. */
  constructor(hosts: HostsFile, zone: string | null, ttl: number) {
    this.#hosts = hosts
    this.#zone = zone === null ? null : canonicalName(zone)
    this.#ttl = ttl
  }

  /** The answer to a question of class IN; null where others have to be asked. */
  answer(question: Question): LocalAnswer | null {
    const { name, type } = question
    if (type === 'PTR') return this.#reverse(question)
    const entries = this.#hosts.lookup(name)
    const address = type === 'A' || type === 'AAAA' || type === 'ANY'
    if (entries.length > 0 && (address || this.#owns(name) || isWithin(name, 'localhost'))) {
      const answers = entries.flatMap(({ address: data }): ResourceRecord[] => {
        const own = data.isV4 ? 'A' : 'AAAA'
        if (type !== own && type !== 'ANY') return []
        return [{ kind: 'address', name, type: own, class: CLASS_IN, ttl: this.#ttl, data }]
      })
      return { rcode: NOERROR, answers, authorities: answers.length > 0 ? [] : this.#soa(name) }
    }
    // RFC 6761 section 6.4: never a name.
    if (isWithin(name, 'invalid')) return { rcode: NXDOMAIN, answers: [], authorities: [] }
    if (!this.#owns(name)) return null
    const apex = canonicalName(name) === this.#zone
    return { rcode: apex ? NOERROR : NXDOMAIN, answers: [], authorities: this.#soa(name) }
  }

  #reverse({ name }: Question): LocalAnswer | null {
    const address = addressOfReverseName(name)
    const host = address === null ? null : this.#hosts.nameOf(address)
    if (host === null) return null
    const record = { kind: 'name', name, type: 'PTR', class: CLASS_IN, ttl: this.#ttl, data: host } as const
    return { rcode: NOERROR, answers: [record], authorities: [] }
  }

  #owns(name: string): boolean {
    return this.#zone !== null && isWithin(name, this.#zone)
  }

  // RFC 2308: for how long it may be remembered that there is nothing.
  #soa(name: string): SoaRecord[] {
    if (this.#zone === null || !this.#owns(name)) return []
    const ttl = this.#ttl
    const data = {
      mname: this.#zone,
      rname: `hostmaster.${this.#zone}`,
      serial: 1,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: ttl,
    }
    return [{ kind: 'soa', name: this.#zone, type: 'SOA', class: CLASS_IN, ttl, data }]
  }
}
