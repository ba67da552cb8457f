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

/** Sockets of a process that does nothing. */
export const IDLE = 1000

/** Microseconds of processor time that a process takes in a second, while it has nothing to do. */
export async function idleTime(milliseconds) {
  // What was begun is over then.
  await new Promise((resolve) => setTimeout(resolve, 200))
  const before = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / milliseconds
}
