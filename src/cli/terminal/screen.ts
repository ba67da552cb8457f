// Read first: console_codes(4), xterm's "Alternate screen buffer"; synchronized output is mode 2026. What is drawn is drawn over what
// was there before, a line at a time and those alone that are others, so that nothing flickers.

import { type Key, type Keyboard, Keys } from './keys.ts'

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'

/** A terminal, as far as a screen needs one: process.stdout is one. */
export interface Terminal {
  readonly columns: number
  readonly rows: number
  write(text: string): unknown
  on(event: 'resize', listener: () => void): unknown
  removeListener(event: 'resize', listener: () => void): unknown
}

/** What a program shows instead of lines: the whole window, until it is closed, and then what was there before. */
export class Screen {
  readonly #terminal: Terminal
  /** Gives the lines for a window of this size. */
  readonly #lines: (columns: number, rows: number) => readonly string[]
  #shown: readonly string[] = []
  #open = false
  readonly #keys: Keys | null
  readonly #resized = () => this.redraw()
  readonly #ended = () => this.close()
  readonly #stopped = (signal: NodeJS.Signals) => {
    this.close()
    process.exit(128 + (SIGNALS[signal] ?? 0))
  }
  readonly #suspended = () => {
    this.#leave()
    process.kill(process.pid, 'SIGSTOP')
  }
  readonly #continued = () => {
    this.#enter()
    this.redraw()
  }

  /** `pressed` is told of keys while the window is ours, where `keyboard` is a terminal. */
  constructor(
    terminal: Terminal,
    lines: (columns: number, rows: number) => readonly string[],
    keyboard?: Keyboard,
    pressed?: (key: Key) => void,
  ) {
    this.#terminal = terminal
    this.#lines = lines
    this.#keys = keyboard === undefined || pressed === undefined ? null : new Keys(keyboard, pressed)
  }

  /** Takes the window. `endsProcess`: signals end the process, as if nobody listened; else who opens it listens himself. */
  open(endsProcess: boolean): void {
    this.#enter()
    this.#terminal.on('resize', this.#resized)
    process.on('exit', this.#ended)
    // Its text would go with the window.
    process.prependListener('uncaughtException', this.#ended)
    process.on('SIGTSTP', this.#suspended)
    process.on('SIGCONT', this.#continued)
    if (endsProcess) for (const signal of ENDS) process.on(signal, this.#stopped)
    this.draw()
  }

  /** Draws what has changed. */
  draw(): void {
    if (!this.#open) return
    const { columns, rows } = this.#terminal
    const lines = this.#lines(columns, rows).slice(0, rows)
    let text = ''
    for (let i = 0; i < Math.max(lines.length, this.#shown.length); i++) {
      // Erased first: behind a line as wide as the window, its last place would go with it.
      if (lines[i] !== this.#shown[i]) text += `\x1b[${i + 1};1H\x1b[K${lines[i] ?? ''}\x1b[0m`
    }
    this.#shown = lines
    if (text !== '') this.#terminal.write(BEGIN + text + END)
  }

  /** Draws all, as if nothing were there. */
  redraw(): void {
    if (!this.#open) return
    this.#shown = []
    this.#terminal.write('\x1b[2J')
    this.draw()
  }

  /** Gives the window back. Twice is once. */
  close(): void {
    this.#leave()
    this.#terminal.removeListener('resize', this.#resized)
    process.removeListener('exit', this.#ended)
    process.removeListener('uncaughtException', this.#ended)
    process.removeListener('SIGTSTP', this.#suspended)
    process.removeListener('SIGCONT', this.#continued)
    for (const signal of ENDS) process.removeListener(signal, this.#stopped)
  }

  #enter(): void {
    if (this.#open) return
    this.#open = true
    this.#shown = []
    this.#keys?.open()
    this.#terminal.write(ENTER)
  }

  #leave(): void {
    if (!this.#open) return
    this.#open = false
    this.#keys?.close()
    this.#terminal.write(LEAVE)
  }
}

const ENDS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
const SIGNALS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }
