/** Says on a stream what is being done: in one line that is written again on a terminal; elsewhere without the details, in a line each. */
export class Progress {
  #stream
  #shown = ''

  constructor(stream) {
    this.#stream = stream
  }

  show(text, details = '') {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[K${`${text}${details}`.slice(0, (this.#stream.columns || 80) - 1)}`)
    } else if (text !== this.#shown) {
      this.#shown = text
      this.#stream.write(`${text}\n`)
    }
  }

  /** A line that stays. */
  say(text) {
    this.clear()
    this.#stream.write(`${text}\n`)
  }

  clear() {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K')
  }
}
