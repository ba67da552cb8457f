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
