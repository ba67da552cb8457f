import { expect, test } from 'vitest'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { Patience } from '../../src/cli/traceroute/traceroute-patience.ts'

test('a probe that nobody answers is waited for at most 5 s, 3 times as long as its hop took, 10 times as long as one further on (traceroute(8))', () => {
  const clock = new ManualClock()
  const patience = new Patience(clock, 2, { most: 5000, here: 3, near: 10 })
  const signals = Array.from({ length: 8 }, (_, i) => patience.begin(i))
  const given = () => signals.flatMap(({ aborted }, i) => (aborted ? [i] : []))
  clock.advanceTo(10)
  // The second probe of the second hop, and the first of the third.
  patience.end(3, 10)
  patience.end(4, 10)
  // 3 * (10 + 50) for those of the same hops.
  clock.advanceTo(179)
  expect(given()).toEqual([])
  clock.advanceTo(180)
  expect(given()).toEqual([2, 5])
  // 10 * (10 + 50) for the first hop.
  clock.advanceTo(599)
  expect(given()).toEqual([2, 5])
  clock.advanceTo(600)
  expect(given()).toEqual([0, 1, 2, 5])
  // Nobody has answered from further on.
  clock.advanceTo(4999)
  expect(given()).toEqual([0, 1, 2, 5])
  clock.advanceTo(5000)
  expect(given()).toEqual([0, 1, 2, 5, 6, 7])
})

test('without factors every probe has the whole time', () => {
  const clock = new ManualClock()
  const patience = new Patience(clock, 1, { most: 1000, here: 0, near: 0 })
  const first = patience.begin(0)
  patience.begin(1)
  patience.end(1, 1)
  clock.advanceTo(999)
  expect(first.aborted).toBe(false)
  clock.advanceTo(1000)
  expect(first.aborted).toBe(true)
})
