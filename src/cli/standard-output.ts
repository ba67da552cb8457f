// Read first: write(2) on EPIPE and ENOSPC.

import { writeReason } from './file-failure.ts'
import { FAILURE } from './report.ts'

/** Says that standard output cannot be written, and returns the status to exit with. */
type Tell = (reason: string) => number

let tell: Tell = (reason) => {
  process.stderr.write(`jackfield: standard output cannot be written: ${reason}\n`)
  return FAILURE
}

/** Has the process end when what it prints gets nowhere: without a word where the reader of a pipe has had enough (`| head`). */
export function endWithoutOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody is left to tell.
    process.exit(error.code === 'EPIPE' ? undefined : tell(writeReason(error)))
  })
  // What is told beside it stops nothing.
  process.stderr.on('error', () => {})
}

/** For a command with words and a status of its own for it. */
export function tellOutputFailure(own: Tell): void {
  tell = own
}
