// Targets that are given one message after the other, each on its own: a step is the octets of one.

import type { Chance } from '../test/tcp/chance.ts'
import { type Step, step } from './step.ts'
import type { Target, World } from './target.ts'

/** What is to be done to octets that were right. */
export function damaged(bytes: Uint8Array, chance: Chance): Uint8Array {
  let copy = bytes.slice()
  const kind = chance.below(8)
  if (kind === 0) copy = copy.slice(0, chance.below(copy.length + 1))
  if (kind === 1 && copy.length > 0) {
    // A part of it twice.
    const at = chance.below(copy.length)
    const count = chance.below(Math.min(64, copy.length - at) + 1)
    copy = Uint8Array.of(...copy.slice(0, at + count), ...copy.slice(at))
  }
  if (kind === 2 && copy.length > 0) {
    const at = chance.below(copy.length)
    copy = Uint8Array.of(...copy.slice(0, at), ...copy.slice(at + 1 + chance.below(16)))
  }
  for (let left = kind < 3 ? chance.below(2) : 1 + chance.below(4); left > 0 && copy.length > 0; left--) {
    const at = chance.below(copy.length)
    const old = copy[at] as number
    copy[at] = chance.pick(
      old ^ (1 << chance.below(8)),
      chance.below(256),
      0,
      1,
      0x7f,
      0x80,
      0xc0,
      0xff,
      old + 1,
      old - 1,
    )
  }
  return copy
}

/** A target of messages: `make` makes one, right or wrong, and `take` throws where it is not treated as it must be. */
export function octetsTarget(
  name: string,
  length: number,
  make: (chance: Chance) => Uint8Array,
  take: (bytes: Uint8Array) => void,
): Target {
  class OctetsWorld implements World {
    inputs = 0
    thorough = false

    next(chance: Chance): Step {
      return step('octets', [], make(chance))
    }

    run({ bytes }: Step): void {
      this.inputs++
      take(bytes)
    }

    finish(): void {}
  }
  return { name, length, begin: () => step(name), open: () => new OctetsWorld() }
}
