import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const runner = fileURLToPath(new URL('worlds/run.mjs', import.meta.url))

test('worlds of fixed seeds: all that is sent arrives or an error is told, and nothing is left', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, '--count', '60', '--jobs', '1'], {
    encoding: 'utf8',
    timeout: 50_000,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^60 worlds from seed 1 in [\d.]+ s: \d{3,} talks, ended by errors: /)
})
