import type { OpenDescription } from '../../socket/open-description.ts'
import type { Memberships } from './memberships.ts'

/** What most sockets never have: one object that is made when the first is needed. Of sockets, not of their options: see RareOptions. */
export class EndpointExtras {
  /** Several descriptors refer to it. */
  description: OpenDescription | null = null
  /** The error that SO_ERROR gives and clears: a positive errno. */
  pendingError = 0
  /** What recvmsg shall tell beside the data: CONTROL_… bits. */
  controlBits = 0
  /** The groups that it is a member of; null: it never was of any. */
  memberships: Memberships | null = null
}
