import { expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import type { RunEvents } from '../../lab/engine/run-events.ts'
import type { Scenario, ScenarioAct } from '../../lab/engine/scenario.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

const upper = twoHosts([
  ['bob', 'server', upperServer],
  ['alice', 'client', upperClient],
])

/** Everything that a scenario tells in its first seconds, and its capture. */
async function whole(scenario: Scenario, until = 5000): Promise<{ run: LabRun; events: RunEvents }> {
  const run = new LabRun(scenario)
  await run.advance(until)
  return { run, events: run.take() }
}

/** "S", "S.", "P. 5", "F.", …: a frame as its flags and octets. */
function short(text: string): string {
  const [, flags] = /Flags \[([^\]]*)\]/.exec(text) ?? []
  const [, length = '0'] = /length (\d+)$/.exec(text) ?? []
  return flags === undefined
    ? (text.split(',')[0]?.replace(/^IP6? /, '') ?? '')
    : length === '0'
      ? flags
      : `${flags} ${length}`
}

test('a run tells frames, each with the call that has caused it', async () => {
  const { events } = await whole(upper)
  const call = (cause: number) => events.calls[cause]?.text.replace(/ = .*/, '').replace(/, \{.*/, '')
  expect(events.frames.map(({ at, end, text, cause }) => [at, end, short(text), call(cause)])).toEqual([
    [0, 0, 'ARP', 'connect(3'],
    [10, 1, 'ARP', undefined],
    [20, 0, 'S', 'connect(3'],
    [30, 1, 'S.', undefined],
    [40, 0, 'P. 5', 'sendto(3, "hello", 5, 0, NULL, 0)'],
    [50, 1, 'P. 5', 'sendto(4, "HELLO", 5, 0, NULL, 0)'],
    [60, 0, 'F.', 'close(3)'],
    [70, 1, 'F.', 'close(4)'],
    [80, 0, '.', undefined],
  ])
  expect(events.fates.filter(({ fate }) => fate === 'arrives').length).toBe(9)
  expect(events.fates[0]).toEqual({ number: 1, fate: 'leaves', leftAt: 0, dueAt: 10 })
})

test('a run tells states of both ends, TIME-WAIT to its end', async () => {
  const { events } = await whole(upper, 100_000)
  const of = (host: string) =>
    events.states.filter((state) => state.host === host).map(({ at, from, to }) => `${at} ${from} > ${to}`)
  expect(of('alice')).toEqual([
    '0 CLOSED > SYN-SENT',
    '40 SYN-SENT > ESTABLISHED',
    '60 ESTABLISHED > FIN-WAIT-1',
    '80 FIN-WAIT-1 > FIN-WAIT-2',
    '80 FIN-WAIT-2 > TIME-WAIT',
    '60080 TIME-WAIT > CLOSED',
  ])
  expect(of('bob')).toEqual([
    '30 LISTEN > SYN-RECEIVED',
    '50 SYN-RECEIVED > ESTABLISHED',
    '70 ESTABLISHED > CLOSE-WAIT',
    '70 CLOSE-WAIT > LAST-ACK',
    '90 LAST-ACK > CLOSED',
  ])
})

test('a run tells what programs print and how they end, and the numbers of a connection when they change', async () => {
  const { events } = await whole(upper)
  expect(events.output.map(({ at, host, kind, text }) => `${at} ${host} ${kind} ${text}`.trim())).toEqual([
    '0 bob started',
    '0 alice started',
    '50 bob out heard hello',
    '60 alice out HELLO 12000',
    '60 alice ended',
    '70 bob ended',
  ])
  const alice = events.samples
    .filter(({ host }) => host === 'alice')
    .map(({ at, sndUna, sndNxt, rcvNxt }) => [at, sndUna, sndNxt, rcvNxt])
  expect(alice).toContainEqual([40, 1, 6, 1])
  expect(alice).toContainEqual([60, 6, 7, 6])
  const last = events.samples.at(-1)
  expect(last).toMatchObject({ cwnd: 10 * 1448, ssthresh: -1, recovery: 'open' })
})

test('the same scenario is the same run, byte for byte; another seed is another', async () => {
  const lossy = twoHosts(
    upper.programs.map(({ host, name, source }) => [host, name, source]),
    {
      links: [{ between: ['alice', 'bob'], delay: 10, jitter: 4, loss: 0.2 }],
    },
  )
  const [one, two, other] = [await whole(lossy), await whole(lossy), await whole({ ...lossy, seed: 8 })]
  expect(two.run.capture()).toEqual(one.run.capture())
  expect(two.events).toEqual(one.events)
  expect(other.run.capture()).not.toEqual(one.run.capture())
})

test('how a run is advanced does not change it: by events, frames, round trips or milliseconds', async () => {
  const { run: reference } = await whole(upper, 1000)
  const ways: readonly ((run: LabRun) => Promise<unknown>)[] = [
    (run) => run.stepEvent(),
    (run) => run.advance(1000, run.untilFrame()),
    (run) => run.advance(1000, run.untilTrip()),
    (run) => run.advance(run.now + 0.7),
  ]
  for (const way of ways) {
    const run = new LabRun(upper)
    while (run.now < 900) await way(run)
    expect(run.capture()).toEqual(reference.capture())
  }
})

test('a step goes to the next frame that leaves or arrives, a trip to one that comes back', async () => {
  const run = new LabRun(upper)
  const instants: number[] = []
  for (let i = 0; i < 5; i++) {
    await run.advance(1000, run.untilFrame())
    instants.push(run.now)
  }
  // What arrives and what answers it are one.
  expect(instants).toEqual([0, 10, 20, 30, 40])
  run.take()
  // Of the answer that leaves at 50.
  await run.advance(1000, run.untilTrip())
  expect(run.now).toBe(70)
  const other = new LabRun(upper)
  await other.advance(1000, other.untilTrip())
  expect(other.now).toBe(20)
})

async function until(run: LabRun, at: number): Promise<void> {
  await run.advance(at)
}

const fates: readonly (readonly [string, ScenarioAct, readonly string[]])[] = [
  // The data is frame 5, sent at 40: it comes again after a time-out that began as long as a round trip of 40 ms says.
  ['dropped', { frame: 5, drop: true }, ['40 P. 5', '282 P. 5']],
  ['held back', { frame: 5, delay: 30 }, ['40 P. 5']],
  ['doubled', { frame: 5, duplicate: 1 }, ['40 P. 5']],
  // A bit of the data: the checksum finds it.
  ['damaged', { frame: 5, flip: [66 * 8] }, ['40 P. 5', '282 P. 5']],
]

test.each(fates)(
  'a frame under way is %s by hand, and the same run comes of the scenario with that act',
  async (what, act, sent) => {
    const run = new LabRun(upper)
    await until(run, 45)
    expect(run.canStill(act)).toBe(true)
    run.act(act)
    await until(run, 1000)
    const data = run.take().frames.filter(({ end, text }) => end === 0 && text.endsWith('length 5'))
    const times = data.map(({ at, text }) => `${Math.floor(at)} ${short(text)}`)
    if (sent.length === 1) expect(times).toEqual(sent)
    else {
      expect(times.length).toBe(2)
      expect(times[0]).toBe(sent[0])
    }
    expect(run.canStill(act)).toBe(false)
    const again = new LabRun({ ...upper, acts: [act] })
    await until(again, 1000)
    expect(again.capture()).toEqual(run.capture())
    expect(what).not.toBe('')
  },
)

test('links are cut and mended, conditions changed, hosts crash and start again, programs are ended: at their instants', async () => {
  const acts: ScenarioAct[] = [
    { at: 45, link: 0, up: false },
    { at: 400, link: 0, up: true },
    { at: 500, link: 0, conditions: { delay: 1 } },
    { at: 2000, host: 'bob', end: 'server' },
    { at: 3000, host: 'bob', crash: true },
    { at: 4000, host: 'bob', restart: true },
  ]
  const server = upperServer.replace('await connection.close()\nawait listener.close()', 'await new Promise(() => {})')
  const { events } = await whole(
    twoHosts(
      [
        ['bob', 'server', server],
        ['alice', 'client', upperClient],
      ],
      { acts },
    ),
  )
  expect(events.fates.filter(({ fate }) => fate === 'lost')[0]).toEqual({
    number: 5,
    fate: 'lost',
    at: 45,
    why: 'down',
  })
  const bob = events.output.filter(({ host }) => host === 'bob').map(({ at, kind, text }) => `${at} ${kind} ${text}`)
  expect(bob.filter((line) => !line.includes('heard'))).toEqual([
    '0 started ',
    '2000 stopped ended from outside',
    '4000 started ',
  ])
})

test('what is open on a host is listed as netstat lists it; of a frame there are the layers', async () => {
  const run = new LabRun(upper)
  await until(run, 45)
  expect(run.sockets('bob').map(({ state, localPort, peerPort }) => [state, localPort, peerPort === 0])).toEqual([
    ['LISTEN', 12000, true],
    ['SYN-RECEIVED', 12000, false],
  ])
  expect(run.sockets('alice')[0]?.timers.map(({ kind }) => kind)).toEqual(['tail-loss-probe'])
  expect(run.inspect(3)?.layers.map(({ layer }) => layer)).toEqual(['Ethernet', 'IPv4', 'TCP'])
  expect(run.inspect(99)).toBe(null)
  expect(() => run.sockets('carol')).toThrow('host must be the name of one, got "carol"')
})
