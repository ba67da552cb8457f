// Read first: ip(7) and ipv6(7) "Address format", RFC 3493 section 3.3, unix(7).

import { checkInteger, given, isBytes } from './argument.ts'
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC } from './constants.ts'
import { IpAddress } from './ip-address.ts'

/** Octets of a struct sockaddr_in, and of a struct sockaddr_in6. */
export const SOCKADDR_IN_LENGTH = 16
export const SOCKADDR_IN6_LENGTH = 28

/** What people write for an address: `{ address: '192.0.2.1', port: 80 }`. */
export interface AddressText {
  readonly address: string
  readonly port: number
}

/**
 * A socket address: what bind(2), connect(2) and recvfrom(2) speak of. One class for every family and all its fields in
 * place, so that receiving a datagram fills one object and allocates none.
 *
 * ```ts
 * SocketAddress.internet('192.0.2.1', 80).toString() // '192.0.2.1:80'
 * ```
 */
export class SocketAddress {
  family: number
  readonly ip: IpAddress
  /** Host order, 0 to 65535. */
  port: number
  flowInfo: number
  scopeId: number
  /** AF_UNIX: the path; an abstract name begins with "\0". */
  path: string

  constructor(family: number = AF_UNSPEC, ip: IpAddress = new IpAddress(), port = 0) {
    this.family = family
    this.ip = ip
    this.port = port
    this.flowInfo = 0
    this.scopeId = 0
    this.path = ''
  }

  /**
   * The Internet address with this text and port. Throws a TypeError for text that is no IPv4 or IPv6 address, a
   * RangeError for a port outside 0 to 65535. The wildcard is `''` or '0.0.0.0' (a `bind("")` is not localhost).
   */
  static internet(address: string, port: number): SocketAddress {
    const ip = address === '' ? IpAddress.v4(0) : IpAddress.parse(address)
    if (ip === null) throw new TypeError(`address must be an IPv4 or IPv6 address, got ${JSON.stringify(address)}`)
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new RangeError(`port must be an integer from 0 to 65535, got ${String(port)}`)
    }
    return new SocketAddress(ip.isV4 ? AF_INET : AF_INET6, ip, port)
  }

  /** The text of the address without its port; a Unix path for AF_UNIX. */
  get address(): string {
    return this.family === AF_UNIX ? this.path : this.ip.toString()
  }

  set(other: SocketAddress): void {
    this.family = other.family
    this.ip.set(other.ip)
    this.port = other.port
    this.flowInfo = other.flowInfo
    this.scopeId = other.scopeId
    this.path = other.path
  }

  copy(): SocketAddress {
    const copy = new SocketAddress()
    copy.set(this)
    return copy
  }

  equals(other: SocketAddress): boolean {
    return (
      this.family === other.family &&
      this.port === other.port &&
      this.ip.equals(other.ip) &&
      this.scopeId === other.scopeId &&
      this.path === other.path
    )
  }

  /** "192.0.2.1:80", "[2001:db8::1]:80", a Unix path. */
  toString(): string {
    if (this.family === AF_UNIX) return this.path
    return this.ip.isV4 ? `${this.ip}:${this.port}` : `[${this.ip}]:${this.port}`
  }
}

/**
 * Writes `address` at `offset` as the C struct of its family (sockaddr_in or sockaddr_in6: family in host order, which is
 * little endian here; port, flow information and address in network order). Returns the octets written. RangeError for another
 * family, and where `bytes` has no room.
 */
export function encodeSocketAddress(address: SocketAddress, bytes: Uint8Array, offset = 0): number {
  checkStruct(address, bytes)
  const { family } = address
  if (family !== AF_INET && family !== AF_INET6) {
    throw new RangeError(`family must be AF_INET (2) or AF_INET6 (10), got ${family}`)
  }
  const length = family === AF_INET ? SOCKADDR_IN_LENGTH : SOCKADDR_IN6_LENGTH
  checkInteger('offset', offset, 0)
  if (bytes.length - offset < length) {
    throw new RangeError(`bytes must have room for ${length} octets at ${offset}, got ${bytes.length}`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length)
  view.setUint16(0, address.family, true)
  view.setUint16(2, address.port)
  if (address.family === AF_INET) {
    view.setInt32(4, address.ip.d)
    view.setInt32(8, 0)
    view.setInt32(12, 0)
    return SOCKADDR_IN_LENGTH
  }
  view.setInt32(4, address.flowInfo)
  view.setInt32(8, address.ip.a)
  view.setInt32(12, address.ip.b)
  view.setInt32(16, address.ip.c)
  view.setInt32(20, address.ip.d)
  view.setUint32(24, address.scopeId, true)
  return SOCKADDR_IN6_LENGTH
}

function checkStruct(address: SocketAddress, bytes: Uint8Array): void {
  if (!(address instanceof SocketAddress)) throw new TypeError(`address must be a SocketAddress, got ${given(address)}`)
  if (!isBytes(bytes)) throw new TypeError(`bytes must be a Uint8Array, got ${given(bytes)}`)
}

/**
 * Reads the C struct at `offset`, `length` octets long, into `address`. False where it is too short or of a family that is
 * not AF_INET or AF_INET6.
 */
export function decodeSocketAddress(
  address: SocketAddress,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  checkStruct(address, bytes)
  checkInteger('offset', offset, 0)
  checkInteger('length', length, 0)
  if (bytes.length - offset < length) {
    throw new RangeError(`bytes must have ${length} octets at ${offset}, got ${bytes.length}`)
  }
  if (length < 2) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length)
  const family = view.getUint16(0, true)
  address.flowInfo = 0
  address.scopeId = 0
  address.path = ''
  if (family === AF_INET && length >= SOCKADDR_IN_LENGTH) {
    address.family = AF_INET
    address.port = view.getUint16(2)
    address.ip.setV4(view.getInt32(4))
    return true
  }
  if (family === AF_INET6 && length >= SOCKADDR_IN6_LENGTH) {
    address.family = AF_INET6
    address.port = view.getUint16(2)
    address.flowInfo = view.getInt32(4)
    address.ip.a = view.getInt32(8)
    address.ip.b = view.getInt32(12)
    address.ip.c = view.getInt32(16)
    address.ip.d = view.getInt32(20)
    address.scopeId = view.getUint32(24, true)
    return true
  }
  return false
}
