import { expect, test } from 'vitest'
import type { Tidings } from '../../lab/engine/messages.ts'
import { LabSession } from '../../lab/engine/session.ts'
import { TidingsCheck } from '../../lab/page/thread/tidings-check.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

const upper = twoHosts([
  ['bob', 'server', upperServer],
  ['alice', 'client', upperClient],
])

/** What the engine tells of a run, and of the same run again. */
async function told(): Promise<Tidings[]> {
  const all: Tidings[] = []
  const session = new LabSession((one) => all.push(one), { now: () => 0, later: () => {} })
  await session.order({ do: 'load', scenario: upper, at: 300 })
  await session.order({ do: 'act', act: { at: 400, link: 0, up: false } })
  await session.order({ do: 'inspect', number: 1, request: 1 })
  await session.order({ do: 'inspect', number: 1000, request: 2 })
  await session.order({ do: 'capture', request: 3 })
  await session.order({ do: 'seek', at: 200 })
  await session.order({ do: 'seek', at: -1 })
  return all
}

test('all that the engine tells can be shown', async () => {
  const check = new TidingsCheck()
  const all = await told()
  expect(all.filter((one) => !check.isSound(one))).toEqual([])
  expect(all.map(({ tell }) => tell)).toEqual(
    expect.arrayContaining(['loaded', 'acted', 'news', 'inspected', 'captured', 'refused']),
  )
})

/** News, whose fields may become anything. */
type Lied = { readonly events: Record<string, object[]>; readonly sockets: object }

/** The first news of a run with one field of it changed: whether it can be shown. */
async function changed(lie: (news: Lied) => void): Promise<boolean> {
  const check = new TidingsCheck()
  const [loaded, news] = structuredClone(await told()) as unknown as [Tidings, Tidings]
  expect(check.isSound(loaded)).toBe(true)
  lie(news as unknown as Lied)
  return check.isSound(news)
}

const lies: readonly (readonly [string, (news: Lied) => void])[] = [
  [
    'a frame far behind the others',
    ({ events }) => Object.assign(events['frames']?.at(-1) ?? {}, { number: 2 ** 32 - 1 }),
  ],
  [
    'a number without an end',
    ({ events }) => Object.assign(events['samples']?.[0] ?? {}, { rto: Number.POSITIVE_INFINITY }),
  ],
  ['a number that is a text', ({ events }) => Object.assign(events['frames']?.[0] ?? {}, { at: '1' })],
  ['a text that is a number', ({ events }) => Object.assign(events['output']?.[0] ?? {}, { text: 1 })],
  ['a list that is none', ({ events }) => Object.assign(events, { states: 'x' })],
  ['a list that is left out', ({ events }) => Object.assign(events, { calls: undefined })],
  ['reports that are no list', ({ events }) => Object.assign(events['samples']?.[0] ?? {}, { sacked: {} })],
  ['sockets that are no list', (news) => Object.assign(news.sockets, { alice: 7 })],
  ['an instant that is none', (news) => Object.assign(news, { now: Number.NaN })],
]

test.each(lies)('what would choke the page is told from it: %s', async (_what, lie) => {
  expect(await changed(() => {})).toBe(true)
  expect(await changed(lie)).toBe(false)
})

test('a scenario that cannot be, and what is no message at all', async () => {
  const check = new TidingsCheck()
  for (const lie of [
    null,
    7,
    { tell: 'other' },
    { tell: 'loaded', scenario: { version: 1, nodes: 7 }, addresses: [] },
    { tell: 'acted', acts: [{}], request: 1 },
    { tell: 'acted', acts: [], request: '1' },
  ])
    expect(check.isSound(lie as never)).toBe(false)
})
