// One figure of each suite that is cheap, for a moment: that it comes to a number, whatever number. (CI measures every figure so.)

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { describeNetwork } from '../interop/requirements.ts'
import { amount } from '../soak.ts'
import { load } from './load.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const bench = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url))

test.each(
  [
    ['wire', 'read and verify, 64 octets'],
    ['inprocess', 'connections, 32 at a time, loopback'],
    ['os', 'round trip, 64 octets, one processor'],
    ['os', 'register: datagrams there and back'],
    ['scale', 'to make a stack'],
  ].slice(0, amount(2, 5)),
)('%s: %s comes to a number beside each peer', (suite, figure) => {
  const output = mkdtempSync(join(tmpdir(), 'jackfield-bench-test-'))
  try {
    const words = [
      bench,
      suite,
      '--only',
      figure,
      '--rounds',
      '1',
      '--seconds',
      '0.02',
      '--warm',
      '0',
      '--output',
      output,
      '--json',
    ]
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    const result = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .find(({ name }) => name === figure)
    expect(result.ours.median).toBeGreaterThan(0)
    for (const peer of result.peers) expect(peer.ratio.median).toBeGreaterThan(0)
    const [page, lines] = readdirSync(output).sort()
    expect(page).toMatch(/\.html$/)
    expect(readFileSync(join(output, lines as string), 'utf8')).toBe(stdout)
  } finally {
    rmSync(output, { recursive: true })
  }
})

test('a lane that fails is named, the others go on, and the status is 1', () => {
  const output = mkdtempSync(join(tmpdir(), 'jackfield-bench-test-'))
  try {
    const figure = 'round trip, 64 octets, loopback'
    const words = [bench, 'browser', '--only', figure, '--rounds', '1', '--seconds', '0.02', '--warm', '0']
    const env = { ...process.env, CHROMIUM: '/bin/false' }
    const options = { encoding: 'utf8', env } as const
    const { status, stdout, stderr } = spawnSync(process.execPath, [...words, '--output', output], options)
    expect(stderr).toContain(`browser: ${figure}: jackfield failed: /bin/false: ended with status 1`)
    expect(stdout).toMatch(/FAILED: \/bin\/false: ended with status 1/)
    expect(stdout).toMatch(/the same in Node: +\d/)
    expect(status).toBe(1)
  } finally {
    rmSync(output, { recursive: true })
  }
})

describeNetwork('the lanes of tap', ['gcc', 'unshare', 'nsenter', 'sysctl'], () => {
  test.each([
    ['jackfield', ['send', '9']],
    ['jackfield-plain', ['recv', '19']],
    ['node', ['connections', '7', '4']],
  ])('%s answers %j with a number', async (system, words) => {
    const { Lane } = await load('harness/lane.mjs')
    const { compileC } = await load('tap/compiled.mjs')
    const folder = mkdtempSync(join(tmpdir(), 'jackfield-bench-test-'))
    try {
      expect(compileC(folder, 'client')).toBe(null)
      expect(compileC(folder, 'server')).toBe(null)
      const args = [folder, system, ...words]
      const lane = new Lane({ program: 'tap/lane.mjs', args, under: ['unshare', '--net'] }, dist)
      await lane.ready()
      expect(await lane.measure({ round: 1, seconds: 0.05 })).toBeGreaterThan(0)
      await lane.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describeNetwork('the lanes of http', ['wrk', 'unshare', 'nsenter', 'sysctl'], () => {
  test.each([
    ['os', 'answers'],
    ['tap', 'time'],
    ['node on loopback', 'time'],
    ['node over veth', 'answers'],
  ])('%s has a number for %s', async (system, what) => {
    const { Lane } = await load('harness/lane.mjs')
    const lane = new Lane({ program: 'http/lane.mjs', args: [system, what], under: ['unshare', '--net'] }, dist)
    await lane.ready()
    expect(await lane.measure({ round: 1, seconds: 0.05 })).toBeGreaterThan(0)
    await lane.close()
  })
})

test.each([
  [[], 0],
  [['--complete'], 1],
])('a suite that lacks what it needs, with %j, ends with %d', (words, status) => {
  const output = mkdtempSync(join(tmpdir(), 'jackfield-bench-test-'))
  try {
    const ended = spawnSync(process.execPath, [bench, 'browser', '--output', output, ...words], {
      encoding: 'utf8',
      env: { ...process.env, CHROMIUM: join(output, 'none') },
    })
    expect(ended.stdout).toContain('browser: left out: there is no chromium')
    expect(ended.status, ended.stderr).toBe(status)
  } finally {
    rmSync(output, { recursive: true })
  }
})
