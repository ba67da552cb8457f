import type { Command, CommanderError } from 'commander'
import { UsageError } from './usage-error.ts'
import { WHERE_EXAMPLE } from './where-example.ts'

const examples: Record<string, string> = {
  serve: 'jackfield serve echo:7007',
  capture: `jackfield capture --on ${WHERE_EXAMPLE} tcp port 80`,
  ping: 'jackfield ping 192.0.2.1',
  relay: 'jackfield relay tcp-listen:8080,fork tcp:192.0.2.1:80',
  trace: 'jackfield trace -e connect,sendto,close client.mjs',
  fetch: 'jackfield fetch --trace http://192.0.2.1/',
}

/** Has what commander finds wrong thrown as errors of one line that say what to do instead. */
export function explainErrors(command: Command): void {
  command.configureOutput({ outputError: () => {} }).exitOverride((error) => {
    // Help and version, which were printed.
    if (error.exitCode === 0 || error.code === 'commander.help') throw error
    throw new UsageError(`${told(error)}; ${advice(error, command)}`, { cause: error })
  })
}

function told(error: CommanderError): string {
  return error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
}

function advice({ code }: CommanderError, command: Command): string {
  const path = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`
  const example = examples[command.name()]
  if (code === 'commander.unknownOption') {
    return `${path} has ${[...command.options.filter(({ hidden }) => !hidden).map(({ long }) => long), '--help'].join(', ')}`
  }
  if (code === 'commander.unknownCommand') {
    return `there are ${command.commands.map((one) => one.name()).join(', ')}; ${path} --help says more`
  }
  if (code === 'commander.missingArgument' && example !== undefined) return `write it as in ${example}`
  return `${path} --help says more`
}
