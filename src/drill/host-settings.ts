import type { TcpProfile } from '../stack/stack.ts'

/** How the host under test is set up. */
export interface HostSettings {
  readonly mtu: number
  /** Of sockets for which the script names none. */
  readonly family: number
  /** Of the stack's randomness: initial sequence numbers, ports. */
  readonly seed: number
  readonly profile: TcpProfile
}
