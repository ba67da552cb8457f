// The README says nothing that is not run here: every block of code in it.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatResult, parseScript, runScript as runDrill } from '../src/drill/index.ts'
import { Namespace, type Running } from './interop/namespace.ts'
import { describeNetwork } from './interop/requirements.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = readFileSync(join(root, 'README.md'), 'utf8')

interface Block {
  readonly language: string
  readonly code: string
  /** What the block of text behind it says that it prints; null where there is none. */
  readonly prints: string | null
}

function readBlocks(page: string): Block[] {
  const found = [...page.matchAll(/^```(\w*)\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?/gms)]
  return found.map(([, language = '', code = '', prints]) => ({ language, code, prints: prints ?? null }))
}

const blocks = readBlocks(text)
const scripts = blocks.filter(({ language }) => language === 'js')
const shells = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code.trim())

let folder = ''

beforeAll(() => {
  // Below the checkout, where 'jackfield' is this package.
  mkdirSync(join(root, 'tmp'), { recursive: true })
  folder = mkdtempSync(join(root, 'tmp', 'readme-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function runScript(code: string) {
  writeFileSync(join(folder, 'program.mjs'), code)
  const options = { encoding: 'utf8', cwd: folder, timeout: 50_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], options)
  return { status, stdout, stderr }
}

test('every block of the README is of a kind that is run here', () => {
  expect(text.match(/^```/gm)).toHaveLength(2 * (blocks.length + blocks.filter(({ prints }) => prints !== null).length))
  expect(blocks.map(({ language }) => language)).toEqual(['sh', 'js', 'js', 'sh', 'sh', 'sh', 'js'])
})

test('the README is under 200 lines, and what it points to is there', () => {
  expect(text.trim().split('\n').length).toBeLessThan(200)
  const paths = [...text.matchAll(/\]\(([^)#]+)\)|`((?:src|bin)\/[\w/.-]*|examples)`/g)].map(
    ([, link, path]) => link ?? path,
  )
  expect(paths.length).toBeGreaterThan(4)
  for (const path of paths) expect(existsSync(join(root, path as string)), path).toBe(true)
})

test('every row of the contract is in what works, each with tests that show it', () => {
  const works = readFileSync(join(root, 'docs', 'reference', 'what-works.md'), 'utf8')
  const rows = [...works.matchAll(/^\| ([ABEN]\d+)(?:–E8)? \|.*\| (.*) \|$/gm)]
  const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => `A${i}`)
  const eight = (letter: string) => [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `${letter}${i}`)
  expect(rows.map(([, id]) => id)).toEqual([...ids, ...eight('B'), 'E1', ...eight('N')])
  for (const [row, , tests] of rows)
    expect(tests, row).toMatch(/^(\[[\w-]+\]\(\.\.\/\.\.\/test\/[\w/-]+(?:\.soak)?\.test\.ts\) ?)+$/)
  for (const [, path] of works.matchAll(/\]\(([^)#]+)\)/g)) {
    expect(existsSync(join(root, 'docs', 'reference', path as string)), path).toBe(true)
  }
})

test('the first program has at most 15 lines', () => {
  expect(scripts[0]?.code.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(15)
})

describe('the two commands', () => {
  test('are scripts of the package', () => {
    expect(shells[0]).toBe('npm ci && npm start\nnpm ci && npm test')
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(manifest.scripts).toMatchObject({ start: 'bin/jackfield demo --lab', test: 'vitest run' })
    expect(existsSync(join(root, 'package-lock.json'))).toBe(true)
  })

  test('npm start runs the demonstration, and takes its options', () => {
    const capture = join(folder, 'demo.pcapng')
    const args = ['start', '--silent', '--', '--check', '--capture', capture]
    const { status, stdout } = spawnSync('npm', args, { encoding: 'utf8', cwd: root, timeout: 50_000 })
    // On both providers, one after the other; a raw socket of the operating system is not for everybody.
    const lines = stdout.split('\n').map((line) => line.replace(/^(E4) left out(?=.*operating system)/, '$1 ok'))
    const each = Array.from({ length: 8 }, (_, i) => `E${i + 1} ok`)
    expect(lines.map((line) => line.slice(0, 5))).toEqual([...each, ...each, ''])
    expect(status).toBe(0)
    expect(existsSync(capture)).toBe(true)
  })
})

describe('programs', () => {
  test.each(
    scripts.filter(({ prints }) => prints !== null).map(({ code, prints }, i) => [i + 1, code, prints] as const),
  )('number %i prints what the README says', (_number, code, prints) => {
    expect(runScript(code)).toEqual({ status: 0, stdout: prints, stderr: '' })
  })

  test('the simulated network: all arrives, and the same way each time', () => {
    const [simulated, ...others] = scripts.filter(({ prints }) => prints === null)
    expect(others).toEqual([])
    const first = runScript(simulated?.code ?? '')
    expect(first).toEqual({ status: 0, stdout: expect.stringMatching(/^true [1-9]\d* segments\n$/), stderr: '' })
    expect(runScript(simulated?.code ?? '')).toEqual(first)
  })
})

test('software that is said to run is what the tests of it run', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'test', 'ecosystem', 'package.json'), 'utf8'))
  const section = text.slice(text.indexOf('## Programs that exist'), text.indexOf('## A network of computers'))
  const rows = [...section.matchAll(/^\| (.+) \| .+ \|$/gm)].map(([, software]) => software as string)
  expect(rows.length).toBeGreaterThan(10)
  const packages = rows.flatMap((row) => [...row.matchAll(/`([\w-]+)`/g)].map(([, name]) => name as string))
  expect(packages.toSorted()).toEqual([...Object.keys(dependencies), 'fetch'].toSorted())
})

