// Read first: the Python language reference, sections 6 and 7. A code block is Python; scripts use assertions over integers,
// assignments and print, so those are understood here and everything else is an error that says so.

import { CodeError, type CodeToken, codeTokens } from './code-lexer.ts'

type Value = number | string | boolean | null | readonly Value[]

/** An assertion that does not hold. */
export class AssertionFailure extends Error {}

/** Where the names of a code block come from, and go. */
export interface CodeNames {
  /** The value of a name, or undefined. */
  get(name: string): number | undefined
  /** What the blocks before have assigned. */
  readonly variables: Map<string, unknown>
  /** Where print(…) goes. */
  print(text: string): void
}

/** Runs one block. Throws an AssertionFailure, or a CodeError for what cannot be read or is not there. */
export function runCode(text: string, names: CodeNames): void {
  new CodeRunner(codeTokens(text), names).run()
}

// Python that no script uses: better told than read as a name.
const OTHER_KEYWORDS =
  /^(?:import|from|if|else|elif|for|while|def|class|return|try|except|with|lambda|raise|del|global)$/

const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>=', 'in', 'is', 'not']
// Each level binds tighter than the one before: Python 6.17.
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']]

class CodeRunner {
  readonly #tokens: readonly CodeToken[]
  readonly #names: CodeNames
  #at = 0

  constructor(tokens: readonly CodeToken[], names: CodeNames) {
    this.#tokens = tokens
    this.#names = names
  }

  run(): void {
    while (this.#peek().kind !== 'end') {
      if (this.#peek().kind === 'newline' || this.#take(';')) {
        if (this.#peek().kind === 'newline') this.#at++
        continue
      }
      this.#statement()
      const token = this.#peek()
      if (token.kind !== 'newline' && token.kind !== 'end' && token.text !== ';') {
        throw new CodeError(`expected the end of the statement, found '${token.text}'`)
      }
    }
  }

  #peek(ahead = 0): CodeToken {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as CodeToken
  }

