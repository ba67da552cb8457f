// Read first: strace(1). The notation of flags, of names and of what has none, and of errors.

import { type ConstantPrefix, constantName, flagNames } from '../../base/constant-names.ts'
import { errnoName, errnoText } from '../../base/errno.ts'

/** From how many elements on an array is cut, as strace does it. */
const ARRAY_LIMIT = 32

/** `MSG_PEEK|MSG_DONTWAIT`, `0`, `MSG_OOB|0x10000`. */
export function flagsText(prefix: ConstantPrefix, value: number): string {
  const { names, rest } = flagNames(prefix, value)
  return joined(names, rest, prefix)
}

/** The same with the names given. */
export function joined(names: readonly string[], rest: number, prefix: string): string {
  if (rest === 0) return names.length === 0 ? '0' : names.join('|')
  return names.length === 0 ? unknown(rest, prefix) : `${names.join('|')}|0x${rest.toString(16)}`
}

/** `AF_INET`, or the number in hexadecimal with the comment that strace gives it. */
export function nameText(prefix: ConstantPrefix, value: number): string {
  return constantName(prefix, value) ?? unknown(value, prefix)
}

/** A number without a name, and what kind of name it lacks. */
export function unknown(value: number, prefix: string): string {
  return `${hexText(value)} /* ${prefix}??? */`
}

export function hexText(value: number): string {
  return `0x${(value >>> 0).toString(16)}`
}

/** `3`, `-1 EAGAIN (Resource temporarily unavailable)`. */
export function resultText(result: number): string {
  return result >= 0 ? String(result) : `-1 ${errnoName(result)} (${errnoText(result)})`
}

/** `[a, b]`, cut after 32. */
export function arrayText<T>(items: readonly T[], text: (item: T) => string): string {
  const shown = items.slice(0, ARRAY_LIMIT).map(text)
  if (items.length > ARRAY_LIMIT) shown.push('...')
  return `[${shown.join(', ')}]`
}
