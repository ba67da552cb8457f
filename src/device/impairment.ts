// What can be wrong with a path, and its text form: 'loss=3%,delay=10ms,reorder=5%,rate=10M,seed=7'.

import { checkBoolean, checkInteger, checkNumber, checkOptions, given } from '../base/argument.ts'

/** Loss in bursts: Gilbert's and Elliott's channel, which is good or bad and may change with each frame. */
export interface BurstLoss {
  /** Probability of turning bad, and of turning good again. The mean burst has 1 / `leave` frames. */
  readonly enter: number
  readonly leave: number
  /** Probability of loss while bad (default 1) and while good (default 0). */
  readonly bad?: number
  readonly good?: number
}

/** What happens to frames in one direction. Probabilities are from 0 to 1, times in milliseconds. */
export interface Impairment {
  readonly loss?: number
  readonly burst?: BurstLoss
  readonly delay?: number
  /** Each frame's delay differs by up to this much either way; frames do not overtake by it. */
  readonly jitter?: number
  /** Probability that a frame is held back until `distance` others have passed it (default 3), or for 25 ms. */
  readonly reorder?: number
  readonly distance?: number
  readonly duplicate?: number
  /** Probability that bits of a frame are changed. */
  readonly corrupt?: number
  /** Bits a second. */
  readonly rate?: number
  /** With `rate`: octets that wait to leave before frames are dropped. Default 262144. */
  readonly queue?: number
}

