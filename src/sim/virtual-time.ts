// The globals by which programs tell time, wait, and draw lots, over a clock and a seed. Shape and behaviour are those of the
// real ones: HTML's timers (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html), with the objects that Node gives.

import { given } from '../base/argument.ts'
import type { Clock } from '../base/clock.ts'
import { type Random, randomFraction } from '../base/random.ts'

/** What a program is called back with. */
type Callback = (...args: unknown[]) => void

/** What setTimeout and setInterval give: what Node's give, and a number where one is asked for. */
export interface VirtualTimer {
  /** Sets it again, from now. */
  refresh(): VirtualTimer
  /** Do nothing: a simulation runs until its programs have ended, not until its timers have. */
  ref(): VirtualTimer
  unref(): VirtualTimer
  hasRef(): boolean
  close(): VirtualTimer
  [Symbol.toPrimitive](): number
}

/** The globals, as a host has them. */
export interface VirtualGlobals {
  readonly Date: DateConstructor
  readonly Math: Math
  readonly performance: { now(): number; readonly timeOrigin: number }
  readonly setTimeout: (callback: Callback, delay?: number, ...args: unknown[]) => VirtualTimer
  readonly clearTimeout: (timer?: VirtualTimer | number | string | null) => void
  readonly setInterval: (callback: Callback, delay?: number, ...args: unknown[]) => VirtualTimer
  readonly clearInterval: (timer?: VirtualTimer | number | string | null) => void
  readonly setImmediate: (callback: Callback, ...args: unknown[]) => VirtualTimer
  readonly clearImmediate: (timer?: VirtualTimer | number | string | null) => void
  readonly AbortSignal: { timeout(milliseconds: number): AbortSignal }
  readonly crypto: { getRandomValues<T extends ArrayBufferView>(array: T): T; randomUUID(): string }
}

/** Where the time and the randomness of a global come from, asked at each call. */
export interface TimeSource {
  readonly clock: Clock
  readonly random: Random
}

interface Real {
  readonly AbortSignal: object
  readonly DOMException: { new (message: string, name: string): Error }
  readonly crypto: object
  readonly performance: object
}

const real = globalThis as unknown as Real
const RealDate = Date
const RealMath = Math

/** Longer waits are 1 ms, as of setTimeout everywhere. */
const LONGEST = 0x7fffffff

/** The timers of one set of globals that are set, by their numbers. */
class Timers extends Map<number, Timer> {
  last = 0
}

class Timer implements VirtualTimer {
  readonly #timers: Timers
  readonly #number: number
  readonly #clock: Clock
  readonly #alarm
  readonly #delay: number

  constructor(timers: Timers, clock: Clock, callback: () => void, delay: number, repeats: boolean) {
    this.#timers = timers
    this.#number = ++timers.last
    this.#clock = clock
    // Without a value, or with none that can be, it is 1 ms: so Node; of the browsers' 0 nobody can rely on.
    this.#delay = delay >= 1 && delay <= LONGEST ? Math.trunc(delay) : 1
    this.#alarm = clock.alarm(() => {
      if (repeats) this.#set()
      else timers.delete(this.#number)
      callback()
    })
    timers.set(this.#number, this)
    this.#set()
  }

  #set(): void {
    this.#alarm.set(this.#clock.now() + this.#delay)
  }

  refresh(): VirtualTimer {
    this.#timers.set(this.#number, this)
    this.#set()
    return this
  }

  ref(): VirtualTimer {
    return this
  }

  unref(): VirtualTimer {
    return this
  }

  hasRef(): boolean {
    return true
  }

  close(): VirtualTimer {
    this.#timers.delete(this.#number)
    this.#alarm.clear()
    return this
  }

  [Symbol.toPrimitive](): number {
    return this.#number
  }
}

/** Runs in the order in which it was asked for, before time passes; what Node's setImmediate gives. */
class Immediate implements VirtualTimer {
  #callback: (() => void) | null

