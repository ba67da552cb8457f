// Read first: write(2) on EPIPE and ENOSPC.

import { writeReason } from './file-failure.ts'
import { FAILURE } from './report.ts'

/** Says that standard output cannot be written, and returns the status to exit with. */
type Tell = (reason: string) => number

/** 128 and the number of SIGPIPE: what a shell says of a program that the signal has ended, as it ends most. */
const BROKEN_PIPE = 141

let broken = BROKEN_PIPE

let tell: Tell = (reason) => {
  process.stderr.write(`jackfield: standard output cannot be written: ${reason}\n`)
  return FAILURE
}

/** Has the process end when what it prints gets nowhere: without a word where the reader of a pipe has had enough (`| head`). */
export function endWithoutOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody is left to tell.
    process.exit(error.code === 'EPIPE' ? broken : tell(writeReason(error)))
  })
  // What is told beside it stops nothing.
  process.stderr.on('error', () => {})
}

/** For a command with words and a status of its own for it, and a status for a reader that has gone. */
export function tellOutputFailure(own: Tell, brokenPipe: number): void {
  tell = own
  broken = brokenPipe
}
