// Read first: errno(3). Shape and wording are those of Node's system errors, so that handlers written for `node:net` work.

import { AF_INET, AF_INET6 } from '../base/constants.ts'
import { errnoName, errnoText } from '../base/errno.ts'
import type { SocketAddress } from '../base/socket-address.ts'

/** The calls that an error can name. */
export type SystemCall =
  | 'socket'
  | 'socketpair'
  | 'dup'
  | 'bind'
  | 'listen'
  | 'accept'
  | 'connect'
  | 'send'
  | 'recv'
  | 'sendto'
  | 'recvfrom'
  | 'sendmsg'
  | 'recvmsg'
  | 'recvmmsg'
  | 'sendmmsg'
  | 'sendfile'
  | 'read'
  | 'write'
  | 'shutdown'
  | 'getsockname'
  | 'getpeername'
  | 'getsockopt'
  | 'setsockopt'
  | 'ioctl'
  | 'close'

/**
 * A system call failed. `code` tells what happened, `syscall` in which call, `address` and `port` with whom.
 *
 * ```ts
 * try {
 *   await socket.connect({ address: '192.0.2.1', port: 80 })
 * } catch (error) {
 *   if (error instanceof SocketError && error.code === 'ECONNREFUSED') console.log(error.message)
 *   // connect ECONNREFUSED 192.0.2.1:80
 * }
 * ```
 */
export class SocketError extends Error {
  /** The errno's name: 'ECONNREFUSED'. */
  readonly code: string
  /** The errno, negative as in Node's errors; Linux's number on every platform. */
  readonly errno: number
  readonly syscall: SystemCall
  /** The address that the call was about, where it was about one. */
  declare readonly address?: string
  /** Its port, where it is one of IPv4 or IPv6. */
  declare readonly port?: number

  /** `errno` may be positive or negated. */
  constructor(syscall: SystemCall, errno: number, address: SocketAddress | null = null) {
    const code = errnoName(errno)
    super(address === null ? `${syscall} ${code}` : `${syscall} ${code} ${where(address)}`)
    this.code = code
    this.errno = errno < 0 ? errno : -errno
    this.syscall = syscall
    if (address !== null) {
      this.address = address.address
      if (address.family === AF_INET || address.family === AF_INET6) this.port = address.port
    }
  }

  /** What strerror(3) says: "Connection refused". */
  get text(): string {
    return errnoText(this.errno)
  }
}

Object.defineProperty(SocketError.prototype, 'name', { value: 'SocketError', configurable: true, writable: true })

/** In V8, how many frames an error remembers when it is made. */
const frames = Error as { stackTraceLimit?: number }

/**
 * The error of a call that has waited. It is made in a burst, far from the caller, whose frames its stack would not show: it is
 * made without one, which costs 0.2 µs in place of 2.3, more than a segment does (a tenth of a connection that is reset).
 */
export function lateError(syscall: SystemCall, errno: number, address: SocketAddress | null): SocketError {
  const limit = frames.stackTraceLimit
  if (limit === undefined || !limitFrames(0)) return new SocketError(syscall, errno, address)
  const error = new SocketError(syscall, errno, address)
  limitFrames(limit)
  return error
}

/** False where a program has frozen its globals. */
function limitFrames(limit: number): boolean {
  try {
    frames.stackTraceLimit = limit
    return true
  } catch {
    return false
  }
}

// As Node writes it: no brackets around IPv6.
function where(address: SocketAddress): string {
  const internet = address.family === AF_INET || address.family === AF_INET6
  return internet ? `${address.address}:${address.port}` : address.toString()
}
