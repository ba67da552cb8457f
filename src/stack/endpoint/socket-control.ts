// Read first: cmsg(3), socket(7); __sock_cmsg_send in Linux. Control messages of SOL_SOCKET to send, whatever the protocol.

import {
  IPPROTO_TCP,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SO_MARK,
  SO_PRIORITY,
  SO_TIMESTAMPING,
  SOL_SOCKET,
} from '../../base/constants.ts'
import { EINVAL, EPERM } from '../../base/errno.ts'
import type { ControlMessage } from '../../socket/provider.ts'
import type { StackEndpoint } from './endpoint.ts'
import { readInt } from './option-value.ts'

/** The highest that anybody may give. */
const PRIORITY_FREE = 6
/** SOF_TIMESTAMPING_TX_RECORD_MASK: what a call may ask for. */
const STAMPS_MAX = 0x40303

/**
 * 0 for one that a stack takes, or a negated errno. Marks and priorities are for filters and queues, of which a stack has none; those
 * of Unix sockets have no meaning here, and do no harm. We differ: SO_TIMESTAMPING is for streams alone, as the option is.
 */
export function readSocketControl(endpoint: StackEndpoint, { type, data }: ControlMessage): number {
  switch (type) {
    case SCM_RIGHTS:
    case SCM_CREDENTIALS:
      return 0
    case SO_MARK:
      if (!endpoint.stack.privileged) return -EPERM
      return data.length === 4 ? 0 : -EINVAL
    case SO_PRIORITY:
      if (data.length !== 4) return -EINVAL
      return mayPrioritize(endpoint, readInt(data)) ? 0 : -EPERM
    case SO_TIMESTAMPING:
      if (endpoint.protocol !== IPPROTO_TCP || data.length !== 4) return -EINVAL
      return (readInt(data) & ~STAMPS_MAX) === 0 ? 0 : -EINVAL
    default:
      return -EINVAL
  }
}

/** Whether a packet or a socket may have this priority: socket(7) SO_PRIORITY. */
export function mayPrioritize(endpoint: StackEndpoint, priority: number): boolean {
  return endpoint.stack.privileged || (priority >= 0 && priority <= PRIORITY_FREE)
}

/** What a stream makes of control messages: it looks at those of SOL_SOCKET alone, and has -EINVAL for all that is wrong with them. */
export function checkStreamControl(endpoint: StackEndpoint, messages: readonly ControlMessage[]): number {
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i] as ControlMessage
    if (message.level === SOL_SOCKET && readSocketControl(endpoint, message) < 0) return -EINVAL
  }
  return 0
}
