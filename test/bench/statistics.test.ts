import { expect, test } from 'vitest'
import { load } from './load.ts'

const { quantile, ratios, spread } = await load('harness/statistics.mjs')
const { goalText, judge } = await load('harness/judge.mjs')

test('quantiles lie between two values where they fall there, whatever the order', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([5, 1, 9], 0.5)).toBe(5)
  expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
  expect(quantile([7], 0.75)).toBe(7)
  expect(spread([100, 9, 20])).toEqual({ median: 20, min: 9, q1: 14.5, q3: 60, max: 100 })
})

test('ratios are those of the rounds that both have; what cannot be divided is left out', () => {
  expect(ratios([10, 20, null, 40, 50], [5, null, 3, 10, 0])).toEqual([2, 4])
  expect(ratios([10], [])).toEqual([])
})

test('more is better: aim, floor, below', () => {
  const figure = { better: 'more', unit: 'Gbit/s', floor: { absolute: 15, gvisor: 5 }, aim: { absolute: 25 } }
  const peers = (ratio: number | null) => [{ name: 'gvisor', ratio }]
  expect(judge(figure, 30, peers(6))).toBe('aim')
  expect(judge(figure, 20, peers(6))).toBe('floor')
  expect(judge(figure, 14, peers(6))).toBe('below')
  expect(judge(figure, 30, peers(4))).toBe('below')
  // A peer that is not there cannot be judged by: what is left decides.
  expect(judge(figure, 30, peers(null))).toBe('aim')
  expect(judge(figure, null, peers(6))).toBe(null)
})

test('less is better, and the strictest variant of a peer counts', () => {
  const figure = { better: 'less', unit: 'µs', floor: { gvisor: 0.7 }, aim: {} }
  const peers = (one: number, other: number) => [
    { name: 'gvisor', ratio: one },
    { name: 'gvisor without RACK', ratio: other },
    { name: 'node:net', ratio: 2 },
  ]
  expect(judge(figure, 10, peers(0.5, 0.6))).toBe('aim')
  expect(judge(figure, 10, peers(0.5, 0.8))).toBe('below')
  expect(judge({ ...figure, floor: {} }, 10, peers(0.5, 0.6))).toBe(null)
  expect(goalText(figure, { absolute: 10, gvisor: 0.7 })).toBe('≤ 10 µs, ≤ 0.7× gvisor')
})
