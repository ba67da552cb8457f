import { UsageError } from '../usage-error.ts'
import { parseWhere } from '../where.ts'
import { WHERE_EXAMPLE } from '../where-example.ts'
import type { CaptureSource } from './capture-source.ts'
import type { CaptureTarget } from './capture-target.ts'

/** Where the packets come from, as the command line says it. */
export interface SourceOptions {
  readonly on?: string
  readonly pid?: number
  readonly impair?: string
  readonly interface?: string
  readonly promiscuousMode?: boolean
}

/** Throws a UsageError where options contradict each other. */
export function checkSource({ on, pid, impair }: SourceOptions): void {
  if (pid !== undefined) {
    if (on !== undefined) {
      throw new UsageError(`--pid ${pid} is a stack that there is already, and --on another: leave --on out`)
    }
    if (impair !== undefined) {
      throw new UsageError(`--impair is for a link that is made, and those of process ${pid} are its own: leave it out`)
    }
  }
  if (impair !== undefined && isMachine(on)) {
    throw new UsageError(
      `--impair is for a stack's own link, and the operating system's are not ours: write --on ${WHERE_EXAMPLE} with it`,
    )
  }
}

/** Opens what the options say. What each kind needs is loaded where it is used. */
export async function openSource(options: SourceOptions, target: CaptureTarget): Promise<CaptureSource> {
  const { on, pid, impair, interface: wanted, promiscuousMode = true } = options
  if (pid !== undefined) return (await import('./program-source.ts')).ProgramSource.open(pid, wanted, target)
  if (isMachine(on)) return (await import('./machine-source.ts')).MachineSource.open(wanted, promiscuousMode, target)
  const where = parseWhere(on)
  return new (await import('./stack-source.ts')).StackSource(where, wanted, impair, target)
}

/** Whether --on, or that it is not there, means the machine's own interfaces. */
function isMachine(on: string | undefined): on is 'os' | undefined {
  return on === undefined || on.trim() === 'os'
}
