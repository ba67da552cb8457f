// No wrong argument ends the process. What is called here may do anything: in a process, and a network namespace, of its own.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeNetwork } from '../interop/requirements.ts'
import { amount } from '../soak.ts'
import { packageRoot, runCommand } from './program.ts'

describeNetwork('whatever the arguments', ['unshare', 'ip'], () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'jackfield-fuzz-'))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  /** Nothing: it has ended well. Else the code or the signal, and what was the last that it called. */
  async function ending(program: string, ...parameters: readonly number[]): Promise<string> {
    const log = join(folder, 'last-call')
    const file = join(packageRoot, 'test/os/programs', program)
    // Its output is not to be a socket: that would be one more that is called.
    const script = 'ip link set lo up && exec "$0" "$@" >/dev/null 2>&1 </dev/null'
    const { code, signal } = await runCommand([
      ...['unshare', '--net', '--mount', 'sh', '-c', script],
      ...[process.execPath, file, ...parameters.map(String), log],
    ])
    return code === 0 ? '' : `${code ?? signal}: ${readFileSync(log, 'utf8').trim()}`
  }

  // Another seed each day would find more (their number is the first argument of the program); here what is red must be red again.
  test.each([1])('every call with values of every kind: no crash, and nothing but Errors (seed %i)', async (seed) => {
    expect(await ending('fuzz-calls.mjs', seed, amount(100, 400))).toBe('')
  })

  test('every option with room of every length: the kernel writes nothing behind it', async () => {
    expect(await ending('fuzz-options.mjs')).toBe('')
  })
})
