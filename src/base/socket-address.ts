// Read first: ip(7) and ipv6(7) "Address format", RFC 3493 section 3.3, unix(7).

import { checkInteger, given, isBytes } from './argument.ts'
import { read16, read32, sameOctets, write16, write32 } from './bytes.ts'
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC } from './constants.ts'
import { AF_NETLINK, AF_PACKET, AF_VSOCK } from './constants-link.ts'
import { IpAddress } from './ip-address.ts'
import {
  checkedOctets,
  decodeNetlinkAddress,
  decodePacketAddress,
  decodeVsockAddress,
  encodeNetlinkAddress,
  encodePacketAddress,
  encodeVsockAddress,
  hex,
  type NetlinkAddress,
  type PacketAddress,
  SA_DATA_MAX,
  type VsockAddress,
} from './other-address.ts'
import { unixPathOctets, unixPathText } from './unix-path.ts'

/** Octets of a struct sockaddr_in, and of a struct sockaddr_in6. */
export const SOCKADDR_IN_LENGTH = 16
export const SOCKADDR_IN6_LENGTH = 28
/** The most octets of a struct sockaddr_un, and of the name in it. */
export const SOCKADDR_UN_LENGTH = 110
export const SUN_PATH_LENGTH = 108

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
  /** AF_UNIX: the path; an abstract name begins with "\0". An octet that is no UTF-8 is U+DC00 and the octet: none is lost. */
  path: string
  /** The octets of the struct behind its family, of families other than Internet and Unix; else null. They are not to be written to. */
  other: Uint8Array | null

  constructor(family: number = AF_UNSPEC, ip: IpAddress = new IpAddress(), port = 0) {
    this.family = family
    this.ip = ip
    this.port = port
    this.flowInfo = 0
    this.scopeId = 0
    this.path = ''
    this.other = null
  }

  /**
   * The Internet address with this text and port: of AF_INET6 where the text has a colon ("::ffff:192.0.2.1" too), else of AF_INET.
   * The wildcard is `''` or '0.0.0.0' (a `bind("")` is not localhost), '::' that of IPv6. A link-local address names its link by a
   * zone (RFC 4007 section 11): the interface's number, "fe80::1%2", or its name where `zoneIndex` knows it: 0 is for one that it
   * does not know. Throws a TypeError for text that is no IPv4 or IPv6 address, a RangeError for a port outside 0 to 65535.
   *
   * ```ts
   * SocketAddress.internet('2001:db8::1', 80).toString() // '[2001:db8::1]:80'
   * SocketAddress.internet('fe80::1%2', 80).scopeId // 2
   * ```
   */
  static internet(address: string, port: number, zoneIndex: (name: string) => number = noZone): SocketAddress {
    if (typeof address !== 'string') throw new TypeError(`address must be a string, got ${given(address)}`)
    const percent = address.indexOf('%')
    const text = percent < 0 ? address : address.slice(0, percent)
    const ip = text === '' && percent < 0 ? IpAddress.v4(0) : IpAddress.parse(text)
    const v6 = text.includes(':')
    if (ip === null || (percent >= 0 && !v6)) {
      throw new TypeError(`address must be an IPv4 or IPv6 address, got ${given(address)}`)
    }
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new RangeError(`port must be an integer from 0 to 65535, got ${String(port)}`)
    }
    const result = new SocketAddress(v6 ? AF_INET6 : AF_INET, ip, port)
    if (percent >= 0) {
      const zone = address.slice(percent + 1)
      result.scopeId = /^\d{1,10}$/.test(zone) ? Number(zone) : zoneIndex(zone)
      if (result.scopeId < 1 || result.scopeId > 0xffffffff) {
        throw new TypeError(`address must have the number or name of an interface for its zone, got ${given(address)}`)
      }
    }
    return result
  }

  /**
   * The Unix address with this name: a path, an abstract name where it begins with "\0", or none ('', to bind: any free abstract
   * one). A name that is no UTF-8 is given as octets. Throws a TypeError for what is neither string nor octets, a RangeError for a path
   * with a NUL in it, or one that is longer than the 108 octets of sun_path.
   *
   * Source: unix(7).
   *
   * ```ts
   * SocketAddress.unix('/run/echo').toString() // '/run/echo'
   * SocketAddress.unix('\0echo').toString() // '@echo'
   * ```
   */
  static unix(name: string | Uint8Array): SocketAddress {
    const path = isBytes(name) ? unixPathText(name) : name
    if (typeof path !== 'string') throw new TypeError(`path must be a string or a Uint8Array, got ${given(path)}`)
    const length = unixPathLength(path)
    if (length > SUN_PATH_LENGTH) {
      throw new RangeError(`path must have at most ${SUN_PATH_LENGTH} octets, got ${length}: ${given(path)}`)
    }
    if (path.indexOf('\0') > 0) throw new RangeError(`path must have no NUL behind its start, got ${given(path)}`)
    const address = new SocketAddress(AF_UNIX)
    address.path = path
    return address
  }

  /**
   * The address of a link, and of somebody on it: a struct sockaddr_ll. Throws a TypeError or RangeError for a field that is wrong.
   *
   * Source: packet(7).
   *
   * ```ts
   * const sniffer = new Socket(os, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))
   * sniffer.bind(SocketAddress.packet({ ifindex: os.interfaceIndex('lo'), protocol: ETH_P_ALL }))
   * ```
   */
  static packet(address: PacketAddress): SocketAddress {
    return otherAddress(AF_PACKET, encodePacketAddress(address))
  }

  /**
   * The address of a netlink socket: a struct sockaddr_nl. `pid` 0 is the kernel, or to bind whatever is free.
   *
   * Source: netlink(7).
   */
  static netlink(pid: number, groups = 0): SocketAddress {
    return otherAddress(AF_NETLINK, encodeNetlinkAddress({ pid, groups }))
  }

  /**
   * A port of a virtual machine or its host: a struct sockaddr_vm.
   *
   * Source: vsock(7).
   */
  static vsock(cid: number, port: number): SocketAddress {
    return otherAddress(AF_VSOCK, encodeVsockAddress({ cid, port }))
  }

  /** An address of any other family: `octets` are those of its struct behind sa_family, at most 126. */
  static of(family: number, octets: Uint8Array): SocketAddress {
    checkInteger('family', family, 0, 0xffff)
    if (family === AF_INET || family === AF_INET6 || family === AF_UNIX) {
      throw new RangeError(
        `family must not be AF_UNIX, AF_INET or AF_INET6, which have forms of their own, got ${family}`,
      )
    }
    return otherAddress(family, checkedOctets(octets))
  }

  /** What an AF_PACKET address says; null for one of another family. */
  get packet(): Required<PacketAddress> | null {
    return this.family === AF_PACKET && this.other !== null ? decodePacketAddress(this.other) : null
  }

  /** What an AF_NETLINK address says; null for one of another family. */
  get netlink(): Required<NetlinkAddress> | null {
    return this.family === AF_NETLINK && this.other !== null ? decodeNetlinkAddress(this.other) : null
  }

  /** What an AF_VSOCK address says; null for one of another family. */
  get vsock(): VsockAddress | null {
    return this.family === AF_VSOCK && this.other !== null ? decodeVsockAddress(this.other) : null
  }

  /**
   * The text of the address without its port: a link-local one with its zone, "fe80::1%2", an IPv4 address that an AF_INET6 socket
   * sees as "::ffff:192.0.2.1". For AF_UNIX a path, '@name' for an abstract name.
   */
  get address(): string {
    if (this.family === AF_INET || this.family === AF_INET6 || this.family === AF_UNSPEC) {
      const zone = this.scopeId === 0 ? '' : `%${this.scopeId}`
      return `${this.family === AF_INET6 && this.ip.isV4 ? '::ffff:' : ''}${this.ip}${zone}`
    }
    if (this.family !== AF_UNIX) return otherText(this)
    return this.path.startsWith('\0') ? `@${this.path.slice(1)}` : this.path
  }

  set(other: SocketAddress): void {
    this.family = other.family
    this.ip.set(other.ip)
    this.port = other.port
    this.flowInfo = other.flowInfo
    this.scopeId = other.scopeId
    this.path = other.path
    this.other = other.other
  }

  /** Makes it the Unix address with this name. */
  setUnix(path: string): void {
    this.family = AF_UNIX
    this.ip.a = 0
    this.ip.b = 0
    this.ip.c = 0
    this.ip.d = 0
    this.port = 0
    this.flowInfo = 0
    this.scopeId = 0
    this.path = path
    this.other = null
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
      this.path === other.path &&
      sameOctets(this.other, other.other)
    )
  }

  /**
   * "192.0.2.1:80", "[2001:db8::1]:80", "[fe80::1%2]:80", a Unix path, "@name" for an abstract one, "packet:2:0x0800:02:00:00:00:00:01"
   * (interface, protocol, address), "netlink:0:0x1" (pid, groups), "vsock:2:1024", "family 38: 0102" for any other.
   */
  toString(): string {
    const { address, family } = this
    if (family !== AF_INET && family !== AF_INET6 && family !== AF_UNSPEC) return address
    return address.includes(':') ? `[${address}]:${this.port}` : `${address}:${this.port}`
  }
}

