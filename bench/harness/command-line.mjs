import { parseArgs } from 'node:util'

const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '1' },
  warm: { type: 'string', default: '2' },
  only: { type: 'string', default: '' },
  'processor-time': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  complete: { type: 'boolean', default: false },
  output: { type: 'string', default: '' },
  help: { type: 'boolean', short: 'h', default: false },
}

export const USAGE = `npm run bench -- [SUITE…] [options]             the suites, or all of them: SUITES
npm run bench -- compare COMMIT [SUITE…]        another commit beside the working tree, in the same rounds
npm run bench -- PROGRAM [--help]               PROGRAMS

  --rounds N         how often each figure is measured (5)
  --seconds S        how long each time (1)
  --warm S           how long it is run before, uncounted (2): on a busy machine less leaves code that is not compiled yet
  --only TEXT        only figures whose name has this text
  --processor-time   where all is in one process, divide by its processor time: steadier on a machine that others use
  --json             a line of JSON for each figure in place of the table
  --list             say which figures there are
  --complete         a peer that is missing is a failure
  --output FOLDER    where the results go (bench/results)`

export class UsageError extends Error {}

/**
 * What is asked for: { suites, commit, rounds, seconds, only, … }. `known`: the names of all suites; `more`: what options of their own
 * suites have, as parseArgs takes them.
 */
export function readCommand(words, known, more = {}) {
  let parsed
  try {
    parsed = parseArgs({ args: words, options: { ...OPTIONS, ...more }, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error.message.split(/[.\n] ?/)[0])
  }
  const { values, positionals } = parsed
  let commit = null
  let suites = positionals
  if (positionals[0] === 'compare') {
    if (positionals.length < 2) throw new UsageError('compare with which commit?')
    commit = positionals[1]
    suites = positionals.slice(2)
  }
  for (const suite of suites) {
    if (!known.includes(suite)) throw new UsageError(`there is no suite '${suite}'; there are ${known.join(', ')}`)
  }
  return {
    ...values,
    commit,
    suites: suites.length > 0 ? known.filter((name) => suites.includes(name)) : known,
    rounds: number('rounds', values.rounds, 1, true),
    seconds: number('seconds', values.seconds, 0.01, false),
    warm: number('warm', values.warm, 0, false),
  }
}

function number(name, text, smallest, whole) {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value >= smallest && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'whole number' : 'number'
  throw new UsageError(`--${name} must be a ${kind} from ${smallest} on, got ${JSON.stringify(text)}`)
}
