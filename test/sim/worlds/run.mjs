// Many worlds, over all processors: npm run worlds [-- --count 10000] [--first 1] [--seed N] [--jobs N] [--captures FOLDER]. A
// world that fails prints its seed, the command that runs it again, and leaves a capture.

import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runWorld } from './world.mjs'

const USAGE = 'npm run worlds -- [--count 10000] [--first 1] [--seed N] [--jobs N] [--captures FOLDER]'

const values = read({
  options: {
    help: { type: 'boolean', short: 'h' },
    count: { type: 'string', default: '10000' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    captures: { type: 'string', default: 'tmp/worlds' },
    /** For the processes of this one: worlds first, first + step, … */
    step: { type: 'string' },
  },
})

/** What is wrong with the command line ends the process with status 2 and one line. */
function refuse(what) {
  console.error(`worlds: ${what}; ${USAGE}`)
  process.exit(2)
}

function read(settings) {
  try {
    const { values } = parseArgs(settings)
    if (!values.help) return values
  } catch (error) {
    refuse(error.message.split(/[.\n] ?/)[0])
  }
  console.log(USAGE)
  process.exit(0)
}

/** A second look at every so manieth world: it must be the same, frame by frame. */
const TWICE = 100
/** Worlds that may fail before the rest is left alone. */
const ENOUGH = 20

function number(name) {
  const value = Number(values[name])
  if (!Number.isSafeInteger(value) || value < 0)
    refuse(`--${name} must be a whole number from 0 up, got '${values[name]}'`)
  return value
}

/** What all frames of a world come to. */
class Digest {
  value = 0x811c9dc5

  frame(_port, bytes, start, end, inbound, at) {
    let hash = this.value ^ Math.round(at * 1000) ^ (inbound ? 1 : 0)
    for (let i = start; i < end; i += 3) hash = Math.imul(hash ^ bytes[i], 0x01000193)
    this.value = hash
  }
}

async function digestOf(seed) {
  const digest = new Digest()
  await runWorld(seed, (net) => net.log(digest))
  return digest.value
}

async function check(seed) {
  if (seed % TWICE !== 0) return await runWorld(seed)
  const first = await digestOf(seed)
  if (first !== (await digestOf(seed))) throw new Error('the second run of the same seed was another one')
  return { done: 0, errors: {}, ended: 0 }
}

function report(seed, error) {
  mkdirSync(values.captures, { recursive: true })
  const file = join(values.captures, `world-${seed}.pcapng`)
  console.error(`world ${seed} failed: ${error.stack ?? error}`)
  console.error(`again: npm run worlds -- --seed ${seed}`)
  return runWorld(seed, (net) => net.capture(file)).then(
    () => console.error(`capture: ${file} (of a run that did not fail: it is not the same each time)`),
    () => console.error(`capture: ${file}`),
  )
}

/**
 * However the process ends that has started this one, its end of our standard input closes: nothing is left running, whatever signal it
 * was.
 */
function endWithParent() {
  process.stdin.on('close', () => process.exit(1)).resume()
  process.stdin.unref()
}

/** Worlds of this process. */
async function some(first, step, last) {
  let failed = 0
  let done = 0
  let longest = 0
  const errors = {}
  for (let seed = first; seed <= last && failed < ENOUGH; seed += step) {
    try {
      const result = await check(seed)
      done += result.done
      longest = Math.max(longest, result.ended)
      for (const [code, count] of Object.entries(result.errors)) errors[code] = (errors[code] ?? 0) + count
    } catch (error) {
      failed++
      await report(seed, error)
    }
  }
  console.log(JSON.stringify({ done, errors, failed, longest }))
  return failed
}

async function all() {
  const first = number('first')
  const count = number('count')
  const jobs = Math.max(1, number('jobs'))
  const begin = performance.now()
  const results = await Promise.all(
    Array.from({ length: jobs }, (_, i) => {
      const args = [
        fileURLToPath(import.meta.url),
        ...[
          '--first',
          `${first + i}`,
          '--step',
          `${jobs}`,
          '--count',
          `${first + count - 1}`,
          '--captures',
          values.captures,
        ],
      ]
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      let text = ''
      child.stdout.on('data', (piece) => {
        text += piece
      })
      return new Promise((resolve) => {
        child.on('close', (status) => resolve({ status, text }))
      })
    }),
  )
  const sum = { done: 0, failed: 0 }
  const errors = {}
  let broken = 0
  let longest = 0
  for (const { status, text } of results) {
    if (text === '') broken++
    const result = text === '' ? { done: 0, failed: 0, errors: {} } : JSON.parse(text)
    sum.done += result.done
    longest = Math.max(longest, result.longest ?? 0)
    sum.failed += result.failed
    for (const [code, times] of Object.entries(result.errors)) errors[code] = (errors[code] ?? 0) + times
    if (status !== 0 && result.failed === 0) broken++
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  const ends = Object.entries(errors).map(([code, times]) => `${times} ${code}`)
  console.log(
    `${count} worlds from seed ${first} in ${seconds} s: ${sum.done} talks, ended by errors: ${ends.join(', ') || 'none'}; the longest took ${Math.round(longest / 1000)} s of its own`,
  )
  if (sum.failed > 0 || broken > 0)
    console.error(`${sum.failed} worlds failed${broken > 0 ? `, ${broken} processes broke off` : ''}`)
  return sum.failed + broken
}

if (values.seed !== undefined) {
  const seed = number('seed')
  try {
    console.log(`world ${seed}: ${JSON.stringify(await check(seed))}`)
  } catch (error) {
    await report(seed, error)
    process.exitCode = 1
  }
} else if (values.step !== undefined) {
  endWithParent()
  process.exitCode = (await some(number('first'), number('step'), number('count'))) > 0 ? 1 : 0
} else {
  process.exitCode = (await all()) > 0 ? 1 : 0
}
