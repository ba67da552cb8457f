// Read first: unix(7).

import { lstatSync, unlinkSync } from 'node:fs'
import { SocketAddress } from '../base/socket-address.ts'
import { UsageError } from './usage-error.ts'

/** The address of a path, or of an abstract name where it begins with "@"; `who` is for the error. */
export function unixAddress(path: string, who: string): SocketAddress {
  if (path === '') throw new UsageError(`${who} has "" for a path; write one, or @NAME for an abstract name`)
  try {
    return SocketAddress.unix(path.replace(/^@/, '\0'))
  } catch (error) {
    throw new UsageError(`${who}: ${(error as Error).message}`)
  }
}

/** A name outlives its socket: takes away what an ended program has left, where it is a socket. */
export function removeLeft(path: string): void {
  if (!path.startsWith('\0') && lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path)
}
