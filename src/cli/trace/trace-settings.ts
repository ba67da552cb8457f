import type { TraceTimestamps } from '../../socket/trace/call-log.ts'

/** Where the command tells the program's process what to show. */
export const SETTINGS_VARIABLE = 'JACKFIELD_TRACE'

export interface TraceSettings {
  /** The process that asked: only what it started itself is traced, unless `follow`. */
  readonly parent: number
  readonly calls: string
  readonly stringLimit: number
  readonly timestamps: TraceTimestamps
  readonly durations: boolean
  readonly verbose: boolean
  readonly follow: boolean
  readonly summary: boolean
  readonly column: number
  /** Lines are added to this file; null: to stderr. */
  readonly file: string | null
}
