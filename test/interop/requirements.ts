import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

function found(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}

/** What this machine lacks of Linux, root, TUN and the programs named. */
export function lacking(programs: readonly string[]): string[] {
  const lack: string[] = []
  if (process.platform !== 'linux') lack.push('Linux')
  if (process.getuid?.() !== 0) lack.push('root')
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK)
  } catch {
    lack.push('/dev/net/tun')
  }
  for (const program of ['ip', 'setpriv', ...programs]) if (!found(program)) lack.push(program)
  return lack
}

/** describe() for tests that need programs, and nothing else. A machine that lacks one says so, as below. */
export function describeWith(title: string, programs: readonly string[], tests: () => void): void {
  describeUnless(
    programs.filter((program) => !found(program)),
    title,
    tests,
  )
}

/**
 * describe() for tests that talk to the kernel: they need root, /dev/net/tun and programs. A machine that lacks some of it
 * says so and leaves them out; under CI=true that is a failure.
 */
export function describeNetwork(title: string, programs: readonly string[], tests: () => void): void {
  describeUnless(lacking(programs), title, tests)
}

function describeUnless(lack: readonly string[], title: string, tests: () => void): void {
  if (lack.length === 0) {
    describe(title, tests)
    return
  }
  const message = `${title}: left out, for this machine lacks ${lack.join(', ')}`
  if (process.env['CI'] === 'true') throw new Error(message)
  process.stderr.write(`${message}\n`)
  describe.skip(message, tests)
}
