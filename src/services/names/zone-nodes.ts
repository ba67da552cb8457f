// Read first: RFC 1034 sections 3.6.2 and 4.2.1, RFC 2181 sections 5 and 10, RFC 8020 (empty non-terminals).
//
// The records of a zone by name and type, and what makes a zone no zone.

import { canonicalName, isWithin } from './domain-name.ts'
import { CLASS_IN, encodeMessage, type ResourceRecord, type SoaRecord } from './message.ts'
import { findBounds, type RecordBounds } from './message-bounds.ts'
import { typeNumber } from './record-type.ts'

/** Beside it a message has room for a question and an OPT record. */
const LONGEST_ALONE = 65_000

/** The records of one name, by type. None: names below it have some (an empty non-terminal). */
export type ZoneNode = ReadonlyMap<string, readonly ResourceRecord[]>

export interface ZoneNodes {
  readonly nodes: ReadonlyMap<string, ZoneNode>
  readonly soa: SoaRecord
  /** All, without those that came twice. */
  readonly records: readonly ResourceRecord[]
}

/** What is wrong with record number `index`, or with the zone as a whole (−1). */
export class ZoneProblem {
  readonly index: number
  readonly text: string

  constructor(index: number, text: string) {
    this.index = index
    this.text = text
  }
}

/** The names on the way from `zone` down to `name`, without `zone`. `name` lies in it, and both are canonical. */
export function* namesBelow(zone: string, name: string): Generator<string> {
  if (name === zone) return
  const labels = name.split('.')
  const depth = zone === '.' ? 0 : zone.split('.').length
  for (let i = labels.length - depth - 1; i >= 0; i--) yield labels.slice(i).join('.')
}

/** Sorts the records of the zone `apex`, a canonical name. Throws a ZoneProblem. */
export function sortRecords(apex: string, records: readonly ResourceRecord[]): ZoneNodes {
  const nodes = new Map<string, Map<string, ResourceRecord[]>>([[apex, new Map()]])
  const kept: ResourceRecord[] = []
  const seen = new Set<string>()
  records.forEach((record, i) => {
    const octets = check(apex, record, i)
    if (seen.has(octets)) return
    seen.add(octets)
    kept.push(record)
    const name = canonicalName(record.name)
    for (const below of namesBelow(apex, name)) if (!nodes.has(below)) nodes.set(below, new Map())
    const node = nodes.get(name) as Map<string, ResourceRecord[]>
    const others = node.get(record.type)
    if (others === undefined) node.set(record.type, [record])
    else others.push(record)
    checkNode(node, name, apex, i)
  })
  const top = nodes.get(apex)
  const soa = top?.get('SOA')?.[0]
  if (soa?.kind !== 'soa') throw new ZoneProblem(-1, `the zone ${apex} has no SOA record`)
  if (top?.has('NS') !== true) throw new ZoneProblem(-1, `the zone ${apex} has no NS record of its own`)
  for (const node of nodes.values()) for (const set of node.values()) sameTime(set)
  return { nodes, soa, records: kept.map((record) => agreed(nodes, record)) }
}

// The name and the octets behind it, by which records are the same (RFC 2181 section 5).
function check(apex: string, record: ResourceRecord, i: number): string {
  if (!isWithin(record.name, apex)) throw new ZoneProblem(i, `${record.name} does not lie in the zone ${apex}`)
  if (record.class !== CLASS_IN)
    throw new ZoneProblem(i, `${record.name} has class ${record.class}, and only 1 (IN) is served`)
  if (!Number.isInteger(record.ttl) || record.ttl < 0 || record.ttl > 0x7fffffff) {
    throw new ZoneProblem(i, `${record.name} has a time to live of ${record.ttl}, and 0 to 2147483647 may be`)
  }
  try {
    const number = typeNumber(record.type)
    if (number === 0 || number === 41 || (number >= 251 && number <= 255))
      throw new RangeError(`${record.type} is no type of a record`)
    const alone = encodeMessage({ id: 0, answers: [{ ...record, ttl: 0 }] })
    if (alone.length > LONGEST_ALONE)
      throw new RangeError(`a record may have ${LONGEST_ALONE} octets, and this has ${alone.length}`)
    const { dataStart } = findBounds(alone).answers[0] as RecordBounds
    return `${canonicalName(record.name)} ${String.fromCharCode(...alone.subarray(dataStart - 10))}`
  } catch (error) {
    throw new ZoneProblem(i, `${record.name} ${record.type}: ${(error as Error).message}`)
  }
}

function checkNode(node: ReadonlyMap<string, readonly ResourceRecord[]>, name: string, apex: string, i: number): void {
  const alias = node.get('CNAME')
  if (alias !== undefined && node.size > 1) throw new ZoneProblem(i, `${name} has a CNAME record, and others beside it`)
  if (alias !== undefined && alias.length > 1) throw new ZoneProblem(i, `${name} has two CNAME records`)
  if ((node.get('DNAME')?.length ?? 0) > 1) throw new ZoneProblem(i, `${name} has two DNAME records`)
  if (!node.has('SOA')) return
  if (name !== apex) throw new ZoneProblem(i, `${name} has a SOA record, which only the zone ${apex} itself has`)
  if ((node.get('SOA')?.length ?? 0) > 1) throw new ZoneProblem(i, `${name} has two SOA records`)
}

// RFC 2181 section 5.2: the records of a set have one time to live; the least is taken.
function sameTime(set: ResourceRecord[]): void {
  const ttl = Math.min(...set.map((record) => record.ttl))
  set.forEach((record, i) => {
    if (record.ttl !== ttl) set[i] = { ...record, ttl }
  })
}

function agreed(nodes: ReadonlyMap<string, ZoneNode>, record: ResourceRecord): ResourceRecord {
  const ttl = nodes.get(canonicalName(record.name))?.get(record.type)?.[0]?.ttl ?? record.ttl
  return ttl === record.ttl ? record : { ...record, ttl }
}