test('jackfield trace: the calls of an example', () => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', shells[1] ?? ''], { encoding: 'utf8', cwd: root })
  expect(stdout).toContain('READY=1')
  expect(stderr).toMatch(
    /^socket\(AF_UNIX, SOCK_DGRAM, 0\) += \d+\nbind\(\d+, \{sa_family=AF_UNIX, sun_path=@"jackfield/,
  )
  expect(stderr).toMatch(/^sendto\(\d+, "READY=1\\nSTATUS=Serving", 22, /m)
  expect(stderr).toMatch(/^\+\+\+ exited with 0 \+\+\+$/m)
  expect(status).toBe(0)
})

test('CONTRIBUTING.md names scripts of the package, and its packetdrill script passes', () => {
  const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  const { scripts: named } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const names = [...contributing.matchAll(/npm run (\w+)/g)].map(([, name]) => name)
  expect(Object.keys(named)).toEqual(expect.arrayContaining(names))
  const drill = /^```text\n(\/\/ .*?)^```/ms.exec(contributing)?.[1] ?? ''
  const result = runDrill(parseScript(drill, 'CONTRIBUTING.md'), { strict: true })
  expect(formatResult(result)).toBe('')
  expect(result.leftovers).toEqual([])
})

/** As root nobody needs sudo, and a machine of tests may not have it. */
function asRoot(shell: string): string {
  return `set -e; cd "${root}"\n${shell.replace(/^sudo /gm, '')}`
}

describeNetwork('commands on the network of the machine', ['curl', 'ping'], () => {
  let namespace: Namespace

  beforeAll(() => {
    namespace = new Namespace()
  })

  afterAll(() => namespace?.close())

  test('jackfield serve: curl gets this README from the stack, and ping is answered', async () => {
    const server: Running = namespace.start('bash', ['-c', asRoot(shells[2] ?? '')])
    await server.saying(/^ready$/m)
    const { status, stdout } = await namespace.shell(asRoot(shells[3] ?? ''))
    expect(stdout).toContain(text)
    expect(stdout).toContain('MIT License')
    // Who has had an answer waits a second for the last.
    expect(stdout).toMatch(/3 packets transmitted, [1-3] received/)
    expect(status).toBe(0)
    expect(await server.stop()).toMatchObject({ status: 0, stderr: '' })
  })
})
