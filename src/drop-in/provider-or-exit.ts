import { writeSync } from 'node:fs'
import type { Provider } from '../socket/provider.ts'
import { providerOfEnvironment } from './provider-of-environment.ts'

/** Standard error, and the status of who was called wrongly. */
const STANDARD_ERROR = 2
const USAGE = 2

/** The provider that the environment names. Where it names none, one line says so, and the process ends before its program has begun. */
export function providerOrExit(): Provider {
  try {
    return providerOfEnvironment()
  } catch (error) {
    // The class is loaded with what reads places, and only then.
    if (!(error instanceof Error) || error.constructor.name !== 'UsageError') throw error
    writeSync(STANDARD_ERROR, `jackfield: ${error.message}\n`)
    process.exit(USAGE)
  }
}
