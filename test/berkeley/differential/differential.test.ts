// Random programs of calls do the same on the kernel and on a stack. JACKFIELD_PROGRAMS says how many of each kind (default 150), and
// JACKFIELD_SEED where to begin: more are run by hand.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { difference } from './compare.ts'
import { type Domain, type Family, ipv4, ipv6, mapped, programs, unix } from './programs.ts'

const numRuns = Number(process.env.JACKFIELD_PROGRAMS ?? 150)
const seed = Number(process.env.JACKFIELD_SEED ?? 1)

const kinds: readonly (readonly [string, Domain, Family])[] = [
  ['TCP over IPv4', 'tcp', ipv4],
  ['TCP over IPv6', 'tcp', ipv6],
  ['TCP over IPv4 by AF_INET6', 'tcp', mapped],
  ['UDP over IPv4', 'udp', ipv4],
  ['UDP over IPv6', 'udp', ipv6],
  ['UDP over IPv4 by AF_INET6', 'udp', mapped],
  ['Unix sockets', 'unix', unix],
]

test.each(kinds)('%s: random programs do the same on the kernel and on a stack', (_, domain, family) => {
  const property = fc.property(programs(domain, family), (program) => {
    const found = difference(program)
    if (found !== null) throw new Error(`\n${found}`)
  })
  const run = fc.check(property, { numRuns, seed })
  expect(run.errorInstance === null ? '' : (run.errorInstance as Error).message).toBe('')
})
