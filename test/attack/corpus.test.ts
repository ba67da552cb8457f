// What fuzzing has found once is found at once if it comes back; and the fuzzers themselves run. See fuzz/README.md.

import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CORPUS, keptCases } from '../../fuzz/corpus.ts'
import { caseSeed, faultOf, replay, runSeed } from '../../fuzz/fuzzer.ts'
import { readCase, step, writeCase } from '../../fuzz/step.ts'
import { TARGETS } from '../../fuzz/targets.ts'
import { amount } from '../soak.ts'
import { Chance } from '../tcp/chance.ts'

const CASES = amount(1, 6)

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (name, target) => {
  for (const { name: file, steps } of keptCases(name)) {
    test(`${file}: all holds now`, () => {
      expect(replay(target, steps)?.stack ?? '').toBe('')
    })
  }

  test(`${CASES} cases from fixed seeds: nothing is thrown, no limit is passed, nothing is left`, () => {
    for (let number = 0; number < CASES; number++) {
      const seed = caseSeed(1, number)
      const { failure, inputs } = runSeed(target, seed)
      if (failure !== null) throw new Error(`case ${seed}: ${faultOf(failure.error)}`, { cause: failure.error })
      expect(inputs).toBeGreaterThan(0)
    }
  })

  test('the same seed makes the same case', () => {
    const seed = caseSeed(2, 0)
    expect(target.begin(new Chance(seed))).toEqual(target.begin(new Chance(seed)))
    expect(runSeed(target, seed).inputs).toBe(runSeed(target, seed).inputs)
  })
})

test('a case is written and read as it was', () => {
  const steps = [step('stack', [1, -2]), step('frame', [0], Uint8Array.of(0, 255)), step('room')]
  expect(readCase(writeCase('two\nlines', steps))).toEqual(steps)
  expect(() => readCase('stack 1\nframe 0: 4')).toThrow(/line 2/)
})

test('every folder of the corpus is a target', () => {
  for (const name of readdirSync(CORPUS).filter((entry) => !entry.startsWith('.')))
    expect(TARGETS.map((target) => target.name)).toContain(name)
})
