import type { Place } from './script.ts'
import { ScriptSyntaxError } from './syntax-error.ts'

export type TokenKind =
  | 'word'
  | 'integer'
  | 'float'
  | 'string'
  | 'command'
  | 'code'
  | 'ellipsis'
  | 'punctuation'
  | 'end'

export interface Token extends Place {
  readonly kind: TokenKind
  /** Without its quotes. */
  readonly text: string
  /** Of a number; 0 otherwise. */
  readonly value: number
  readonly start: number
  readonly end: number
}

const BLANK = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y
// The longest match wins, so the order here matters: 0x10 before 0, 0.5 before 0, a word may begin with digits.
const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ['ellipsis', /\.\.\./y],
  ['code', /%\{[\s\S]*?\}%/y],
  ['command', /`[^`]*`/y],
  ['string', /"(?:\\.|[^"\\\n])*"/y],
  ['float', /-?[0-9]*\.[0-9]+/y],
  ['integer', /-?0[xX][0-9a-fA-F]+\b/y],
  ['integer', /-?[0-9]+(?![A-Za-z0-9_])/y],
  ['word', /[A-Za-z0-9_]+/y],
  ['punctuation', /[^\s]/y],
]

const OPENINGS: readonly (readonly [string, string])[] = [
  ['"', "the string that begins here does not end on its line: '\"' is missing"],
  ['`', 'the command that begins here does not end: a second backquote is missing'],
  ['%{', "the code block that begins here does not end: '}%' is missing"],
  ['/*', "the comment that begins here does not end: '*/' is missing"],
]

/**
 * Cuts a script into tokens, on demand: a parser that knows what must come next can ask for it by its own pattern (`scan`),
 * since `P.5` is flags in one place and a word and a number in another.
 */
export class Lexer {
  readonly text: string
  readonly file: string
  /** Words that stand for something else: `--define`. */
  readonly defines: Map<string, string>
  #at = 0
  #takenTo = 0
  #peeked: Token | null = null
  #peekedEnd = 0
  readonly #lineStarts: number[] = [0]

  constructor(text: string, file: string, defines: Map<string, string>) {
    this.text = text
    this.file = file
    this.defines = defines
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#lineStarts.push(i + 1)
  }

  /** The next token, which stays. */
  peek(): Token {
    if (this.#peeked === null) {
      this.#peeked = this.#read()
      this.#peekedEnd = this.#peeked.end
    }
    return this.#peeked
  }

  /** The next token. */
  next(): Token {
    const token = this.peek()
    this.#at = this.#peekedEnd
    this.#takenTo = this.#at
    this.#peeked = null
    return token
  }

