// Read first: sd_listen_fds(3), sd_notify(3), systemd.socket(5). How a service talks with what has started it: the descriptors that it was
// given, and what it has to say of itself. Both are conventions of the environment; systemd is not needed for them.

import { checkInteger, checkOptions, given } from '../base/argument.ts'
import { AF_UNIX, MSG_NOSIGNAL, SOCK_DGRAM } from '../base/constants.ts'
import { SocketAddress } from '../base/socket-address.ts'
import { rights } from '../socket/control-message.ts'
import { Message } from '../socket/provider.ts'
import { Socket } from '../socket/socket.ts'
import { systemError } from './libc.ts'
import { os } from './operating-system.ts'
import { socketCalls } from './socket-calls.ts'

/** SD_LISTEN_FDS_START: the first descriptor that is given; the others follow it. */
const FIRST = 3
const F_GETFD = 1

/** A descriptor that the service manager has opened for this process. */
export interface PassedDescriptor {
  readonly fd: number
  /** FileDescriptorName= of the unit, which by default is the unit's name; 'unknown' where no names were given. */
  readonly name: string
}

/**
 * The descriptors that this process was started with by socket activation, in the order of the unit; [] where it was not. They are
 * closed in programs that it starts. `Socket.fromDescriptor` makes sockets of them, of each one.
 *
 * They are for the process with the number LISTEN_PID alone: between the service manager and Node there must be no program but one that
 * becomes Node (`exec`). Throws an Error where the environment says what cannot be, and one with EBADF where a descriptor is not open.
 *
 * Source: sd_listen_fds(3).
 *
 * ```ts
 * const [passed] = sdListenFds()
 * if (passed !== undefined) {
 *   const listener = Socket.fromDescriptor(os, passed.fd)
 *   console.log(passed.name, listener.getsockname())
 * }
 * ```
 */
export function sdListenFds(): PassedDescriptor[] {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names } = process.env
  if (pid === undefined || count === undefined) return []
  if (integer('LISTEN_PID', pid) !== process.pid) return []
  const texts = names === undefined ? [] : names.split(':')
  const descriptors: PassedDescriptor[] = []
  const calls = socketCalls()
  for (let fd = FIRST, end = FIRST + integer('LISTEN_FDS', count); fd < end; fd++) {
    // FD_CLOEXEC is set already: Node does that with whatever it is started with.
    if (calls.fcntl(fd, F_GETFD, 0) < 0) {
      throw systemError('fcntl', calls.errno(), `descriptor ${fd}, one of the ${count} of LISTEN_FDS`)
    }
    descriptors.push({ fd, name: texts[fd - FIRST] ?? 'unknown' })
  }
  return descriptors
}

/**
 * Tells the service manager the state of this service: `READY`, `STATUS`, `RELOADING`, `STOPPING`, `WATCHDOG`, … with their values, all
 * in one message, with descriptors to keep where there are any (`FDSTORE`). Resolves with true when it has been sent, with false where
 * nobody wants to be told (NOTIFY_SOCKET is not set). Throws a SocketError where that socket is not there.
 *
 * Source: sd_notify(3), sd_pid_notify_with_fds(3).
 *
 * ```ts
 * await sdNotify({ READY: 1, STATUS: 'serving' })
 * ```
 */
export async function sdNotify(
  state: { readonly [name: string]: string | number },
  descriptors: readonly number[] = [],
): Promise<boolean> {
  const bytes = new TextEncoder().encode(lines(state))
  const message = new Message([bytes])
  if (descriptors.length > 0) message.control.push(rights(descriptors))
  const path = process.env['NOTIFY_SOCKET']
  if (path === undefined || path === '') return false
  if (!/^[/@]./s.test(path)) {
    throw new Error(`NOTIFY_SOCKET must be an absolute path, or a name that begins with "@", got ${given(path)}`)
  }
  message.name = SocketAddress.unix(path.replace(/^@/, '\0'))
  const socket = new Socket(os, AF_UNIX, SOCK_DGRAM)
  try {
    // Where its queue is full this waits: a state that is lost would leave the service waiting for ever.
    await socket.sendmsg(message, MSG_NOSIGNAL)
  } finally {
    await socket.close()
  }
  return true
}

function integer(name: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 0x7fffffff)) throw new Error(`${name} must be a number, got ${given(text)}`)
  return value
}

function lines(state: { readonly [name: string]: string | number }): string {
  checkOptions('state', state, Object.keys(state ?? {}))
  let text = ''
  for (const [name, value] of Object.entries(state)) {
    if (!/^[^=\n]+$/.test(name)) throw new RangeError(`state: a name has no "=" and no line ends, got ${given(name)}`)
    if (typeof value === 'number') checkInteger(`state.${name}`, value, 0, Number.MAX_SAFE_INTEGER)
    else if (typeof value !== 'string' || value.includes('\n')) {
      throw new TypeError(`state.${name} must be a number or a string of one line, got ${given(value)}`)
    }
    text += `${name}=${value}\n`
  }
  if (text === '') throw new RangeError('state must have at least one field')
  return text
}
