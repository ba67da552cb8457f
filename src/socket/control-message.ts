// Read first: cmsg(3), unix(7) "Ancillary messages".

import { checkInteger, given } from '../base/argument.ts'
import { SCM_CREDENTIALS, SCM_MAX_FD, SCM_RIGHTS, SOL_SOCKET } from '../base/constants.ts'
import { type Credentials, decodeCredentials, encodeCredentials, UCRED_LENGTH } from '../base/credentials.ts'
import type { ControlMessage, Message } from './provider.ts'

/** Octets of a struct cmsghdr. */
const HEADER_LENGTH = 16

/**
 * A control message that passes descriptors to the receiver of a message on a Unix socket, who gets new ones for the same open
 * sockets. Throws a TypeError where `descriptors` is not an array of integers, a RangeError for more than 253 of them.
 *
 * Source: unix(7) SCM_RIGHTS.
 *
 * ```ts
 * const message = new Message([Uint8Array.of(0)])
 * message.control.push(rights([connection.fd]))
 * await channel.sendmsg(message)
 * ```
 */
export function rights(descriptors: readonly number[]): ControlMessage {
  if (!Array.isArray(descriptors)) throw new TypeError(`descriptors must be an array, got ${given(descriptors)}`)
  if (descriptors.length > SCM_MAX_FD) {
    throw new RangeError(`descriptors must be at most ${SCM_MAX_FD}, got ${descriptors.length}`)
  }
  const data = new Uint8Array(4 * descriptors.length)
  const view = new DataView(data.buffer)
  for (const [i, descriptor] of descriptors.entries()) {
    checkInteger(`descriptors[${i}]`, descriptor)
    view.setInt32(4 * i, descriptor, true)
  }
  return { level: SOL_SOCKET, type: SCM_RIGHTS, data }
}

/**
 * The descriptors that a received message has brought, in order; [] where there are none. They are open and belong to the
 * receiver: `Socket.fromDescriptor` makes sockets of them.
 */
export function readRights(message: Message): number[] {
  const descriptors: number[] = []
  for (const one of message.control) if (isRights(one)) descriptors.push(...descriptorsOf(one))
  return descriptors
}

/** Whether it is a SCM_RIGHTS. */
export function isRights({ level, type }: ControlMessage): boolean {
  return level === SOL_SOCKET && type === SCM_RIGHTS
}

/** The descriptors in a SCM_RIGHTS. */
export function descriptorsOf({ data }: ControlMessage): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  return Array.from({ length: data.length >> 2 }, (_, i) => view.getInt32(4 * i, true))
}

/**
 * A control message that says for whom the sender acts. A system lets only the privileged say what is not so: EPERM.
 *
 * Source: unix(7) SCM_CREDENTIALS.
 */
export function credentials(of: Credentials): ControlMessage {
  const data = new Uint8Array(UCRED_LENGTH)
  encodeCredentials(of, data)
  return { level: SOL_SOCKET, type: SCM_CREDENTIALS, data }
}

/** The sender's credentials as a received message says them (the receiver has SO_PASSCRED on); null where it does not. */
export function readCredentials(message: Message): Credentials | null {
  for (const { level, type, data } of message.control) {
    if (level === SOL_SOCKET && type === SCM_CREDENTIALS && data.length >= UCRED_LENGTH) return decodeCredentials(data)
  }
  return null
}

/** How many octets of control messages `room` has left for data, once a header is in it; negative: not even for that. */
export function roomForData(room: number): number {
  return room - HEADER_LENGTH
}

/** What is left of `room` behind a control message of `length` octets: CMSG_SPACE, which pads to whole words. */
export function roomBehind(room: number, length: number): number {
  return Math.max(0, room - HEADER_LENGTH - ((length + 7) & ~7))
}
