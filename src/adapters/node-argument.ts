// Read first: Node's manual of net and dgram. What they ask of their arguments, with the errors of the same Node.

import { badPort, invalidArgType, invalidArgValue, outOfRange } from './node-error.ts'
import { nodeAtLeast } from './node-version.ts'

export function validateString(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw invalidArgType(name, 'string', value)
}

export function validateBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'boolean', value)
}

export function validateFunction(value: unknown, name: string): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw invalidArgType(name, 'Function', value)
}

/** An object that is no array. */
export function validateObject(value: unknown, name: string): asserts value is object {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalidArgType(name, 'Object', value)
}

/** NaN passes where there are no bounds. */
export function validateNumber(value: unknown, name: string, min?: number, max?: number): asserts value is number {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value)
  if (min === undefined && max === undefined) return
  const low = min === undefined || value >= min
  const high = max === undefined || value <= max
  if (low && high) return
  throw outOfRange(
    name,
    [min === undefined ? '' : `>= ${min}`, max === undefined ? '' : `<= ${max}`].filter(Boolean).join(' && '),
    value,
  )
}

export function validateInteger(
  value: unknown,
  name: string,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value)
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value)
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value)
}

export function validateInt32(
  value: unknown,
  name: string,
  min = -0x80000000,
  max = 0x7fffffff,
): asserts value is number {
  validateInteger(value, name, min, max)
}

export function validateUint32(value: unknown, name: string, positive = false): asserts value is number {
  validateInteger(value, name, positive ? 1 : 0, 0xffffffff)
}

/** `value` is one of `allowed`. */
export function validateOneOf(value: unknown, name: string, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return
  const shown = allowed.map((one) => (typeof one === 'string' ? `'${one}'` : String(one))).join(', ')
  throw invalidArgValue(name, value, `must be one of: ${shown}`)
}

/** undefined passes; what has no `aborted` does not. */
export function validateAbortSignal(value: unknown, name: string): asserts value is AbortSignal | undefined {
  if (value === undefined) return
  if (value === null || typeof value !== 'object' || !('aborted' in value))
    throw invalidArgType(name, 'AbortSignal', value)
}

/** A port as a number, or as text that is one ('80', '0x50'). Answers the number. */
export function validatePort(port: unknown, name = 'Port', allowZero = true): number {
  const number =
    typeof port === 'number' || (typeof port === 'string' && port.trim() !== '') ? Number(port) : Number.NaN
  // Older Nodes let '0' pass as text where 0 did not.
  const zero = !allowZero && (ZERO_AS_TEXT ? port === 0 : number === 0)
  if (!Number.isInteger(number) || number < 0 || number > 65535 || zero) throw badPort(name, port, allowZero)
  return number | 0
}

const ZERO_AS_TEXT = !nodeAtLeast(24)

export function isInt32(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0)
}