  #take(text: string): boolean {
    const token = this.#peek()
    if (token.text !== text || (token.kind !== 'operator' && token.kind !== 'name')) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new CodeError(`expected '${text}', found '${this.#peek().text}'`)
  }

  #statement(): void {
    if (this.#take('pass')) return
    if (this.#peek().text === 'assert' && this.#peek().kind === 'name') {
      this.#assertion()
      return
    }
    const name = this.#peek()
    const operator = this.#peek(1).text
    if (name.kind === 'name' && ['=', '+=', '-=', '*=', '|=', '&=', '//='].includes(operator)) {
      this.#at += 2
      const value = this.#expression()
      const before = operator === '=' ? null : this.#value(name.text)
      this.#names.variables.set(name.text, operator === '=' ? value : binary(operator.slice(0, -1), before, value))
      return
    }
    this.#expression()
  }

  #assertion(): void {
    this.#at++
    const start = this.#at
    const value = this.#expression()
    const text = this.#written(start)
    const message = this.#take(',') ? this.#expression() : null
    if (truth(value)) return
    const shown = this.#valuesIn(start)
    throw new AssertionFailure(`assertion failed: ${text}${message === null ? '' : `: ${show(message)}`}${shown}`)
  }

  #written(start: number): string {
    let text = ''
    for (let i = start; i < this.#at; i++) text += `${i > start ? ' ' : ''}${(this.#tokens[i] as CodeToken).text}`
    return text.replace(/\( /g, '(').replace(/ \)/g, ')')
  }

  /** `(tcpi_snd_cwnd is 10)`: the values of the names of an assertion. */
  #valuesIn(start: number): string {
    const shown: string[] = []
    for (let i = start; i < this.#at; i++) {
      const token = this.#tokens[i] as CodeToken
      const value =
        token.kind === 'name' ? (this.#names.variables.get(token.text) ?? this.#names.get(token.text)) : undefined
      if (value === undefined || shown.some((text) => text.startsWith(`${token.text} `))) continue
      if (/^tcpi_/.test(token.text) || this.#names.variables.has(token.text))
        shown.push(`${token.text} is ${show(value as Value)}`)
    }
    return shown.length === 0 ? '' : ` (${shown.join(', ')})`
  }

  #expression(): Value {
    let value = this.#and()
    while (this.#take('or')) {
      const right = this.#and()
      value = truth(value) ? value : right
    }
    return value
  }

  #and(): Value {
    let value = this.#not()
    while (this.#take('and')) {
      const right = this.#not()
      value = truth(value) ? right : value
    }
    return value
  }

  #not(): Value {
    return this.#take('not') ? !truth(this.#not()) : this.#comparison()
  }

  #comparison(): Value {
    let left = this.#level(0)
    let result: boolean | null = null
    while (COMPARISONS.includes(this.#peek().text)) {
      let operator = this.#peek().text
      this.#at++
      if (operator === 'not') {
        this.#expect('in')
        operator = 'not in'
      }
      if (operator === 'is' && this.#take('not')) operator = '!='
      const right = this.#level(0)
      const holds = compare(operator, left, right)
      result = result === null ? holds : result && holds
      left = right
    }
    return result ?? left
  }

  #level(level: number): Value {
    const operators = LEVELS[level]
    if (operators === undefined) return this.#unary()
    let left = this.#level(level + 1)
    while (this.#peek().kind === 'operator' && operators.includes(this.#peek().text)) {
      const operator = this.#peek().text
      this.#at++
      left = binary(operator, left, this.#level(level + 1))
    }
    return left
  }

  #unary(): Value {
    if (this.#take('-')) return -number(this.#unary())
    if (this.#take('+')) return number(this.#unary())
    if (this.#take('~')) return -number(this.#unary()) - 1
    const base = this.#primary()
    return this.#take('**') ? number(base) ** number(this.#unary()) : base
  }

  #primary(): Value {
    const token = this.#peek()
    if (token.kind === 'number') {
      this.#at++
      return Number(token.text.replaceAll('_', ''))
    }
    if (token.kind === 'string') {
      let text = ''
      while (this.#peek().kind === 'string') text += unquote(this.#tokens[this.#at++] as CodeToken)
      return text
    }
    if (token.kind === 'name') {
      if (OTHER_KEYWORDS.test(token.text)) throw new CodeError(`'${token.text}' is not understood in a code block`)
      this.#at++
      return this.#peek().text === '(' ? this.#call(token.text) : this.#value(token.text)
    }
    if (this.#take('(')) return this.#parenthesised()
    throw new CodeError(`expected a value, found '${token.text}'`)
  }

  #parenthesised(): Value {
    const items: Value[] = []
    let tuple = false
    while (!this.#take(')')) {
      items.push(this.#expression())
      if (this.#take(',')) tuple = true
      else if (this.#peek().text !== ')') this.#expect(')')
    }
    return tuple || items.length === 0 ? items : (items[0] as Value) // One without a comma is no tuple.
  }

  #call(name: string): Value {
    this.#expect('(')
    const args: Value[] = []
    while (!this.#take(')')) {
      args.push(this.#expression())
      if (!this.#take(',') && this.#peek().text !== ')') this.#expect(')')
    }
    switch (name) {
      case 'print':
        this.#names.print(args.map(show).join(' '))
        return null
      case 'abs':
        return Math.abs(number(args[0]))
      case 'min':
        return Math.min(...args.map(number))
      case 'max':
        return Math.max(...args.map(number))
      case 'int':
        return Math.trunc(number(args[0]))
    }
    throw new CodeError(`${name}() is not understood in a code block`)
  }

  #value(name: string): Value {
    if (name === 'True' || name === 'False') return name === 'True'
    if (name === 'None') return null
    const value = this.#names.variables.get(name) ?? this.#names.get(name)
    if (value === undefined) throw new CodeError(`'${name}' is not defined`)
    return value as Value
  }
}

function truth(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== 0 && value !== '' && value !== false && value !== null
}

function number(value: Value | undefined): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  throw new CodeError(`expected a number, got ${show(value ?? null)}`)
}

function show(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return Array.isArray(value) ? `(${value.map(show).join(', ')})` : String(value)
}

function compare(operator: string, left: Value, right: Value): boolean {
  if (operator === '==' || operator === 'is') return same(left, right)
  if (operator === '!=') return !same(left, right)
  if (operator === 'in' || operator === 'not in') {
    if (!Array.isArray(right)) throw new CodeError("'in' needs a tuple")
    return right.some((item) => same(left, item)) === (operator === 'in')
  }
  const a = number(left)
  const b = number(right)
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b
}

function same(left: Value, right: Value): boolean {
  if (typeof left === 'boolean' || typeof right === 'boolean') return number(left) === number(right)
  return left === right || (Array.isArray(left) && Array.isArray(right) && show(left) === show(right))
}

function binary(operator: string, left: Value, right: Value): Value {
  if (operator === '%' && typeof left === 'string') return format(left, Array.isArray(right) ? right : [right])
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right
  const a = number(left)
  const b = number(right)
  if ((operator === '/' || operator === '//' || operator === '%') && b === 0) throw new CodeError('division by zero')
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '//':
      return Math.floor(a / b)
    case '%':
      return a - b * Math.floor(a / b)
  }
  // Python's integers have no 32 bits to overflow.
  const x = BigInt(a)
  const y = BigInt(b)
  if (operator === '&') return Number(x & y)
  if (operator === '|') return Number(x | y)
  if (operator === '^') return Number(x ^ y)
  return Number(operator === '<<' ? x << y : x >> y)
}

function format(template: string, values: readonly Value[]): string {
  let next = 0
  return template.replace(/%(?:%|[-+ 0#]*[0-9]*(?:\.[0-9]+)?([diusrxXf]))/g, (whole: string, kind?: string) => {
    if (whole === '%%') return '%'
    const value = values[next++] ?? null
    if (kind === 'x' || kind === 'X') return number(value).toString(16)
    return kind === 'd' || kind === 'i' || kind === 'u' ? String(Math.trunc(number(value))) : show(value)
  })
}

function unquote(token: CodeToken): string {
  const text = token.text.replace(/^[rRbBuU]/, '').slice(1, -1)
  return text.replace(/\\(n|t|[\s\S])/g, (_, code: string) => (code === 'n' ? '\n' : code === 't' ? '\t' : code))
}
