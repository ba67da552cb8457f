// iperf3 against itself, over two stacks in virtual time: what it measures is known.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Iperf3World } from './iperf3-world.ts'

const RATE = 10_000_000

describe('over a cable of 10 Mbit/s', () => {
  let world: Iperf3World

  beforeEach(() => {
    world = new Iperf3World({ rate: RATE, delay: 1, queue: 64_000 })
    world.serve()
  })

  afterEach(() => world.interrupt())

  test('TCP: two seconds fill the cable', async () => {
    const { end, intervals } = await world.client({ tcp: true, time: 2, len: 8192 })
    expect(end.sum_received.bits_per_second / RATE).toBeGreaterThan(0.9)
    expect(end.sum_received.bits_per_second / RATE).toBeLessThan(1)
    expect(intervals.slice(0, 2).map(({ sum }: { sum: { start: number } }) => Math.round(sum.start))).toEqual([0, 1])
    expect((await world.serverReport()).end.sum_received.bytes).toBe(end.sum_received.bytes)
    expect(end.streams[0].sender.max_snd_cwnd).toBeGreaterThan(0)
  })

  test.each([
    ['forward', {}],
    ['reverse', { reverse: true }],
  ])('TCP, %s: so many octets are sent, and all of them come', async (_, direction) => {
    // Buffers that take all at once: when the sender is done, most has yet to go.
    const amount = { tcp: true, num: 300_000, len: 1000, parallel: 3, window: 400_000 }
    const { end } = await world.client({ ...amount, ...direction })
    const { end: there } = await world.serverReport()
    expect([end.sum_sent.bytes, end.sum_received.bytes]).toEqual([300_000, 300_000])
    expect([there.sum_sent.bytes, there.sum_received.bytes]).toEqual([300_000, 300_000])
  })

  test('both directions: each is full', async () => {
    const { end } = await world.client({ tcp: true, time: 2, len: 8192, bidirectional: true })
    for (const sum of [end.sum_received, end.sum_received_bidir_reverse]) {
      expect(sum.bits_per_second / RATE).toBeGreaterThan(0.8)
    }
  })

  test('UDP at half the rate: all come, and the rate is what was asked for', async () => {
    const { end } = await world.client({ udp: true, time: 2, len: 1000, bandwidth: RATE / 2 })
    expect(end.sum.lost_packets).toBe(0)
    expect(end.sum_sent.bits_per_second / RATE).toBeCloseTo(0.5, 2)
    expect(end.sum_received.bits_per_second / RATE).toBeCloseTo(0.5, 2)
    // Each takes as long as the one before, but for a few microseconds that no header has room for.
    expect(end.sum.jitter_ms).toBeLessThan(0.1)
  })

  test('UDP at twice the rate, from the server: it waits for its link, and nothing is lost', async () => {
    const { end } = await world.client({ udp: true, time: 2, len: 1000, bandwidth: 2 * RATE, reverse: true })
    expect(end.sum_received.bits_per_second / RATE).toBeGreaterThan(0.9)
    expect(end.sum_received.bits_per_second / RATE).toBeLessThan(1)
    expect((await world.serverReport()).end.sum_sent.packets).toBe(end.sum_sent.packets)
  })

  test('a rate of TCP, in bursts', async () => {
    const { end } = await world.client({ tcp: true, time: 2, len: 1000, bandwidth: 1_000_000, burst: 5 })
    expect(end.sum_sent.bits_per_second / 1_000_000).toBeCloseTo(1, 1)
  })

  test('the first second is left out: what was sent in it does not count', async () => {
    const { end, intervals } = await world.client({ udp: true, time: 1, omit: 1, len: 1000, bandwidth: 800_000 })
    expect(intervals[0].sum.omitted).toBe(true)
    expect(end.sum_sent.bytes).toBeGreaterThanOrEqual(100_000)
    expect(end.sum_sent.bytes).toBeLessThanOrEqual(101_000)
    expect(end.sum_sent.seconds).toBeCloseTo(1, 3)
  })

  test('blocks, and what the server has printed', async () => {
    const told = await world.client({ tcp: true, blockcount: 7, len: 500, get_server_output: 1, extra_data: 'x' })
    expect(told.end.sum_sent.bytes).toBe(3500)
    expect(told.server_output_json.end.sum_received.bytes).toBe(3500)
    expect(told.extra_data).toBe('x')
  })

  test('-1: the server ends after one test, and a second is refused', async () => {
    world.interrupt()
    world = new Iperf3World()
    const running = world.serve({ once: true })
    await world.client({ tcp: true, blockcount: 1 })
    await world.drive(running)
    expect((await world.client({ tcp: true })).error).toBe('unable to connect to server: Connection refused')
  })

  test('interrupted: the server says so to its client, and rejects', async () => {
    const client = world.client({ tcp: true, time: 60, len: 1000, bandwidth: 100_000 })
    world.net.clock.alarm(() => world.interrupt()).set(world.net.clock.now() + 3000)
    const { error, end } = await client
    expect(error).toBe('the server has terminated')
    expect(end.sum_sent.bytes).toBeGreaterThan(30_000)
  })
})
