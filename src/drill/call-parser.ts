import { parseExpression, parseExpressions } from './expression-parser.ts'
import type { Lexer } from './lexer.ts'
import type { CallAction } from './script.ts'

/** `name(argument, …) = result [ERRNO] [(note)]` */
export function parseCall(lexer: Lexer, returnsAt: number | null): CallAction {
  const name = lexer.next()
  lexer.take('(')
  const args = parseExpressions(lexer, ')')
  lexer.take('=')
  const result = parseExpression(lexer)
  const errno = lexer.scan(/E[A-Z0-9]+\b/y)
  // The words of strerror, and what flags a number stands for, are there for people.
  lexer.scan(/\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)/y)
  lexer.scan(/\([^()\n]*\)/y)
  return { kind: 'call', name: name.text, args, result, errno, returnsAt, line: name.line, column: name.column }
}
