import type { CommandOutput } from './command-machine.ts'

/** The longest line that is told as one. */
const LINE_MAX = 2000

/** What a command writes, line by line; a line that is not at its end is told when the instant is, for somebody may wait to see it. */
export class LineOutput implements CommandOutput {
  readonly columns = 80
  readonly isTTY = false
  readonly #print: (text: string, open: boolean) => void
  readonly #soon: (task: () => void) => void
  readonly #decoder = new TextDecoder()
  #rest = ''
  #waits = false

  /** `soon` runs a task at the end of the instant. */
  constructor(print: (text: string, open: boolean) => void, soon: (task: () => void) => void) {
    this.#print = print
    this.#soon = soon
  }

  write(text: string | Uint8Array, written: () => void = () => {}): boolean {
    this.#rest += typeof text === 'string' ? text : this.#decoder.decode(text, { stream: true })
    const lines = this.#rest.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#cut(line, false)
    if (this.#rest.length > LINE_MAX) this.flush()
    if (this.#rest !== '' && !this.#waits) {
      this.#waits = true
      this.#soon(() => {
        this.#waits = false
        this.flush()
      })
    }
    void Promise.resolve().then(written)
    return true
  }

  /** That it cannot be written never happens. */
  on(): void {}

  flush(): void {
    const rest = this.#rest
    this.#rest = ''
    if (rest !== '') this.#cut(rest, true)
  }

  #cut(line: string, open: boolean): void {
    let start = 0
    for (; line.length - start > LINE_MAX; start += LINE_MAX) this.#print(line.slice(start, start + LINE_MAX), true)
    this.#print(line.slice(start), open)
  }
}
