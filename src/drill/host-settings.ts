import type { StackOptions, TcpProfile } from '../stack/stack.ts'

/** Options of a stack that a script may set; clock and randomness are the drill's own. */
export type StackSettings = Partial<Omit<StackOptions, 'clock' | 'random'>>

/** How the host under test is set up. */
export interface HostSettings {
  readonly mtu: number
  /** Of sockets for which the script names none. */
  readonly family: number
  /** Of the stack's randomness: initial sequence numbers, ports. */
  readonly seed: number
  readonly profile: TcpProfile
}
