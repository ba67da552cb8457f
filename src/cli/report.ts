import { inspect } from 'node:util'
import { type Command, CommanderError } from 'commander'
import { UsageError } from './usage-error.ts'

/** Exit status: something failed. */
export const FAILURE = 1

/** Whether --debug was given. */
let debug = false

/** Gives a command the option with which errors show where they come from. */
export function addDebugOption(command: Command): void {
  // One of packetdrill's own asks for as much as can be told.
  if (!command.options.some(({ long }) => long === '--debug')) {
    command.option('--debug', 'show where an error comes from (stack trace)')
  }
  command.on('option:debug', showTraces)
}

/** From here on errors show where they come from, in files of src/. */
export function showTraces(): void {
  debug = true
  process.setSourceMapsEnabled(true)
}

/** Whether `words`, a command line, ask for traces: also where what is wrong stands in front of it, and it is not read any more. */
export function asksForTraces(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  // What stands behind the program that is traced is that program's.
  return words[0] !== 'trace' && (end < 0 ? words : words.slice(0, end)).includes('--debug')
}

/** The word that names the command, in front of which --debug may stand; '': there is none. */
export function commandName(words: readonly string[]): string {
  return words.find((word) => word !== '--debug') ?? ''
}

/** Says in one line what went wrong, and returns the exit status that says so too: `usage` where the command line is wrong. */
export function report(error: unknown, usage: number): number {
  // commander has printed the version or the help, which was asked for or which says what to write instead of nothing.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usage
  tell(error)
  return error instanceof UsageError ? usage : FAILURE
}

/** Says in one line what went wrong. */
export function tell(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`jackfield: ${message.replaceAll('\n', ' ')}\n`)
  if (debug) process.stderr.write(`${inspect(error)}\n`)
}
