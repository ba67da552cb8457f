import type { Act } from './demo-act.ts'
import { fetchPage } from './demo-act-fetch.ts'
import { manyClients } from './demo-act-many.ts'
import { names } from './demo-act-names.ts'
import { listing } from './demo-act-netstat.ts'
import { pings } from './demo-act-ping.ts'
import { positions } from './demo-act-positions.ts'
import { upperTcp, upperUdp } from './demo-act-upper.ts'

export const acts: readonly Act[] = [upperUdp, upperTcp, fetchPage, pings, names, manyClients, positions, listing]
