/** Resolves at the first SIGINT or SIGTERM. The second ends the process as if nobody listened. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const heard = () => {
      process.removeListener('SIGINT', heard)
      process.removeListener('SIGTERM', heard)
      resolve()
    }
    process.on('SIGINT', heard)
    process.on('SIGTERM', heard)
  })
}
