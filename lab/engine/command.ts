// A command that runs in the terminal of a host: of src/cli, on the host's own stack, in its own time. As any process of a host it has its
// descriptors closed when it ends, and is stopped where it goes on without end.

import type { Host } from '../../src/sim/host.ts'
import { readCall } from '../../src/socket/trace/told-call.ts'
import { type TracingProvider, trace } from '../../src/socket/trace/trace.ts'
import { CommandInput } from './command-input.ts'
import type { CommandMachine, CommandProcess, CommandScope } from './command-machine.ts'
import { LineOutput } from './command-output.ts'
import { inspect } from './inspect.ts'
import { OpenDescriptors } from './open-descriptors.ts'
import { type ProcessWorld, ProgramStopped } from './process.ts'
import { ProgramTimers } from './program-timers.ts'
import type { OutputEvent } from './run-events.ts'

/** Calls at one instant, after which a command is taken to go on without end: `ping -f localhost` does. */
const CALLS_MAX = 20_000
/** Lines, and characters, that a command may print; then it is stopped. */
const LINES_MAX = 10_000
const CHARACTERS_MAX = 1 << 20

export type Signal = 'SIGINT' | 'SIGTERM'

const NUMBERS: Readonly<Record<Signal, number>> = { SIGINT: 2, SIGTERM: 15 }
/** As a terminal shows the keys that send it. */
const KEYS: Readonly<Record<Signal, string>> = { SIGINT: '^C', SIGTERM: '' }

/** What a command has of its run. */
export interface CommandWorld extends Pick<ProcessWorld, 'called' | 'printed'> {
  /** The bundle of scripts/lab-commands.mjs; null: it is not there. */
  readonly commands: string | null
  /** The names of all hosts, as hosts(5). */
  readonly hosts: string
  sockets(host: string): ReturnType<CommandMachine['sockets']>
}

export class Command {
  readonly host: Host
  readonly name: string
  readonly number: number
  readonly #world: CommandWorld
  readonly #words: readonly string[]
  readonly #url: string
  readonly #ended: () => void
  readonly #timers: ProgramTimers
  readonly #descriptors = new OpenDescriptors()
  readonly #input = new CommandInput()
  readonly #out: LineOutput
  readonly #error: LineOutput
  readonly #listeners: { readonly event: string; readonly listener: (name: string) => void }[] = []
  #traced: TracingProvider | null = null
  #state: 'running' | 'ending' | 'ended' = 'running'
  #calls = 0
  #callsAt = 0
  #lines = 0
  #characters = 0

