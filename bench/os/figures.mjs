/** The value in the middle. */
export function median(values) {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.floor(sorted.length / 2)]
}

export const CHUNK = 65536
/** Datagrams that are under way at once. */
export const FLIGHT = 64
export const SMALL = 64

/** Gigabits per second of `octets` in `milliseconds`. */
export function gigabits(octets, milliseconds) {
  return (octets * 8) / milliseconds / 1e6
}
