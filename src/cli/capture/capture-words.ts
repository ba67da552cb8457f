import { UsageError } from '../usage-error.ts'

/** The words of a filter, taken from the left. */
export class CaptureWords {
  readonly #text: string
  readonly #words: string[]
  #at = 0

  constructor(text: string) {
    this.#text = text.trim()
    this.#words = wordsOf(this.#text)
  }

  /** The next word; null at the end. */
  get next(): string | null {
    return this.#words[this.#at] ?? null
  }

  /** The word behind that. */
  get after(): string | null {
    return this.#words[this.#at + 1] ?? null
  }

  /** Where it is, to come back to when a reading was the wrong one. */
  get at(): number {
    return this.#at
  }

  set at(at: number) {
    this.#at = at
  }

  /** Makes two words of the next where it begins with one of these: "-4" of "tcp[12]-4". */
  splitFront(...wanted: readonly string[]): void {
    const { next } = this
    const front = wanted.find((one) => next !== null && next.length > 1 && next.startsWith(one))
    if (next !== null && front !== undefined) this.#words.splice(this.#at, 1, front, next.slice(front.length))
  }

  /** Takes the next word if it is one of these. */
  take(...wanted: readonly string[]): boolean {
    const { next } = this
    if (next === null || !wanted.includes(next)) return false
    this.#at++
    return true
  }

  /** Takes the next word, whatever it is; `wanted` says what belongs here, for when there is none. */
  takeAny(wanted: string): string {
    const { next } = this
    if (next === null) throw this.wrong(wanted)
    this.#at++
    return next
  }

  /** The error for the next word. */
  wrong(wanted: string): UsageError {
    const { next } = this
    const what = next === null ? `the filter ends where ${wanted} belongs` : `"${next}" where ${wanted} belongs`
    return this.#error(what)
  }

  /** The error for the word that was taken last. */
  refuse(why: string): UsageError {
    return this.#error(`"${this.#words[this.#at - 1]}" ${why}`)
  }

  #error(what: string): UsageError {
    return new UsageError(`filter ${JSON.stringify(this.#text)}: ${what}, as in tcp port 80 and host 10.0.0.1`)
  }
}

/** Between brackets are numbers, where a colon is a word of its own; elsewhere it belongs to addresses. */
function wordsOf(text: string): string[] {
  return text.split(/(\[[^\]]*\]?)/).flatMap((part) => {
    const pattern = part.startsWith('[')
      ? /<<|>>|[[\]():&|^*+/%]|-(?=\d)|[^\s[\]():&|^*+/%<>]+/g
      : /&&|\|\||[!<>=]=|<<|>>|[!()&|<>=^*+\]]|[^\s!()&|<>=^*+\]]+/g
    return part.match(pattern) ?? []
  })
}