export interface ImpairOptions extends Impairment {
  /** What differs for frames towards the stack, and from it. */
  readonly in?: Impairment
  readonly out?: Impairment
  /** The same seed makes the same faults at the same frames. Default 1. */
  readonly seed?: number
  /** Every packet meets its own fate: large segments are not announced, and those that arrive are cut. Default false. */
  readonly split?: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const PROBABILITIES = ['loss', 'reorder', 'duplicate', 'corrupt'] as const
const TIMES = ['delay', 'jitter'] as const

/** Everything that an Impairment may have. */
export const IMPAIRMENT_KEYS: readonly (keyof Impairment)[] = [
  'loss',
  'burst',
  'delay',
  'jitter',
  'reorder',
  'distance',
  'duplicate',
  'corrupt',
  'rate',
  'queue',
]
const ALL_KEYS: readonly (keyof ImpairOptions)[] = [...IMPAIRMENT_KEYS, 'in', 'out', 'seed', 'split']

/** Throws a TypeError or RangeError that names the option that is none or cannot be. */
export function checkImpairOptions(options: ImpairOptions): void {
  checkOptions('options', options, ALL_KEYS)
  if (options.seed !== undefined) {
    checkInteger('seed', options.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  }
  checkBoolean('split', options.split)
  checkImpairment(options, '')
  for (const side of ['in', 'out'] as const) {
    const one = options[side]
    if (one === undefined) continue
    checkOptions(side, one, IMPAIRMENT_KEYS)
    checkImpairment(one, `${side}.`)
  }
}

function checkImpairment(impairment: Impairment, where: string): void {
  for (const name of PROBABILITIES) probability(where + name, impairment[name])
  if (impairment.burst !== undefined) {
    checkOptions(`${where}burst`, impairment.burst, ['enter', 'leave', 'bad', 'good'])
    probability(`${where}burst.enter`, impairment.burst.enter)
    probability(`${where}burst.leave`, impairment.burst.leave)
    probability(`${where}burst.bad`, impairment.burst.bad)
    probability(`${where}burst.good`, impairment.burst.good)
  }
  for (const name of TIMES) {
    const value = impairment[name]
    checkNumber(where + name, value)
    if (value !== undefined && !(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${where}${name} must be 0 or more milliseconds, got ${value}`)
    }
  }
  const { distance, rate, queue } = impairment
  checkNumber(`${where}distance`, distance)
  checkNumber(`${where}rate`, rate)
  checkNumber(`${where}queue`, queue)
  if (distance !== undefined && !(Number.isInteger(distance) && distance >= 1)) {
    throw new RangeError(`${where}distance must be a positive integer, got ${distance}`)
  }
  if (rate !== undefined && !(rate > 0)) throw new RangeError(`${where}rate must be greater than 0, got ${rate}`)
  if (queue !== undefined && !(queue > 0)) throw new RangeError(`${where}queue must be greater than 0, got ${queue}`)
}

function probability(name: string, value: number | undefined): void {
  checkNumber(name, value)
  if (value !== undefined && !(value >= 0 && value <= 1)) {
    throw new RangeError(`${name} must be from 0 to 1 (0% to 100%), got ${value}`)
  }
}

/**
 * Reads the text form of an impairment: settings separated by "," or "+". `loss`, `reorder`, `duplicate` and `corrupt` take "3%" or
 * "0.03"; `burst` takes "1%/25%" (enter/leave), and then the loss while bad and while good; `delay` and `jitter` "10ms", "1.5s"
 * or "200us"; `rate` "10M" bits a second (k, M, G); `queue` octets (k, M: 1024); `distance` and `seed` integers; `split` nothing. A
 * setting after "in." or "out." holds for that direction alone. TypeError for what cannot be read, RangeError for what cannot
 * be.
 *
 * ```ts
 * parseImpairment('loss=3%,delay=10ms,out.rate=10M,seed=7')
 * ```
 */
export function parseImpairment(text: string): ImpairOptions {
  if (typeof text !== 'string') throw new TypeError(`text must be a string, got ${given(text)}`)
  const options: Mutable<ImpairOptions> = {}
  const seen = new Set<string>()
  for (const setting of text.split(/[,+]/)) {
    const [, prefix = '', name = '', value = ''] = /^(in\.|out\.)?([^=]*)=?(.*)$/s.exec(setting.trim()) ?? []
    if (seen.has(prefix + name)) throw new TypeError(`impairment ${prefix}${name} is given twice in '${text}'`)
    seen.add(prefix + name)
    if (prefix === '' && name === 'seed') {
      options.seed = integer(name, value)
    } else if (prefix === '' && name === 'split') {
      if (value !== '') throw new TypeError(`impairment split takes no value, got '${value}'`)
      options.split = true
    } else if (prefix === '') {
      set(options, name, value, setting)
    } else {
      const side = prefix === 'in.' ? 'in' : 'out'
      const one: Mutable<Impairment> = { ...options[side] }
      set(one, name, value, setting)
      options[side] = one
    }
  }
  checkImpairOptions(options)
  return options
}

function set(into: Mutable<Impairment>, name: string, value: string, setting: string): void {
  switch (name) {
    case 'loss':
    case 'reorder':
    case 'duplicate':
    case 'corrupt':
      into[name] = share(name, value)
      break
    case 'burst':
      into.burst = burst(value)
      break
    case 'delay':
    case 'jitter':
      into[name] = milliseconds(name, value)
      break
    case 'rate':
      into.rate = scaled(name, value, /^([\d.]+)([kMG]?)(?:bit(?:\/s)?|bps)?$/, 1000)
      break
    case 'queue':
      into.queue = scaled(name, value, /^([\d.]+)([kKMG]?)B?$/, 1024)
      break
    case 'distance':
      into.distance = integer(name, value)
      break
    default:
      throw new TypeError(
        `impairment must be one of loss, burst, delay, jitter, reorder, distance, duplicate, corrupt, rate, queue, seed, split, got '${setting.trim()}'`,
      )
  }
}

function number(name: string, digits: string, value: string): number {
  const read = /^\d+(\.\d+)?$|^\.\d+$/.test(digits) ? Number(digits) : Number.NaN
  if (Number.isNaN(read)) throw new TypeError(`impairment ${name} must have a number, got '${value}'`)
  return read
}

function share(name: string, value: string): number {
  if (value.endsWith('%')) return number(name, value.slice(0, -1), value) / 100
  return number(name, value, value)
}

function burst(value: string): BurstLoss {
  const parts = value.split('/')
  if (parts.length < 2 || parts.length > 4) {
    throw new TypeError(`impairment burst must be ENTER/LEAVE[/BAD[/GOOD]], as 1%/25%, got '${value}'`)
  }
  const [enter = 0, leave = 0, bad = 1, good = 0] = parts.map((part) => share('burst', part))
  return { enter, leave, bad, good }
}

function milliseconds(name: string, value: string): number {
  const match = /^([\d.]+)(us|ms|s)?$/.exec(value)
  if (match === null) throw new TypeError(`impairment ${name} must be a time such as 10ms, 1s or 200us, got '${value}'`)
  const factor = match[2] === 's' ? 1000 : match[2] === 'us' ? 0.001 : 1
  return number(name, match[1] as string, value) * factor
}

function scaled(name: string, value: string, pattern: RegExp, step: number): number {
  const match = pattern.exec(value)
  if (match === null) throw new TypeError(`impairment ${name} must be a number with k, M or G, got '${value}'`)
  const power = ['', 'k', 'M', 'G'].indexOf((match[2] as string).replace('K', 'k'))
  return number(name, match[1] as string, value) * step ** power
}

function integer(name: string, value: string): number {
  if (!/^-?\d+$/.test(value)) throw new TypeError(`impairment ${name} must be an integer, got '${value}'`)
  return Number(value)
}
