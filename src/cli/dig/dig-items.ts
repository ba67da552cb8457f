// What stands on a command line of dig, in its order: an option behind a name is about that name. commander keeps options apart from words.

import { Command, InvalidArgumentError, type Option } from 'commander'
import { UsageError } from '../usage-error.ts'

/** Options that are about questions, by what commander calls them. */
const OPTIONS = ['reverse', 'type', 'class', 'name', 'ipv4', 'ipv6', 'port', 'bind'] as const

export type DigOption = (typeof OPTIONS)[number]

/** A word, or an option with what it was given. */
export interface DigItem {
  readonly option: DigOption | null
  readonly value: string
  /** As it was written. */
  readonly text: string
}

/** A command that remembers its line. */
export class DigCommand extends Command {
  line: readonly string[] = []

  override parseOptions(line: string[]): ReturnType<Command['parseOptions']> {
    this.line = [...line]
    return super.parseOptions(line)
  }
}

/** Reads a line. Options that are no question's are left out, or refused where `all` is about questions. */
export function digItems(line: readonly string[], options: readonly Option[], all = false): readonly DigItem[] {
  const items: DigItem[] = []
  const rest = [...line]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      items.push(...rest.map((one) => ({ option: null, value: one, text: one })))
      break
    }
    if (!/^-./.test(word)) {
      items.push({ option: null, value: word, text: word })
      continue
    }
    const { option, attached } = found(word, options)
    const takes = option.required || option.optional
    // Behind a letter that takes nothing more letters may stand.
    if (!takes && attached !== null) rest.unshift(`-${attached}`)
    const value = takes ? (attached ?? rest.shift()) : ''
    if (value === undefined) throw new UsageError(`option '${option.flags}' argument missing`)
    const name = option.attributeName() as DigOption
    if (OPTIONS.includes(name)) {
      checkValue(option, value)
      items.push({ option: name, value, text: takes ? `${option.short} ${value}` : `${option.short}` })
    } else if (all) {
      throw new UsageError(
        `${option.short ?? option.long} is for all questions: write it before -f, on the command line`,
      )
    }
  }
  return items
}

function found(word: string, options: readonly Option[]): { option: Option; attached: string | null } {
  const [name = '', ...values] = word.split('=')
  const long = options.find((one) => one.long === name)
  if (long !== undefined) return { option: long, attached: values.length === 0 ? null : values.join('=') }
  const short = options.find((one) => one.short === word.slice(0, 2))
  if (short === undefined || word.startsWith('--'))
    throw new UsageError(`unknown option '${word}'; dig --help says more`)
  return { option: short, attached: word.length > 2 ? word.slice(2) : null }
}

/** As commander does before for what stands on the command line. */
function checkValue(option: Option, value: string): void {
  try {
    option.parseArg?.(value, undefined)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new UsageError(`option '${option.flags}' argument '${value}' is invalid. ${error.message.replace(/\.$/, '')}`)
  }
}
