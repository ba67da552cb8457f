// What a terminal shows of what its commands have told: lines, as one reads them on paper.

import type { OutputEvent } from '../../engine/run-events.ts'

export interface TerminalLine {
  /** 'status': how a command has ended, where that is worth a word. */
  readonly kind: 'command' | 'out' | 'error' | 'typed' | 'status'
  readonly text: string
  readonly at: number
}

/** A line that is being written: backspaces and returns move where the next sign goes (ECMA-48 BS, CR). */
class Line {
  readonly kind: TerminalLine['kind']
  readonly at: number
  #text = ''
  #column = 0

  constructor(kind: TerminalLine['kind'], at: number) {
    this.kind = kind
    this.at = at
  }

  get text(): string {
    return this.#text.trimEnd()
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
    if (this.#column === this.#text.length && !/[\x00-\x1f\x7f]/.test(text)) {
      this.#text += text
      this.#column = this.#text.length
      return
    }
    for (const sign of text) this.#put(sign)
  }

  #put(sign: string): void {
    if (sign === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (sign === '\r') this.#column = 0
    else if (sign === '\t') this.write(' '.repeat(8 - (this.#column % 8)))
    else if (sign >= ' ' && sign !== '\x7f') {
      this.#text = this.#text.slice(0, this.#column) + sign + this.#text.slice(this.#column + sign.length)
      this.#column += sign.length
    }
  }
}

/** The lines of a host's terminal. */
export function terminalLines(output: readonly OutputEvent[], host: string): TerminalLine[] {
  const lines: Line[] = []
  let open: Line | null = null
  for (const event of output) {
    if (event.host !== host || event.command === undefined) continue
    const kind = kindOf(event)
    if (open !== null && (open.kind !== kind || kind === 'command')) open = null
    const text = kind === 'status' ? statusText(event) : event.text
    if (kind === 'status' && text === '') continue
    if (open === null) {
      open = new Line(kind, event.at)
      lines.push(open)
    }
    open.write(text)
    if (event.open !== true) open = null
  }
  return lines
}

function kindOf({ kind }: OutputEvent): TerminalLine['kind'] {
  if (kind === 'out' || kind === 'error' || kind === 'typed') return kind
  return kind === 'started' ? 'command' : 'status'
}

/** '' where there is nothing to say: it ended well. */
function statusText({ kind, text }: OutputEvent): string {
  return kind === 'ended' ? text : `${kind}: ${text}`
}
