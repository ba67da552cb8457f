// A lane's process, and what becomes of one that does not do as it should.

import { expect, test } from 'vitest'
import { load } from './load.ts'

const { Lane } = await load('harness/lane.mjs')
const open = (...args: string[]) => new Lane({ program: '../test/bench/canned-lane.mjs', args }, 'dist')

test('a lane answers a number for each round, and ends with its input', async () => {
  const lane = open('1.5', '2')
  await lane.ready()
  expect(await lane.measure({ round: 1, seconds: 0 })).toBe(1.5)
  expect(await lane.measure({ round: 2, seconds: 0 })).toBe(2)
  await lane.close()
})

test.each([
  ['fail', 'the peer has closed'],
  ['end', 'ended with status 3: a last word'],
  ['none', 'answered undefined, not a number'],
  ['x', 'answered null, not a number'],
])('a lane that answers a round with %s fails by name', async (word, message) => {
  const lane = open(word)
  await lane.ready()
  await expect(lane.measure({ round: 1, seconds: 0 })).rejects.toThrow(message)
  await lane.close()
})

test('a lane whose program is not there says what Node said', async () => {
  const lane = new Lane({ program: 'nothing.mjs' }, 'dist')
  await expect(lane.ready()).rejects.toThrow(/ended with status 1: .*Node.js/)
  await lane.close()
})

test('a lane that says nothing is given up', async () => {
  const lane = new Lane({ program: '../test/bench/canned-lane.mjs', args: ['silent'], patience: 1 }, 'dist')
  await expect(lane.ready()).rejects.toThrow('no answer in 0.001 s')
  lane.kill()
  await lane.close()
})
