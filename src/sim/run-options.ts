import { checkFunction, checkNumber, checkOptions } from '../base/argument.ts'

export interface RunOptions {
  /** Runs until this instant, in milliseconds, whether programs have ended or not. Default: until all have ended. */
  readonly until?: number
  /** Milliseconds of its own time after which a simulation whose programs do not end is given up. Default: a day. */
  readonly limit?: number
  /** Things that may happen at one instant: more do where programs go round in a ring without waiting. Default ten million. */
  readonly steps?: number
  /** Asked each time before something else happens; true: it runs no further, and may be run again. */
  readonly pause?: () => boolean
}

const DAY = 86_400_000
const STEPS = 10_000_000

/** What `options` are where some are left out. Throws a TypeError or RangeError for what is none, or cannot be at this instant. */
export function readRunOptions(
  options: RunOptions,
  now: number,
): {
  readonly until: number
  readonly limit: number
  readonly steps: number
  readonly pause: (() => boolean) | undefined
} {
  checkOptions('options', options, ['until', 'limit', 'steps', 'pause'])
  checkNumber('steps', options.steps)
  checkNumber('until', options.until)
  checkNumber('limit', options.limit)
  const { until = Number.POSITIVE_INFINITY, limit = DAY, steps = STEPS, pause } = options
  checkInstant('until', until, now)
  if (!(limit >= 0)) throw new RangeError(`limit must be 0 or more milliseconds, got ${limit}`)
  if (!(steps >= 1)) throw new RangeError(`steps must be 1 or more, got ${steps}`)
  checkFunction('pause', pause)
  return { until, limit, steps, pause }
}

/** Throws where `at` is over. */
export function checkInstant(name: string, at: number, now: number): void {
  if (!(at >= now)) throw new RangeError(`${name} must be an instant from now, ${now} ms, on, got ${at}`)
}
