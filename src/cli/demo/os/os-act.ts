import type { OsStage } from './os-stage.ts'

/** How a program went on the operating system's sockets. */
export interface OsOutcome {
  /** null: this machine, or this user, may not do it. */
  readonly ok: boolean | null
  readonly text: string
}

/** One of the programs of the demonstration, on the operating system's sockets. */
export interface OsAct {
  readonly id: string
  readonly name: string
  readonly introduction: string
  run(stage: OsStage): Promise<OsOutcome>
}

export const LOOPBACK = '127.0.0.1'
export const LOOPBACK6 = '::1'
