// Read first: strace(1): which options have which letter there. -o and -s are taken by what fetch does, so they have long names here.

import { closeSync, openSync, writeSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import type { Provider } from '../socket/provider.ts'
import { parseCallFilter } from '../socket/trace/call-filter.ts'
import type { TraceOptions } from '../socket/trace/call-log.ts'
import { type TracingProvider, trace } from '../socket/trace/trace.ts'
import { fileFailure } from './file-failure.ts'
import { filePath } from './option-values.ts'

/** What is shown where -e does not say: what `strace -e trace=network,close` shows. */
const USUAL_CALLS = 'network,close'

export interface TraceFlags {
  readonly trace?: boolean
  /** -e, which was seen to be one. */
  readonly traceCalls?: string
  readonly traceFile?: string
  readonly traceStrings?: number
  readonly traceRelative?: boolean
  readonly traceDurations?: boolean
}

/** Gives a command the options of a trace. */
export function addTraceOptions(command: Command): Command {
  return command
    .option('--trace', 'show the system calls of the sockets on stderr, as strace does')
    .option(
      '-e, --trace-calls <calls>',
      `which of them, as in trace=connect,sendto or all (default: ${USUAL_CALLS})`,
      calls,
    )
    .option('--trace-file <file>', 'write them to a file instead', filePath)
    .option('--trace-strings <octets>', 'show so many octets of each string', octets)
    .option('--trace-relative', 'show the time since the call before')
    .option('--trace-durations', 'show how long each call took')
}

/** What -e of the command `trace` and of `fetch` takes. */
export function calls(text: string): string {
  try {
    parseCallFilter(text)
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`)
  }
  return text
}

export function octets(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 to 999999.')
  return Number(text)
}

/** What runs on a provider that may be traced. */
export interface Traced {
  /** The provider to make sockets of. */
  readonly provider: Provider
  /** Writes the last line, if there are any, and lets go of the file. */
  exit(status: number): void
}

/** `provider`, its calls shown where `flags` ask for it. */
export function traced(
  provider: Provider,
  flags: TraceFlags,
  interfaceName: TraceOptions['interfaceName'] | null = null,
): Traced {
  const wanted = flags.trace ?? Object.keys(flags).some((flag) => flag.startsWith('trace'))
  if (!wanted) return { provider, exit: () => {} }
  const { traceFile } = flags
  const fd = traceFile === undefined ? 2 : openTrace(traceFile)
  const tracing: TracingProvider = trace(provider, (line) => writeSync(fd, `${line}\n`), {
    calls: flags.traceCalls ?? USUAL_CALLS,
    stringLimit: flags.traceStrings,
    timestamps: flags.traceRelative === true ? 'relative' : 'none',
    durations: flags.traceDurations,
    ...(interfaceName === null ? {} : { interfaceName }),
  })
  return {
    provider: tracing,
    exit(status) {
      tracing.exit(status)
      if (fd !== 2) closeSync(fd)
    },
  }
}

function openTrace(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (error) {
    throw new Error(`--trace-file ${fileFailure(path, error)}`)
  }
}