function otherAddress(family: number, octets: Uint8Array): SocketAddress {
  const address = new SocketAddress(family)
  address.other = octets
  return address
}

function otherText({ family, packet, netlink, vsock, other }: SocketAddress): string {
  if (packet !== null) {
    const { ifindex, protocol, hardwareAddress } = packet
    const station = hardwareAddress.length === 0 ? '' : `:${hex(hardwareAddress, ':')}`
    return `packet:${ifindex}:0x${protocol.toString(16).padStart(4, '0')}${station}`
  }
  if (netlink !== null) return `netlink:${netlink.pid}:0x${netlink.groups.toString(16)}`
  if (vsock !== null) return `vsock:${vsock.cid}:${vsock.port}`
  return `family ${family}${other === null ? '' : `: ${hex(other, '')}`}`
}

function noZone(): number {
  return 0
}

/** How many octets of sun_path a name takes, the NUL behind a path not counted. */
export function unixPathLength(path: string): number {
  return unixPathOctets(path).length
}

/**
 * Writes `address` at `offset` as the C struct of its family (sockaddr_in, sockaddr_in6, sockaddr_un: family in host order, which
 * is little endian here; port, flow information and address in network order), or the octets that one of another family has. Returns the octets written, which for AF_UNIX tell
 * the kinds of names apart: 2 for none; up to the last octet of an abstract name; the NUL behind a path counted, where it has room.
 * RangeError for another family, and where `bytes` has no room.
 */
