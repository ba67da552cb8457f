// The guide to the simulator says nothing that is not run here.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = readFileSync(join(root, 'docs', 'how-to', 'simulator.md'), 'utf8')
const blocks = [...text.matchAll(/^```js\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?/gms)].map(([, code = '', prints]) => ({
  code,
  prints: prints ?? null,
}))

let folder = ''

beforeAll(() => {
  // Below the checkout, where 'jackfield' is this package.
  mkdirSync(join(root, 'tmp'), { recursive: true })
  folder = mkdtempSync(join(root, 'tmp', 'simulator-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function run(code: string) {
  writeFileSync(join(folder, 'program.mjs'), code)
  const options = { encoding: 'utf8', cwd: folder, timeout: 30_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], options)
  return { status, stdout, stderr }
}

test('the guide has a first program, a real one, a test and a deadlock, and nothing else that is not run', () => {
  expect(blocks.map(({ prints }) => prints !== null)).toEqual([true, true, false, true])
  expect(text.match(/^```/gm)).toHaveLength(2 * 7)
  for (const [, path] of text.matchAll(/\]\(([^)#]+)\)/g)) {
    expect(existsSync(join(root, 'docs', 'how-to', path as string)), path).toBe(true)
  }
})

test.each([
  ['the first program', 0],
  ['the deadlock', 3],
])('%s prints what the guide says', (_, index) => {
  const { code = '', prints } = blocks[index] ?? {}
  expect(run(code)).toEqual({ status: 0, stdout: prints, stderr: '' })
})

test('the retrying client is the example, which is the same each time', () => {
  const { code = '', prints } = blocks[1] ?? {}
  expect(code).toBe(readFileSync(join(root, 'examples', 'retry.mjs'), 'utf8'))
  const first = run(code)
  expect(first).toMatchObject({ status: 0, stderr: '' })
  expect(run(code)).toEqual(first)
  // When a segment is sent is the stack's matter, and may change with it: not what becomes of the orders.
  for (const printed of [first.stdout, prints ?? '']) {
    expect(printed).toMatch(
      /^( *\d+\.\d s {2}order of \w+: (TimeoutError|taken|known already)\n){3,}3 orders, each once\n$/,
    )
  }
})

test('the test of the guide passes under node:test', () => {
  const { code = '' } = blocks[2] ?? {}
  expect(run(code)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^# pass 1$|ℹ pass 1$/m) })
})