  /** Takes what `pattern` (sticky) matches at the next token's place; null, and nothing taken, where it does not match. */
  scan(pattern: RegExp): string | null {
    this.#peeked = null
    this.#skipBlanks()
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.text)
    if (match === null) return null
    this.#at += match[0].length
    this.#takenTo = this.#at
    return match[0]
  }

  /** Whether `pattern` (sticky) matches at the next token's place. */
  looksLike(pattern: RegExp): boolean {
    this.#skipBlanks()
    pattern.lastIndex = this.#at
    return pattern.test(this.text)
  }

  /** Where the next token begins. */
  place(): Place {
    this.#skipBlanks()
    return this.placeOf(this.#at)
  }

  /** Where the last token taken ended. */
  get offset(): number {
    return this.#takenTo
  }

  /** Takes an integer from 0 to `most`; `what` says what it is. */
  number(what: string, most: number): number {
    const token = this.peek()
    if (token.kind !== 'integer') this.expected(what)
    if (token.value < 0 || token.value > most) this.fail(`${what} must be 0 to ${most}, is ${token.value}`, token)
    this.next()
    return token.value
  }

  /** Takes a sign that must stand here. */
  take(punctuation: string): void {
    if (this.peek().kind !== 'punctuation' || this.peek().text !== punctuation) this.expected(`'${punctuation}'`)
    this.next()
  }

  fail(message: string, place: Place = this.place()): never {
    throw new ScriptSyntaxError(this.file, place, message)
  }

  /** Fails where something is missing: "expected …, found …". That is behind the last token, where the next is on another line. */
  expected(what: string): never {
    const token = this.peek()
    if (this.onNewLine()) {
      const end = token.kind === 'end' ? describeToken(token) : 'the end of the line'
      this.fail(`expected ${what}, found ${end}`, this.placeOf(this.#takenTo))
    }
    this.expectedHere(what)
  }

  /** The same, always at the next token. */
  expectedHere(what: string): never {
    const token = this.peek()
    this.fail(`expected ${what}, found ${describeToken(token)}`, token)
  }

  /** Whether the next token is on another line than the last one taken. */
  onNewLine(): boolean {
    return this.placeOf(this.#takenTo).line !== this.place().line
  }

  #skipBlanks(): void {
    if (this.#peeked !== null) {
      this.#at = this.#peeked.start
      return
    }
    BLANK.lastIndex = this.#at
    const match = BLANK.exec(this.text)
    if (match !== null) this.#at += match[0].length
  }

  /** Where the character at `offset` is. */
  placeOf(offset: number): Place {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] as number) + 1 }
  }

  #read(): Token {
    this.#skipBlanks()
    const start = this.#at
    const place = this.placeOf(start)
    if (start >= this.text.length) return { kind: 'end', text: '', value: 0, start, end: start, ...place }
    for (const [kind, pattern] of RULES) {
      if (kind === 'punctuation') this.#refuseOpen(start, place)
      pattern.lastIndex = start
      const match = pattern.exec(this.text)
      if (match === null) continue
      const end = start + match[0].length
      if (kind === 'word') return this.#word(match[0], start, end, place)
      return { ...tokenOf(kind, match[0]), start, end, ...place }
    }
    return this.fail('expected an event', place)
  }

  /** What begins here has no end, or it would have been a token. */
  #refuseOpen(start: number, place: Place): void {
    for (const [opening, message] of OPENINGS) if (this.text.startsWith(opening, start)) this.fail(message, place)
  }

  #word(text: string, start: number, end: number, place: Place): Token {
    const meaning = this.defines.get(text)
    if (meaning === undefined) return { kind: 'word', text, value: 0, start, end, ...place }
    for (const [kind, pattern] of RULES) {
      pattern.lastIndex = 0
      const match = pattern.exec(meaning)
      if (match !== null && match[0] === meaning) return { ...tokenOf(kind, meaning), start, end, ...place }
    }
    return { kind: 'word', text: meaning, value: 0, start, end, ...place }
  }
}

function tokenOf(kind: TokenKind, text: string): { kind: TokenKind; text: string; value: number } {
  if (kind === 'code') return { kind, text: text.slice(2, -2), value: 0 }
  if (kind === 'command' || kind === 'string') return { kind, text: text.slice(1, -1), value: 0 }
  if (kind === 'float') return { kind, text, value: Number(text) }
  if (kind === 'integer') return { kind, text, value: text.startsWith('-') ? -Number(text.slice(1)) : Number(text) }
  return { kind, text, value: 0 }
}

/** Characters of what is found that a message shows. */
const LONGEST = 60

export function describeToken(token: Token): string {
  if (token.kind === 'end') return 'the end of the script'
  if (token.kind === 'command') return 'a command in backquotes'
  if (token.kind === 'code') return 'a code block'
  const whole = token.text.length <= LONGEST
  // A file that is no script may hold anything.
  const text = (whole ? token.text : `${token.text.slice(0, LONGEST)}…`).replace(
    /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (sign) => `\\u{${(sign.codePointAt(0) as number).toString(16)}}`,
  )
  return token.kind === 'string' ? `"${text}"` : `'${text}'`
}
