// Simulations inside tests: of vitest, node:test, or any other runner, which need know nothing of it.

import { checkInteger, checkOptions, given } from '../base/argument.ts'
import { CaptureFile, type CaptureOutput, fileOutput, RecentFrames } from './capture-file.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'

export interface SimulateOptions extends SimulationOptions {
  /** How many simulations, with seeds from `seed` on. Default 1. */
  readonly runs?: number
  /**
   * Where the frames of a simulation that failed are written, as pcapng: the name of a file, in which "%s" is its seed, or a function
   * that takes its bytes. Default: nowhere.
   */
  readonly capture?: string | CaptureOutput
}

/** The variable of the environment that sets the seed of every `simulate`, so that one failure runs again. */
const SEED = 'JACKFIELD_SEED'
/** Octets of frames that are kept for a capture: the last ones. */
const KEPT = 64 << 20

interface WithEnvironment {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
}

/**
 * Runs `body` with a new simulation, for tests: if it throws, the error's message says with which seed, how to run that again, and
 * where the capture is. `body` makes the hosts and runs them; what it has not run to its end is run, and
 * what TCP did is checked (`Simulation.check`). The environment's JACKFIELD_SEED sets the seed, and `runs` to 1.
 *
 * ```ts
 * await simulate({ seed: 1, runs: 100, capture: 'failed-%s.pcapng' }, async (net) => {
 *   const alice = net.host('alice')
 *   const bob = net.host('bob')
 *   net.link(alice, bob, { loss: 0.1 })
 *   bob.run((host) => host.listen(80).accept())
 *   alice.run((host) => host.connect('bob', 80))
 * })
 * ```
 */
export async function simulate(
  options: SimulateOptions,
  body: (net: Simulation) => Promise<void> | void,
): Promise<void> {
  checkOptions('options', options, ['seed', 'date', 'ipv6', 'watch', 'runs', 'capture'])
  if (typeof body !== 'function') throw new TypeError(`body must be a function, got ${given(body)}`)
  const { runs = 1, capture, ...rest } = options
  checkInteger('runs', runs, 1)
  const wanted = (globalThis as WithEnvironment).process?.env?.[SEED]
  if (wanted !== undefined && !/^-?\d+$/.test(wanted)) {
    throw new TypeError(`${SEED} must be an integer, got ${given(wanted)}`)
  }
  const first = wanted === undefined ? (options.seed ?? 1) : Number(wanted)
  const last = wanted === undefined ? first + runs - 1 : first
  for (let seed = first; seed <= last; seed++) await one({ ...rest, seed }, capture, body)
}

async function one(
  options: SimulationOptions,
  capture: SimulateOptions['capture'],
  body: (net: Simulation) => Promise<void> | void,
): Promise<void> {
  const net = new Simulation(options)
  const frames = capture === undefined ? null : new RecentFrames(KEPT)
  if (frames !== null) net.log(frames)
  try {
    await body(net)
    await net.run()
    net.check()
  } catch (error) {
    const hints = [`simulation with seed ${net.seed}, at ${net.now()} ms; again: ${SEED}=${net.seed}`]
    if (frames !== null && capture !== undefined) hints.push(save(frames, capture, net))
    throw told(error, hints.join('\n'))
  } finally {
    net.close()
  }
}

function save(frames: RecentFrames, capture: string | CaptureOutput, net: Simulation): string {
  const name = typeof capture === 'string' ? capture.replaceAll('%s', String(net.seed)) : ''
  try {
    const output = typeof capture === 'string' ? fileOutput(name) : capture
    frames.replay(new CaptureFile(output, `simulation with seed ${net.seed}`))
    return name === '' ? 'capture: written' : `capture: ${name}`
  } catch (error) {
    // What went wrong in the simulation is what is to be heard of.
    return `capture: none, since ${error instanceof Error ? error.message : String(error)}`
  }
}

// The same error: runners show what else it has, of an assertion what was expected.
function told(error: unknown, hint: string): unknown {
  if (!(error instanceof Error)) return new Error(`${String(error)}\n${hint}`, { cause: error })
  const { message, stack } = error
  try {
    error.message = message === '' ? hint : `${message}\n${hint}`
    // It was taken with the message as it was then, and is what some runners show: node:test of an assertion.
    if (stack !== undefined) error.stack = withHint(stack, message, hint)
  } catch {
    return new Error(`${error.message}\n${hint}`, { cause: error })
  }
  return error
}

function withHint(stack: string, message: string, hint: string): string {
  const at = message === '' ? stack.search(/\n {4}at /) : stack.indexOf(message) + message.length
  return at < message.length ? stack : `${stack.slice(0, at)}\n${hint}${stack.slice(at)}`
}
