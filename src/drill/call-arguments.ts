import { expressionText } from './expression-text.ts'
import { DrillFailure } from './failure.ts'
import { wholeNumber } from './option-values.ts'
import type { CallAction, Expression, Member } from './script.ts'

/** The arguments of one call, asked for by position: what is missing or of the wrong kind fails the script. */
export class CallArguments {
  readonly call: CallAction

  constructor(call: CallAction, least: number, most: number = least) {
    this.call = call
    const given = call.args.length
    if (given < least || given > most) {
      const wanted = least === most ? `${least}` : `${least} to ${most}`
      throw new DrillFailure(call, `${call.name}() takes ${wanted} arguments, the script gives ${given}`)
    }
  }

  at(index: number): Expression {
    const argument = this.call.args[index]
    if (argument === undefined) throw new DrillFailure(this.call, `${this.call.name}() lacks argument ${index + 1}`)
    return argument
  }

  has(index: number): boolean {
    return index < this.call.args.length
  }

  number(index: number): number {
    return wholeNumber(this.at(index))
  }

  /** `[value]`, `value`; null for `...`. */
  output(index: number): Expression | null {
    const argument = this.at(index)
    if (argument.kind === 'ellipsis') return null
    if (argument.kind !== 'array') return argument
    return argument.items.length === 1 ? (argument.items[0] as Expression) : null // Just counted.
  }

  array(index: number): readonly Expression[] {
    const argument = this.at(index)
    if (argument.kind !== 'array') return this.wrong(argument, 'an array in brackets')
    return argument.items
  }

  struct(index: number): readonly Member[] {
    return structMembers(this.at(index))
  }

  wrong(argument: Expression, wanted: string): never {
    throw new DrillFailure(
      argument,
      `${this.call.name}() wants ${wanted}, the script has '${expressionText(argument)}'`,
    )
  }
}

export function structMembers(expression: Expression): readonly Member[] {
  if (expression.kind !== 'struct') {
    throw new DrillFailure(expression, `expected a struct in braces, the script has '${expressionText(expression)}'`)
  }
  return expression.members
}

/** The value of the member of this name, or null. */
export function memberOf(members: readonly Member[], name: string): Expression | null {
  return members.find((member) => member.name === name)?.value ?? null
}
