// Loaded into the traced program before anything of its own: has the calls of the sockets that it makes written down.

import { appendFileSync, writeSync } from 'node:fs'
import { register } from 'node:module'
import { isMainThread, threadId } from 'node:worker_threads'
import type { Provider } from '../../socket/provider.ts'
import { CallLog } from '../../socket/trace/call-log.ts'
import { CallSummary } from '../../socket/trace/call-summary.ts'
import { TracingProvider } from '../../socket/trace/trace.ts'
import { SETTINGS_VARIABLE, type TraceSettings } from './trace-settings.ts'

const settings = JSON.parse(process.env[SETTINGS_VARIABLE] ?? 'null') as TraceSettings | null

// Node 22.18 and later leave out the types of a TypeScript program by themselves.
if (!('typescript' in process.features) && isMainThread) register('./strip-types.js', import.meta.url)

if (settings !== null && (settings.follow || (isMainThread && process.ppid === settings.parent))) observe(settings)

function observe({ file, follow, summary, ...options }: TraceSettings): void {
  const write = (text: string) => (file === null ? void writeSync(2, text) : appendFileSync(file, text))
  const counts = summary ? new CallSummary() : undefined
  // The machine's time: a program may simulate its own.
  const clock = { now: () => performance.now(), defer: notHere, alarm: notHere }
  const log = new CallLog(clock, (line) => write(`${line}\n`), {
    calls: options.calls,
    stringLimit: options.stringLimit,
    timestamps: options.timestamps,
    durations: options.durations,
    verbose: options.verbose,
    column: options.column,
    wallClock: () => performance.timeOrigin + performance.now(),
    summary: counts,
    pid: follow ? process.pid + threadId : undefined,
  })
  const observer = (provider: Provider) => new TracingProvider(provider, log)
  Object.defineProperty(globalThis, Symbol.for('jackfield.observer'), { value: observer })
  process.on('exit', (code) => {
    if (counts !== undefined) write(String(counts))
    else if (isMainThread) log.exit(code)
  })
}

function notHere(): never {
  throw new Error('a trace waits for nothing')
}
