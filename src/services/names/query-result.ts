// Read first: RFC 1034 section 3.6.2 (aliases), RFC 2308 section 2, RFC 6604 section 2.1.

import { canonicalName, isWithin, sameName } from './domain-name.ts'
import { CLASS_IN, type Message, type NameRecord, NXDOMAIN, type ResourceRecord, type SoaRecord } from './message.ts'

/** Aliases that a name may lead through. */
export const LONGEST_CHAIN = 16

/** A CNAME record on the way. */
export type ChainLink = NameRecord

/** What there is under a name. */
export interface QueryResult {
  /** The canonical name: where the aliases end. */
  readonly name: string
  /** NOERROR, or NXDOMAIN: there is no such name. */
  readonly rcode: number
  /** Of the type that was asked for; none where the name has none of it. */
  readonly records: readonly ResourceRecord[]
  /** The aliases on the way. */
  readonly chain: readonly ChainLink[]
  /** Who says that there is nothing. */
  readonly soa: SoaRecord | null
}

export interface ChainEnd {
  readonly name: string
  readonly records: readonly ResourceRecord[]
  /** Whether the message answers for this name: with records, or by saying that there are none. */
  readonly complete: boolean
  readonly soa: SoaRecord | null
}

/**
 * Follows the aliases from `name` through the answers of `message`, adding them to `chain`. Only what is owned by the name or an
 * alias of it counts; what else a server added is not looked at. Null: a circle, or too many.
 */
export function followChain(message: Message, name: string, type: string, chain: ChainLink[]): ChainEnd | null {
  let target = name
  let followed = false
  for (;;) {
    const own = message.answers.filter((record) => record.class === CLASS_IN && sameName(record.name, target))
    const records = type === 'ANY' ? own : own.filter((record) => record.type === type)
    if (records.length > 0) return { name: target, records, complete: true, soa: null }
    const link = own.find((record): record is ChainLink => record.kind === 'name' && record.type === 'CNAME')
    if (link === undefined) break
    const next = canonicalName(link.data)
    chain.push(link)
    // A circle comes back to a name that was left already.
    if (chain.length > LONGEST_CHAIN || chain.some((earlier) => sameName(earlier.name, next))) return null
    target = next
    followed = true
  }
  const soa = message.authorities.find(
    (record): record is SoaRecord => record.kind === 'soa' && isWithin(target, record.name),
  )
  // RFC 6604: the code is that of the last name of the chain. Without an alias in it the message is the answer, such as it is.
  const complete = !followed || message.rcode === NXDOMAIN || soa !== undefined
  return { name: target, records: [], complete, soa: soa ?? null }
}
