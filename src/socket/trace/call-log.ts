// Read first: strace(1), "Output format" and the options -a, -f, -r, -s, -T, -t and -v.

import { checkInteger, checkOptions, given } from '../../base/argument.ts'
import type { Clock } from '../../base/clock.ts'
import type { InterfaceName } from './address-text.ts'
import { parseCallFilter, TRACED_CALLS, type TracedCall } from './call-filter.ts'
import type { CallCounter } from './call-summary.ts'
import type { OptionStyle } from './option-text.ts'
import { TraceMemory } from './trace-memory.ts'

/** Where lines go, each without its end. */
export type TraceSink = (line: string) => void

/** When a call began, in front of its line: strace's -t, -tt, -ttt and -r. */
export type TraceTimestamps = 'none' | 'seconds' | 'microseconds' | 'epoch' | 'relative'

export interface TraceOptions {
  /** Which calls are shown, as strace's -e says it: 'network', 'trace=connect,sendto', '!close'. Left out: all. */
  readonly calls?: string | undefined
  /** How many octets of a string are shown: strace's -s. Left out: 32. */
  readonly stringLimit?: number | undefined
  /** Structs with all their fields: strace's -v. */
  readonly verbose?: boolean | undefined
  readonly timestamps?: TraceTimestamps | undefined
  /** How long each call took, behind it: strace's -T. */
  readonly durations?: boolean | undefined
  /** Milliseconds since 1970, for time stamps. Left out: the time of the provider's clock, whatever that began with. */
  readonly wallClock?: (() => number) | undefined
  /** A process id in front of each line: strace's -f. */
  readonly pid?: number | undefined
  /** The column of the results: strace's -a. Left out: 40. */
  readonly column?: number | undefined
  /** Counts calls in place of writing lines for them: strace's -c. */
  readonly summary?: CallCounter | undefined
  /** The name of the interface with this index, where it is known. */
  readonly interfaceName?: InterfaceName | undefined
}

const NAMES = [
  'calls',
  'stringLimit',
  'verbose',
  'timestamps',
  'durations',
  'wallClock',
  'pid',
  'column',
  'summary',
  'interfaceName',
] as const

const TIMESTAMPS: readonly TraceTimestamps[] = ['none', 'seconds', 'microseconds', 'epoch', 'relative']

/** What takes the lines of a log: each with when its call began, by the log's clock. */
export type CallSink = (line: string, at: number) => void

/** Writes the lines of a trace. */
export class CallLog {
  /** Whether it is written: who has it kept for later pays for a question at each call. */
  isOn = true
  readonly style: OptionStyle
  readonly memory: TraceMemory = new TraceMemory()
  readonly #sink: CallSink
  readonly #clock: Pick<Clock, 'now'>
  readonly #calls: ReadonlySet<TracedCall>
  readonly #timestamps: TraceTimestamps
  readonly #durations: boolean
  readonly #wallClock: () => number
  readonly #pid: string
  readonly #column: number
  readonly #summary: CallCounter | null
  #last: number | null = null

  constructor(clock: Pick<Clock, 'now'>, sink: CallSink, options: TraceOptions) {
    checkTraceOptions(options)
    this.#sink = sink
    this.#clock = clock
    this.#calls = options.calls === undefined ? new Set(TRACED_CALLS) : parseCallFilter(options.calls)
    this.#timestamps = options.timestamps ?? 'none'
    this.#durations = options.durations ?? false
    this.#wallClock = options.wallClock ?? (() => clock.now())
    this.#pid = options.pid === undefined ? '' : `[pid ${String(options.pid).padStart(5)}] `
    this.#column = options.column ?? 40
    this.#summary = options.summary ?? null
    this.style = {
      stringLimit: options.stringLimit ?? 32,
      verbose: options.verbose ?? false,
      interfaceName: options.interfaceName ?? (() => null),
    }
  }

  wants(call: TracedCall): boolean {
    return this.isOn && this.#calls.has(call)
  }

  /** When a call begins, for `call`. */
  begin(): number {
    return this.isOn ? this.#clock.now() : 0
  }

  /** A call that began at `at`, and what came of it. */
  call(at: number, call: TracedCall, parameters: string, result: string): void {
    if (this.#summary !== null) {
      this.#summary.add(call, this.#clock.now() - at, result.startsWith('-1'))
      return
    }
    const stamp = this.#stamp(at)
    const line = `${this.#pid}${stamp}${call}(${parameters})`
    const time = this.#durations ? ` <${seconds(this.#clock.now() - at)}>` : ''
    this.#sink(`${line.padEnd(this.#column - 1)} = ${result}${time}`, at)
  }

  /** The program has ended. */
  exit(code: number): void {
    const at = this.begin()
    this.#sink(`${this.#pid}${this.#stamp(at)}+++ exited with ${code} +++`, at)
  }

  #stamp(at: number): string {
    if (this.#timestamps === 'none') return ''
    if (this.#timestamps === 'relative') {
      const since = this.#last === null ? 0 : at - this.#last
      this.#last = at
      return `${seconds(since).padStart(13)} `
    }
    const wall = this.#wallClock() - (this.#clock.now() - at)
    if (this.#timestamps === 'epoch') return `${seconds(wall)} `
    const micros = Math.floor(wall * 1000)
    const time = new Date(Math.floor(micros / 1000))
    const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
      .map((n) => String(n).padStart(2, '0'))
      .join(':')
    if (this.#timestamps === 'seconds') return `${clock} `
    return `${clock}.${String(micros % 1_000_000).padStart(6, '0')} `
  }
}

/** Milliseconds as seconds with six decimals. */
function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(6)
}

function checkTraceOptions(options: TraceOptions): void {
  checkOptions('options', options, NAMES)
  const { calls, stringLimit, timestamps, pid, column } = options
  if (calls !== undefined && typeof calls !== 'string') {
    throw new TypeError(`options.calls must be a string such as 'network', got ${given(calls)}`)
  }
  if (stringLimit !== undefined) checkInteger('options.stringLimit', stringLimit, 0)
  if (pid !== undefined) checkInteger('options.pid', pid, 0)
  if (column !== undefined) checkInteger('options.column', column, 0)
  if (timestamps !== undefined && !TIMESTAMPS.includes(timestamps)) {
    throw new RangeError(`options.timestamps must be one of ${TIMESTAMPS.join(', ')}, got ${given(timestamps)}`)
  }
}
