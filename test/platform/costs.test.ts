// What a packet, a round trip and a connection cost within one process, counted and not timed: octets of heap, and calls of functions of
// the package. A closure, an array or a promise too many on a hot path fails here, wherever it came from.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('programs/costs.mjs', import.meta.url))

/** Optimised code alone allocates as programs see it; nothing is collected between two looks at the heap. */
const HEAP_COUNTED = [
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--no-concurrent-recompilation',
  '--single-threaded-gc',
  '--expose-gc',
]

/** The most that each may cost: about a sixth above the most that was seen in octets, a thirtieth above in calls, which are exact. */
const BOUNDS = {
  // 455 in most processes; where the machine is busy one in ten has up to 715 from beginning to end, of the same packets.
  'bulk segment': { octets: 860, calls: 270 },
  'round trip': { octets: 2750, calls: 820 },
  connection: { octets: 10_600, calls: 1660 },
  'datagram there and back': { octets: 2600, calls: 430 },
  'routed packet': { octets: 8, calls: 52 },
} as const

function count(what: 'octets' | 'calls', flags: readonly string[]): Record<string, number> {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, program, what], {
    encoding: 'utf8',
    timeout: 50_000,
  })
  if (status !== 0) throw new Error(`costs.mjs ${what} failed:\n${stdout}${stderr}`)
  return JSON.parse(stdout) as Record<string, number>
}

describe.each([
  ['octets', 'octets of heap', HEAP_COUNTED],
  ['calls', 'calls of functions', []],
] as const)('in %s', (what, unit, flags) => {
  const costs = count(what, flags)

  test.each(Object.keys(BOUNDS) as (keyof typeof BOUNDS)[])(`a %s costs no more ${unit} than it did`, (name) => {
    const cost = costs[name] ?? Number.NaN
    const bound = BOUNDS[name][what]
    const advice =
      `A ${name} costs ${cost} ${unit}, and ${bound} are allowed. Which are new: build this commit and the one before, ` +
      `run \`node test/platform/programs/costs.mjs calls '${name}'\` on both and compare` +
      (what === 'octets' ? ', or `node --heap-prof` on either' : '') +
      '. Keep them off the hot path; where what they do is worth it, raise the bound and say so in the commit.'
    expect(cost, advice).toBeLessThanOrEqual(bound)
  })
})
