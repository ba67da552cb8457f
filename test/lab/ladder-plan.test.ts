import { expect, test } from 'vitest'
import { APART, LadderPlan } from '../../lab/page/packets/ladder-plan.ts'

const NEVER = Number.POSITIVE_INFINITY
const FLOW = '10.0.0.1:5 10.0.0.2:80'

/** Frames by when they leave and come, over the links alice – middle and middle – bob. */
function plan(now: number, ...frames: (readonly [number, 0 | 1, number, number, string?])[]): LadderPlan {
  return new LadderPlan(
    frames.map(([link, end, at, dueAt, flow = FLOW], i) => ({
      number: i + 1,
      ...{ link, end, at, dueAt, flow, lostAt: NEVER, arrivedAt: dueAt <= now ? dueAt : NEVER },
    })),
    [],
    now,
    0,
    (link, end) => ['alice', 'middle', 'bob'][link + end] ?? '',
  )
}

const begins = (made: LadderPlan, ...numbers: number[]) => numbers.map((number) => made.begin(number))
const ends = (made: LadderPlan, ...numbers: number[]) => numbers.map((number) => made.end(number))

test('frames that leave at one instant stand below each other, and come so', () => {
  const made = plan(30, [0, 0, 5, 15], [0, 0, 5, 15], [0, 0, 5, 15])
  expect(begins(made, 1, 2, 3)).toEqual([15, 15 + APART, 15 + 2 * APART])
  const first = made.end(1)
  expect(ends(made, 1, 2, 3)).toEqual([first, first + APART, first + 2 * APART])
  // What comes then is below all of them.
  expect(first).toBeGreaterThan(made.begin(3))
  expect(made.y(30)).toBeGreaterThan(made.end(3))
})

test('as long as they are under way they are as far from each other', () => {
  const made = plan(7, [0, 0, 5, 15], [0, 0, 5, 15])
  expect(ends(made, 1, 2)).toEqual([made.y(7), made.y(7) + APART])
})

test('what a host answers is below all that has come to it; what only passes goes on where it came', () => {
  const back = '10.0.0.2:80 10.0.0.1:5'
  const passed = plan(9, [0, 0, 0, 5], [0, 0, 0, 5], [1, 0, 5, 9], [1, 0, 5, 9])
  expect(begins(passed, 3, 4)).toEqual(ends(passed, 1, 2))
  const answered = plan(9, [0, 0, 0, 5], [0, 0, 0, 5], [0, 1, 5, 9, back])
  expect(answered.begin(3)).toBe(answered.end(2))
  expect([answered.behind('middle', 5), answered.behind('alice', 5)]).toEqual([APART, 0])
})

test('an answer to one frame leaves where that has come', () => {
  const made = plan(10, [0, 0, 0, 5], [0, 1, 5, 10])
  expect(made.begin(2)).toBe(made.end(1))
})

test('where a link takes no time, frames stand in the order of their numbers', () => {
  const made = plan(3, [0, 0, 3, 3], [0, 1, 3, 3], [0, 0, 3, 3])
  expect(begins(made, 1, 2, 3)).toEqual([9, 9 + APART, 9 + 2 * APART])
  expect(ends(made, 1, 2, 3)).toEqual(begins(made, 1, 2, 3))
})

test('frames that leave soon after each other have room; long waits are cut short', () => {
  const made = plan(2000, [0, 0, 1, 1000], [0, 0, 1.1, 1000.1])
  expect(made.begin(2) - made.begin(1)).toBe(APART)
  expect(made.end(1) - made.begin(2)).toBeLessThan(100)
  expect(made.bottom).toBe(made.y(2000))
})
