// Read first: complete(1) of fish.

import type { CompletedValue } from './completed-value.ts'
import type { CompletedCommand, CompletedOption } from './completion-tree.ts'

/** A script that has fish complete the command: all that it offers stands in it, so that nothing is run. */
export function fishCompletion([program, ...commands]: readonly [CompletedCommand, ...CompletedCommand[]]): string {
  const { name } = program
  const line = (...words: string[]) => `complete -c ${name} ${words.join(' ')}`
  const none = `-n '__${name}_in ""'`
  const lines = [
    line('-f'),
    ...program.options.map((option) => line(none, optionText(option))),
    ...commands.map((command) => line(none, `-a ${command.name}`, `-d ${quoted(command.description)}`)),
    ...commands.flatMap((command) => {
      const within = `-n '__${name}_in ${command.name}'`
      return [
        ...command.options.map((option) => line(within, optionText(option))),
        ...command.arguments.flatMap(({ value }) => (value.kind === 'none' ? [] : [line(within, valueText(value))])),
      ]
    }),
  ]
  return `# Completion of ${name} for fish. Written by: ${name} completion fish

# Whether the command line has this subcommand; "": none yet.
function __${name}_in
    set -l words (commandline -opc)
    set -l found ''
    for word in $words[2..-1]
        if not string match -q -- '-*' $word
            set found $word
            break
        end
    end
    test "$found" = "$argv[1]"
end

${lines.join('\n')}
`
}

function optionText({ short, long, description, value, optional }: CompletedOption): string {
  const names = [short === null ? [] : ['-s', short.slice(1)], long === null ? [] : ['-l', long.slice(2)]].flat()
  const taken = value === null || optional ? [] : value.kind === 'file' ? ['-r'] : ['-x']
  const offered = value === null || optional ? [] : [valueText(value)]
  return [...names, ...taken, ...offered, '-d', quoted(description)].filter((word) => word !== '').join(' ')
}

function valueText(value: CompletedValue): string {
  switch (value.kind) {
    case 'words':
      return `-a ${quoted(value.words.join(' '))}`
    case 'file':
      return '-F'
    case 'host':
      return `-a '(__fish_print_hostnames)'`
    case 'interface':
      return `-a '(__fish_print_interfaces)'`
    case 'none':
      return ''
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
