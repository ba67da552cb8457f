// What the suites say of themselves: figures that can be told apart, goals that somebody can be held against, programs that are there.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { load } from './load.ts'

const bench = fileURLToPath(new URL('../../bench/', import.meta.url))
const names = ['wire', 'inprocess', 'tap', 'os', 'http', 'scale', 'recovery', 'browser']

interface Lane {
  readonly program: string
  readonly args?: readonly string[]
}
interface Figure {
  readonly name: string
  readonly unit: string
  readonly better: string
  readonly floor?: Record<string, number>
  readonly aim?: Record<string, number>
  readonly ours: Lane
  readonly theirs?: Record<string, Lane>
}

test.each(names)('%s: figures have names of their own, goals a peer, lanes a program and words', async (name) => {
  const suite = await load(`suites/${name}.mjs`)
  expect(suite.name).toBe(name)
  const options = { long: true, control: 'cubic', profile: 'default', offloads: false }
  const figures: Figure[] = suite.figures({ folder: '/nowhere', root: bench, options })
  expect(figures.length).toBeGreaterThan(0)
  expect(new Set(figures.map((figure) => figure.name)).size).toBe(figures.length)
  for (const { unit, better, floor = {}, aim = {}, ours, theirs = {} } of figures) {
    expect(unit).toMatch(/./)
    expect(['more', 'less']).toContain(better)
    for (const of of [...Object.keys(floor), ...Object.keys(aim)]) {
      expect(of === 'absolute' || Object.keys(theirs).some((peer) => peer.startsWith(of)), of).toBe(true)
    }
    for (const { program, args = [] } of [ours, ...Object.values(theirs)]) {
      expect(existsSync(`${bench}${program}`), program).toBe(true)
      for (const word of args) expect(typeof word).toBe('string')
    }
  }
})

test('--list says the figures that have the text, and measures nothing', () => {
  const words = [`${bench}run.mjs`, 'os', 'inprocess', '--list', '--only', 'loopback']
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout.split('\n').slice(0, 2)).toEqual([
    'inprocess: stream, loopback',
    'inprocess: round trip, 64 octets, loopback',
  ])
  expect(status).toBe(0)
})
