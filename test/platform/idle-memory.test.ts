// What an idle connection takes of the heap, counted and not timed: a field of 8 octets more in each is found at a dozen of them.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('programs/idle-memory.mjs', import.meta.url))

/** 1.35 KiB, about an eighth above what it is: 1220 octets with Node 20 on x64. */
const END_MAX = 1382
/** Tables and pools keep what they have grown to; more than that is a leak. */
const LEFT_MAX = 100

describe('an established connection that nobody uses', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', program], {
    encoding: 'utf8',
    timeout: 50_000,
  })
  if (status !== 0) throw new Error(`idle-memory.mjs failed:\n${stdout}${stderr}`)
  const { end, left } = JSON.parse(stdout) as { end: number; left: number }

  test('takes no more heap than it did: each end, with its Socket', () => {
    const advice = `${end} octets, and ${END_MAX} are allowed: see where a heap snapshot of programs/idle-memory.mjs has the new ones`
    expect(end, advice).toBeLessThanOrEqual(END_MAX)
  })

  test('leaves nothing behind when it is closed', () => {
    expect(left).toBeLessThanOrEqual(LEFT_MAX)
  })
})
