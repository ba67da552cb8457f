// Read first: ip(7) on IP_RECVERR, RFC 3542 has none of it. What the error queue tells of an error: a struct sock_extended_err and the
// struct sockaddr of who reported it, as they lie in memory in C.

import { AF_INET6 } from './constants.ts'
import { decodeSocketAddress, encodeSocketAddress, SocketAddress } from './socket-address.ts'

/** An error of the error queue. */
export interface ExtendedError {
  /** A positive errno. */
  readonly errno: number
  /** SO_EE_ORIGIN_… */
  readonly origin: number
  /** Type and code of the ICMP message. */
  readonly type: number
  readonly code: number
  /** The MTU of the path, where that is what the error is about. */
  readonly info: number
  readonly data: number
  /** Who reported it; null: this host itself. */
  readonly offender: SocketAddress | null
}

const FIXED_LENGTH = 16
const IN_LENGTH = FIXED_LENGTH + 16
const IN6_LENGTH = FIXED_LENGTH + 28

/** The octets of an IP_RECVERR, or with `family` AF_INET6 of an IPV6_RECVERR. */
export function encodeExtendedError(error: ExtendedError, family: number): Uint8Array {
  const bytes = new Uint8Array(family === AF_INET6 ? IN6_LENGTH : IN_LENGTH)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, error.errno, true)
  bytes[4] = error.origin
  bytes[5] = error.type
  bytes[6] = error.code
  view.setUint32(8, error.info >>> 0, true)
  view.setUint32(12, error.data >>> 0, true)
  // Nobody's address is one of AF_UNSPEC, all zero.
  if (error.offender !== null) encodeSocketAddress(error.offender, bytes, FIXED_LENGTH)
  return bytes
}

/** The reverse; null where they are too few. */
export function decodeExtendedError(bytes: Uint8Array): ExtendedError | null {
  if (bytes.length < FIXED_LENGTH) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const offender = new SocketAddress()
  const known = decodeSocketAddress(offender, bytes, FIXED_LENGTH, bytes.length - FIXED_LENGTH)
  return {
    errno: view.getInt32(0, true),
    origin: bytes[4] as number,
    type: bytes[5] as number,
    code: bytes[6] as number,
    info: view.getUint32(8, true),
    data: view.getUint32(12, true),
    offender: known ? offender : null,
  }
}
