import { checkInteger, checkOptions, checkText } from '../base/argument.ts'
import { checkImpairOptions, IMPAIRMENT_KEYS, type Impairment } from '../device/impairment.ts'

/**
 * What a link does to frames. Probabilities are from 0 to 1, times in milliseconds, `rate` in bits a second, `queue` in octets.
 * Left out: nothing of the kind happens. A plain link is perfect and takes no time.
 */
export interface LinkConditions extends Impairment {
  /** The largest IP packet, in octets, from 68, or 1280 where there is IPv6; default 1500. Longer ones are lost, unless who sends them knows. */
  readonly mtu?: number
  /** What differs for frames on their way to one of the ends, by its name. */
  readonly toward?: Readonly<Record<string, Impairment>>
}

/** What `Simulation.link` takes. */
export interface LinkOptions extends LinkConditions {
  /** "alice-bob" by default. */
  readonly name?: string
  /** Addresses of the ends with their prefix lengths, in place of those that the simulation gives: `{ alice: '192.0.2.1/24' }`. */
  readonly address?: Readonly<Record<string, string | readonly string[]>>
}

const CONDITIONS = [...IMPAIRMENT_KEYS, 'mtu', 'toward']
const OPTIONS = [...CONDITIONS, 'name', 'address']

/** Throws a TypeError or RangeError that names what is none, or cannot be. */
export function checkLinkOptions(options: LinkOptions, ends: readonly string[], mtuMin: number, whole: boolean): void {
  checkOptions('options', options, whole ? OPTIONS : CONDITIONS)
  checkImpairOptions(impairmentOf(options))
  checkText('name', options.name)
  if (options.mtu !== undefined) checkInteger('mtu', options.mtu, mtuMin, 65535)
  for (const [name, of] of [
    ['toward', options.toward],
    ['address', options.address],
  ] as const) {
    if (of !== undefined) checkOptions(name, of, ends)
  }
  for (const [end, impairment] of Object.entries(options.toward ?? {})) {
    checkOptions(`toward.${end}`, impairment, IMPAIRMENT_KEYS)
    checkImpairOptions(impairment)
  }
}

/** The conditions on the way to one end. */
export function impairmentOf(conditions: LinkConditions, end?: string): Impairment {
  const { mtu: _mtu, toward, name: _name, address: _address, ...impairment } = conditions as LinkOptions
  return end === undefined ? impairment : { ...impairment, ...toward?.[end] }
}
