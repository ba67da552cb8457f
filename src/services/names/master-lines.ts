// Read first: RFC 1035 section 5.1.
//
// A master file as lines of words: comments are gone, what parentheses hold together is one line, and escapes are still as they were
// written, since a dot that is escaped means another thing than one that is not.

/**
 * What a master file says cannot be; the message begins with the line.
 *
 * ```ts
 * try {
 *   Zone.parse(text)
 * } catch (error) {
 *   if (error instanceof MasterFileError) console.log(error.message) // line 3: there is no type "MXX"
 * }
 * ```
 */
export class MasterFileError extends Error {
  /** From 1. */
  readonly line: number

  constructor(line: number, text: string) {
    super(`line ${line}: ${text}`)
    this.line = line
  }
}
Object.defineProperty(MasterFileError.prototype, 'name', {
  value: 'MasterFileError',
  configurable: true,
  writable: true,
})

export interface Word {
  /** With its escapes. */
  readonly text: string
  readonly quoted: boolean
}

/** An entry, or a control such as $ORIGIN. */
export interface MasterLine {
  /** Where it begins, from 1. */
  readonly number: number
  /** It begins with a blank: its owner is the last one's. */
  readonly indented: boolean
  readonly words: readonly Word[]
}

const ENDS_WORD = ' \t\r\n;()"'

/** The entries of a master file, in order. Throws a MasterFileError for parentheses and quotes that do not meet. */
export function* masterLines(text: string): Generator<MasterLine> {
  let number = 1
  let start = 1
  let depth = 0
  let opened = 0
  let indented = false
  let words: Word[] = []
  let at = 0
  let fresh = true
  while (at < text.length) {
    const letter = text[at] as string
    if (letter === '\n') {
      number++
      at++
      if (depth > 0) continue
      if (words.length > 0) yield { number: start, indented, words }
      words = []
      indented = false
      fresh = true
      start = number
      continue
    }
    if (fresh) {
      indented = letter === ' ' || letter === '\t'
      fresh = false
    }
    if (letter === ';') {
      while (at < text.length && text[at] !== '\n') at++
    } else if (letter === '(') {
      depth++
      opened = number
      at++
    } else if (letter === ')') {
      if (depth === 0) throw new MasterFileError(number, 'there is a ")" and no "(" before it')
      depth--
      at++
    } else if (letter === '"') {
      const end = endOfString(text, at + 1, number)
      words.push({ text: text.slice(at + 1, end), quoted: true })
      at = end + 1
    } else if (ENDS_WORD.includes(letter)) {
      at++
    } else {
      const end = endOfWord(text, at, number)
      words.push({ text: text.slice(at, end), quoted: false })
      at = end
    }
  }
  if (depth > 0) throw new MasterFileError(opened, 'a "(" has no ")" behind it')
  if (words.length > 0) yield { number: start, indented, words }
}

function endOfString(text: string, from: number, line: number): number {
  let at = from
  for (; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '"') return at
    if (text[at] === '\\' && text[at + 1] !== '\n') at++
  }
  throw new MasterFileError(line, 'a string in quotes has no end on its line')
}

function endOfWord(text: string, from: number, line: number): number {
  let at = from
  while (at < text.length && !ENDS_WORD.includes(text[at] as string)) {
    if (text[at] !== '\\') at++
    else if (at + 1 < text.length && text[at + 1] !== '\n' && text[at + 1] !== '\r') at += 2
    else throw new MasterFileError(line, 'a "\\" has nothing behind it')
  }
  return at
}
