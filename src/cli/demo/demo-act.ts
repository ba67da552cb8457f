import { Socket } from '../../index.ts'
import { type NetstatEntry, netstat } from '../../stack/netstat.ts'
import type { Stack } from '../../stack/stack.ts'
import type { SeenFrame, Stage } from './demo-stage.ts'

/** How an act went: whether all came as it must, and what came in a few words. */
export interface Outcome {
  readonly ok: boolean
  readonly text: string
}

/** One of the programs that texts on sockets walk through, and how to tell whether it did what it must. */
export interface Act {
  readonly id: string
  readonly name: string
  readonly introduction: string
  /** Whether packets are told again where the router passes them on. */
  readonly hops: boolean
  run(stage: Stage): Promise<Outcome>
}

/** What is expected of a program that has each line answered in capitals. */
export function upperOutcome(lines: readonly string[], answers: readonly (string | null)[]): Outcome {
  const right = lines.filter((line, i) => answers[i] === line.toUpperCase()).length
  return { ok: right === lines.length && answers.length === lines.length, text: `${right} of ${lines.length} lines` }
}

/** The frames that `host` has sent itself. */
export function ownFrames(stage: Stage, host: string): readonly SeenFrame[] {
  return stage.sentFrames.filter((seen) => seen.host === host && !seen.forwarded)
}

/** The sockets of a stack at a port of its own. */
export function socketsAt(stack: Stack, port: number): readonly NetstatEntry[] {
  return netstat(stack).filter((entry) => entry.localPort === port)
}

/** What a socket that was just made has for a port, and how many frames it cost; it is closed again. */
export async function newSocket(stage: Stage, stack: Stack, family: number, type: number) {
  const before = stage.sentFrames.length
  const socket = new Socket(stack, family, type)
  const { port } = socket.getsockname()
  const shown = netstat(stack).length
  await socket.close()
  return { port, shown, frames: stage.sentFrames.length - before }
}

/** "1 frame", "2 frames" */
export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
