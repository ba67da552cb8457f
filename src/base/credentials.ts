// Read first: unix(7) on SO_PEERCRED and SCM_CREDENTIALS.

/** struct ucred: whom a process acts for. */
export interface Credentials {
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

/** Octets of a struct ucred. */
export const UCRED_LENGTH = 12

/** Writes a struct ucred, or as much of it as there is room for; returns the octets written. */
export function encodeCredentials({ pid, uid, gid }: Credentials, into: Uint8Array): number {
  const whole = new Uint8Array(UCRED_LENGTH)
  const view = new DataView(whole.buffer)
  view.setInt32(0, pid, true)
  view.setInt32(4, uid, true)
  view.setInt32(8, gid, true)
  const length = Math.min(into.length, UCRED_LENGTH)
  into.set(whole.subarray(0, length))
  return length
}

/** Reads a struct ucred. An id of nobody is −1, as C programs compare it. */
export function decodeCredentials(data: Uint8Array): Credentials {
  const view = new DataView(data.buffer, data.byteOffset, UCRED_LENGTH)
  return { pid: view.getInt32(0, true), uid: view.getInt32(4, true), gid: view.getInt32(8, true) }
}
