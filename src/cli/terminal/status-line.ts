/** A line below all others that is drawn anew while lines come above it. */
export class StatusLine {
  readonly #write: (text: string) => unknown
  #text = ''

  constructor(write: (text: string) => unknown) {
    this.#write = write
  }

  /** Writes whole lines above it. */
  print(lines: string): void {
    this.#write(`${this.#text === '' ? '' : '\r\x1b[K'}${lines}${this.#text}`)
  }

  /** Shows another text: '' for none. */
  show(text: string): void {
    if (text === this.#text) return
    this.#write(`\r\x1b[K${text}`)
    this.#text = text
  }
}
