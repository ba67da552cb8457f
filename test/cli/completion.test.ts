// What the shells offer, asked of the shells themselves: complete -F of bash, the widget complete-word of zsh, complete -C of fish.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandFor } from '../../src/cli/commands.ts'
import { bashCompletion } from '../../src/cli/completion/bash-completion.ts'
import { completionTree } from '../../src/cli/completion/completion-tree.ts'
import { fishCompletion } from '../../src/cli/completion/fish-completion.ts'
import { zshCompletion } from '../../src/cli/completion/zsh-completion.ts'
import { describeWith } from '../interop/requirements.ts'

const folder = mkdtempSync(join(tmpdir(), 'jackfield-completion-'))
const scripts = {
  bash: join(folder, 'jackfield.bash'),
  zsh: join(folder, '_jackfield'),
  fish: join(folder, 'jackfield.fish'),
}

/** What is typed, and what is offered for it: these and no others, or these among others. */
const LINES: readonly (readonly [line: string, offered: readonly string[], among?: 'among others'])[] = [
  ['jackfield pi', ['ping']],
  ['jackfield ', ['serve', 'ping', 'nc', 'completion', 'help'], 'among others'],
  ['jackfield help trace', ['trace', 'traceroute']],
  ['jackfield ping --inter', ['--interval']],
  ['jackfield ping -c 3 --mtu-discovery d', ['do', 'dont']],
  ['jackfield completion ', ['bash', 'zsh', 'fish']],
  ['jackfield --debug completion f', ['fish']],
  ['jackfield serve ech', ['echo']],
  ['jackfield demo E', ['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7', 'E8']],
  ['jackfield ping --on ', ['os', 'tap:', 'tun:']],
  ['jackfield router --on ', ['tap:', 'tun:']],
  ['jackfield capture --on ', ['os', 'tap:', 'tun:']],
  ['jackfield capture --pi', ['--pid']],
  ['jackfield traceroute -M t', ['tcp']],
  ['jackfield router --reverse-path l', ['loose']],
  ['jackfield packetdrill --profile ', ['linux', 'default']],
  ['jackfield trace app', ['apple.mjs']],
  ['jackfield fetch -o app', ['apple.mjs']],
  ['jackfield nowhere ', []],
]

const asked = LINES.map(([line]) => line)

beforeAll(async () => {
  const tree = completionTree(await commandFor([], '1.2.3'))
  writeFileSync(scripts.bash, bashCompletion(tree))
  writeFileSync(scripts.zsh, zshCompletion(tree))
  writeFileSync(scripts.fish, fishCompletion(tree))
  writeFileSync(join(folder, 'apple.mjs'), '')
  writeFileSync(join(folder, 'lines'), asked.join('\n'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function run(shell: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(shell, args, { cwd: folder, encoding: 'utf8', timeout: 50_000 })
  expect(stderr).toBe('')
  return stdout
}

/** What was printed behind "> LINE" for each line. */
function offeredFor(printed: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  let current = new Set<string>()
  for (const line of printed.split('\n')) {
    if (line.startsWith('> ')) {
      current = new Set()
      found.set(line.slice(2), current)
    } else if (line !== '') current.add(line)
  }
  return found
}

function check(printed: string): void {
  const found = offeredFor(printed)
  for (const [line, offered, among] of LINES) {
    const got = [...(found.get(line) ?? ['nothing was asked'])].sort()
    const expected = among === undefined ? [...offered].sort() : expect.arrayContaining([...offered])
    expect({ line, offered: got }).toEqual({ line, offered: expected })
  }
}

describeWith('completion of bash', ['bash'], () => {
  test('offers subcommands, options, values and files', () => {
    const ask = `
      source ${scripts.bash}
      set -- $(complete -p jackfield)
      while IFS= read -r line; do
        COMP_LINE=$line COMP_POINT=\${#line} COMPREPLY=()
        "$3"
        printf '> %s\\n' "$line"
        printf '%s\\n' "\${COMPREPLY[@]}"
      done < <(cat lines; echo)`
    check(run('bash', ['--norc', '-c', ask]))
  })

  test('words that bash takes apart at ":" and "=" are gone on with', () => {
    const line = (text: string) =>
      run('bash', [
        '--norc',
        '-c',
        `source ${scripts.bash}; COMP_LINE='${text}' COMP_POINT=${text.length}; _jackfield; echo "\${COMPREPLY[@]}"`,
      ])
    expect(line('jackfield ping --mtu-discovery=d')).toBe('do dont\n')
    expect(line('jackfield ping --on tap:')).toBe('\n')
    expect(line('jackfield fetch -H x --output=app')).toBe('apple.mjs\n')
  })
})

describeWith('completion of zsh', ['zsh'], () => {
  test('offers subcommands, options, values and files', () => {
    // Each line is completed in an editor on a terminal of its own, and what is offered noted on its way to it.
    const inner = `
      PROMPT=
      autoload -Uz compinit
      compinit -u -D
      source ${scripts.zsh}
      zstyle ':completion:*' completer _complete
      compadd() {
        local -a hits
        if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)(| )* ]]; then
          builtin compadd -O hits "$@"
          print -rl -- $hits >> ${folder}/offered
        fi
        builtin compadd "$@"
      }
      every() {
        local text
        for text in "\${(@f)$(<lines)}"; do
          BUFFER=$text CURSOR=\${#text}
          print -r -- "> $text" >> ${folder}/offered
          zle complete-word
        done
        exit
      }
      zle -N every
      bindkey '^X' every`
    writeFileSync(join(folder, 'inner.zsh'), inner)
    const outer = `
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z 'source inner.zsh'
      zpty -w -n z $'\\x18'
      while zpty -r z answer; do :; done`
    run('zsh', ['-f', '-c', outer])
    check(readFileSync(join(folder, 'offered'), 'utf8'))
  })
})

describeWith('completion of fish', ['fish'], () => {
  test('offers subcommands, options, values and files', () => {
    const ask = `
      source ${scripts.fish}
      while read -l --delimiter \\n line
        echo "> $line"
        complete -C "$line" | string split -f 1 \\t
      end < lines`
    check(run('fish', ['--no-config', '-c', ask]))
  })
})
