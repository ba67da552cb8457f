// Read first: bash(1), Programmable Completion. It is for bash 3.2 too, which macOS has, and needs no package bash-completion.

import type { CompletedValue } from './completed-value.ts'
import type { CompletedCommand, CompletedOption } from './completion-tree.ts'

/** A script that has bash complete the command: all that it offers stands in it, so that nothing is run. */
export function bashCompletion([program, ...commands]: readonly [CompletedCommand, ...CompletedCommand[]]): string {
  const { name } = program
  return `# Completion of ${name} for bash. Written by: ${name} completion bash

_${name}() {
  local line="\${COMP_LINE:0:COMP_POINT}" words=() current previous command='' place=0 after='' i
  local options='' valued='' kind='' offered='' expected=()
  # Without -r, a blank behind a backslash is part of a word.
  read -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current="\${words[\${#words[@]}-1]}"
  previous="\${words[\${#words[@]}-2]}"
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    [[ \${words[i]} == -* ]] && continue
    command="\${words[i]}"
    break
  done
  case $command in
${indented(4, [caseOf(program, "''", commands), ...commands.map((one) => caseOf(one, one.name, []))].join('\n'))}
    *) return ;;
  esac
  # How many words that are neither options nor their values stand behind the command.
  for ((i = i + 1; i < \${#words[@]} - 1; i++)); do
    if [[ $valued == *" \${words[i]} "* ]]; then
      ((i++))
    elif [[ \${words[i]} != -* ]]; then
      ((place++))
    fi
  done
  # --option=value
  if [[ $current == --*=* && $valued == *" \${current%%=*} "* ]]; then
    previous="\${current%%=*}"
    after="$previous="
    current="\${current#*=}"
  fi
  if [[ $valued == *" $previous "* ]]; then
    _${name}_value "$command" "$previous"
  elif [[ $current == -* ]]; then
    kind=words
    offered=$options
  elif ((\${#expected[@]} > 0)); then
    ((place < \${#expected[@]})) || place=$((\${#expected[@]} - 1))
    kind="\${expected[place]%% *}"
    offered="\${expected[place]#* }"
  fi
  case $kind in
    words) COMPREPLY=($(compgen -W "$offered" -- "$current")) ;;
    file) COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames 2> /dev/null ;;
    host) COMPREPLY=($(compgen -A hostname -- "$current")) ;;
    interface) COMPREPLY=($(compgen -W "$(command ls /sys/class/net 2> /dev/null)" -- "$current")) ;;
    *) COMPREPLY=() ;;
  esac
  # What goes on is not followed by a blank.
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *[:=] ]] && compopt -o nospace 2> /dev/null
  # readline takes what is behind the last colon for the word.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local head="\${current%"\${current##*:}"}"
    for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do COMPREPLY[i]="\${COMPREPLY[i]#"$head"}"; done
  elif [[ -n $after && $COMP_WORDBREAKS != *=* ]]; then
    for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do COMPREPLY[i]="$after\${COMPREPLY[i]}"; done
  fi
}

_${name}_value() {
  case "$1 $2" in
${indented(4, commands.flatMap((command) => command.options.flatMap((option) => valueCase(command, option))).join('\n'))}
  esac
}

complete -F _${name} ${name}
`
}

function caseOf(
  { options, arguments: args }: CompletedCommand,
  label: string,
  commands: readonly CompletedCommand[],
): string {
  const all = options.flatMap(names)
  // An optional value is another word only where it is one for sure.
  const valued = options.filter(({ value, optional }) => value !== null && !optional).flatMap(names)
  const expected =
    commands.length > 0 ? [`words ${commands.map(({ name }) => name).join(' ')}`] : args.map(argumentText)
  const last = args[args.length - 1]
  const bounded = commands.length === 0 && (last === undefined || !last.repeated)
  return `${label})
  options=${quoted(all.join(' '))}
  valued=${quoted(` ${valued.join(' ')} `)}
  expected=(${[...expected, ...(bounded ? ['none'] : [])].map(quoted).join(' ')})
  ;;`
}

function argumentText({ value }: { readonly value: CompletedValue }): string {
  return value.kind === 'words' ? `words ${value.words.join(' ')}` : value.kind
}

function valueCase({ name }: CompletedCommand, option: CompletedOption): string[] {
  const { value, optional } = option
  if (value === null || optional || value.kind === 'none') return []
  const pattern = names(option)
    .map((one) => quoted(`${name} ${one}`))
    .join(' | ')
  if (value.kind !== 'words') return [`${pattern}) kind=${value.kind} ;;`]
  return [`${pattern}) kind=words offered=${quoted(value.words.join(' '))} ;;`]
}

function names({ short, long }: CompletedOption): string[] {
  return [short, long].filter((name) => name !== null)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function indented(depth: number, text: string): string {
  return text.replaceAll(/^/gm, ' '.repeat(depth))
}
