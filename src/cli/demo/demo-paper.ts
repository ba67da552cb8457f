export type Ink = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan'

const CODES: Record<Ink, string> = {
  plain: '',
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
}

/** The widest line. */
export const WIDTH = 100

/** What is printed on: lines of at most 100 columns, coloured where `coloured`. */
export class Paper {
  readonly #write: (text: string) => void
  readonly #coloured: boolean

  constructor(write: (text: string) => void, coloured: boolean) {
    this.#write = write
    this.#coloured = coloured
  }

  /** Prints pieces of text side by side, each in its ink. What goes over the width is cut. */
  line(...pieces: readonly (readonly [Ink, string])[]): void {
    let room = WIDTH
    let line = ''
    for (const [ink, text] of pieces) {
      const cut = text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text
      line += this.#inked(ink, room === 0 ? '' : cut)
      room = Math.max(0, room - cut.length)
    }
    this.#write(`${line.trimEnd()}\n`)
  }

  /** Prints a paragraph, broken into lines that begin with `indent` blanks. */
  paragraph(ink: Ink, text: string, indent = 0): void {
    let line = ''
    for (const word of text.split(' ')) {
      if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
        this.line(['plain', ' '.repeat(indent)], [ink, line])
        line = ''
      }
      line += line === '' ? word : ` ${word}`
    }
    this.line(['plain', ' '.repeat(indent)], [ink, line])
  }

  heading(text: string): void {
    this.line()
    this.line(['bold', text])
    this.line(['dim', '─'.repeat(WIDTH)])
  }

  #inked(ink: Ink, text: string): string {
    const code = CODES[ink]
    return this.#coloured && code !== '' && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text
  }
}
