import type { Lexer } from './lexer.ts'
import type { Expression, Member } from './script.ts'

/** Expressions between commas, up to and with `close`. */
export function parseExpressions(lexer: Lexer, close: string): Expression[] {
  const list: Expression[] = []
  if (lexer.peek().text === close) {
    lexer.next()
    return list
  }
  for (;;) {
    list.push(parseExpression(lexer))
    if (lexer.peek().text === close) break
    if (lexer.peek().text !== ',') lexer.expected(`',' or '${close}'`)
    lexer.next()
  }
  lexer.next()
  return list
}

export function parseExpression(lexer: Lexer): Expression {
  let left = parsePrimary(lexer)
  while (lexer.peek().text === '|' && lexer.peek().kind === 'punctuation') {
    lexer.next()
    left = { kind: 'or', left, right: parsePrimary(lexer), line: left.line, column: left.column }
  }
  return left
}

function parsePrimary(lexer: Lexer): Expression {
  const token = lexer.peek()
  const place = { line: token.line, column: token.column }
  if (token.kind === 'ellipsis') {
    lexer.next()
    return { kind: 'ellipsis', ...place }
  }
  if (token.kind === 'integer') {
    lexer.next()
    return { kind: 'number', value: token.value, ...place }
  }
  if (token.kind === 'string') return parseString(lexer)
  if (token.kind === 'word') {
    lexer.next()
    if (lexer.peek().text !== '(' || !lexer.looksLike(/\((?=[0-9."A-Za-z])/y))
      return { kind: 'word', name: token.text, ...place }
    lexer.next()
    return { kind: 'call', name: token.text, args: parseExpressions(lexer, ')'), ...place }
  }
  if (token.text === '[') {
    lexer.next()
    return { kind: 'array', items: parseExpressions(lexer, ']'), ...place }
  }
  if (token.text === '{') {
    lexer.next()
    return { kind: 'struct', members: parseMembers(lexer), ...place }
  }
  return lexer.expected("a value (a number, a name, a string, '...', '[' or '{')")
}

function parseString(lexer: Lexer): Expression {
  const first = lexer.peek()
  let text = ''
  while (lexer.peek().kind === 'string') text += lexer.next().text
  const prefix = lexer.peek().kind === 'ellipsis'
  if (prefix) lexer.next()
  return { kind: 'string', text: unescapeText(text), prefix, line: first.line, column: first.column }
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0' }

function unescapeText(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  )
}

function parseMembers(lexer: Lexer): Member[] {
  const members: Member[] = []
  if (lexer.peek().text === '}') {
    lexer.next()
    return members
  }
  for (;;) {
    members.push(parseMember(lexer))
    if (lexer.peek().text === '}') break
    if (lexer.peek().text !== ',') lexer.expected("',' or '}'")
    lexer.next()
  }
  lexer.next()
  return members
}

function parseMember(lexer: Lexer): Member {
  if (!lexer.looksLike(/[A-Za-z_][A-Za-z0-9_]*\s*(?:=|\([^()]*\)\s*=)/y)) {
    return { name: null, argument: null, value: parseExpression(lexer) }
  }
  const name = lexer.next().text
  let argument: Expression | null = null
  if (lexer.peek().text === '(') {
    lexer.next()
    argument = parseExpression(lexer)
    lexer.take(')')
  }
  lexer.take('=')
  return { name, argument, value: parseExpression(lexer) }
}