export function encodeSocketAddress(address: SocketAddress, bytes: Uint8Array, offset = 0): number {
  checkStruct(address, bytes)
  const { family } = address
  if (family !== AF_INET && family !== AF_INET6) {
    if (address.other !== null) return encodeOther(family, address.other, bytes, offset)
    if (family === AF_UNIX) return encodeUnix(address.path, bytes, offset)
    throw new RangeError(`family must be AF_UNIX (1), AF_INET (2) or AF_INET6 (10), or have its octets, got ${family}`)
  }
  const length = family === AF_INET ? SOCKADDR_IN_LENGTH : SOCKADDR_IN6_LENGTH
  checkInteger('offset', offset, 0)
  if (bytes.length - offset < length) {
    throw new RangeError(`bytes must have room for ${length} octets at ${offset}, got ${bytes.length}`)
  }
  // Octet by octet: a DataView costs more than all of it, and this is done for every datagram.
  bytes[offset] = family
  bytes[offset + 1] = 0
  write16(bytes, offset + 2, address.port)
  const { ip } = address
  if (family === AF_INET) {
    write32(bytes, offset + 4, ip.d)
    bytes.fill(0, offset + 8, offset + SOCKADDR_IN_LENGTH)
    return SOCKADDR_IN_LENGTH
  }
  write32(bytes, offset + 4, address.flowInfo)
  write32(bytes, offset + 8, ip.a)
  write32(bytes, offset + 12, ip.b)
  write32(bytes, offset + 16, ip.c)
  write32(bytes, offset + 20, ip.d)
  const { scopeId } = address
  bytes[offset + 24] = scopeId
  bytes[offset + 25] = scopeId >>> 8
  bytes[offset + 26] = scopeId >>> 16
  bytes[offset + 27] = scopeId >>> 24
  return SOCKADDR_IN6_LENGTH
}

