import type { VirtualGlobals, VirtualTimer } from '../../src/sim/virtual-time.ts'
import { universalDate } from './universal-date.ts'

type Set = VirtualGlobals['setTimeout']

/** The timers of one program: which are set keeps it alive, and all are gone when it ends. */
export class ProgramTimers {
  readonly #globals: VirtualGlobals
  readonly #pending = new globalThis.Set<VirtualTimer>()
  readonly #done: () => void
  readonly #failed: (error: unknown) => void

  /** `done` is called when one has run out or was cleared, `failed` with what a callback throws. */
  constructor(globals: VirtualGlobals, done: () => void, failed: (error: unknown) => void) {
    this.#globals = globals
    this.#done = done
    this.#failed = failed
  }

  get size(): number {
    return this.#pending.size
  }

  /** The globals as a program of the lab has them: its timers are counted, and its calendar is UTC, whoever looks, and wherever. */
  globals(): VirtualGlobals {
    const { setTimeout, setInterval, setImmediate, clearTimeout } = this.#globals
    const once =
      (set: Set): Set =>
      (callback, delay, ...args) => {
        const timer = set(
          (...given: unknown[]) => {
            this.#gone(timer)
            this.#call(callback, given)
          },
          delay,
          ...args,
        )
        this.#pending.add(timer)
        return timer
      }
    const clear: VirtualGlobals['clearTimeout'] = (timer) => {
      clearTimeout(timer)
      for (const one of this.#pending) {
        if (one === timer || (typeof timer !== 'object' && Number(one) === Number(timer))) this.#gone(one)
      }
    }
    return {
      ...this.#globals,
      Date: universalDate(this.#globals.Date),
      setTimeout: once(setTimeout),
      setImmediate: (callback, ...args) =>
        once((call, _delay, ...rest) => setImmediate(call, ...rest))(callback, 0, ...args),
      setInterval: (callback, delay, ...args) => {
        const timer = setInterval((...given: unknown[]) => this.#call(callback, given), delay, ...args)
        this.#pending.add(timer)
        return timer
      },
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    }
  }

  #call(callback: (...args: unknown[]) => void, args: readonly unknown[]): void {
    try {
      callback(...args)
    } catch (error) {
      this.#failed(error)
    }
  }

  clear(): void {
    for (const timer of this.#pending) timer.close()
    this.#pending.clear()
  }

  #gone(timer: VirtualTimer): void {
    this.#pending.delete(timer)
    this.#done()
  }
}
