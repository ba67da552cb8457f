/** Changes to a text, in any order, of which those to one place stay in the order in which they were made. Its lines stay as many. */
export class Rewriting {
  readonly source: string
  readonly #edits: { readonly start: number; readonly end: number; readonly text: string }[] = []

  constructor(source: string) {
    this.source = source
  }

  insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text })
  }

  /** Ends of lines within what is replaced are kept behind the new text. */
  replace(start: number, end: number, text: string): void {
    const lines = this.source.slice(start, end).replace(/[^\n]/g, '')
    this.#edits.push({ start, end, text: text + lines })
  }

  /** Spaces in place of everything but ends of lines. */
  blank(start: number, end: number): void {
    this.#edits.push({ start, end, text: this.source.slice(start, end).replace(/[^\n]/g, ' ') })
  }

  toString(): string {
    // Array.prototype.sort is stable. What encloses another change stands in front of it, and swallows it.
    const edits = [...this.#edits].sort(
      (x, y) => x.start - y.start || (x.end > x.start ? 1 : 0) - (y.end > y.start ? 1 : 0) || y.end - x.end,
    )
    let text = ''
    let at = 0
    for (const edit of edits) {
      if (edit.start < at) continue
      text += this.source.slice(at, edit.start) + edit.text
      at = edit.end
    }
    return text + this.source.slice(at)
  }
}