function encodeOther(family: number, octets: Uint8Array, bytes: Uint8Array, offset: number): number {
  const length = 2 + octets.length
  checkInteger('offset', offset, 0)
  if (bytes.length - offset < length) {
    throw new RangeError(`bytes must have room for ${length} octets at ${offset}, got ${bytes.length}`)
  }
  bytes[offset] = family
  bytes[offset + 1] = family >>> 8
  bytes.set(octets, offset + 2)
  return length
}

function encodeUnix(path: string, bytes: Uint8Array, offset: number): number {
  const name = unixPathOctets(path)
  if (name.length > SUN_PATH_LENGTH) {
    throw new RangeError(`path must have at most ${SUN_PATH_LENGTH} octets, got ${name.length}`)
  }
  const terminated = name.length > 0 && name.length < SUN_PATH_LENGTH && name[0] !== 0
  const length = 2 + name.length + (terminated ? 1 : 0)
  checkInteger('offset', offset, 0)
  if (bytes.length - offset < length) {
    throw new RangeError(`bytes must have room for ${length} octets at ${offset}, got ${bytes.length}`)
  }
  bytes[offset] = AF_UNIX
  bytes[offset + 1] = 0
  bytes.set(name, offset + 2)
  if (terminated) bytes[offset + length - 1] = 0
  return length
}

// unix(7): without a name the struct ends behind its family; an abstract name begins with a NUL and goes to the end, NULs in it
// included; a path ends at the first NUL. Linux counts one octet more than the struct has where a path fills it and has none.
function decodeUnix(address: SocketAddress, bytes: Uint8Array): boolean {
  if (bytes.length > SUN_PATH_LENGTH + 1) return false
  const end = bytes[0] === 0 ? -1 : bytes.indexOf(0)
  const name = end < 0 ? bytes : bytes.subarray(0, end)
  address.setUnix(unixPathText(name))
  return true
}

function checkStruct(address: SocketAddress, bytes: Uint8Array): void {
  if (!(address instanceof SocketAddress)) throw new TypeError(`address must be a SocketAddress, got ${given(address)}`)
  if (!isBytes(bytes)) throw new TypeError(`bytes must be a Uint8Array, got ${given(bytes)}`)
}

/**
 * Reads the C struct at `offset`, `length` octets long, into `address`. False where it is too short or too long for its family, or is
 * of AF_UNSPEC.
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
  const family = (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8)
  address.flowInfo = 0
  address.scopeId = 0
  address.path = ''
  address.other = null
  if (family === AF_INET && length >= SOCKADDR_IN_LENGTH) {
    address.family = AF_INET
    address.port = read16(bytes, offset + 2)
    address.ip.setV4(read32(bytes, offset + 4))
    return true
  }
  if (family === AF_INET6 && length >= SOCKADDR_IN6_LENGTH) {
    address.family = AF_INET6
    const { ip } = address
    address.port = read16(bytes, offset + 2)
    address.flowInfo = read32(bytes, offset + 4)
    ip.a = read32(bytes, offset + 8)
    ip.b = read32(bytes, offset + 12)
    ip.c = read32(bytes, offset + 16)
    ip.d = read32(bytes, offset + 20)
    address.scopeId =
      ((bytes[offset + 24] as number) |
        ((bytes[offset + 25] as number) << 8) |
        ((bytes[offset + 26] as number) << 16) |
        ((bytes[offset + 27] as number) << 24)) >>>
      0
    return true
  }
  if (family === AF_UNIX) return decodeUnix(address, bytes.subarray(offset + 2, offset + length))
  if (family === AF_INET || family === AF_INET6 || family === AF_UNSPEC || length > 2 + SA_DATA_MAX) return false
  address.setUnix('')
  address.family = family
  address.other = bytes.slice(offset + 2, offset + length)
  return true
}
