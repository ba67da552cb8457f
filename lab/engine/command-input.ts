// Read first: termios(3) on canonical mode, VEOF.

/** Ctrl-D: the end of the input at the start of a line; elsewhere it passes on what stands in front of it. */
const END = '\x04'

/** What is typed to a command: it gets a line when that is at its end. */
export class CommandInput implements AsyncIterable<Uint8Array> {
  readonly #pieces: Uint8Array[] = []
  #line = ''
  #ended = false
  #waiting: ((result: IteratorResult<Uint8Array, undefined>) => void) | null = null

  type(text: string): void {
    for (const sign of text) {
      if (this.#ended) return
      if (sign !== END) this.#line += sign
      if (sign === END && this.#line === '') this.#ended = true
      else if (sign === END || sign === '\n') this.#pass()
    }
    this.#tell()
  }

  /** Forgets what nobody has read, as a terminal does at an interrupt. */
  flush(): void {
    this.#pieces.length = 0
    this.#line = ''
  }

  /** The lines that nobody has read: they are for whoever reads next. */
  get unread(): string[] {
    const text = this.#pieces.map((piece) => new TextDecoder().decode(piece)).join('')
    return text.split('\n').filter((line) => line.trim() !== '')
  }

  #pass(): void {
    this.#pieces.push(new TextEncoder().encode(this.#line))
    this.#line = ''
  }

  #tell(): void {
    if (this.#waiting === null || (this.#pieces.length === 0 && !this.#ended)) return
    const waiting = this.#waiting
    this.#waiting = null
    waiting(this.#result())
  }

  #result(): IteratorResult<Uint8Array, undefined> {
    const value = this.#pieces.shift()
    return value === undefined ? { done: true, value } : { done: false, value }
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => {
        if (this.#pieces.length > 0 || this.#ended) return Promise.resolve(this.#result())
        return new Promise((resolve) => {
          this.#waiting = resolve
        })
      },
    }
  }
}
