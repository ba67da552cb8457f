import { errnoName } from '../base/errno.ts'
import type { DrillHost } from './drill-host.ts'
import { expressionText } from './expression-text.ts'
import { DrillFailure } from './failure.ts'
import type { RunningCall } from './running-call.ts'
import type { CallAction, ScriptEvent } from './script.ts'
import { numberOf } from './symbols.ts'
import { startCall } from './system-calls.ts'

/** Makes the script's system calls, the one that waits included. */
export class CallRunner {
  readonly #host: DrillHost
  /** Fails unless a time is close enough to the one expected, `gap` after the event before. */
  readonly #checkTime: (event: ScriptEvent, expected: number, seen: number, gap: number) => void
  #event: ScriptEvent | null = null
  #call: CallAction | null = null
  #running: RunningCall | null = null
  #startedAt = 0
  #returnsAt = 0
  #woken = false
  readonly #wake = (): void => {
    this.#woken = true
  }

  constructor(host: DrillHost, checkTime: (event: ScriptEvent, expected: number, seen: number, gap: number) => void) {
    this.#host = host
    this.#checkTime = checkTime
  }

  /** The event whose call waits; null where none does. */
  get waiting(): ScriptEvent | null {
    return this.#event
  }

  /** When the call that waits gives up of itself, in microseconds. */
  get deadline(): number {
    return this.#running?.deadline ?? Number.POSITIVE_INFINITY
  }

  /** Makes a call now. `returnsAt`, in microseconds, is when it shall return; null: at once. */
  start(event: ScriptEvent, call: CallAction, returnsAt: number | null): void {
    const running = startCall(this.#host, call)
    const now = this.#host.now
    const result = running.attempt()
    if (result !== null) {
      if (returnsAt !== null) this.#checkTime(event, returnsAt, now, returnsAt - now)
      this.#finish(call, running, result)
      return
    }
    if (returnsAt === null) {
      throw new DrillFailure(call, `${call.name}() would wait, but the script has it return at once`, event.text)
    }
    this.#event = event
    this.#call = call
    this.#running = running
    this.#startedAt = now
    this.#returnsAt = returnsAt
    this.#woken = false
    if (this.#host.system.realTime) return
    for (const socket of running.sockets) {
      socket.watch()
      socket.waiting.add(this.#wake)
    }
  }

  /** Tries the call that waits again, if it was woken or its time is up. */
  retry(): void {
    const running = this.#running
    const call = this.#call
    const event = this.#event
    if (running === null || call === null || event === null) return
    const expired = running.deadline !== undefined && this.#host.now >= running.deadline
    if (!this.#woken && running.sockets.length > 0 && !expired && !this.#host.system.realTime) return
    this.#woken = false
    const result = running.attempt() ?? (expired ? (running.timeoutResult ?? 0) : null)
    if (result === null) return
    for (const socket of running.sockets) socket.waiting.delete(this.#wake)
    this.#event = null
    this.#call = null
    this.#running = null
    this.#checkTime(event, this.#returnsAt, this.#host.now, this.#returnsAt - this.#startedAt)
    this.#finish(call, running, result)
  }

  #finish(call: CallAction, running: RunningCall, result: number): void {
    const expected = numberOf(call.result)
    if (expected === null && call.result.kind !== 'ellipsis') {
      throw new DrillFailure(call.result, `'${expressionText(call.result)}' is no result of a call`)
    }
    if (result >= 0 && expected !== null && expected >= 0 && running.bindDescriptor !== undefined) {
      running.bindDescriptor(expected)
      return
    }
    const wanted = `${expressionText(call.result)}${call.errno === null ? '' : ` ${call.errno}`}`
    const seen = result < 0 ? `-1 ${errnoName(result)}` : String(result)
    const same =
      result < 0 ? expected === -1 && (call.errno === null || call.errno === errnoName(result)) : expected === result
    if (!same && expected !== null) {
      throw new DrillFailure(call, `${call.name}() returned ${seen}, expected ${wanted}`, `= ${wanted}`, `= ${seen}`)
    }
    if (result >= 0) running.check?.(result)
  }
}