  /** The command that `words` are, `number` of its host. `ended` is called when it has ended. */
  constructor(world: CommandWorld, host: Host, words: readonly string[], number: number, ended: () => void) {
    this.host = host
    this.name = words[0] ?? ''
    this.number = number
    this.#world = world
    this.#words = words
    this.#ended = ended
    this.#url = `lab:///${encodeURIComponent(host.name)}/command-${number}`
    this.#timers = new ProgramTimers(
      host.globals,
      () => {},
      (error) => this.fail(error),
    )
    const soon = (task: () => void) => void host.globals.setImmediate(task)
    this.#out = new LineOutput((text, open) => this.#say('out', text, open), soon)
    this.#error = new LineOutput((text, open) => this.#say('error', text, open), soon)
  }

  /** Starts it; whatever it does, this never throws. */
  start(): void {
    void this.host.run(() => this.#run(), { name: this.name, daemon: true })
  }

  /** Somebody types. */
  type(text: string): void {
    for (const line of text.replaceAll('\x04', '').split(/(?<=\n)/)) {
      if (line !== '') this.#print('typed', line.replace(/\n$/, ''), !line.endsWith('\n'))
    }
    this.#input.type(text)
  }

  /** Lines that were typed to it and that it has not read. */
  get unread(): readonly string[] {
    return this.#input.unread
  }

  signal(name: Signal): void {
    this.#input.flush()
    if (KEYS[name] !== '') this.#print('typed', KEYS[name], false)
    const listeners = this.#listeners.filter(({ event }) => event === name)
    if (listeners.length === 0) this.#finish('ended', `status ${128 + NUMBERS[name]}`)
    for (const { listener } of listeners) listener(name)
  }

  /** Ends it without a word. */
  end(): void {
    this.#finish('stopped', 'ended from outside')
  }

  /** It has thrown what nobody caught. */
  fail(error: unknown): void {
    this.#finish('failed', error instanceof Error ? `${error.name}: ${error.message}` : inspect(error))
  }

  /** Whether an error was thrown in this command. */
  owns(error: unknown): boolean {
    return error instanceof Error && (error.stack ?? '').includes(`${this.#url}:`)
  }

  /** Its host has crashed: nothing of it goes on, and nothing need be closed. */
  lost(): void {
    if (this.#state !== 'running') return
    this.#state = 'ended'
    this.#print('stopped', 'its host has crashed', false)
  }

  async #run(): Promise<void> {
    const { commands } = this.#world
    if (commands === null) return this.#finish('failed', 'the commands of the terminal could not be loaded')
    const scope = this.#scope()
    try {
      const body = new Function(...Object.keys(scope), `${commands}\n//# sourceURL=${this.#url}`)
      body(...Object.values(scope))
    } catch (error) {
      this.fail(error)
    }
  }

  #scope(): CommandScope {
    const { host } = this
    const provider = trace(host.stack, (line) => this.#called(line), { column: 0 })
    this.#traced = provider
    const log = (output: LineOutput) => (value: unknown) => void output.write(`${String(value)}\n`)
    const [out, error] = [log(this.#out), log(this.#error)]
    return {
      ...this.#timers.globals(),
      MACHINE: {
        name: host.name,
        provider,
        stack: host.stack,
        hosts: this.#world.hosts,
        speaksIpv6: host.ports.some(({ addresses }) => addresses.some((address) => address.includes(':'))),
        sockets: () => this.#world.sockets(host.name),
      },
      process: this.#process(),
      console: { log: out, info: out, debug: out, warn: error, error },
    }
  }

  #process(): CommandProcess {
    return {
      argv: ['jackfield', 'jackfield', ...this.#words],
      env: {},
      platform: 'lab',
      pid: this.number,
      exitCode: undefined,
      stdout: this.#out,
      stderr: this.#error,
      stdin: this.#input,
      on: (event, listener) => void this.#listeners.push({ event, listener }),
      removeListener: (event, listener) => {
        const at = this.#listeners.findIndex((one) => one.event === event && one.listener === listener)
        if (at >= 0) this.#listeners.splice(at, 1)
      },
      cpuUsage: () => ({ user: 0, system: 0 }),
      exit: (status = 0) => this.#finish('ended', status === 0 ? '' : `status ${status}`),
    }
  }

  // What has ended makes no more calls, whoever it still has that would.
  #called(text: string): void {
    if (this.#state === 'ended') throw new ProgramStopped('has ended', 0)
    const call = readCall(text)
    this.#descriptors.follow(call)
    this.#world.called(this, call)
    if (this.#state === 'running') this.#count()
  }

  #count(): void {
    const now = this.host.now()
    if (now !== this.#callsAt) {
      this.#callsAt = now
      this.#calls = 0
    }
    if (++this.#calls > CALLS_MAX) {
      const reason = new ProgramStopped(`made ${CALLS_MAX} calls at one instant without waiting for anything`, 0)
      this.#finish('stopped', reason.message)
      throw reason
    }
  }

  #say(kind: 'out' | 'error', text: string, open: boolean): void {
    if (this.#state === 'ended') return
    this.#characters += text.length
    if (++this.#lines > LINES_MAX || this.#characters > CHARACTERS_MAX) {
      const most = this.#lines > LINES_MAX ? `${LINES_MAX} lines` : `${CHARACTERS_MAX} characters`
      this.#finish('stopped', `printed more than ${most}`)
    } else {
      this.#print(kind, text, open)
    }
  }

  // What it waits for it never hears of: it is at its end, and must not go on because its sockets are closed.
  #finish(kind: 'ended' | 'failed' | 'stopped', text: string): void {
    if (this.#state !== 'running') return
    this.#state = 'ending'
    // Who is stopped may have too much to say.
    if (kind !== 'stopped') for (const output of [this.#out, this.#error]) output.flush()
    this.#timers.clear()
    if (this.host.isUp) {
      for (const fd of this.#descriptors) {
        const endpoint = this.host.stack.endpoint(fd)
        endpoint?.watch(null)
        endpoint?.close()
      }
      this.#traced?.exit(kind === 'ended' && text === '' ? 0 : 1)
    }
    this.#descriptors.clear()
    this.#state = 'ended'
    this.#print(kind, text, false)
    this.#ended()
  }

  #print(kind: OutputEvent['kind'], text: string, open: boolean): void {
    const { host, name, number } = this
    const event = { at: host.now(), host: host.name, program: name, kind, text, line: 0, command: number }
    this.#world.printed(open ? { ...event, open } : event)
  }
}
