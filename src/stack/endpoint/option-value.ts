// Values of getsockopt(2) and setsockopt(2) as they lie in memory in C on x86: little endian.

import { readNative } from '../../base/bytes.ts'

/** The int in the 4 octets at `at`. */
export function readInt(value: Uint8Array, at = 0): number {
  return readNative(value, at)
}

/** Writes an int, or as many of its octets as there is room for; returns how many. */
export function writeInt(value: Uint8Array, int: number): number {
  const length = Math.min(value.length, 4)
  for (let i = 0; i < length; i++) value[i] = int >>> (8 * i)
  return length
}

/** Writes ints one behind the other, cut to the room there is; returns how many octets. */
export function writeInts(value: Uint8Array, ...ints: readonly number[]): number {
  const length = Math.min(value.length, 4 * ints.length)
  for (let i = 0; i < length; i++) value[i] = (ints[i >> 2] as number) >>> (8 * (i & 3))
  return length
}
