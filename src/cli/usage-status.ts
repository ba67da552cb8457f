import { commandName } from './report.ts'

/** What a command line that is wrong ends with, where no program of this name is known for another status. */
const USAGE = 2

/** As dig(1), iperf3(1), nc(1), netstat(8) have it, tcpdump(1) for capture, socat(1) for relay, and strace(1) for trace. */
const STATUSES: Readonly<Record<string, number>> = {
  capture: 1,
  dig: 1,
  iperf3: 1,
  nc: 1,
  netstat: 3,
  relay: 1,
  trace: 1,
}

/** The exit status of a command line that is wrong: `words`, of which the first names the command. */
export function usageStatus(words: readonly string[]): number {
  const name = commandName(words)
  return Object.hasOwn(STATUSES, name) ? (STATUSES[name] as number) : USAGE
}
