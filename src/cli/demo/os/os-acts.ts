import type { OsAct } from './os-act.ts'
import { fetchPageOnOs } from './os-act-fetch.ts'
import { manyClientsOnOs } from './os-act-many.ts'
import { namesOnOs } from './os-act-names.ts'
import { listingOnOs } from './os-act-netstat.ts'
import { pingOnOs } from './os-act-ping.ts'
import { positionsOnOs } from './os-act-positions.ts'
import { upperTcpOnOs, upperUdpOnOs } from './os-act-upper.ts'

export const osActs: readonly OsAct[] = [
  upperUdpOnOs,
  upperTcpOnOs,
  fetchPageOnOs,
  pingOnOs,
  namesOnOs,
  manyClientsOnOs,
  positionsOnOs,
  listingOnOs,
]
