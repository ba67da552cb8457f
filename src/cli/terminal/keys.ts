// Read first: termios(3) on ICANON and ISIG; console_codes(4), and xterm's "PC-Style Function Keys", for what a key sends.

/** Keys that views know; another is the character that it writes. */
export type Key = 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end' | (string & {})

/** What is typed at, as far as keys need it: process.stdin is one. */
export interface Keyboard {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
  on(event: 'data', listener: (text: Uint8Array | string) => void): unknown
  removeListener(event: 'data', listener: (text: Uint8Array | string) => void): unknown
  resume(): unknown
  pause(): unknown
}

/** Cursor keys send one sequence or the other, by a mode that we leave as it is; vt220's have numbers. */
const SEQUENCES: Readonly<Record<string, Key>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[5~': 'page-up',
  '[6~': 'page-down',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
}

/** Characters that a terminal makes signals of, unless it hands over keys one by one. */
const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { '\x03': 'SIGINT', '\x1a': 'SIGTSTP', '\x1c': 'SIGQUIT' }

/** Keys as they are pressed, on a terminal alone: what is not one stays unread. */
export class Keys {
  readonly #keyboard: Keyboard
  readonly #pressed: (key: Key) => void
  readonly #signal: (signal: NodeJS.Signals) => void
  #open = false
  readonly #typed = (text: Uint8Array | string) => {
    for (const key of keysOf(String(text))) {
      const signal = SIGNALS[key]
      if (signal === undefined) this.#pressed(key)
      else this.#signal(signal)
    }
  }

  constructor(keyboard: Keyboard, pressed: (key: Key) => void, signal = signalGroup) {
    this.#keyboard = keyboard
    this.#pressed = pressed
    this.#signal = signal
  }

  open(): void {
    if (this.#open || this.#keyboard.isTTY !== true || this.#keyboard.setRawMode === undefined) return
    this.#open = true
    this.#keyboard.setRawMode(true)
    this.#keyboard.on('data', this.#typed)
    this.#keyboard.resume()
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#keyboard.removeListener('data', this.#typed)
    this.#keyboard.pause()
    this.#keyboard.setRawMode?.(false)
  }
}

/** The keys of what a terminal has sent at once; a sequence that nobody knows is none. */
export function keysOf(text: string): Key[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is how such keys begin.
  const found = text.match(/\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])|./gsu) ?? []
  return found.flatMap((one) => (one.length > 2 && one.startsWith('\x1b') ? (SEQUENCES[one.slice(1)] ?? []) : [one]))
}

/** A terminal signals all that are in the foreground: who has started us as well. */
function signalGroup(signal: NodeJS.Signals): void {
  process.kill(0, signal)
}
