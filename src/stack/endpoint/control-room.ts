// Read first: recvmsg(2), cmsg(3); put_cmsg in Linux.

import { MSG_CTRUNC } from '../../base/constants.ts'
import type { Message } from '../../socket/provider.ts'

/** Octets of a struct cmsghdr. */
const HEADER_LENGTH = 16

/** Leaves out the control messages for which the caller has no room, and says so; recvfrom(2) has none and does not ask. */
export function fitControl(message: Message): void {
  const { control } = message
  // Mostly; and to set a length that is right already is a call into the engine, 40 ns for each datagram.
  if (control.length === 0) return
  if (message.plain) control.length = 0
  let room = message.controlLength
  if (room === Number.POSITIVE_INFINITY) return
  for (let i = 0; i < control.length; i++) {
    const { length } = (control[i] as { data: Uint8Array }).data
    if (room - HEADER_LENGTH < length) {
      control.length = i
      message.flags |= MSG_CTRUNC
      return
    }
    // CMSG_SPACE pads to whole words.
    room -= HEADER_LENGTH + ((length + 7) & ~7)
  }
}
