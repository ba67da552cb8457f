import type { DrillSocket } from './drill-socket.ts'

/** A system call under way: tried until it has a result. */
export interface RunningCall {
  /** Tries once. The result, a count or a negated errno; null while it would wait. */
  attempt(): number | null
  /** What it waits for. */
  readonly sockets: readonly DrillSocket[]
  /** When it stops waiting of itself, in microseconds on the clock, and what it then returns. */
  readonly deadline?: number
  readonly timeoutResult?: number
  /** Compares what a call that succeeded wrote with what the script expects, and fails the script where it differs. */
  check?(result: number): void
  /** The call made a descriptor, which the script calls `fd`. Where it has this, any result from 0 up is as good as another. */
  bindDescriptor?(fd: number): void
}

/** A call that has returned. */
export function returned(result: number, check?: (result: number) => void): RunningCall {
  return check === undefined ? { attempt: () => result, sockets: [] } : { attempt: () => result, sockets: [], check }
}
