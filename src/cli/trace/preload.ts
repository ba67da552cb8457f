// Loaded into the traced program before anything of its own: has the calls of the sockets that it makes written down.

import { register } from 'node:module'
import { isMainThread, threadId } from 'node:worker_threads'
import type { Provider } from '../../socket/provider.ts'
import { CallLog } from '../../socket/trace/call-log.ts'
import { TracingProvider } from '../../socket/trace/trace.ts'
import { loadFailure, runsTypeScript } from './load-failure.ts'
import { ThreadCounts } from './thread-counts.ts'
import { TraceOutput, writeStderr } from './trace-output.ts'
import { SETTINGS_VARIABLE, type TraceSettings } from './trace-settings.ts'

const settings = JSON.parse(process.env[SETTINGS_VARIABLE] ?? 'null') as TraceSettings | null

if (isMainThread && !runsTypeScript()) register('./strip-types.js', import.meta.url)

if (settings !== null) {
  const program = isMainThread && process.ppid === settings.parent
  if (program) process.on('uncaughtExceptionMonitor', explain)
  if (program || settings.follow) observe(settings)
}

function observe({ file, folder, follow, summary, ...options }: TraceSettings): void {
  const output = new TraceOutput(file, folder)
  // The machine's time: a program may simulate its own.
  const clock = { now: () => performance.now(), defer: notHere, alarm: notHere }
  const log = new CallLog(clock, (line) => output.write(`${line}\n`), {
    calls: options.calls,
    stringLimit: options.stringLimit,
    timestamps: options.timestamps,
    durations: options.durations,
    verbose: options.verbose,
    column: options.column,
    wallClock: () => performance.timeOrigin + performance.now(),
    summary: summary && folder !== null ? new ThreadCounts(folder, output) : undefined,
    pid: follow ? process.pid + threadId : undefined,
  })
  const observer = (provider: Provider) => new TracingProvider(provider, log)
  Object.defineProperty(globalThis, Symbol.for('jackfield.observer'), { value: observer })
  if (!summary && isMainThread) process.on('exit', (code) => log.exit(code))
}

/** A program that cannot be loaded ends with one line in place of Node's own insides; one that has ways to hear of errors uses them. */
function explain(error: Error): void {
  if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return
  const reason = loadFailure(error)
  if (reason === null) return
  try {
    writeStderr(`jackfield: trace: ${reason}\n`)
  } catch {
    // Nobody reads it.
  }
  process.exit(1)
}

function notHere(): never {
  throw new Error('a trace waits for nothing')
}
