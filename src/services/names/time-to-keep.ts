// Read first: RFC 1035 section 3.2.1, RFC 2308 section 5.

import { LONGEST_NEGATIVE_TTL, LONGEST_TTL } from './answer-cache.ts'
import type { ResourceRecord, SoaRecord } from './message.ts'

/**
 * Seconds that an answer with these records may be kept: as long as each of them may. `soa` says how long one without an end
 * holds, one that there is no such name or no such record; without it, it is not kept.
 */
export function timeToKeep(records: readonly ResourceRecord[], positive: boolean, soa: SoaRecord | null): number {
  let ttl = LONGEST_TTL
  for (const record of records) ttl = Math.min(ttl, record.ttl)
  if (positive) return ttl
  return soa === null ? 0 : Math.min(ttl, soa.ttl, soa.data.minimum, LONGEST_NEGATIVE_TTL)
}
