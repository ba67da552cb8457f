// Runs cases, and makes those that fail small.

import { Chance } from '../test/tcp/chance.ts'
import type { Step } from './step.ts'
import type { Target } from './target.ts'

export interface Failure {
  readonly error: Error
  readonly steps: readonly Step[]
}

export interface CaseResult {
  readonly inputs: number
  readonly failure: Failure | null
}

/** The seed of case `number` of a run. */
export function caseSeed(seed: number, number: number): number {
  return (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) | 0
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** Makes a case from `seed` and runs it. */
export function runSeed(target: Target, seed: number): CaseResult {
  const chance = new Chance(seed)
  const steps: Step[] = [target.begin(chance)]
  let inputs = 0
  try {
    const world = target.open(steps[0] as Step)
    for (let i = 0; i < target.length; i++) {
      const next = world.next(chance)
      steps.push(next)
      world.run(next)
    }
    inputs = world.inputs
    world.finish()
  } catch (thrown) {
    return { inputs, failure: { error: asError(thrown), steps } }
  }
  return { inputs, failure: null }
}

/** Runs a case that was kept; null where all holds. */
export function replay(target: Target, steps: readonly Step[]): Error | null {
  const [first, ...others] = steps
  if (first === undefined) return new Error('an empty case')
  try {
    const world = target.open(first)
    world.thorough = true
    for (const step of others) world.run(step)
    world.finish()
    return null
  } catch (thrown) {
    return asError(thrown)
  }
}

/** What two errors have in common where they are the same fault: the words without the numbers, and where it was thrown. */
export function faultOf(error: Error): string {
  const words = error.message.replace(/-?\d+/g, 'n')
  const place = error.stack?.split('\n').find((line) => line.includes('/src/')) ?? ''
  return `${error.name} ${words} ${place.replace(/:\d+\)?$/, '').replace(/^.*\/src\//, '')}`
}

/** Fewer steps and shorter ones that fail in the same way. Tries no more than `budget` runs. */
export function minimise(target: Target, failure: Failure, budget = 2000): Failure {
  const fault = faultOf(failure.error)
  let steps = [...failure.steps]
  let error = failure.error
  let left = budget
  const fails = (candidate: readonly Step[]): boolean => {
    if (left-- <= 0) return false
    const again = replay(target, candidate)
    if (again === null || faultOf(again) !== fault) return false
    error = again
    return true
  }
  let before = 0
  do {
    before = steps.length
    for (let size = Math.ceil((before - 1) / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      // From the end: what came last can be left out without changing what was before.
      for (let at = Math.max(1, steps.length - size); ; at = Math.max(1, at - size)) {
        const candidate = [...steps.slice(0, at), ...steps.slice(at + size)]
        if (candidate.length < steps.length && fails(candidate)) steps = candidate
        if (at === 1) break
      }
    }
  } while (steps.length < before && left > 0)
  for (let i = 1; i < steps.length; i++) {
    const { kind, numbers, bytes } = steps[i] as Step
    let kept = bytes
    for (let size = kept.length >> 1; size >= 1 && left > 0; size >>= 1) {
      for (let at = kept.length - size; at >= 0; at -= size) {
        const shorter = new Uint8Array(kept.length - size)
        shorter.set(kept.subarray(0, at))
        shorter.set(kept.subarray(at + size), at)
        if (!fails(steps.with(i, { kind, numbers, bytes: shorter }))) continue
        kept = shorter
        steps = steps.with(i, { kind, numbers, bytes: kept })
      }
    }
  }
  return { error, steps }
}
