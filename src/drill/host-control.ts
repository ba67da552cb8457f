import type { StackOptions } from '../stack/stack.ts'
import type { RouteChange } from './route-command.ts'

/** Choices of TCP, some or all. */
export type TcpSettings = NonNullable<StackOptions['tcp']>

/** What the commands of a script can change of the stack that it tests, before it runs and while it does. */
export interface HostControl {
  /** For connections from now on, and for those there are where TCP looks again. */
  configure(change: TcpSettings): void
  /** A route to the script's side is set anew. */
  changeRoute(change: RouteChange): void
  /** What earlier connections have taught of peers is forgotten: cookies of Fast Open. */
  forgetPeers(): void
  /** There is now a file of `size` zeros. */
  file(path: string, size: number): void
  /** Something that was asked for makes no difference here, although it would on Linux. */
  note(text: string): void
}