  constructor(clock: Clock, callback: () => void) {
    this.#callback = callback
    const alarm = clock.alarm(() => this.#callback?.())
    alarm.set(clock.now())
  }

  refresh(): VirtualTimer {
    return this
  }

  ref(): VirtualTimer {
    return this
  }

  unref(): VirtualTimer {
    return this
  }

  hasRef(): boolean {
    return this.#callback !== null
  }

  close(): VirtualTimer {
    this.#callback = null
    return this
  }

  [Symbol.toPrimitive](): number {
    return 0
  }
}

function called(name: string, callback: unknown, args: readonly unknown[]): () => void {
  if (typeof callback !== 'function')
    throw new TypeError(`${name}: callback must be a function, got ${given(callback)}`)
  return () => void callback(...args)
}

/** The globals over a clock and a seed. `source` is asked at each call: whose turn it is may change. */
export function virtualGlobals(source: () => TimeSource): VirtualGlobals {
  const calendar = () => {
    const { clock } = source()
    return Math.floor((clock.epoch ?? 0) + clock.now())
  }
  const timers = new Timers()
  const clear: VirtualGlobals['clearTimeout'] = (timer) => {
    if (timer === null || timer === undefined) return
    if (typeof timer === 'object') timer.close()
    else timers.get(Number(timer))?.close()
  }
  const later = (name: string, callback: Callback, delay: number | undefined, args: unknown[], repeats: boolean) =>
    new Timer(timers, source().clock, called(name, callback, args), Number(delay), repeats)
  return {
    Date: virtualDate(calendar),
    Math: new Proxy(RealMath, {
      get: (target, key, receiver) =>
        key === 'random' ? () => randomFraction(source().random) : Reflect.get(target, key, receiver),
    }),
    performance: over(real.performance ?? {}, {
      now: () => source().clock.now(),
      get timeOrigin() {
        return source().clock.epoch ?? 0
      },
    }),
    setTimeout: (callback, delay, ...args) => later('setTimeout', callback, delay, args, false),
    clearTimeout: clear,
    setInterval: (callback, delay, ...args) => later('setInterval', callback, delay, args, true),
    clearInterval: clear,
    setImmediate: (callback, ...args) => new Immediate(source().clock, called('setImmediate', callback, args)),
    clearImmediate: clear,
    AbortSignal: over(real.AbortSignal, {
      timeout: (milliseconds: number) => abortAfter(source().clock, milliseconds),
    }),
    crypto: over(real.crypto ?? {}, {
      getRandomValues: <T extends ArrayBufferView>(array: T): T => fill(array, source().random),
      randomUUID: () => uuid(source().random),
    }),
  }
}

/** AbortSignal.timeout on a clock. */
export function abortAfter(clock: Clock, milliseconds: number): AbortSignal {
  if (typeof milliseconds !== 'number') {
    throw new TypeError(`milliseconds must be a number, got ${given(milliseconds)}`)
  }
  if (!(milliseconds >= 0)) throw new RangeError(`milliseconds must be 0 or more, got ${milliseconds}`)
  const controller = new AbortController()
  const reason = () => new real.DOMException('The operation was aborted due to timeout', 'TimeoutError')
  clock.alarm(() => controller.abort(reason())).set(clock.now() + milliseconds)
  return controller.signal
}

// The real object in all but what `instead` has.
function over<T extends object>(target: object, instead: T): T {
  return new Proxy(target, {
    get(of, key) {
      if (key in instead) return Reflect.get(instead, key)
      const value: unknown = Reflect.get(of, key)
      // Its methods want the real object as their receiver.
      return isMethod(value) ? value.bind(of) : value
    },
  }) as T
}

function isMethod(value: unknown): value is { bind(target: object): unknown } {
  return typeof value === 'function' && !Object.hasOwn(value, 'prototype')
}

function virtualDate(now: () => number): DateConstructor {
  return new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  })
}

function fill<T extends ArrayBufferView>(array: T, random: Random): T {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.int32() >>> 24
  return array
}

// RFC 9562 section 5.4: version 4, variant 10.
function uuid(random: Random): string {
  const bytes = fill(new Uint8Array(16), random)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const digits = [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
