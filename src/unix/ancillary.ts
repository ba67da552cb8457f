// Read first: unix(7) "Ancillary messages", cmsg(3); scm_send and scm_recv in Linux for order and errors.

import { MSG_CTRUNC, SCM_CREDENTIALS, SCM_MAX_FD, SCM_RIGHTS, SOL_SOCKET } from '../base/constants.ts'
import { type Credentials, decodeCredentials, UCRED_LENGTH } from '../base/credentials.ts'
import { EBADF, EINVAL, EPERM, ETOOMANYREFS } from '../base/errno.ts'
import { credentials, descriptorsOf, rights, roomBehind, roomForData } from '../socket/control-message.ts'
import { OpenDescription } from '../socket/open-description.ts'
import type { ControlMessage, Message } from '../socket/provider.ts'
import type { UnixSystem } from './unix-system.ts'

/** What a message carries beside its octets: open sockets, which it keeps open, and who sent it. */
export class Ancillary {
  readonly files: readonly OpenDescription[]
  /** What the sender said in place of what holds; null: nothing. */
  readonly credentials: Credentials | null

  constructor(files: readonly OpenDescription[], said: Credentials | null) {
    this.files = files
    this.credentials = said
  }
}

/**
 * Reads what a sendmsg wants to pass; null: nothing. What it passes is held from now on: `release` it where the message is not
 * sent. -EINVAL: malformed, unknown, or more than 253 descriptors; -EBADF: one is not open; -ETOOMANYREFS: too many are under
 * way; -EPERM: credentials that are not the sender's.
 */
export function readAncillary(system: UnixSystem, control: readonly ControlMessage[]): Ancillary | null | number {
  if (control.length === 0) return null
  const files: OpenDescription[] = []
  let said: Credentials | null = null
  for (let i = 0; i < control.length; i++) {
    const message = control[i] as ControlMessage
    if (message.level !== SOL_SOCKET) continue
    if (message.type === SCM_RIGHTS) {
      const bad = lookUp(system, descriptorsOf(message), files)
      if (bad < 0) return bad
    } else if (message.type === SCM_CREDENTIALS && message.data.length === UCRED_LENGTH) {
      said = decodeCredentials(message.data)
      if (!maySay(system.host.credentials, said)) return -EPERM
    } else {
      return -EINVAL
    }
  }
  if (files.length === 0 && said === null) return null
  if (system.inFlight + files.length > system.limits.descriptorsInFlight) return -ETOOMANYREFS
  for (let i = 0; i < files.length; i++) (files[i] as OpenDescription).hold()
  system.inFlight += files.length
  return new Ancillary(files, said)
}

function lookUp(system: UnixSystem, descriptors: readonly number[], files: OpenDescription[]): number {
  if (files.length + descriptors.length > SCM_MAX_FD) return -EINVAL
  for (const descriptor of descriptors) {
    const entry = system.host.descriptors.get(descriptor)
    if (entry === null) return -EBADF
    files.push(OpenDescription.of(entry))
  }
  return 0
}

// unix(7): one without privilege says his own; uid 0 may say anything.
function maySay(own: Credentials, said: Credentials): boolean {
  return own.uid === 0 || (own.pid === said.pid && own.uid === said.uid && own.gid === said.gid)
}

/** The message has been received, or never will be: what it carried is no longer held by it. */
export function release(system: UnixSystem, files: readonly OpenDescription[]): void {
  system.inFlight -= files.length
  for (let i = 0; i < files.length; i++) (files[i] as OpenDescription).drop()
}

/**
 * Adds to a received message what it brings: credentials where `sender` is not null, and new descriptors for `files`, as many as
 * there is room for and descriptors are free; MSG_CTRUNC where that is not all.
 */
export function deliver(
  system: UnixSystem,
  message: Message,
  sender: Credentials | null,
  files: readonly OpenDescription[],
): void {
  let room = message.controlLength
  if (sender !== null) {
    if (roomForData(room) >= UCRED_LENGTH) message.control.push(credentials(sender))
    else cut(message)
    room = roomBehind(room, UCRED_LENGTH)
  }
  if (files.length === 0) return
  const descriptors: number[] = []
  const most = Math.min(files.length, Math.max(0, Math.floor(roomForData(room) / 4)))
  for (let i = 0; i < most; i++) {
    const duplicate = (files[i] as OpenDescription).duplicate(system.host.descriptors)
    if (typeof duplicate === 'number') break
    descriptors.push(duplicate.fd)
  }
  if (descriptors.length > 0) message.control.push(rights(descriptors))
  if (descriptors.length < files.length) cut(message)
}

/** recvfrom(2) has no way to say so. */
function cut(message: Message): void {
  if (!message.plain) message.flags |= MSG_CTRUNC
}
