// A program that runs on a host: as a process of an operating system, it has its own time and chance, its descriptors are closed when
// it ends, and one that goes on without end is stopped.

import type { Host } from '../../src/sim/host.ts'
import type { Provider } from '../../src/socket/provider.ts'
import { readCall, type ToldCall } from '../../src/socket/trace/told-call.ts'
import { type TracingProvider, trace } from '../../src/socket/trace/trace.ts'
import { compile } from './compile.ts'
import { inspect } from './inspect.ts'
import { OpenDescriptors } from './open-descriptors.ts'
import { programGlobals } from './program-globals.ts'
import { ProgramMemory } from './program-memory.ts'
import { ProgramTimers } from './program-timers.ts'
import type { OutputEvent } from './run-events.ts'
import type { ScenarioProgram } from './scenario.ts'
import { LATER, MADE, MODULE, TICK } from './scope-names.ts'
import { ProgramSyntaxError } from './syntax-tree.ts'

/**
 * Loops and calls at one instant, after which a program is taken to go on without end. Where each is a promise that waits for the next,
 * they take seconds, and a few hundred megabytes.
 */
const TICKS_MAX = 2_000_000
/**
 * Those in the long run: as many as are left when a millisecond of the run has taken away so many. Who computes more than that is as good
 * as endless, and has made as many objects.
 */
const TICKS_MAX_LONG = 10_000_000
const TICKS_EACH = 50_000
/** How often a program that is busy says so, and is looked at: each so many loops and calls. */
const TICKS_TOLD = 16
const TICKS_LOOKED = 65_536
/** Calls at one instant, after which a program is stopped; and those of one that goes on when the run may hold no more. */
const CALLS_AT_ONCE = 20_000
const CALLS_AT_ONCE_FULL = 100
/** Lines that a program may print; then it is stopped. */
const LINES_MAX = 10_000

/** A program that was stopped: because it did not end, printed too much, or somebody ended it. */
export class ProgramStopped extends Error {
  override readonly name = 'ProgramStopped'
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** What a process has of its run. */
export interface ProcessWorld {
  /** The modules that may be imported, with this provider as the host's. */
  modules(os: Provider, host: Host): ReadonlyMap<string, unknown>
  /** A call was made by a program or a command, which have names. */
  called(process: { readonly host: Host; readonly name: string }, call: ToldCall): void
  printed(event: OutputEvent): void
  /** Whether the run holds as much as it may. */
  readonly isFull: boolean
  /** It is still at it: told now and then while a program computes. */
  busy(process: Process, line: number): void
}

type Body = (...values: readonly unknown[]) => Promise<unknown>

const AsyncFunction = (async () => {}).constructor as new (...texts: readonly string[]) => Body

/** Lines that `new Function` puts in front of a body. */
const HEADER_LINES = 2

export class Process {
  readonly host: Host
  readonly name: string
  state: 'running' | 'ended' | 'failed' | 'stopped' = 'running'
  readonly descriptors = new OpenDescriptors()
  readonly #world: ProcessWorld
  readonly #program: ScenarioProgram
  readonly #url: string
  readonly #timers: ProgramTimers
  #stop: (reason: ProgramStopped) => void = () => {}
  #stopped: ProgramStopped | null = null
  #traced: TracingProvider | null = null
  /** Resolves when nothing is left that could go on: the program has come to its end, and has neither timers nor descriptors. */
  #rest: () => void = () => {}
  #resting = false
  #ticks = 0
  #ticksLong = 0
  #ticksAt = 0
  #calls = 0
  #callsAt = 0
  /** Where it was last. */
  #line = 0
  readonly #memory = new ProgramMemory()
  #lines = 0

  constructor(world: ProcessWorld, host: Host, program: ScenarioProgram) {
    this.host = host
    this.name = program.name
    this.#world = world
    this.#program = program
    this.#timers = new ProgramTimers(
      host.globals,
      () => this.#look(),
      (error) => this.fail(error),
    )
    this.#url = `lab:///${encodeURIComponent(host.name)}/${encodeURIComponent(program.name)}`
  }

