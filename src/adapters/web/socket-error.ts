// Read first: the WinterTC Sockets API, "SocketError".

import { given } from '../../base/argument.ts'

/**
 * What went wrong with a socket of `connect`: a TypeError whose message begins with "SocketError: ". Where a call of the socket
 * underneath has failed, `code`, `errno`, `syscall`, `address` and `port` are those of its error, which is the `cause`.
 *
 * ```ts
 * const { connect } = socketsFor(stack)
 * const error = await connect('192.0.2.1:1').opened.catch((error) => error)
 * console.log(error.message) // SocketError: connect ECONNREFUSED 192.0.2.1:1
 * console.log(error.code) // ECONNREFUSED
 * ```
 */
export class SocketError extends TypeError {
  declare readonly code?: string
  declare readonly errno?: number
  declare readonly syscall?: string
  declare readonly address?: string
  declare readonly port?: number

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(`SocketError: ${message}`, options)
  }

  /** The same error where it is one already, else one that has it for its cause. */
  static of(cause: unknown): SocketError {
    if (cause instanceof SocketError) return cause
    const error = new SocketError(cause instanceof Error ? cause.message : given(cause), { cause })
    const details = cause as Record<string, unknown> | null | undefined
    for (const key of DETAILS) {
      const value = details?.[key]
      if (typeof value === 'string' || typeof value === 'number') Object.assign(error, { [key]: value })
    }
    return error
  }
}

const DETAILS = ['code', 'errno', 'syscall', 'address', 'port']
