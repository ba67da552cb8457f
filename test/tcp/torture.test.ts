// Two stacks, a path that loses, delays, doubles, damages and reorders, and applications that read and write as they like.
// TORTURE=1000-2000 runs other worlds than the usual ones: those with these seeds.

import { expect, test } from 'vitest'
import { CLOSED } from '../../src/tcp/state.ts'
import { amount } from '../soak.ts'
import { seeds } from './chance.ts'
import { connectionOf } from './peer.ts'
import { Talker } from './talker.ts'
import { TortureWorld } from './torture-world.ts'

/** A conversation that stands still for so long will never go on: the longest time-out is 120 s, and some are lost. */
const STANDSTILL = 1_000_000

/** Both ends say what they have to say, and hear the other's. */
function converse(world: TortureWorld, one: Talker, other: Talker): void {
  const { chance, clock } = world
  const restless = chance.oneIn(4)
  let progress = -1
  let movedAt = clock.now()
  while (!one.ended || !other.ended) {
    for (const [talker, listener] of [
      [one, other],
      [other, one],
    ] as const) {
      talker.talk()
      talker.hear(listener)
      talker.check(listener)
    }
    if (restless && chance.oneIn(100)) world.disturb()
    if (restless && chance.oneIn(100)) chance.pick(one, other).changeSegmentSize()
    const now = one.progress + other.progress
    if (now !== progress) movedAt = clock.now()
    progress = now
    if (clock.now() - movedAt > STANDSTILL) throw new Error(`stands still: ${one.position}; ${other.position}`)
    world.pass(chance.pick(0, 1, 1, 3, 10, 50))
  }
}

/** One end leaves in the middle, reading or not; the other hears of it. */
function breakOff(world: TortureWorld, one: Talker, other: Talker): void {
  for (let i = world.chance.below(50); i > 0; i--) {
    one.talk()
    other.talk()
    world.pass(world.chance.pick(0, 1, 10))
  }
  one.endpoint.close()
  for (let i = 0; i < 100 && connectionOf(other.endpoint).state !== CLOSED; i++) {
    other.endpoint.send(new Uint8Array(100), 0, 100, 0)
    world.pass(100)
  }
}

test.each(seeds('TORTURE', amount(20, 200)))(
  'world %i: every octet arrives once and in order, within windows, and nothing is left (RFC 9293 3.8)',
  (seed) => {
    const world = new TortureWorld(seed)
    try {
      const ends = world.connect()
      if (ends === null) {
        expect(world.end()).toEqual([])
        return
      }
      const urgent = world.chance.oneIn(4)
      const one = new Talker(ends[0], world.chance, urgent)
      const other = new Talker(ends[1], world.chance, urgent)
      if (world.chance.oneIn(8)) breakOff(world, one, other)
      else converse(world, one, other)
      expect(world.end(...ends)).toEqual([])
    } catch (error) {
      throw new Error(`seed ${seed} (${world.description}): ${(error as Error).message}`, { cause: error })
    }
  },
)
