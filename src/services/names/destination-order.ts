// Read first: RFC 6724 section 6. Pure: addresses and the sources that would be used for them, in; an order, out.

import { commonPrefixLength, labelOf, precedenceOf, scopeOf } from '../../base/address-policy.ts'
import type { IpAddress } from '../../base/ip-address.ts'

/** A destination, and the source that packets to it would have; null where nothing gets there. */
export interface Candidate<T> {
  readonly destination: IpAddress
  readonly source: IpAddress | null
  readonly value: T
}

/**
 * The values in the order in which their destinations are to be tried. Rules 3, 4 and 7 (deprecated addresses, home addresses,
 * encapsulation) need what a socket does not tell of its source, and are left out.
 */
export function orderDestinations<T>(candidates: readonly Candidate<T>[]): T[] {
  // Array.prototype.sort is stable: rule 10.
  return [...candidates].sort(compare).map(({ value }) => value)
}

function compare<T>(one: Candidate<T>, other: Candidate<T>): number {
  const { destination: a, source: sourceA } = one
  const { destination: b, source: sourceB } = other
  // Rule 1: what cannot be reached comes last.
  if (sourceA === null || sourceB === null) return sourceA === sourceB ? 0 : sourceA === null ? 1 : -1
  // Rule 2: the scope of the source is that of the destination.
  const scopeA = scopeOf(a)
  const scopeB = scopeOf(b)
  const sameScope = first(scopeA === scopeOf(sourceA), scopeB === scopeOf(sourceB))
  if (sameScope !== 0) return sameScope
  // Rule 5: so is its label.
  const sameLabel = first(labelOf(a) === labelOf(sourceA), labelOf(b) === labelOf(sourceB))
  if (sameLabel !== 0) return sameLabel
  // Rule 6.
  const precedence = precedenceOf(b) - precedenceOf(a)
  if (precedence !== 0) return precedence
  // Rule 8: the smaller scope.
  if (scopeA !== scopeB) return scopeA - scopeB
  // Rule 9. We differ: IPv6 alone, as glibc does. The length of an IPv4 source's prefix is not known here, and without it the
  // order in which a server turns its addresses would be lost.
  if (a.isV4 || b.isV4) return 0
  return commonPrefixLength(b, sourceB) - commonPrefixLength(a, sourceA)
}

/** -1 where only the first holds, 1 where only the second does. */
function first(a: boolean, b: boolean): number {
  return a === b ? 0 : a ? -1 : 1
}
