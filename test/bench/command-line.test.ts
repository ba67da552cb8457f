import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url))

test.each([
  [['tap', '--rounds', 'x'], '--rounds must be a whole number from 1 on, got "x"'],
  [['tap', '--rounds', '1.5'], '--rounds must be a whole number from 1 on, got "1.5"'],
  [['os', '--rounds', '0'], '--rounds must be a whole number from 1 on, got "0"'],
  [['tap', '--seconds', '0'], '--seconds must be a number from 0.01 on, got "0"'],
  [['tap', '--fast'], "Unknown option '--fast'"],
  [['gates'], "there is no suite 'gates'; there are wire, inprocess, tap, os, http, scale, recovery, browser"],
  [['compare'], 'compare with which commit?'],
  [['compare', 'main', 'gates'], "there is no suite 'gates'"],
  [['budget', '--seconds', ''], '--seconds must be a number from 0.1 on, got ""'],
  [['attack', '--quick'], "Unknown option '--quick'; it has --rounds"],
])('npm run bench -- %j is refused in one line with status 2', (args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [bench, ...args], { encoding: 'utf8' })
  expect(stderr).toMatch(/^[a-z]+: [^\n]+\n$/)
  expect(stderr).toContain(message)
  expect(status).toBe(2)
})
