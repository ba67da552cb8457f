import type { Argument, Command, Option } from 'commander'
import { type CompletedValue, valueNamed } from './completed-value.ts'

/** A command as the shells complete it. */
export interface CompletedCommand {
  readonly name: string
  readonly description: string
  readonly options: readonly CompletedOption[]
  readonly arguments: readonly CompletedArgument[]
}

export interface CompletedOption {
  /** "-c"; null: it has none. */
  readonly short: string | null
  /** "--count"; null: it has none. */
  readonly long: string | null
  readonly description: string
  /** Null: it takes none. */
  readonly value: CompletedValue | null
  /** It may stand without its value. */
  readonly optional: boolean
  /** It may be given several times. */
  readonly repeated: boolean
}

export interface CompletedArgument {
  readonly value: CompletedValue
  readonly repeated: boolean
}

/** As much of a description as there is room for in a list. */
const LONGEST = 76

/** What there is to complete: the subcommands of `program`, and what the program itself takes. */
export function completionTree(program: Command): readonly [CompletedCommand, ...CompletedCommand[]] {
  const commands = program.commands.map(completedCommand)
  const names = commands.map(({ name }) => name)
  const help: CompletedCommand = {
    name: 'help',
    description: 'show how a command is used',
    options: [],
    arguments: [{ value: { kind: 'words', name: 'command', words: names }, repeated: false }],
  }
  return [completedCommand(program), ...commands, help]
}

function completedCommand(command: Command): CompletedCommand {
  const own = command.options.filter(({ hidden }) => !hidden).map(completedOption)
  const help = {
    short: '-h',
    long: '--help',
    description: 'show how it is used',
    value: null,
    optional: false,
    repeated: false,
  }
  return {
    name: command.name(),
    description: shortened(command.summary() || command.description()),
    options: [...own, help],
    arguments: command.registeredArguments.map((argument) => completedArgument(argument, command)),
  }
}

function completedOption(option: Option): CompletedOption {
  const { short = null, long = null, required, optional, argChoices } = option
  const name = /[<[](.+)[>\]]$/.exec(option.flags)?.[1] ?? ''
  return {
    short,
    long,
    description: shortened(option.description),
    value: required || optional ? valueNamed(name, argChoices, '') : null,
    optional,
    repeated: option.variadic || Array.isArray(option.defaultValue) || option.description.includes('repeated'),
  }
}

function completedArgument(argument: Argument, command: Command): CompletedArgument {
  return {
    value: valueNamed(argument.name(), argument.argChoices, command.name()),
    repeated: argument.variadic,
  }
}

/** The first sentence or half of it, on one line. */
function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  if (line.length <= LONGEST) return line
  const within = line.slice(0, LONGEST)
  const end = Math.max(within.lastIndexOf('; '), within.lastIndexOf(': '), within.lastIndexOf(' ('))
  return end > LONGEST / 3 ? within.slice(0, end) : `${within.slice(0, within.lastIndexOf(' '))} …`
}
