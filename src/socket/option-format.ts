// Read first: getsockopt(2). What the values of options are in JavaScript, for one provider: the seam has them as C does.

import type { OptionValue } from './option-values.ts'
import { simpleKind } from './simple-options.ts'
import { decodeSimple, encodeSimple, SIMPLE_LENGTH } from './simple-values.ts'

/** How a provider's options are written and read. */
export interface OptionFormat {
  /**
   * `value` as C has it; null where it is a struct of which nothing is known, for then there is no such option (ENOPROTOOPT). Throws a
   * TypeError or RangeError that names the option where the value does not fit it.
   */
  encode(level: number, name: number, value: unknown): Uint8Array | null
  /** What the first `length` octets of `bytes` say. Nothing of `bytes` is kept. */
  decode(level: number, name: number, bytes: Uint8Array, length: number): OptionValue
  /** The octets of room that getsockopt gives it. */
  room(level: number, name: number): number
}

/** Options that are an int, a flag, a time or a text; of all others the octets. */
export const SIMPLE_OPTIONS: OptionFormat = {
  encode(level, name, value) {
    const kind = simpleKind(level, name)
    if ((kind === 'int' || kind === 'bytes') && isStruct(value)) return null
    return encodeSimple(unnamedOption(level, name), kind, value)
  },
  decode: (level, name, bytes, length) => decodeSimple(simpleKind(level, name), bytes, length),
  room: (level, name) => SIMPLE_LENGTH[simpleKind(level, name)],
}

/** What an option is called in errors that has no name here. */
export function unnamedOption(level: number, name: number): string {
  return `option ${name} of level ${level}`
}

function isStruct(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !(value instanceof Uint8Array)
}