  /** Starts it; whatever it does, this never throws. */
  start(): void {
    this.#print('started', '', 0)
    void this.host.run(() => this.#run(), { name: this.name, daemon: true })
  }

  /** Ends it from outside. */
  end(why = 'ended from outside'): void {
    if (this.state === 'running') this.#halt(new ProgramStopped(why, 0))
  }

  /** It has thrown what nobody caught: in a timer, or by a promise that nobody awaits. */
  fail(error: unknown): void {
    if (this.state !== 'running') return
    this.#failed(error)
    this.#halt(new ProgramStopped('has failed', 0))
  }

  /** Whether an error was thrown in this program. */
  owns(error: unknown): boolean {
    return error instanceof Error && (error.stack ?? '').includes(`${this.#url}:`)
  }

  /** Its host has crashed: nothing of it goes on, and nothing need be closed. */
  lost(): void {
    if (this.state !== 'running') return
    this.#stopped = new ProgramStopped('its host has crashed', 0)
    this.state = 'stopped'
    this.#print('stopped', 'its host has crashed', 0)
  }

  async #run(): Promise<void> {
    const stopped = new Promise<never>((_resolve, reject) => {
      this.#stop = reject
    })
    stopped.catch(() => {})
    try {
      await Promise.race([this.#begin(), stopped])
      await Promise.race([this.#atRest(), stopped])
      this.#finish('ended', '', 0)
    } catch (error) {
      this.#failed(error)
    }
  }

  // Whoever waits for a peer or a timer still goes on, as a process of Node's does.
  #atRest(): Promise<void> {
    return new Promise((resolve) => {
      this.#rest = resolve
      this.#resting = true
      this.#look()
    })
  }

  #look(): void {
    if (this.#resting && this.descriptors.size === 0 && this.#timers.size === 0) this.#rest()
  }

  #begin(): Promise<unknown> {
    const os = trace(this.host.stack, (line) => this.#called(line), { column: 0 })
    this.#traced = os
    const modules = this.#world.modules(os, this.host)
    const code = compile(this.#program.source, [...modules.keys()])
    const module = (name: string, line: number, names: readonly string[]) => {
      const found = modules.get(name) as object
      const missing = names.find((one) => !(one in found))
      if (missing === undefined) return found
      throw new ProgramSyntaxError(
        `the module '${name}' has no export named ${missing}; a type is imported by import type`,
        line,
        0,
      )
    }
    const scope = {
      ...programGlobals(this.#timers.globals(), (kind, text) => this.#say(kind, text)),
      [TICK]: (line: number) => this.#tick(line),
      [MADE]: (line: number, value: unknown) => this.#made(line, value),
      [MODULE]: module,
      [LATER]: async (name: unknown) => {
        if (typeof name === 'string' && modules.has(name)) return modules.get(name)
        throw new TypeError(
          `there is no module ${inspect(name)} in the lab: there are ${[...modules.keys()].join(', ')}`,
        )
      },
    }
    const body = new AsyncFunction(...Object.keys(scope), `'use strict';${code}\n//# sourceURL=${this.#url}`)
    return body(...Object.values(scope))
  }

  // Called at each loop and each function: as little as can be, unless there is something to say.
  #tick(line: number): void {
    this.#ticks++
    this.#line = line
    if (this.#stopped !== null) throw this.#stopped
    if (this.#ticks % TICKS_TOLD !== 0) return
    this.#world.busy(this, line)
    if (this.#ticks % TICKS_LOOKED === 0) this.#count(line)
  }

  #count(line: number): void {
    const now = this.host.now()
    if (now !== this.#ticksAt) {
      this.#ticksLong = Math.max(0, this.#ticksLong - (now - this.#ticksAt) * TICKS_EACH)
      this.#ticksAt = now
      this.#ticks = 0
    }
    this.#ticksLong += TICKS_LOOKED
    if (this.#ticks >= TICKS_MAX) {
      this.#breaks(`went round ${this.#ticks} times at one instant without waiting for anything`, line)
    }
    if (this.#ticksLong >= TICKS_MAX_LONG) {
      this.#breaks(`went round ${this.#ticksLong} times and hardly waited for anything`, line)
    }
  }

  // What may be large comes by here, once it is made.
  #made(line: number, value: unknown): unknown {
    if (this.#stopped !== null) throw this.#stopped
    if (!this.#memory.made(value, this.host.now())) this.#breaks('holds more memory than a program may, 512 MiB', line)
    return value
  }

  // What it may not: it ends where it stands.
  #breaks(why: string, line: number): never {
    const reason = new ProgramStopped(why, line)
    this.#halt(reason)
    throw reason
  }

  #called(text: string): void {
    const call = readCall(text)
    if (this.descriptors.follow(call)) this.#look()
    this.#callsAtOnce(this.host.now())
    this.#world.called(this, call)
  }

  // Whoever does not wait is not paused, however full the run is.
  #callsAtOnce(now: number): void {
    this.#calls = now === this.#callsAt ? this.#calls + 1 : 1
    this.#callsAt = now
    if (this.#calls > (this.#world.isFull ? CALLS_AT_ONCE_FULL : CALLS_AT_ONCE)) {
      this.#halt(
        new ProgramStopped(`made ${this.#calls} calls at one instant without waiting for anything`, this.#line),
      )
    }
  }

  #say(kind: 'out' | 'error', text: string): void {
    if (this.state !== 'running') return
    if (++this.#lines > LINES_MAX) {
      this.#halt(new ProgramStopped(`printed more than ${LINES_MAX} lines`, 0))
      throw this.#stopped
    }
    this.#print(kind, text, 0)
  }

  #halt(reason: ProgramStopped): void {
    this.#stopped = reason
    this.#stop(reason)
  }

  #failed(error: unknown): void {
    if (error instanceof ProgramStopped) this.#finish('stopped', error.message, error.line)
    else if (error instanceof ProgramSyntaxError) this.#finish('failed', `SyntaxError: ${error.message}`, error.line)
    else
      this.#finish(
        'failed',
        error instanceof Error ? `${error.name}: ${error.message}` : inspect(error),
        this.#lineOf(error),
      )
  }

  /** The innermost line of this program that an error tells of; 0: none. */
  #lineOf(error: unknown): number {
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    const at = stack.indexOf(`${this.#url}:`)
    if (at < 0) return 0
    const line = Number.parseInt(stack.slice(at + this.#url.length + 1), 10)
    return line > HEADER_LINES ? line - HEADER_LINES : 0
  }

  // What a process has open is closed with it: exit(3).
  #finish(state: 'ended' | 'failed' | 'stopped', text: string, line: number): void {
    if (this.state !== 'running') return
    this.state = state
    this.#timers.clear()
    this.#stopped ??= new ProgramStopped('has ended', 0)
    if (this.host.isUp) {
      for (const fd of this.descriptors) this.host.stack.endpoint(fd)?.close()
      this.#traced?.exit(state === 'ended' ? 0 : 1)
    }
    this.descriptors.clear()
    this.#print(state, text, line)
  }

  #print(kind: OutputEvent['kind'], text: string, line: number): void {
    this.#world.printed({ at: this.host.now(), host: this.host.name, program: this.name, kind, text, line })
  }
}
