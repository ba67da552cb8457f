import { expect, test } from 'vitest'
import { LabRun } from '../../lab/engine/lab-run.ts'
import type { SampleEvent } from '../../lab/engine/run-events.ts'
import { inFlight } from '../../lab/page/connection/plot-data.ts'
import { transfer } from './transfer.ts'
import { twoHosts, upperClient, upperServer } from './two-hosts.ts'

/** The eighth segment of data: frames 1 to 4 are ARP and the handshake. */
const LOST = { frame: 12, drop: true } as const
const MSS = 1448

async function until(run: LabRun, at: number) {
  await run.advance(at)
  return run.take()
}

function last(samples: readonly SampleEvent[], of: string): SampleEvent {
  return samples.findLast(({ host }) => host === of) as SampleEvent
}

test('a loss: what the peer has reported, what came ahead of the hole, and which segment went again in which frame', async () => {
  const run = new LabRun(transfer(60_000, { acts: [LOST] }))
  const { samples, segments, frames } = await until(run, 1000)
  const lost = frames[LOST.frame - 1]
  const [segment, again, ...others] = segments.filter(({ seq }) => seq === 1 + 7 * MSS)
  expect(segment).toEqual({ ...segment, at: lost?.at, host: 'alice', end: 1 + 8 * MSS, kind: 'new', frame: LOST.frame })
  expect(again).toMatchObject({ host: 'alice', end: 1 + 8 * MSS, kind: 'again' })
  expect(others).toEqual([])
  const resent = frames[(again?.frame ?? 0) - 1]
  expect(resent).toMatchObject({ at: again?.at, flow: segment?.ends })
  expect(resent?.text).toMatch(/length 1448$/)
  expect(segments.filter(({ kind }) => kind !== 'new')).toEqual([again])
  const hole = 1 + 8 * MSS
  const reported = samples.filter(({ host, sacked }) => host === 'alice' && sacked.length > 0)
  expect(reported[0]?.sacked).toEqual([hole, hole + MSS])
  expect(reported.every(({ sndUna }) => sndUna === 1 + 7 * MSS)).toBe(true)
  const ahead = samples.filter((sample) => sample.host === 'bob' && sample.ahead.length > 0)
  expect(ahead[0]?.ahead).toEqual([hole, hole + MSS])
  expect(ahead.every(({ rcvNxt, ahead: [left] }) => rcvNxt === 1 + 7 * MSS && left === hole)).toBe(true)
  // What has come is reported a way of 10 ms later.
  expect(reported.at(-1)?.sacked).toEqual(ahead.findLast(({ at }) => at < (reported.at(-1)?.at ?? 0) - 10)?.ahead)
  expect(new Set(reported.map(({ recovery }) => recovery))).toEqual(new Set(['disorder', 'recovery']))
  expect(last(samples, 'alice')).toMatchObject({ sndUna: 60_002, written: 60_001, sacked: [], pipe: 0, mss: MSS })
})

test('in flight are octets, also of a segment that is short; what is reported is there no more', async () => {
  const programs = [
    ['bob', 'server', upperServer],
    ['alice', 'client', upperClient],
  ] as const
  const short = await until(new LabRun(twoHosts(programs)), 1000)
  const octets = short.samples.filter(({ host, sndNxt }) => host === 'alice' && sndNxt > 1).map(inFlight)
  expect(new Set(octets)).toEqual(new Set([5, 1]))
  const { samples } = await until(new LabRun(transfer(60_000, { acts: [LOST] })), 1000)
  const reported = samples.filter(({ host, sacked }) => host === 'alice' && sacked.length === 2)
  expect(reported.length).toBeGreaterThan(1)
  for (const sample of reported) {
    const [from, to] = sample.sacked as [number, number]
    expect(inFlight(sample)).toBe(sample.sndNxt - to + (from - sample.sndUna))
  }
})

test('at any instant the numbers are those of TCP_INFO, and timers expire when the stack says', async () => {
  const run = new LabRun(transfer(60_000, { acts: [LOST] }))
  const told = new Map<string, SampleEvent>()
  for (const at of [45, 62, 65, 68, 72, 76, 84, 90]) {
    for (const sample of (await until(run, at)).samples) told.set(sample.host, sample)
    for (const host of ['alice', 'bob']) {
      const entry = run.sockets(host).find(({ peerPort, details }) => peerPort !== 0 && details !== null)
      const sample = told.get(host)
      if (entry === undefined || entry.details === null) continue
      const { details } = entry
      const pipe = details.tcpi_unacked - details.tcpi_sacked - details.tcpi_lost + details.tcpi_retrans
      expect(sample, `${host} at ${at}`).toMatchObject({
        cwnd: details.tcpi_snd_cwnd * MSS,
        ssthresh: details.tcpi_snd_ssthresh === 0x7fffffff ? -1 : details.tcpi_snd_ssthresh * MSS,
        pipe: pipe * MSS,
        srtt: details.tcpi_rtt / 1000,
        rttvar: details.tcpi_rttvar / 1000,
        rto: details.tcpi_rto / 1000,
        sndWnd: details.tcpi_snd_wnd,
        readable: entry.receiveQueue,
        timers: entry.timers.map(({ kind, left }) => ({ kind, at: at + left })),
      })
    }
  }
  // Every segment of the flight was sent once: the round trip is what it takes there and back, its own time on the link with it.
  const alice = told.get('alice')
  expect(alice?.rtt).toBeGreaterThan(20.5)
  expect(alice?.rttAt).toBeLessThanOrEqual(alice?.at ?? 0)
})

test('a connection is told of once an instant, and not at all where nothing has changed', async () => {
  const run = new LabRun(transfer(400_000, { acts: [LOST] }))
  const { samples, segments, frames } = await until(run, 1000)
  expect(new Set(samples.map(({ at, ends }) => `${at} ${ends}`)).size).toBe(samples.length)
  expect(samples.length).toBeLessThan(frames.length * 1.2)
  const taking = frames.filter(
    ({ kind, text }) => kind === 'tcp' && (/Flags \[[SF]/.test(text) || !/length 0$/.test(text)),
  )
  expect(segments.map(({ frame }) => frame)).toEqual(taking.map(({ number }) => number))
  expect((await until(run, 30_000)).samples).toEqual([])
})
