// npm run bench: every figure beside a peer that is measured in the same rounds. See --help and CONTRIBUTING.md.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildIfOlder } from './harness/build.mjs'
import { readCommand, USAGE, UsageError } from './harness/command-line.mjs'
import { against, openCommit } from './harness/compare.mjs'
import { describeMachine } from './harness/machine.mjs'
import { Progress } from './harness/progress.mjs'
import { lines, write } from './harness/results.mjs'
import { runSuite } from './harness/suite.mjs'
import { table } from './harness/table.mjs'

const SUITES = ['wire', 'inprocess', 'tap', 'os', 'http', 'scale', 'recovery', 'browser']
const PROGRAMS = ['attack', 'budget']
const root = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)

if (PROGRAMS.includes(words[0])) {
  process.argv.splice(1, 2, `bench/${words[0]}.mjs`)
  await import(`./${words[0]}.mjs`)
} else {
  await main()
}

async function main() {
  const all = await Promise.all(SUITES.map((name) => import(`./suites/${name}.mjs`)))
  let command
  try {
    command = readCommand(words, SUITES, Object.assign({}, ...all.map(({ options }) => options)))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`bench: ${error.message}\n`)
    process.exit(2)
  }
  const suites = all.filter(({ name }) => command.suites.includes(name))
  if (command.help)
    process.stdout.write(`${USAGE.replace('SUITES', SUITES.join(', ')).replace('PROGRAMS', PROGRAMS.join(', '))}\n`)
  else if (command.list) list(suites, command)
  else process.exitCode = await run(suites, command)
}

function list(suites, command) {
  for (const suite of suites) {
    for (const { name } of suite.figures({ folder: '', root, options: command })) {
      if (name.includes(command.only)) process.stdout.write(`${suite.name}: ${name}\n`)
    }
  }
}

/** Something of it could not be measured here, for want of a program, of rights or of memory. */
function isLacking({ missing, figures }) {
  return missing !== null || figures.some(({ ours, peers }) => [ours, ...peers].some((lane) => lane.missing !== null))
}

async function run(suites, command) {
  const progress = new Progress(process.stderr)
  buildIfOlder(root)
  const folder = mkdtempSync(join(tmpdir(), 'jackfield-bench-'))
  let commit = null
  // Whatever ends the process: what it made for itself goes with it.
  process.once('exit', () => {
    commit?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  if (command.commit !== null) {
    progress.show(`building ${command.commit}`)
    commit = openCommit(root, command.commit)
  }
  const machine = describeMachine()
  const { rounds, seconds, warm, only } = command
  const results = []
  let failed = false
  for (const suite of suites) {
    const result = await runSuite(suite, {
      context: { folder, root, options: command },
      dist: join(root, 'dist'),
      only,
      rounds,
      warm,
      order: { seconds, processorTime: command['processor-time'] },
      change: commit === null ? null : (figure) => against(figure, commit),
      progress,
    })
    results.push(result)
    failed ||= result.figures.some(({ ours, peers }) => [ours, ...peers].some(({ error }) => error !== null))
    failed ||= command.complete && isLacking(result)
    progress.clear()
    if (!command.json && (result.figures.length > 0 || result.missing)) process.stdout.write(`${table(result)}\n\n`)
  }
  const options = {
    rounds,
    seconds,
    warm,
    only,
    commit: commit?.name ?? null,
    processorTime: command['processor-time'],
  }
  const finished = { machine, options, suites: results }
  if (command.json) process.stdout.write(lines(finished))
  for (const path of write(command.output || join(root, 'bench/results'), finished)) progress.say(path)
  return failed ? 1 : 0
}
