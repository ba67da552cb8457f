import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCase, type Step } from './step.ts'

// The compiled fuzzers lie in built/fuzz, and keep what they find where their source is.
const here = dirname(fileURLToPath(import.meta.url)).replace(/\/built\/fuzz$/, '')

/** Where cases are kept that have failed once: a folder for each target. */
export const CORPUS = join(here, 'corpus')

export interface KeptCase {
  readonly name: string
  readonly steps: readonly Step[]
}

/** The cases that are kept for a target. */
export function keptCases(target: string): KeptCase[] {
  const folder = join(CORPUS, target)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.hex'))
    .sort()
    .map((name) => ({ name, steps: readCase(readFileSync(join(folder, name), 'utf8')) }))
}
