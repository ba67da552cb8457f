// Read first: the Python language reference, section 2. Only what assertions are made of.

export interface CodeToken {
  readonly kind: 'number' | 'string' | 'name' | 'operator' | 'newline' | 'end'
  readonly text: string
}

/** A code block that cannot be read, or that asks for something that is not there. */
export class CodeError extends Error {}

const TOKEN =
  /(?<blank>[ \t\r]+|\\\r?\n|#[^\n]*)|(?<newline>\n)|(?<number>0[xX][0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?<string>[rRbBuU]?(?:"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'))|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<operator>\/\/=|\/\/|\*\*|<<|>>|==|!=|<=|>=|\+=|-=|\*=|\|=|&=|[-+*/%&|^~<>=(),;:.[\]])/y

/** Cuts the Python of a code block into tokens. Inside parentheses a line break counts as a blank. */
export function codeTokens(text: string): CodeToken[] {
  const tokens: CodeToken[] = []
  let at = 0
  let depth = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) throw new CodeError(`'${text[at]}' cannot be read in a code block`)
    at += match[0].length
    const groups = match.groups as Record<string, string | undefined>
    if (groups['blank'] !== undefined) continue
    if (groups['newline'] !== undefined) {
      if (depth === 0) tokens.push({ kind: 'newline', text: 'the end of the line' })
      continue
    }
    if (groups['operator'] === '(') depth++
    if (groups['operator'] === ')') depth--
    for (const kind of ['number', 'string', 'name', 'operator'] as const) {
      if (groups[kind] !== undefined) tokens.push({ kind, text: groups[kind] })
    }
  }
  tokens.push({ kind: 'end', text: 'the end of the block' })
  return tokens
}
