// Read first: Deno's documentation of Deno.errors.

import { given } from '../../base/argument.ts'
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  EBUSY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EEXIST,
  EINTR,
  EINVAL,
  EISDIR,
  ELOOP,
  ENETUNREACH,
  ENOENT,
  ENOSYS,
  ENOTCONN,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  EPIPE,
  ETIMEDOUT,
  errnoText,
} from '../../base/errno.ts'
import { SocketError } from '../../socket/socket-error.ts'

/** An error of Deno's: `name` is that of its class, `code` the errno's where a call has failed. */
class DenoError extends Error {
  declare readonly code?: string

  constructor(message?: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = new.target.name
  }
}

class AddrInUse extends DenoError {}
class AddrNotAvailable extends DenoError {}
class AlreadyExists extends DenoError {}
class BadResource extends DenoError {}
class BrokenPipe extends DenoError {}
class Busy extends DenoError {}
class ConnectionAborted extends DenoError {}
class ConnectionRefused extends DenoError {}
class ConnectionReset extends DenoError {}
class FilesystemLoop extends DenoError {}
class Http extends DenoError {}
class Interrupted extends DenoError {}
class InvalidData extends DenoError {}
class IsADirectory extends DenoError {}
class NetworkUnreachable extends DenoError {}
class NotADirectory extends DenoError {}
class NotCapable extends DenoError {}
class NotConnected extends DenoError {}
class NotFound extends DenoError {}
class NotSupported extends DenoError {}
class PermissionDenied extends DenoError {}
class TimedOut extends DenoError {}
class UnexpectedEof extends DenoError {}
class WouldBlock extends DenoError {}
class WriteZero extends DenoError {}

/** Deno.errors. */
export const errors = {
  AddrInUse,
  AddrNotAvailable,
  AlreadyExists,
  BadResource,
  BrokenPipe,
  Busy,
  ConnectionAborted,
  ConnectionRefused,
  ConnectionReset,
  FilesystemLoop,
  Http,
  Interrupted,
  InvalidData,
  IsADirectory,
  NetworkUnreachable,
  NotADirectory,
  NotCapable,
  NotConnected,
  NotFound,
  NotSupported,
  PermissionDenied,
  TimedOut,
  UnexpectedEof,
  WouldBlock,
  WriteZero,
} as const

/** Bundlers rename classes; the names are what programs look at. */
for (const [name, value] of Object.entries(errors)) Object.defineProperty(value, 'name', { value: name })

type ErrorClass = new (message: string, options: { readonly cause: unknown }) => Error

const CLASSES: ReadonlyMap<number, ErrorClass> = new Map<number, ErrorClass>([
  [EADDRINUSE, AddrInUse],
  [EADDRNOTAVAIL, AddrNotAvailable],
  [EEXIST, AlreadyExists],
  [EPIPE, BrokenPipe],
  [EBUSY, Busy],
  [ECONNABORTED, ConnectionAborted],
  [ECONNREFUSED, ConnectionRefused],
  [ECONNRESET, ConnectionReset],
  [ELOOP, FilesystemLoop],
  [EINTR, Interrupted],
  [EISDIR, IsADirectory],
  [ENETUNREACH, NetworkUnreachable],
  [ENOTDIR, NotADirectory],
  [ENOTCONN, NotConnected],
  [ENOENT, NotFound],
  [EOPNOTSUPP, NotSupported],
  [ENOSYS, NotSupported],
  [EACCES, PermissionDenied],
  [EPERM, PermissionDenied],
  [ETIMEDOUT, TimedOut],
  [EAGAIN, WouldBlock],
  [EINVAL, TypeError],
])

/** What Deno would throw where a call of ours threw `cause`. */
export function denoError(cause: unknown): unknown {
  if (!(cause instanceof SocketError)) return cause
  const errno = -cause.errno
  const make = CLASSES.get(errno) ?? Error
  const error = new make(`${errnoText(errno)} (os error ${errno})`, { cause })
  return Object.assign(error, { code: cause.code })
}

/** Runs a call, whose errors become Deno's. */
export function told<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw denoError(error)
  }
}

export function wrongOption(name: string, what: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${what}, got ${given(value)}`)
}
