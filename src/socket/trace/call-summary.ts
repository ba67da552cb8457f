// Read first: strace(1), option -c.

import type { TracedCall } from './call-filter.ts'

/** What is told of each call of a trace, in place of a line. */
export interface CallCounter {
  /** `time` in milliseconds. */
  add(call: TracedCall, time: number, failed: boolean): void
}

/** What was counted of one call. */
export interface CallCount {
  calls: number
  errors: number
  /** Milliseconds. */
  time: number
}

const RULE = '------ ----------- ----------- --------- --------- ----------------'

/** Counts the calls of a trace: how often, for how long, how many failed. Given to `trace` as its `summary`. */
export class CallSummary implements CallCounter {
  readonly #counts = new Map<TracedCall, CallCount>()

  add(call: TracedCall, time: number, failed: boolean): void {
    this.merge(call, { calls: 1, errors: failed ? 1 : 0, time })
  }

  /** Adds what was counted elsewhere. */
  merge(call: TracedCall, { calls, errors, time }: Readonly<CallCount>): void {
    const count = this.#counts.get(call) ?? { calls: 0, errors: 0, time: 0 }
    this.#counts.set(call, count)
    count.calls += calls
    count.errors += errors
    count.time += time
  }

  /** The table that strace prints, the calls that took longest first. */
  toString(): string {
    const all: CallCount = { calls: 0, errors: 0, time: 0 }
    for (const { calls, errors, time } of this.#counts.values()) {
      all.calls += calls
      all.errors += errors
      all.time += time
    }
    const rows = [...this.#counts].sort(([, one], [, other]) => other.time - one.time)
    const lines = rows.map(([call, count]) => row(call, count, all.time))
    const heading = '% time     seconds  usecs/call     calls    errors syscall'
    return `${[heading, RULE, ...lines, RULE, row('total', all, all.time)].join('\n')}\n`
  }
}

function row(name: string, { calls, errors, time }: CallCount, whole: number): string {
  const share = whole === 0 ? 0 : (100 * time) / whole
  const each = calls === 0 ? 0 : Math.floor((time * 1000) / calls)
  return [
    share.toFixed(2).padStart(6),
    (time / 1000).toFixed(6).padStart(11),
    String(each).padStart(11),
    String(calls).padStart(9),
    (errors === 0 ? '' : String(errors)).padStart(9),
    name,
  ].join(' ')
}
