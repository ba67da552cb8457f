import type { Expression, Member } from './script.ts'

/** An argument as a script writes it. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'ellipsis':
      return '...'
    case 'number':
      return String(expression.value)
    case 'word':
      return expression.name
    case 'string':
      return `${JSON.stringify(expression.text)}${expression.prefix ? '...' : ''}`
    case 'or':
      return `${expressionText(expression.left)}|${expressionText(expression.right)}`
    case 'array':
      return `[${expression.items.map(expressionText).join(', ')}]`
    case 'struct':
      return `{${expression.members.map(memberText).join(', ')}}`
    case 'call':
      return `${expression.name}(${expression.args.map(expressionText).join(', ')})`
  }
}

function memberText(member: Member): string {
  if (member.name === null) return expressionText(member.value)
  const argument = member.argument === null ? '' : `(${expressionText(member.argument)})`
  return `${member.name}${argument}=${expressionText(member.value)}`
}
