// The guide to packet scripts says nothing that is not run here.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const text = readFileSync(join(root, 'docs', 'how-to', 'packetdrill.md'), 'utf8')
const blocks = [...text.matchAll(/^```js\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?/gms)].map(([, code = '', prints]) => ({
  code,
  prints: prints ?? null,
}))

let folder = ''

beforeAll(() => {
  // Below the checkout, where 'jackfield' is this package.
  mkdirSync(join(root, 'tmp'), { recursive: true })
  folder = mkdtempSync(join(root, 'tmp', 'packetdrill-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function run(code: string) {
  writeFileSync(join(folder, 'program.mjs'), code)
  const options = { encoding: 'utf8', cwd: folder, timeout: 30_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], options)
  return { status, stdout, stderr }
}

test('the guide has a failure, a test, a protocol, a stack and a command, and nothing else', () => {
  expect(blocks.map(({ prints }) => prints !== null)).toEqual([true, false, true, true])
  expect(text.match(/^```/gm)).toHaveLength(2 * 8)
  for (const [, path] of text.matchAll(/\]\(([^)#]+)\)/g)) {
    if (!path?.startsWith('https:')) expect(existsSync(join(root, 'docs', 'how-to', path as string)), path).toBe(true)
  }
})

test.each(blocks.filter(({ prints }) => prints !== null).map(({ code, prints }, i) => [i + 1, code, prints] as const))(
  'program %i prints what the guide says',
  (_, code, prints) => {
    // Windows are the stack's matter, and may change with it.
    const open = (printed: string | null) => (printed ?? '').replace(/ win \d+/g, ' win …')
    const { status, stdout, stderr } = run(code)
    expect({ status, stdout: open(stdout), stderr }).toEqual({ status: 0, stdout: open(prints), stderr: '' })
  },
)

test('the tests pass under node:test', () => {
  expect(run(blocks[1]?.code ?? '')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^# pass 3$/m) })
})

test('the command runs a folder of scripts', () => {
  const command = /^```sh\n(.*?)\n```$/ms.exec(text)?.[1] ?? ''
  const { status, stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8', cwd: root, timeout: 30_000 })
  expect(stdout).toMatch(/^\d+ passed, 0 failed in [\d.]+ s$/m)
  expect(status).toBe(0)
})
