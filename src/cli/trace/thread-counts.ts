// Read first: strace(1), option -c.

import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { TRACED_CALLS, type TracedCall } from '../../socket/trace/call-filter.ts'
import { type CallCounter, CallSummary } from '../../socket/trace/call-summary.ts'
import type { TraceOutput } from './trace-output.ts'

const SUFFIX = '.counts'

/** Calls, errors and milliseconds of one call. */
const FIELDS = 3
const OCTETS = FIELDS * Float64Array.BYTES_PER_ELEMENT

/**
 * The counts of one thread, in a file of its own, which has them after each call: a thread that is ended, or a process that a
 * signal ends, runs nothing at its end that could hand them over.
 */
export class ThreadCounts implements CallCounter {
  readonly #counts = new Float64Array(TRACED_CALLS.length * FIELDS)
  readonly #octets = new Uint8Array(this.#counts.buffer)
  readonly #folder: string
  readonly #output: TraceOutput
  #fd: number | null = null
  #lost = false

  constructor(folder: string, output: TraceOutput) {
    this.#folder = folder
    this.#output = output
  }

  add(call: TracedCall, time: number, failed: boolean): void {
    if (this.#lost) return
    const place = TRACED_CALLS.indexOf(call)
    const first = place * FIELDS
    this.#counts[first] = (this.#counts[first] as number) + 1
    if (failed) this.#counts[first + 1] = (this.#counts[first + 1] as number) + 1
    this.#counts[first + 2] = (this.#counts[first + 2] as number) + time
    try {
      this.#fd ??= openSync(join(this.#folder, `${process.pid}-${threadId}-${Date.now()}${SUFFIX}`), 'wx')
      writeSync(this.#fd, this.#octets, place * OCTETS, OCTETS, place * OCTETS)
    } catch (error) {
      this.#lost = true
      this.#output.lose(`calls cannot be counted, ${(error as Error).message}`)
    }
  }
}

/** The sum of what all threads have counted in `folder`. */
export function sumCounts(folder: string): CallSummary {
  const sum = new CallSummary()
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(SUFFIX)) continue
    const octets = readFileSync(join(folder, name))
    const counts = new Float64Array(TRACED_CALLS.length * FIELDS)
    new Uint8Array(counts.buffer).set(octets.subarray(0, counts.byteLength))
    for (const [place, call] of TRACED_CALLS.entries()) {
      const [calls, errors, time] = counts.subarray(place * FIELDS) as unknown as [number, number, number]
      if (calls > 0) sum.merge(call, { calls, errors, time })
    }
  }
  return sum
}
