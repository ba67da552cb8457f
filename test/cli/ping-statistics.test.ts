import { describe, expect, test } from 'vitest'
import { PingStatistics } from '../../src/cli/ping/ping-statistics.ts'

describe('ping, its statistics', () => {
  test('nothing sent', () => {
    expect(new PingStatistics().summary('10.0.0.1')).toBe(
      '\n--- 10.0.0.1 ping statistics ---\n0 packets transmitted, 0 received, 0% packet loss, time 0ms\n\n',
    )
  })

  test('round trips: shortest, mean, longest, deviation', () => {
    const statistics = new PingStatistics()
    statistics.sent(1000)
    expect(statistics.answered(1, 1001)).toBe(1)
    statistics.sent(2000)
    expect(statistics.answered(2, 2003)).toBe(3)
    expect(statistics.summary('10.0.0.1')).toBe(
      '\n--- 10.0.0.1 ping statistics ---\n' +
        '2 packets transmitted, 2 received, 0% packet loss, time 1003ms\n' +
        'rtt min/avg/max/mdev = 1.000/2.000/3.000/1.000 ms\n',
    )
  })

  test('more than one under way, and a pace that answers set, are told as iputils tells them', () => {
    const statistics = new PingStatistics()
    statistics.sent(0)
    statistics.sent(1)
    statistics.sent(2)
    statistics.answered(1, 8)
    statistics.answered(3, 10)
    const rtt = 'rtt min/avg/max/mdev = 8.000/8.000/8.000/0.000 ms, pipe 3'
    expect(statistics.summary('h')).toContain(`${rtt}\n`)
    expect(statistics.summary('h', true)).toContain(`${rtt}, ipg/ewma 5.000/8.000 ms\n`)
  })

  test('errors alone: who was under way at once, and no times', () => {
    const statistics = new PingStatistics()
    statistics.sent(0)
    statistics.sent(1)
    statistics.refused(1)
    expect(statistics.summary('h')).toMatch(/, time 1ms\npipe 2\n$/)
  })

  test('loss in up to six digits, duplicates and errors', () => {
    const statistics = new PingStatistics()
    for (let i = 0; i < 3; i++) statistics.sent(i)
    statistics.answered(1, 10)
    expect(statistics.answered(1, 11)).toBe(-11)
    statistics.refused(2)
    statistics.refused(2)
    expect(statistics.outstanding).toBe(1)
    expect(statistics.summary('h')).toContain(
      '3 packets transmitted, 1 received, +1 duplicates, +1 errors, 66.6667% packet loss',
    )
  })

  test('an answer after an error counts as an answer', () => {
    const statistics = new PingStatistics()
    statistics.sent(0)
    statistics.refused(1)
    expect(statistics.answered(1, 5)).toBe(5)
    expect(statistics).toMatchObject({ received: 1, errors: 0, outstanding: 0 })
  })

  test('an answer that nobody asked for is none', () => {
    const statistics = new PingStatistics()
    statistics.sent(0)
    expect(statistics.answered(2, 1)).toBeNull()
    expect(statistics.received).toBe(0)
  })

  test('which requests wait since when', () => {
    const statistics = new PingStatistics()
    for (let i = 0; i < 4; i++) statistics.sent(i)
    statistics.answered(3, 5)
    expect(statistics.waitingSince(1)).toEqual([2, 4])
    expect(statistics.waitingSince(4)).toEqual([])
  })

  test('numbers wrap at 16 bits and are used again', () => {
    const statistics = new PingStatistics()
    for (let i = 0; i < 65536; i++) {
      statistics.sent(i)
      statistics.answered((i + 1) & 0xffff, i)
    }
    expect(statistics.nextSequence).toBe(1)
    statistics.sent(70_000)
    expect(statistics.answered(1, 70_001)).toBe(1)
    expect(statistics.received).toBe(65537)
  })
})
