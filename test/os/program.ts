import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where the package is: programs import it by its name from here. */
export const packageRoot: string = root

export interface Outcome {
  readonly code: number | null
  /** The signal that has killed it. */
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  /** Options of node itself. */
  readonly node?: readonly string[]
  readonly env?: Record<string, string>
}

/** Runs the text as a module in a plain Node of the version that runs the tests, which nothing keeps alive but what the text does. */
export function runProgram(text: string, options: ProgramOptions = {}): Promise<Outcome> {
  return runCommand([process.execPath, ...(options.node ?? []), '--input-type=module', '-e', text], options)
}

export function runCommand(command: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
  const [program, ...parameters] = command
  const child = spawn(program as string, parameters, { cwd: root, env: { ...process.env, ...options.env } })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** What the program has printed, as JSON; throws with all that is known where it did not end well. */
export async function resultOf(outcome: Promise<Outcome>): Promise<unknown> {
  const { code, signal, stdout, stderr } = await outcome
  if (code !== 0) throw new Error(`ended with ${code ?? signal}:\n${stdout}${stderr}`)
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`not JSON:\n${stdout}${stderr}`)
  }
}
