// Read first: zshcompsys(1) on _arguments and _describe.

import type { CompletedValue } from './completed-value.ts'
import type { CompletedArgument, CompletedCommand, CompletedOption } from './completion-tree.ts'

/** A script that has zsh complete the command, from a folder of $fpath or sourced: nothing is run for what it offers. */
export function zshCompletion([program, ...commands]: readonly [CompletedCommand, ...CompletedCommand[]]): string {
  const { name } = program
  return `#compdef ${name}
# Completion of ${name} for zsh. Written by: ${name} completion zsh

# Words, those that go on without a blank behind them.
_${name}_words() {
  local -a whole open
  whole=(\${@:#*[:=]})
  open=(\${(M)@:#*[:=]})
  compadd -a whole
  compadd -S '' -a open
}

_${name}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C ${spread(4, program.options.map(optionSpec))} \\
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command)
      local -a commands
      commands=(
${commands.map((one) => `        ${quoted(`${one.name}:${one.description}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

if [[ \${funcstack[1]} == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`
}

function commandCase(command: CompletedCommand): string {
  const specs = [...command.options.map(optionSpec), ...command.arguments.map(argumentSpec)]
  return `        ${command.name})
          _arguments -s ${spread(12, specs)}
          ;;`
}

function spread(depth: number, specs: readonly string[]): string {
  return specs.map((spec) => `\\\n${' '.repeat(depth)}${spec}`).join(' ')
}

function optionSpec(option: CompletedOption): string {
  const { short, long, description, value, optional, repeated } = option
  const both = [short, long].filter((name) => name !== null)
  const excluded = repeated ? '*' : both.length > 1 ? `(${both.join(' ')})` : ''
  const taken = value === null ? '' : `${optional ? '::' : ':'}${escaped(value.name)}:${action(value)}`
  const rest = quoted(`[${description.replaceAll(/[[\]\\]/g, '\\$&').replaceAll(':', '\\:')}]${taken}`)
  // -cVALUE and --count=VALUE are one word too.
  const marked = both.map((name) => (value === null ? name : name.startsWith('--') ? `${name}=` : `${name}+`))
  const list = marked.length > 1 ? `{${marked.join(',')}}` : (marked[0] as string)
  return `${excluded === '' ? '' : quoted(excluded)}${list}${rest}`
}

function argumentSpec({ value, repeated }: CompletedArgument, i: number): string {
  return quoted(`${repeated ? '*' : String(i + 1)}:${escaped(value.name)}:${action(value)}`)
}

function action(value: CompletedValue): string {
  switch (value.kind) {
    case 'words':
      // The blank in front keeps options of compadd out of the words.
      return ` _jackfield_words ${value.words.map((word) => escaped(word.replaceAll('%', '\\%'))).join(' ')}`
    case 'file':
      return '_files'
    case 'host':
      return '_hosts'
    case 'interface':
      return '_net_interfaces'
    case 'none':
      return ' '
  }
}

function escaped(text: string): string {
  return text.replaceAll(':', '\\:').replaceAll(/[[\]]/g, '')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
