import { expect, test } from 'vitest'
import type { Order, Tidings } from '../../lab/engine/messages.ts'
import type { Scenario } from '../../lab/engine/scenario.ts'
import { LabSession } from '../../lab/engine/session.ts'
import { Asked } from '../../lab/page/state/asked.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

const upper = twoHosts([
  ['bob', 'server', upperServer],
  ['alice', 'client', upperClient],
])

/** A session on a machine whose time passes when the test says so. `commands`: what its page has for terminals. */
function session(commands = '') {
  const tidings: Tidings[] = []
  let now = 0
  let tasks: (() => void)[] = []
  const machine = { now: () => now, later: (task: () => void) => void tasks.push(task) }
  const lab: LabSession = new LabSession((one) => {
    tidings.push(one)
    if (one.tell === 'wants') void lab.order({ do: 'commands', text: commands })
  }, machine)
  return {
    tidings,
    order: (order: Order) => lab.order(order),
    lab,
    /** Lets milliseconds pass, and what was put off happen. */
    async pass(milliseconds: number) {
      now += milliseconds
      const due = tasks
      tasks = []
      for (const task of due) task()
      await lab.order({ do: 'inspect', number: 0, request: 0 })
    },
    get waiting() {
      return tasks.length
    },
    get told() {
      return tidings.map(({ tell }) => tell)
    },
    take<T extends Tidings['tell']>(tell: T): Extract<Tidings, { tell: T }>[] {
      const found = tidings.filter((one): one is Extract<Tidings, { tell: T }> => one.tell === tell)
      tidings.length = 0
      return found
    },
  }
}

test('a scenario is loaded, with the addresses that it gives, and stepped through', async () => {
  const { order, take } = session()
  await order({ do: 'load', scenario: upper })
  const [loaded] = take('loaded')
  expect(loaded?.addresses).toEqual([
    { link: 0, end: 0, name: 'alice.eth0', addresses: ['10.0.1.1/24'] },
    { link: 0, end: 1, name: 'bob.eth0', addresses: ['10.0.1.2/24'] },
  ])
  await order({ do: 'step', by: 'frame' })
  await order({ do: 'step', by: 'frame' })
  expect(take('news').map(({ now }) => now)).toEqual([10, 20])
  await order({ do: 'seek', at: 45 })
  const [news] = take('news')
  expect(news?.sockets['bob']?.map(({ state }) => state)).toEqual(['LISTEN', 'SYN-RECEIVED'])
})

test('going back is the same run again: what is told then is what was told before', async () => {
  const { order, take } = session()
  await order({ do: 'load', scenario: upper, at: 500 })
  const [first] = take('news')
  await order({ do: 'seek', at: 45 })
  expect(take('loaded').length).toBe(1)
  await order({ do: 'seek', at: 500 })
  const parts = take('news')
  await order({ do: 'seek', at: 0 })
  await order({ do: 'seek', at: 500 })
  const frames = take('news').flatMap(({ events }) => events.frames)
  expect(frames).toEqual(first?.events.frames)
  expect(parts.length).toBe(1)
})

test('it plays at a rate, is told of in slices, and pauses', async () => {
  const { order, take, pass, waiting } = session()
  await order({ do: 'load', scenario: upper })
  await order({ do: 'play', rate: 0.5 })
  take('news')
  await pass(16)
  await pass(16)
  expect(take('news').map(({ now, playing }) => [now, playing])).toEqual([
    [8, true],
    [16, true],
  ])
  await order({ do: 'pause' })
  expect(take('news').map(({ now, playing }) => [now, playing])).toEqual([[16, false]])
  await pass(1000)
  expect(take('news')).toEqual([])
  expect(waiting).toBe(0)
  await order({ do: 'play', rate: 2 })
  await pass(10)
  expect(take('news').at(-1)?.now).toBe(36)
})

test('another rate is that of the slices to come, of which there are no more than before', async () => {
  const lab = session()
  await lab.order({ do: 'load', scenario: upper })
  for (let rate = 1; rate <= 5; rate++) await lab.order({ do: 'play', rate })
  expect(lab.waiting).toBe(1)
  lab.take('news')
  await lab.pass(16)
  expect(lab.take('news').map(({ now }) => now)).toEqual([80])
})

