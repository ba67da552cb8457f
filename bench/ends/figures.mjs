// What the ends have in common, in Node and in a page: sizes, and how a rate is made of a count.

export const CHUNK = 65536
/** Datagrams that are under way at once. */
export const FLIGHT = 64
export const SMALL = 64

export const wall = () => performance.now()

/** Gigabits per second of `octets` in `milliseconds`. */
export function gigabits(octets, milliseconds) {
  return (octets * 8) / milliseconds / 1e6
}

/** The value in the middle. */
export function median(values) {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.floor(sorted.length / 2)]
}
