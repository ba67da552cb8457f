// A block "console" as what is done in it, and what the page says is printed then.

export interface Step {
  /** Whose prompt it is; empty where the program is run to its end. */
  readonly terminal: string
  readonly does: 'run' | 'look' | 'interrupt' | 'type' | 'end'
  /** The command, or what is typed. */
  readonly text: string
  readonly expected: string
  readonly line: number
}

/** Reads a block whose first line is `line` of the page. */
export function readConsole(code: string, line: number): Step[] {
  const steps: { -readonly [K in keyof Step]: Step[K] }[] = []
  const lines = code.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const at = line + i
    const [, terminal, mark, typed = ''] = /^((?:[a-z][\w-]*)?)(\$|(?<=\w)<)(?: (.*)|)$/.exec(lines[i] as string) ?? []
    if (terminal === undefined) {
      const last = steps.at(-1)
      if (last !== undefined) last.expected += `${lines[i]}\n`
      else if (lines[i] !== '') throw new Error(`line ${at}: output before the first command`)
      continue
    }
    let text = typed
    // A command goes on in the next line where the shell has it so.
    while (text.endsWith('\\') && i + 1 < lines.length) text += `\n${lines[++i]}`
    const control = text === '^C' || text === '^D'
    if (terminal === '' && (text === '' || control))
      throw new Error(`line ${at}: a prompt without a name and a command`)
    const does =
      mark === '<' ? (text === '^D' ? 'end' : 'type') : text === '^C' ? 'interrupt' : text === '' ? 'look' : 'run'
    steps.push({ terminal, does, text, expected: '', line: at })
  }
  return steps
}
