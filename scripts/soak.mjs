// Runs the tests that take more of something in a soak than in `npm test` (test/soak.ts), and lets them take it; and those that npm test
// leaves out (*.soak.test.ts).
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test', name))
  .filter((path) => path.endsWith('.soak.test.ts') || readFileSync(join(root, path), 'utf8').includes("/soak.ts'"))
if (files.length === 0) throw new Error('no test has amounts of test/soak.ts')

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

// Each test of the lab's page has a browser, which keeps several processors busy: beside them others would take too long.
const browsers = files.filter((path) => path.startsWith(join('test', 'lab')) && path.endsWith('.soak.test.ts'))
const others = files.filter((path) => !browsers.includes(path))
// What failed is the last that is printed.
process.exit(run(others) || run([...browsers, '--maxWorkers=2']))

function run(args) {
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...args, ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, JACKFIELD_SOAK: '1' },
    stdio: 'inherit',
  })
  return status ?? 1
}
