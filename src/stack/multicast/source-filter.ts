// Read first: RFC 3376 section 3.1, RFC 3678 section 2.

import type { IpAddress } from '../../base/ip-address.ts'

/** Whom a member wants to hear in a group: only `sources`, or all but `sources`. */
export interface SourceFilter {
  readonly include: boolean
  readonly sources: readonly IpAddress[]
}

/** All sources. */
export const ANY_SOURCE: SourceFilter = { include: false, sources: [] }
