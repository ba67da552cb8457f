/** Resolves with the first SIGINT or SIGTERM. The second ends the process as if nobody listened. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const heard = (signal: NodeJS.Signals) => {
      process.removeListener('SIGINT', heard)
      process.removeListener('SIGTERM', heard)
      resolve(signal)
    }
    process.on('SIGINT', heard)
    process.on('SIGTERM', heard)
  })
}
