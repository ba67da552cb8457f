// Read first: RFC 1034 sections 4.2 and 4.3, RFC 2308 section 3, RFC 4592 (wildcards), RFC 6672 (DNAME), RFC 8482 (ANY).

import { given } from '../../base/argument.ts'
import { canonicalName, isDomainName } from './domain-name.ts'
import { type MasterFileOptions, readMasterFile } from './master-file.ts'
import { MasterFileError } from './master-lines.ts'
import { CLASS_IN, type NameRecord, NOERROR, NXDOMAIN, type ResourceRecord, type SoaRecord } from './message.ts'
import { namesBelow, sortRecords, type ZoneNode, ZoneProblem } from './zone-nodes.ts'

/** RFC 6672 section 2.2: a name that would become too long. */
export const YXDOMAIN = 6

/** What a zone says of a name and a type. */
export type Found =
  | { readonly kind: 'records'; readonly records: readonly ResourceRecord[] }
  /** The name is another one's, which is to be looked for. */
  | { readonly kind: 'alias'; readonly records: readonly ResourceRecord[]; readonly target: string }
  /** Others know: these name servers. */
  | { readonly kind: 'referral'; readonly servers: readonly ResourceRecord[] }
  | { readonly kind: 'nothing'; readonly rcode: number }

/**
 * A part of the tree of names of which all is known here: records, wildcards, aliases, and where parts of it are left to others.
 *
 * ```ts
 * const zone = Zone.parse(`
 * $ORIGIN lan.
 * $TTL 300
 * @       SOA  ns hostmaster 1 3600 600 86400 60
 *         NS   ns
 * ns      A    10.0.0.53
 * www     CNAME ns
 * `)
 * zone.name // 'lan'
 * zone.records.length // 4
 * ```
 */
export class Zone {
  /** In letters of lower case. */
  readonly name: string
  readonly soa: SoaRecord
  readonly records: readonly ResourceRecord[]
  readonly #nodes: ReadonlyMap<string, ZoneNode>

  /**
   * The zone `name` of these records, all of class IN: a SOA and NS records of its own among them. Throws a RangeError for records that
   * cannot be, or not together.
   */
  constructor(name: string, records: readonly ResourceRecord[]) {
    if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${given(name)}`)
    if (!isDomainName(canonicalName(name))) throw new RangeError(`name must be a domain name, got ${given(name)}`)
    if (!Array.isArray(records)) throw new TypeError(`records must be an array, got ${given(records)}`)
    this.name = canonicalName(name)
    try {
      const { nodes, soa, records: all } = sortRecords(this.name, records)
      this.#nodes = nodes
      this.soa = soa
      this.records = all
    } catch (error) {
      if (!(error instanceof ZoneProblem)) throw error
      throw new RangeError(error.index < 0 ? error.text : `records[${error.index}]: ${error.text}`)
    }
  }

  /**
   * The zone that the text of a master file has: $ORIGIN, $TTL, '@', parentheses, quotes and escapes; A, AAAA, NS, CNAME, PTR, DNAME, MX,
   * SRV, TXT, SOA and CAA in words, any type as `\# 4 0a000001`. The owner of its SOA record is its name. Throws a MasterFileError with
   * the line.
   *
   * Source: RFC 1035 section 5. We differ: $INCLUDE is refused, and so are labels with a dot in them, or that are not UTF-8.
   */
  static parse(text: string, options: MasterFileOptions = {}): Zone {
    if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
    const { origin } = options
    if (origin !== undefined && !(typeof origin === 'string' && isDomainName(canonicalName(origin)))) {
      throw new RangeError(`options.origin must be a domain name, got ${given(origin)}`)
    }
    const read = readMasterFile(text, options)
    const lastLine = text.split('\n').length
    const soa = read.find(({ record }) => record.kind === 'soa')
    if (soa === undefined) throw new MasterFileError(lastLine, 'there is no SOA record, which says what the zone is')
    const name = canonicalName(soa.record.name)
    const records = read.map(({ record }) => record)
    try {
      sortRecords(name, records)
    } catch (error) {
      if (!(error instanceof ZoneProblem)) throw error
      throw new MasterFileError(read[error.index]?.line ?? lastLine, error.text)
    }
    return new Zone(name, records)
  }

  /** What there is of `type` under `name`, which lies in the zone: RFC 1034 section 4.3.2, step 3. */
  find(name: string, type: string): Found {
    const wanted = canonicalName(name)
    let encloser = this.name
    for (const here of namesBelow(this.name, wanted)) {
      const dname = this.#nodes.get(encloser)?.get('DNAME')?.[0]
      if (dname?.kind === 'name') return redirect(name, encloser, dname)
      const node = this.#nodes.get(here)
      if (node === undefined) return this.#wildcard(name, type, encloser)
      const servers = node.get('NS')
      if (servers !== undefined) return { kind: 'referral', servers }
      encloser = here
    }
    return at(this.#nodes.get(encloser) as ZoneNode, type, null)
  }

  /** The addresses that the zone has for `name`, also where they are glue for a part of it that others have. */
  addressesOf(name: string): readonly ResourceRecord[] {
    const node = this.#nodes.get(canonicalName(name))
    return [...(node?.get('A') ?? []), ...(node?.get('AAAA') ?? [])]
  }

  /** The SOA record as it says for how long there is nothing: RFC 2308 section 3. */
  get negative(): SoaRecord {
    return { ...this.soa, ttl: Math.min(this.soa.ttl, this.soa.data.minimum) }
  }

  // RFC 4592 section 3.3.1: the closest name that exists has it, and no other.
  #wildcard(name: string, type: string, encloser: string): Found {
    const source = this.#nodes.get(encloser === '.' ? '*' : `*.${encloser}`)
    return source === undefined ? { kind: 'nothing', rcode: NXDOMAIN } : at(source, type, name)
  }
}

/** `owner` not null: the records are made for it from those of a wildcard. */
function at(node: ZoneNode, type: string, owner: string | null): Found {
  const own = (records: readonly ResourceRecord[]) =>
    owner === null ? records : records.map((record) => ({ ...record, name: owner }))
  // RFC 8482 section 4.1: one set of what there is.
  if (type === 'ANY') {
    const [first] = node.values()
    return first === undefined ? { kind: 'nothing', rcode: NOERROR } : { kind: 'records', records: own(first) }
  }
  const records = node.get(type)
  if (records !== undefined) return { kind: 'records', records: own(records) }
  const alias = node.get('CNAME')
  const [link] = alias ?? []
  if (alias !== undefined && link?.kind === 'name') return { kind: 'alias', records: own(alias), target: link.data }
  return { kind: 'nothing', rcode: NOERROR }
}

// RFC 6672 section 3.1: with a CNAME record for those who do not know DNAME.
function redirect(name: string, above: string, dname: NameRecord): Found {
  const rest = above === '.' ? name : name.slice(0, name.length - above.length - 1)
  const target = dname.data === '.' ? rest : `${rest}.${dname.data}`
  if (!isDomainName(target)) return { kind: 'nothing', rcode: YXDOMAIN }
  const link = { kind: 'name', name, type: 'CNAME', class: CLASS_IN, ttl: dname.ttl, data: target } as const
  return { kind: 'alias', records: [dname, link], target }
}

/** The host that a record leads to, whose addresses are worth adding; null where it leads to none. */
export function hostOf(record: ResourceRecord): string | null {
  if (record.kind === 'mx') return record.data.exchange
  if (record.kind === 'srv') return record.data.target
  return record.kind === 'name' && record.type === 'NS' ? record.data : null
}