test('an act on what is to come is carried out as the run goes on; on what is over, by going back to the same instant', async () => {
  const lab = session()
  const { order, take } = lab
  await order({ do: 'load', scenario: upper, at: 45 })
  take('news')
  await order({ do: 'act', act: { frame: 5, drop: true } })
  expect(lab.told).toEqual(['acted', 'news'])
  expect(take('acted')).toEqual([{ tell: 'acted', acts: [{ frame: 5, drop: true }], request: 0 }])
  await order({ do: 'seek', at: 200 })
  const lost = take('news')
    .flatMap(({ events }) => events.fates)
    .filter(({ fate }) => fate === 'lost')
  expect(lost).toEqual([{ number: 5, fate: 'lost', at: 50, why: 'act' }])
  // The SYN: long over.
  await order({ do: 'act', act: { frame: 3, drop: true } })
  const tidings = take('loaded')
  expect(tidings.map(({ scenario }) => scenario.acts)).toEqual([
    [
      { frame: 5, drop: true },
      { frame: 3, drop: true },
    ],
  ])
  await order({ do: 'capture', request: 9 })
  expect(take('captured')[0]).toMatchObject({ request: 9 })
  await order({ do: 'inspect', number: 3, request: 10 })
  expect(take('inspected')[0]?.frame?.layers.map(({ layer }) => layer)).toEqual(['Ethernet', 'IPv4', 'TCP'])
})

const wrong: readonly (readonly [Order, RegExp])[] = [
  [{ do: 'load', scenario: { version: 9 } }, /^version must be 1, got 9$/],
  [{ do: 'act', act: { frame: -1, drop: true } }, /^acts\[0\]\.frame must be/],
  [
    { do: 'act', act: { at: 1e6, host: 'carol', crash: true } },
    /^acts\[0\]\.host must be the name of a node, got "carol"$/,
  ],
  [{ do: 'play', rate: 0 }, /^rate must be greater than 0, got 0$/],
  [{ do: 'seek', at: Number.NaN }, /^at must be 0 or more milliseconds, got NaN$/],
]

test.each(wrong)('an order that cannot be is refused, and the run is as it was: %j', async (order, message) => {
  const lab = session()
  await lab.order({ do: 'load', scenario: upper, at: 45 })
  lab.take('news')
  await lab.order(order)
  expect(lab.told.every((tell) => tell === 'refused')).toBe(true)
  expect(lab.take('refused').map((one) => one.message)).toEqual([expect.stringMatching(message)])
  await lab.order({ do: 'seek', at: 100 })
  expect(lab.take('news')[0]?.now).toBe(100)
})

test('a program that computes without end is told of while it does, and stopped', async () => {
  const scenario: Scenario = twoHosts([['alice', 'busy', 'let n = 0\nfor (;;) n++']])
  const lab = session()
  // Each look at the machine's time is some milliseconds later.
  let now = 0
  const tidings: Tidings[] = []
  const slow = new LabSession((one) => tidings.push(one), { now: () => (now += 30), later: () => {} })
  await slow.order({ do: 'load', scenario, at: 1 })
  expect(tidings.filter(({ tell }) => tell === 'busy')[0]).toEqual({
    tell: 'busy',
    host: 'alice',
    program: 'busy',
    line: 2,
  })
  const output = tidings.flatMap((one) => (one.tell === 'news' ? one.events.output : []))
  expect(output.map(({ kind, line }) => [kind, line])).toEqual([
    ['started', 0],
    ['stopped', 2],
  ])
  expect(lab.waiting).toBe(0)
})

/** As many characters of JavaScript as a command of a terminal can be: it says what it is, and ends. */
const COMMAND = "process.stdout.write(process.argv.slice(2).join('+') + '\\n');process.exit()"

/** What terminals have shown. */
function shown(tidings: readonly Tidings[]): string[] {
  const output = tidings.flatMap((one) => (one.tell === 'news' ? one.events.output : []))
  return output.map(({ at, kind, text }) => `${at} ${kind} ${text}`.trim())
}

test('what terminals run is asked for when it is wanted, and waited for; what is typed happens just behind now', async () => {
  const lab = session(COMMAND)
  await lab.order({ do: 'load', scenario: twoHosts([]), at: 45 })
  expect(lab.told).toEqual(['loaded', 'news'])
  await lab.order({ do: 'type', act: { host: 'alice', run: 'ping bob' } })
  expect(lab.told).toEqual(['loaded', 'news', 'wants', 'acted', 'news'])
  expect(lab.take('acted')[0]?.acts).toEqual([{ at: 45.001, host: 'alice', run: 'ping bob' }])
  await lab.order({ do: 'seek', at: 50 })
  expect(shown(lab.tidings)).toEqual(['45.001 started ping bob', '45.001 out ping+bob', '45.001 ended'])
  lab.tidings.length = 0
  // From the beginning it is the same, and nobody asks again.
  await lab.order({ do: 'seek', at: 46 })
  expect(lab.told).toEqual(['loaded', 'news'])
  expect(shown(lab.tidings)).toEqual(['45.001 started ping bob', '45.001 out ping+bob', '45.001 ended'])
})

test('where what terminals run cannot be had, each command says so, and it is asked for again', async () => {
  const lab = session()
  const acts = [{ at: 0, host: 'alice', run: 'ping bob' }]
  for (let i = 0; i < 2; i++) {
    await lab.order({ do: 'load', scenario: twoHosts([], { acts }), at: 1 })
    expect(lab.told).toEqual(['wants', 'loaded', 'news'])
    expect(shown(lab.tidings)).toEqual([
      '0 started ping bob',
      '0 failed the commands of the terminal could not be loaded',
    ])
    lab.tidings.length = 0
  }
})

