// The harness with lanes of canned numbers.

import { expect, test } from 'vitest'
import { load } from './load.ts'

const { measureFigure } = await load('harness/measure.mjs')
const { runSuite } = await load('harness/suite.mjs')

type Value = number | 'fail'
interface Order {
  readonly round: number
  readonly seconds: number
}

/** Opens lanes that answer with `values`, the first of them in the round that is not counted, and writes down who was asked. */
function canned() {
  const asked: string[] = []
  const closed: string[] = []
  const open = ({ name, values }: { name: string; values: readonly Value[] }, dist: string) => ({
    ready: async () => {
      if (values.length === 0) throw new Error(`${name} does not start`)
    },
    measure: async ({ round, seconds }: Order) => {
      asked.push(`${name}@${dist} ${round} ${seconds}`)
      const value = values[round] as Value
      if (value === 'fail') throw new Error(`${name} has failed`)
      return value
    },
    close: async () => closed.push(name),
  })
  return { asked, closed, open }
}

const lane = (name: string, ...values: Value[]) => ({ name, values })
const settings = { available: {}, dist: 'dist', rounds: 3, warm: 4, order: { seconds: 2 }, progress: () => {} }

test('the first round is not counted, the order turns around each time, and a figure is the median of the ratios', async () => {
  const { asked, closed, open } = canned()
  const figure = {
    name: 'stream',
    unit: 'Gbit/s',
    better: 'more',
    floor: { peer: 2 },
    aim: { peer: 10 },
    pins: ['0'],
    ours: lane('ours', 1000, 10, 40, 30),
    theirs: { peer: { ...lane('theirs', 1000, 5, 10, 3), pins: null } },
  }
  const result = await measureFigure(figure, { ...settings, open })
  expect(asked).toEqual([
    'theirs@dist 0 4',
    'ours@dist 0 4',
    'ours@dist 1 2',
    'theirs@dist 1 2',
    'theirs@dist 2 2',
    'ours@dist 2 2',
    'ours@dist 3 2',
    'theirs@dist 3 2',
  ])
  expect(closed).toEqual(['ours', 'theirs'])
  expect(result.ours).toMatchObject({ values: [10, 40, 30], median: 30, min: 10, max: 40, pins: ['0'] })
  // Not the ratio of the medians, which is 6: 2, 4 and 10.
  expect(result.peers[0]).toMatchObject({ name: 'peer', median: 5, ratio: { median: 4, min: 2, max: 10 } })
  expect(result.verdict).toBe('floor')
})

test('a lane that fails is named with its error, and the others go on', async () => {
  const { asked, open } = canned()
  const figure = {
    name: 'stream',
    unit: 'Gbit/s',
    better: 'more',
    ours: lane('ours', 1, 10, 20, 30),
    theirs: { fails: lane('fails', 1, 5, 'fail'), absent: lane('absent'), stays: lane('stays', 1, 10, 10, 10) },
  }
  const result = await measureFigure(figure, { ...settings, open })
  const [fails, absent, stays] = result.peers
  expect(fails).toMatchObject({ error: 'fails has failed', values: [5, null, null], ratio: { median: 2 } })
  expect(absent).toMatchObject({ error: 'absent does not start', median: null, ratio: null })
  expect(stays).toMatchObject({ error: null, ratio: { median: 2 } })
  expect(asked.filter((line) => line.startsWith('fails'))).toHaveLength(3)
})

test('a peer that is missing is said with its reason and not asked; a lane may have a build of its own', async () => {
  const { asked, open } = canned()
  const figure = {
    name: 'stream',
    unit: 'Gbit/s',
    better: 'more',
    rounds: 1,
    warm: false,
    ours: lane('ours', 0, 10),
    theirs: {
      gone: lane('gone', 0, 1),
      large: { ...lane('large', 0, 1), pins: ['0', '9999'] },
      before: { ...lane('before', 0, 5), dist: 'other' },
    },
  }
  const available = { gone: { missing: 'there is no go' } }
  const result = await measureFigure(figure, { ...settings, available, open })
  expect(asked).toEqual(['ours@dist 1 2', 'before@other 1 2'])
  expect(result.peers[0]).toMatchObject({ missing: 'there is no go', error: null, ratio: null })
  expect(result.peers[1]).toMatchObject({ missing: 'it wants 10000 processors', error: null, ratio: null })
  expect(result.peers[2]).toMatchObject({ ratio: { median: 2 } })
})

test('a suite says what is missing, measures what was asked for, and sums up', async () => {
  const said: string[] = []
  const { asked, open } = canned()
  const suite = {
    name: 'suite',
    peers: () => ({ gone: { missing: 'there is no go' }, there: { version: '1' } }),
    figures: () =>
      ['one', 'two', 'other'].map((name) => ({
        name,
        unit: '/s',
        better: 'more',
        ours: lane(name, 0, 1, 1, 1),
        theirs: { gone: lane('gone', 0), there: lane('there', 0, 1, 1, 1) },
      })),
    summary: (results: readonly unknown[]) => `${results.length} of them`,
  }
  const result = await runSuite(suite, {
    ...settings,
    context: {},
    only: 'o',
    rounds: 1,
    change: null,
    progress: { show: () => {}, say: (line: string) => said.push(line) },
    open,
  })
  expect(said).toEqual(['suite: without gone: there is no go'])
  expect(result).toMatchObject({ suite: 'suite', missing: null, summary: '3 of them' })
  expect(result.figures.map(({ name }: { name: string }) => name)).toEqual(['one', 'two', 'other'])
  expect(asked.some((line) => line.startsWith('gone'))).toBe(false)
})

test('a suite that cannot run says so and measures nothing', async () => {
  const suite = { name: 'suite', peers: () => ({ jackfield: { missing: 'it wants root' } }), figures: () => [] }
  const said: string[] = []
  const progress = { show: () => {}, say: (line: string) => said.push(line) }
  const result = await runSuite(suite, { ...settings, context: {}, only: '', change: null, progress })
  expect(result).toMatchObject({ missing: 'it wants root', figures: [] })
  expect(said).toEqual(['suite: left out: it wants root'])
})
