// docs/reference/command-line.md is what this writes: `npx vitest run test/cli/command-docs.test.ts -u` writes it anew.

import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { commandFor } from '../../src/cli/commands.ts'
import { examplesOf } from '../../src/cli/examples.ts'

/** Text that stands in a cell of a table, and is text for Markdown and for Vue. */
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('{', '&#123;')
    .replaceAll('}', '&#125;')
    .replaceAll(/[\\`*_[\]|]/g, '\\$&')
}

function code(text: string): string {
  const within = text.replaceAll('|', '\\|')
  return text.includes('`') ? `\`\` ${within} \`\`` : `\`${within}\``
}

function table(title: string, rows: readonly (readonly [term: string, text: string])[]): string {
  if (rows.length === 0) return ''
  return `\n| ${title} | |\n|---|---|\n${rows.map(([term, text]) => `| ${code(term)} | ${cell(text)} |`).join('\n')}\n`
}

function chapter(command: Command): string {
  const help = command.createHelp()
  const name = command.name()
  const args = command.registeredArguments.map(
    (argument) => [help.argumentTerm(argument), help.argumentDescription(argument)] as const,
  )
  const options = command.options
    .filter(({ hidden, long }) => !hidden && long !== '--debug')
    .map((option) => [help.optionTerm(option), help.optionDescription(option)] as const)
  const examples = examplesOf(name).map((line) => `- ${code(`jackfield ${line}`)}\n`)
  const description = cell(command.description())
  return `## ${name}

${description[0]?.toUpperCase()}${description.slice(1)}.

Usage: ${code(`jackfield ${name} ${command.usage()}`)}
${table('argument', args)}${table('option', options)}${examples.length === 0 ? '' : `\n${examples.join('')}`}`
}

test('docs/reference/command-line.md tells of each command what its help tells', async () => {
  const program = await commandFor([], '1.2.3')
  const names = program.commands.map((command) => `[${command.name()}](#${command.name()})`)
  const text = `---
sidebar: The command
---

# The command line

\`jackfield\` has a command for each of these: ${names.join(', ')}.

Most of them are programs that people know, with their options, what they print and their exit statuses. \`--on\` says whose sockets are used: \`os\`,
the operating system's own, or a stack on a TAP or TUN device. Long options are written in full; \`--name value\` and \`--name=value\` are the same.

| status | |
|---|---|
| 0 | it went well |
| 1 | something failed; programs with statuses of their own (\`ping\`, \`dig\`, \`fetch\`, \`iperf3\`) have those |
| 2 | the command line is wrong: one line says which value, and what is allowed; 1 for \`capture\`, \`dig\`, \`iperf3\`, \`nc\`, \`relay\` and \`trace\`, 3 for \`netstat\`, as with the programs that are known so |
| 141 | whoever read the output has gone (SIGPIPE), as with \`jackfield netstat \\| head -1\`; 23 for \`fetch\`, as for curl |

Errors are one line on standard error. \`--debug\`, with any command and anywhere behind it, shows where they come from as well. Colours and views
that redraw are for terminals alone, and there are no colours where \`NO_COLOR\` is set.

Shells complete commands, options and values once \`jackfield completion bash\`, \`zsh\` or \`fish\` has been installed: its help says where.

${program.commands.map(chapter).join('\n')}`
  await expect(text).toMatchFileSnapshot('../../docs/reference/command-line.md')
})

/** The words of a line as a shell would have them, up to a pipe or a file. */
function wordsOf(line: string): string[] {
  const words = line.match(/'[^']*'|"[^"]*"|\S+/g) ?? []
  const end = words.findIndex((word) => word === '|' || word === '>')
  return (end < 0 ? words : words.slice(0, end)).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'))
}

class Begun extends Error {}

test('every example of a help can be read', async () => {
  const { commands } = await commandFor([], '1.2.3')
  for (const line of commands.flatMap((command) => examplesOf(command.name()))) {
    const words = wordsOf(line)
    const program = await commandFor(words, '1.2.3')
    program.hook('preAction', () => {
      throw new Begun()
    })
    await expect(program.parseAsync(words, { from: 'user' }), line).rejects.toBeInstanceOf(Begun)
  }
})

/** Those that need no other host, no device and no file, and end by themselves. The rest of their kind needs one of these. */
const RUN_HERE = ['netstat', 'netstat -tlnp', 'netstat -r --json', ...examplesOf('completion')]

test.each(RUN_HERE)('the example "%s" does what it says', async (line) => {
  const write = process.stdout.write
  let text = ''
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += chunk
    const done = rest.at(-1)
    if (typeof done === 'function') done()
    return true
  }) as typeof write
  const status = process.exitCode
  try {
    const words = wordsOf(line)
    await (await commandFor(words, '1.2.3')).parseAsync(words, { from: 'user' })
    expect(process.exitCode ?? 0).toBe(0)
  } finally {
    process.stdout.write = write
    process.exitCode = status
  }
  expect(examplesOf(line.split(' ')[0] as string)).toContain(line)
  if (line.endsWith('--json')) expect(JSON.parse(text)).toBeInstanceOf(Array)
  else expect(text).toContain(line.startsWith('netstat') ? 'Proto Recv-Q Send-Q' : 'jackfield')
})

test('every command has lines to begin from in its help', async () => {
  const { commands } = await commandFor([], '1.2.3')
  for (const command of commands) {
    let text = ''
    command.configureOutput({ writeOut: (part) => (text += part) })
    command.outputHelp()
    expect(text, command.name()).toContain('Examples:')
  }
})