test('on the way to a far instant the page is told how far it is; who asks for another does not wait', async () => {
  const tidings: Tidings[] = []
  let now = 0
  const slow = new LabSession((one) => tidings.push(one), { now: () => (now += 60), later: () => {} })
  const instants = () => tidings.flatMap((one) => (one.tell === 'news' ? [one.now] : []))
  await slow.order({ do: 'load', scenario: upper, at: 500 })
  expect(instants().length).toBeGreaterThan(3)
  expect(instants().at(-1)).toBe(500)
  tidings.length = 0
  const first = slow.order({ do: 'seek', at: 10_000_000 })
  await slow.order({ do: 'seek', at: 100 })
  await first
  expect(Math.max(...instants())).toBeLessThan(10_000_000)
  expect(instants().at(-1)).toBe(100)
})

test('what is done at the very instant of a run is done then as well when the run is begun anew', async () => {
  for (const steps of [1, 3, 5, 8, 12]) {
    const { order, take } = session()
    await order({ do: 'load', scenario: upper })
    for (let i = 0; i < steps; i++) await order({ do: 'step', by: 'event' })
    const at = take('news').at(-1)?.now ?? 0
    await order({ do: 'act', act: { at, link: 0, up: false } })
    // It has been done.
    expect(take('news').at(-1)?.now).toBe(Math.floor(at * 1000 + 1) / 1000)
    await order({ do: 'seek', at: 500 })
    await order({ do: 'capture', request: 1 })
    const [now] = take('captured')
    await order({ do: 'seek', at: 0 })
    await order({ do: 'seek', at: 500 })
    await order({ do: 'capture', request: 2 })
    expect(take('captured')[0]?.bytes).toEqual(now?.bytes)
  }
})

test('what is done to a frame that has been held back already is done by going back', async () => {
  const { order, take } = session()
  await order({ do: 'load', scenario: { ...upper, acts: [{ frame: 3, delay: 5000 }] }, at: 500 })
  take('news')
  await order({ do: 'act', act: { frame: 3, drop: true } })
  expect(take('loaded').map(({ scenario }) => scenario.acts.length)).toEqual([2])
  await order({ do: 'seek', at: 6000 })
  const fates = take('news').flatMap(({ events }) => events.fates)
  expect(fates.filter(({ number }) => number === 3).map(({ fate }) => fate)).not.toContain('arrives')
})

test('a step where nothing travels any more stays where it is, and says so', async () => {
  const { order, take } = session()
  await order({ do: 'load', scenario: { ...upper, programs: [] } })
  take('news')
  await order({ do: 'step', by: 'frame' })
  expect(take('refused').map(({ message }) => message)).toEqual([
    'Nothing travels any more, and nothing is waited for.',
  ])
  await order({ do: 'seek', at: 0 })
  expect(take('news').at(-1)?.now).toBe(0)
})

test('a long step is ended by a pause', async () => {
  const busy = 'for (let i = 0; ; i++) {\n  await new Promise((done) => setTimeout(done, 0.01))\n}'
  const lab = session()
  await lab.order({ do: 'load', scenario: { ...upper, programs: [{ host: 'alice', name: 'busy', source: busy }] } })
  lab.take('news')
  const stepping = lab.order({ do: 'step', by: 'trip' })
  await lab.order({ do: 'pause' })
  await stepping
  expect(lab.take('news').at(-1)?.now).toBeLessThan(60_000)
})

test('an answer has the number of what it answers: who waits for another is not answered by going back, or by a step', async () => {
  const { order, take } = session()
  const asked = new Asked()
  await order({ do: 'load', scenario: upper, at: 100, request: asked.ask(false) })
  expect(take('loaded').map(({ request }) => asked.answered(request))).toEqual([false])
  expect(asked.isEmpty).toBe(true)
  const [first, second] = [asked.ask(true), asked.ask(true)]
  await order({ do: 'seek', at: 50 })
  for (const { request } of take('loaded')) expect(asked.answered(request)).toBe(false)
  await order({ do: 'act', act: { at: 60, link: 0, up: false }, request: first })
  expect(take('acted').map(({ request }) => asked.answered(request))).toEqual([true])
  expect(asked.isEmpty).toBe(false)
  await order({ do: 'play', rate: -1 })
  for (const { request } of take('refused')) expect(asked.answered(request)).toBe(false)
  // What is over is done in a run from the beginning.
  await order({ do: 'act', act: { at: 10, link: 0, up: false }, request: second })
  expect(take('loaded').map(({ request }) => asked.answered(request))).toEqual([true])
  expect(asked.isEmpty).toBe(true)
  await order({ do: 'act', act: { at: 99, link: 7, up: false }, request: asked.ask(true) })
  expect(take('refused').map(({ request }) => asked.answered(request))).toEqual([true])
})
