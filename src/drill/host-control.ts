import type { TcpConfig } from '../tcp/config.ts'

/** What the commands of a script can change of the stack that it tests, before it runs and while it does. */
export interface HostControl {
  /** For connections from now on, and for those there are where TCP looks again. */
  configure(change: Partial<TcpConfig>): void
  /** Something that was asked for makes no difference here, although it would on Linux. */
  note(text: string): void
}
