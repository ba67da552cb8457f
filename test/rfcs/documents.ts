import { dns } from './dns.ts'
import { rfc1122 } from './rfc1122.ts'
import { rfc4861 } from './rfc4861.ts'
import { rfc4862 } from './rfc4862.ts'
import { rfc5681 } from './rfc5681.ts'
import { rfc5961 } from './rfc5961.ts'
import { rfc6298 } from './rfc6298.ts'
import { rfc7323 } from './rfc7323.ts'
import { rfc9293 } from './rfc9293.ts'
import type { RfcRows } from './row.ts'
import { sack } from './sack.ts'

/** Every document whose requirements are shown, in the order of RFCS.md. */
export const documents: readonly RfcRows[] = [
  rfc9293,
  rfc5961,
  rfc7323,
  rfc6298,
  rfc5681,
  sack,
  rfc1122,
  rfc4861,
  rfc4862,
  dns,
]
