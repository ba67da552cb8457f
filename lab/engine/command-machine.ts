// What a command of a terminal finds in its scope. The commands are bundled by themselves: only what stands here joins them and a run.

import type { NetstatEntry } from '../../src/base/netstat-entry.ts'
import type { VirtualGlobals } from '../../src/sim/virtual-time.ts'
import type { Provider } from '../../src/socket/provider.ts'
import type { LeanStack } from '../../src/stack/lean-stack.ts'
import type { ProgramConsole } from './program-globals.ts'

/** The host that a command runs on. */
export interface CommandMachine {
  readonly name: string
  /** Its sockets. */
  readonly provider: Provider
  readonly stack: LeanStack
  /** The names of all hosts, as hosts(5). */
  readonly hosts: string
  readonly speaksIpv6: boolean
  /** What is open on it. */
  sockets(): readonly NetstatEntry[]
}

/** As much of Node's `process` as commands use. */
export interface CommandProcess {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly pid: number
  exitCode: number | undefined
  readonly stdout: CommandOutput
  readonly stderr: CommandOutput
  readonly stdin: AsyncIterable<Uint8Array>
  on(event: string, listener: (name: string) => void): void
  removeListener(event: string, listener: (name: string) => void): void
  /** None: commands take no time of a run, however long they compute. */
  cpuUsage(): { readonly user: number; readonly system: number }
  /** The command is at its end: nothing that it has begun goes on. */
  exit(status?: number): void
}

export interface CommandOutput {
  readonly columns: number
  readonly isTTY: boolean
  write(text: string | Uint8Array, written?: () => void): boolean
  on(event: string, listener: (error: Error) => void): void
}

/** The free names of the bundle. */
export interface CommandScope extends VirtualGlobals {
  readonly MACHINE: CommandMachine
  readonly process: CommandProcess
  readonly console: ProgramConsole
}
