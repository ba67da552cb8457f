// Values of getsockopt(2) and setsockopt(2) as they lie in memory in C on x86: little endian.

/** The int in the first 4 octets. */
export function readInt(value: Uint8Array): number {
  return (
    (value[0] as number) | ((value[1] as number) << 8) | ((value[2] as number) << 16) | ((value[3] as number) << 24)
  )
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
