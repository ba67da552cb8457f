import type { Host } from '../../src/sim/host.ts'
import { Command, type CommandWorld, type Signal } from './command.ts'
import { CommandLineError, commandWords } from './command-line.ts'
import type { OutputEvent } from './run-events.ts'

/** The terminal of a host: one command runs at a time, and lines that come meanwhile wait for its end, as what is typed ahead does. */
export class Terminal {
  readonly #world: CommandWorld
  readonly #host: Host
  readonly #waiting: string[] = []
  #command: Command | null = null
  #count = 0

  constructor(world: CommandWorld, host: Host) {
    this.#world = world
    this.#host = host
  }

  run(line: string): void {
    if (!this.#host.isUp) this.#told(line, 'the host has crashed')
    else if (this.#command !== null) this.#waiting.push(line)
    else this.#start(line)
  }

  /** Types to the command that runs. Where none does any more, its lines are the shell's. */
  type(text: string): void {
    if (this.#command !== null) {
      this.#command.type(text)
      return
    }
    if (!this.#host.isUp) return
    const lines = text.split('\n').slice(0, -1)
    for (const line of lines) if (line.trim() !== '') this.run(line.trim())
  }

  signal(name: Signal): void {
    this.#command?.signal(name)
  }

  /** Whether an error was thrown in the command that runs. */
  owns(error: unknown): boolean {
    return this.#command?.owns(error) ?? false
  }

  fail(error: unknown): void {
    this.#command?.fail(error)
  }

  /** Its host has crashed. */
  lost(): void {
    this.#waiting.length = 0
    this.#command?.lost()
    this.#command = null
  }

  /** Ends the command that runs; nothing comes after it. */
  end(): void {
    const command = this.#command
    this.#waiting.length = 0
    this.#command = null
    command?.end()
  }

  #start(line: string): void {
    const words = readWords(line)
    if (typeof words === 'string') {
      this.#told(line, words)
      this.#next()
      return
    }
    this.#command = new Command(this.#world, this.#host, words, ++this.#count, () => this.#next())
    this.#say(this.#command.name, 'started', line)
    this.#command.start()
  }

  /** A line that is not run, and why. */
  #told(line: string, why: string): void {
    this.#count++
    const [program = ''] = line.trim().split(/\s/, 1)
    this.#say(program, 'started', line)
    this.#say(program, 'error', why)
    this.#say(program, 'ended', 'status 2')
  }

  #say(program: string, kind: OutputEvent['kind'], text: string): void {
    const { name } = this.#host
    this.#world.printed({ at: this.#host.now(), host: name, program, kind, text, line: 0, command: this.#count })
  }

  // What a command has not read is read by the shell, as on any terminal.
  #next(): void {
    this.#waiting.unshift(...(this.#command?.unread ?? []))
    this.#command = null
    const line = this.#waiting.shift()
    if (line !== undefined) this.#start(line)
  }
}

/** The words of a line; or why it has none that could be run. */
function readWords(line: string): readonly string[] | string {
  try {
    const words = commandWords(line)
    // As in a shell: jackfield ping is ping.
    return words[0] === 'jackfield' && words.length > 1 ? words.slice(1) : words
  } catch (error) {
    if (error instanceof CommandLineError) return error.message
    throw error
  }
}
