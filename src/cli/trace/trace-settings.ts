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
  /** What all threads and processes of this trace share: counts, and that the output was lost. Null: there is one only. */
  readonly folder: string | null
  /** Lines are added to this file; null: to stderr. */
  readonly file: string | null
}
