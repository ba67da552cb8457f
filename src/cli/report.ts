import { CommanderError } from 'commander'
import { UsageError } from './usage-error.ts'

/** Exit status: the caller wrote something wrong, or something failed. */
export const USAGE = 2
export const FAILURE = 1

/** Says in one line what went wrong, and returns the exit status that says so too. */
export function report(error: unknown): number {
  // commander has printed the version or the help, which was asked for or which says what to write instead of nothing.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`jackfield: ${message.replaceAll('\n', ' ')}\n`)
  return error instanceof UsageError ? USAGE : FAILURE
}
