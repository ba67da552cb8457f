// Read first: fuzz/README.md. The command behind `npm run fuzz`.

import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CORPUS } from './corpus.ts'
import { caseSeed, faultOf, minimise, runSeed } from './fuzzer.ts'
import { writeCase } from './step.ts'
import { TARGETS } from './targets.ts'
import { Watchdog } from './watchdog.ts'

/** Octets of heap by which a long run may grow after its first tenth: code that was compiled, pools that were filled. */
const GROWTH_MAX = 48 << 20
const FAILURES_MAX = 20

const USAGE =
  'npm run fuzz -- [--seconds 60] [--seed N] [--target NAME[,NAME…]] [--cases N] [--case N] [--inputs N] [--json]'

interface Settings {
  readonly seconds: number
  readonly cases: number
  readonly inputs: number
  readonly seed: number
  readonly targets: readonly (typeof TARGETS)[number][]
  /** Set: that one case alone, whose seed was printed. */
  readonly only: number | null
  readonly json: boolean
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new TypeError(`--${name} must be a whole number, got '${text}'`)
  return value
}

function settingsOf(parameters: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      seconds: { type: 'string' },
      cases: { type: 'string' },
      inputs: { type: 'string' },
      seed: { type: 'string' },
      case: { type: 'string' },
      target: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const named = values.target?.split(',')
  for (const name of named ?? []) {
    if (!TARGETS.some((target) => target.name === name)) {
      throw new TypeError(`--target must be of ${TARGETS.map((target) => target.name).join(', ')}, got '${name}'`)
    }
  }
  return {
    seconds: wholeNumber('seconds', values.seconds, 60),
    cases: wholeNumber('cases', values.cases, Number.MAX_SAFE_INTEGER),
    inputs: wholeNumber('inputs', values.inputs, Number.MAX_SAFE_INTEGER),
    seed: wholeNumber('seed', values.seed, randomInt(1, 2 ** 31)),
    only: values.case === undefined ? null : wholeNumber('case', values.case, 0),
    targets: named === undefined ? TARGETS : TARGETS.filter((target) => named.includes(target.name)),
    json: values.json,
  }
}

/** Runs what the command line says. The exit code: 0, 1 where something was found, 2 where the command line is wrong. */
export async function main(parameters: readonly string[]): Promise<number> {
  if (parameters.includes('--help') || parameters.includes('-h')) {
    console.log(USAGE)
    return 0
  }
  let settings: Settings
  try {
    settings = settingsOf(parameters)
  } catch (error) {
    console.error(`fuzz: ${(error as Error).message}; ${USAGE}`)
    return 2
  }
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const watchdog = new Watchdog()
  const { seed, targets, json } = settings
  if (!json) console.log(`seed ${seed}: ${targets.map(({ name }) => name).join(', ')}`)
  const counts = targets.map(({ name }) => ({ target: name, cases: 0, inputs: 0, failures: 0 }))
  const faults = new Set<string>()
  const heap = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  }
  const began = Date.now()
  let settledAt = -1
  let told = began
  let inputs = 0
  const last = settings.only === null ? settings.cases : 1
  for (let number = 0; number < last && inputs < settings.inputs; number++) {
    const elapsed = (Date.now() - began) / 1000
    if (settings.only === null && elapsed >= settings.seconds) break
    if (settledAt < 0 && elapsed >= settings.seconds / 10) settledAt = heap()
    const i = number % targets.length
    const target = targets[i] as (typeof TARGETS)[number] // below the length
    const one = settings.only ?? caseSeed(seed, number)
    watchdog.begin(one, i)
    const result = runSeed(target, one)
    const count = counts[i] as (typeof counts)[number] // one for each target
    count.cases++
    count.inputs += result.inputs
    inputs += result.inputs
    if (Date.now() - told > 30_000 && !json) {
      told = Date.now()
      console.log(`${Math.round(elapsed)} s: ${inputs} inputs, ${faults.size} faults, heap ${heap() >> 20} MiB`)
    }
    if (result.failure === null) continue
    count.failures++
    const fault = `${target.name} ${faultOf(result.failure.error)}`
    if (faults.has(fault)) continue
    faults.add(fault)
    const { error, steps } = minimise(target, result.failure)
    const file = keep(target.name, one, error, writeCase(`${error.message}\nseed ${one}`, steps))
    console.error(`${target.name}: ${error.stack}\n  case ${one}, kept in ${file}`)
    if (faults.size >= FAILURES_MAX) break
  }
  const grown = settledAt < 0 ? 0 : heap() - settledAt
  await watchdog.close()
  const seconds = (Date.now() - began) / 1000
  if (json) {
    console.log(JSON.stringify({ seed, seconds, inputs, grown, faults: faults.size, targets: counts }))
  } else {
    for (const { target, cases, inputs, failures } of counts) {
      console.log(`${target.padEnd(12)} ${cases} cases, ${inputs} inputs, ${failures} failed`)
    }
    console.log(
      `seed ${seed}, ${seconds.toFixed(1)} s: ${inputs} inputs, ${faults.size} faults, memory ${grown >> 10} KiB more`,
    )
  }
  if (grown > GROWTH_MAX) console.error(`memory has grown by ${grown} octets`)
  return faults.size > 0 || grown > GROWTH_MAX ? 1 : 0
}

function keep(target: string, seed: number, error: Error, text: string): string {
  const folder = join(CORPUS, target)
  mkdirSync(folder, { recursive: true })
  const words = error.message.toLowerCase().match(/[a-z]{3,}/g) ?? ['fault']
  const name = words.slice(0, 4).join('-')
  let file = join(folder, `${name}.hex`)
  if (existsSync(file)) file = join(folder, `${name}-${seed >>> 0}.hex`)
  writeFileSync(file, text)
  return file
}
