// A terminal of a page: a program that goes on running while the page does other things, and what it has printed.

import { type ChildProcess, spawn } from 'node:child_process'
import { SOAKING } from '../soak.ts'
import { lengthOfExpected } from './expected.ts'

/** Where and how programs of a page are run. */
export interface Place {
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  /** The command that runs others inside of the page's network; empty where that is the machine's. */
  readonly within: readonly string[]
}

/** A program that says nothing of what the page tells for so many milliseconds is given up: the test fails. */
const PATIENCE = SOAKING ? 200_000 : 50_000

/** Milliseconds that a program may take to end before the next is started in its place. */
const LEAVING = 10_000

export class Terminal {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  #over = false
  #status: number | null = null
  #printed = ''
  #seen = 0
  #anywhere = false
  #heard: () => void = () => {}

  constructor(place: Place, script: string) {
    // One descriptor for both, so that what is printed keeps its order; a test that is killed takes its programs with it.
    const command = ['setpriv', '--pdeathsig', 'KILL', ...place.within, 'bash', '-c', `exec 2>&1\n${script}`]
    const [program, ...args] = process.platform === 'linux' ? command : command.slice(3)
    this.#child = spawn(program as string, args, {
      cwd: place.folder,
      env: place.environment,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdin?.on('error', () => {})
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      // A machine's serial line ends lines as terminals do.
      this.#printed += text.replaceAll('\r', '')
      this.#heard()
    })
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#printed += error.message
        this.#child.emit('close', null)
      })
      this.#child.on('close', (status) => {
        this.#over = true
        this.#status = status
        this.#heard()
        resolve(status)
      })
    })
  }

  /** What it has printed that no page has shown yet. */
  get unseen(): string {
    return this.#printed.slice(this.#seen)
  }

  get over(): boolean {
    return this.#over
  }

  type(text: string): void {
    this.#child.stdin?.write(`${text}\n`)
  }

  closeInput(): void {
    this.#child.stdin?.end()
  }

  /** Waits for it to have printed what comes next; rejects when it has ended without, or was waited for too long. */
  async shows(expected: string): Promise<void> {
    let late = false
    const alarm = setTimeout(() => {
      late = true
      this.#heard()
    }, PATIENCE)
    try {
      for (;;) {
        const text = this.#over && this.unseen !== '' ? `${this.unseen.trimEnd()}\n` : this.unseen
        const length = lengthOfExpected(expected, text, this.#anywhere)
        if (length >= 0) {
          this.#seen += length
          this.#anywhere = expected.trimEnd().endsWith('\n…') || expected.trim() === '…'
          return
        }
        if (this.#over) throw new Error(`it ended with ${this.#status}, and had printed:\n${this.unseen}`)
        if (late) throw new Error(`after ${PATIENCE / 1000} s it had printed:\n${this.unseen}`)
        await new Promise<void>((resolve) => {
          this.#heard = resolve
        })
      }
    } finally {
      clearTimeout(alarm)
    }
  }

  /** Whether it has ended, or does so soon: it may have said its last and be about to. */
  async leaves(): Promise<boolean> {
    let alarm: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      alarm = setTimeout(resolve, LEAVING)
    })
    await Promise.race([this.#ended, late])
    clearTimeout(alarm)
    return this.#over
  }

  /** Waits for its end. */
  async end(): Promise<number | null> {
    let late = false
    const alarm = setTimeout(() => {
      late = true
      this.signal('SIGKILL')
    }, PATIENCE)
    const status = await this.#ended
    clearTimeout(alarm)
    if (late) throw new Error(`it did not end within ${PATIENCE / 1000} s, and had printed:\n${this.unseen}`)
    return status
  }

  /** Sends a signal to the program and to what it has started. */
  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch {
      // All of them have ended.
    }
  }
}
