import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const bench = fileURLToPath(new URL('../../bench', import.meta.url))

test.each([
  [
    'gates',
    ['--rounds', 'x'],
    '--rounds must be a whole number from 1 on, got "x"; it has --rounds, --seconds, --json',
  ],
  ['gates', ['--rounds', '1.5'], '--rounds must be a whole number from 1 on, got "1.5"'],
  ['gates', ['--seconds', '0'], '--seconds must be a number from 0.1 on, got "0"'],
  ['gates', ['--fast'], "Unknown option '--fast'; it has --rounds"],
  ['gates', ['echo'], "Unexpected argument 'echo'"],
  ['network', ['--rounds', '0'], '--rounds must be a whole number from 1 on, got "0"; it has --rounds, --seconds'],
  ['memory', ['--seconds', '1'], "Unknown option '--seconds'; it has --rounds, --json"],
  ['budget', ['--seconds', ''], '--seconds must be a number from 0.1 on, got ""'],
])('%s %j is refused in one line with status 2', (name, args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [`${bench}/${name}.mjs`, ...args], { encoding: 'utf8' })
  expect(stderr).toMatch(/^[a-z]+: [^\n]+\n$/)
  expect(stderr).toContain(message)
  expect(status).toBe(2)
})
