// Read first: strace(1), whose options these are.

import { spawn } from 'node:child_process'
import { accessSync, closeSync, constants, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { Command } from 'commander'
import type { TraceTimestamps } from '../../socket/trace/call-log.ts'
import { fileFailure } from '../file-failure.ts'
import { filePath } from '../option-values.ts'
import { calls, octets } from '../trace-option.ts'
import { UsageError } from '../usage-error.ts'
import { kindAdvice, runsTypeScript } from './load-failure.ts'
import { sumCounts } from './thread-counts.ts'
import { TraceOutput } from './trace-output.ts'
import { SETTINGS_VARIABLE, type TraceSettings } from './trace-settings.ts'

interface TraceCommandFlags {
  readonly calls: string
  readonly durations?: boolean
  readonly relative?: boolean
  readonly follow?: boolean
  readonly verbose?: boolean
  readonly summary?: boolean
  readonly strings: number
  readonly column: number
  readonly output?: string
}

/** strace counts how often -t stands there. */
const STAMPS: readonly TraceTimestamps[] = ['none', 'seconds', 'microseconds', 'epoch']

export function traceCommand(): Command {
  const command = new Command('trace')
  let times = 0
  command.on('option:times', () => {
    times++
  })
  return command
    .summary('run a program, and show the system calls of its sockets')
    .description('run a program, and show the system calls of its Jackfield sockets as strace does')
    .argument('<program>', 'a .js, .mjs, .cjs or .ts program that uses jackfield, with its own arguments behind it')
    .argument('[arguments...]')
    .option('-e, --calls <calls>', 'which calls: connect,sendto or %network or !close', calls, 'all')
    .option('-T, --durations', 'how long each call took')
    .option('-r, --relative', 'the time since the call before')
    .option('-t, --times', 'the time of day; -tt: with microseconds; -ttt: the seconds since 1970')
    .option('-f, --follow', 'threads and child processes of Node too, each line with its number')
    .option('-v, --verbose', 'structs with all their fields')
    .option('-c, --summary', 'no lines, but a table at the end: calls, errors, time')
    .option('-s, --strings <octets>', 'show so many octets of each string', octets, 32)
    .option('-a, --column <column>', 'the column of the results', octets, 40)
    .option('-o, --output <file>', 'write to a file instead of stderr', filePath)
    .passThroughOptions()
    .action((program: string, args: readonly string[], flags: TraceCommandFlags) =>
      run(program, args, flags, stampsOf(times)),
    )
}

function stampsOf(times: number): TraceTimestamps {
  const stamps = STAMPS[times]
  if (stamps === undefined) throw new UsageError(`trace: -${'t'.repeat(times)} is too many; give -t, -tt or -ttt`)
  return stamps
}

async function run(
  program: string,
  args: readonly string[],
  flags: TraceCommandFlags,
  stamps: TraceTimestamps,
): Promise<void> {
  checkProgram(program)
  const file = flags.output === undefined ? null : resolve(flags.output)
  // Open until the end: who reads a named pipe would see its end after each line.
  const fd = flags.output === undefined ? null : openOutput(flags.output)
  const [follow, summary] = [flags.follow === true, flags.summary === true]
  const folder = follow || summary ? sharedFolder() : null
  let signal: NodeJS.Signals | null
  try {
    signal = await runProgram(program, args, {
      parent: process.pid,
      calls: flags.calls,
      stringLimit: flags.strings,
      timestamps: flags.relative === true ? 'relative' : stamps,
      durations: flags.durations === true,
      verbose: flags.verbose === true,
      follow,
      summary,
      column: flags.column,
      file,
      folder,
    })
    const output = new TraceOutput(file, folder)
    if (summary && folder !== null) output.write(String(sumCounts(folder)))
    else if (signal !== null) output.write(`+++ killed by ${signal} +++\n`)
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
    if (fd !== null) closeSync(fd)
  }
  if (signal === null) return
  // As strace: what ended the program ends this one too.
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/** Runs it to its end: sets the status that it ended with, or gives the signal that ended it. */
function runProgram(program: string, args: readonly string[], settings: TraceSettings): Promise<NodeJS.Signals | null> {
  const preload = new URL('./preload.js', import.meta.url).href
  const env: NodeJS.ProcessEnv = { ...process.env, [SETTINGS_VARIABLE]: JSON.stringify(settings) }
  // Node hands its own arguments on to threads and to what it forks, not to what a program starts by name.
  if (settings.follow) env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --import=${preload}`.trim()
  const child = spawn(process.execPath, ['--no-warnings=ExperimentalWarning', '--import', preload, program, ...args], {
    stdio: 'inherit',
    env,
  })
  // Ctrl-C reaches the program too, from the terminal: how it ends is its own matter. What was meant for it is passed on.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((done, fail) => {
    child.once('error', (error) => fail(new Error(`trace: Node could not be started: ${error.message}`)))
    child.once('close', (status, signal) => {
      if (signal === null) process.exitCode = status ?? 1
      done(signal)
    })
  })
}

function checkProgram(program: string): void {
  const shown = JSON.stringify(program)
  try {
    accessSync(program, constants.R_OK)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UsageError(
      missing
        ? `trace: there is no program ${shown}; give the path of a .js or .ts file`
        : `trace: the program ${shown} cannot be read; give one that you may read`,
    )
  }
  if (!statSync(program).isFile())
    throw new UsageError(`trace: ${shown} is no file; give the path of a .js or .ts file`)
  const extension = extname(program)
  const runs = /^(\.[cm]?js|\.m?ts)?$/.test(extension) || (extension === '.cts' && runsTypeScript())
  if (!runs) throw new UsageError(`trace: ${shown} cannot be run: ${kindAdvice(extension)}`)
}

/** Empties it. Those who write open it again, each for the end of what is there. */
function openOutput(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND)
  } catch (error) {
    throw new Error(`--output ${fileFailure(path, error)}`)
  }
}

function sharedFolder(): string {
  const prefix = join(tmpdir(), 'jackfield-trace-')
  try {
    return mkdtempSync(prefix)
  } catch (error) {
    throw new Error(`trace: -c and -f need a temporary folder: ${fileFailure(`${prefix}…`, error)}, as TMPDIR`)
  }
}
