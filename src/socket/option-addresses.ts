// Read first: ipv6(7), RFC 3542 section 11.3, tcp(7), packet(7), linux/in6.h on struct in6_flowlabel_req, linux/tcp.h on struct tcp_md5sig.
// Options whose values hold addresses, besides the groups of multicast.

import { checkInteger, checkOptions, given, isBytes } from '../base/argument.ts'
import { read32, write32 } from '../base/bytes.ts'
import { IpAddress } from '../base/ip-address.ts'
import { decodeSocketAddress, encodeSocketAddress, SOCKADDR_IN6_LENGTH, SocketAddress } from '../base/socket-address.ts'

/** TCP_MD5SIG and TCP_MD5SIG_EXT: whose segments are signed, and with what (RFC 2385). */
export interface TcpMd5Signature {
  readonly address: SocketAddress
  /** At most 80 octets; none takes the key away. */
  readonly key: Uint8Array
  /** TCP_MD5SIG_EXT: 1, as far as `prefixlen` goes; 2, on the interface `ifindex`. */
  readonly flags?: number
  readonly prefixlen?: number
  readonly ifindex?: number
}

/** PACKET_ADD_MEMBERSHIP and PACKET_DROP_MEMBERSHIP: struct packet_mreq. */
export interface PacketMembership {
  readonly ifindex: number
  /** PACKET_MR_PROMISC, … */
  readonly type: number
  /** The link's address of the group; none where `type` is not about one. At most 32 octets. */
  readonly address?: Uint8Array
}

/** IPV6_FLOWLABEL_MGR: struct in6_flowlabel_req. */
export interface FlowLabelRequest {
  /** The destination that the label is for. */
  readonly address: string
  /** 20 bits; 0: any that is free. */
  readonly label: number
  /** IPV6_FL_A_…: 0 gets a label, 1 puts it back, 2 renews it. */
  readonly action: number
  /** IPV6_FL_S_…: who else may use it. */
  readonly share?: number
  /** IPV6_FL_F_…: 1 creates it, 2 only if it is new. */
  readonly flags?: number
  /** Seconds. */
  readonly expires?: number
  readonly linger?: number
}

/** IPV6_PATHMTU: struct ip6_mtuinfo. */
export interface PathMtu {
  /** Of a control message the destination; getsockopt tells none, and its family is AF_UNSPEC. */
  readonly address: SocketAddress
  readonly mtu: number
}

/** What each kind of option with an address is in JavaScript. */
export interface AddressOptions {
  sockaddr: SocketAddress
  tcp_md5sig: TcpMd5Signature
  packet_mreq: PacketMembership
  in6_flowlabel_req: FlowLabelRequest
  ip6_mtuinfo: PathMtu
}

export type AddressOption = keyof AddressOptions

const STORAGE_LENGTH = 128
const MD5_KEY_MAX = 80
const MD5_LENGTH = STORAGE_LENGTH + 8 + MD5_KEY_MAX
const HARDWARE_ADDRESS_MAX = 32
const HARDWARE_ADDRESS = 8
const LABEL_MAX = 0xfffff
const INT_MAX = 0x7fffffff
const UINT32_MAX = 0xffffffff

/** The room that each is given; packet_mreq is at least 16 octets long. */
export const ADDRESS_OPTION_LENGTH: { readonly [Kind in AddressOption]: number } = {
  sockaddr: STORAGE_LENGTH,
  tcp_md5sig: MD5_LENGTH,
  packet_mreq: HARDWARE_ADDRESS + HARDWARE_ADDRESS_MAX,
  in6_flowlabel_req: 32,
  ip6_mtuinfo: SOCKADDR_IN6_LENGTH + 4,
}

/** Whether options of this kind hold an address. */
export function isAddressOption(kind: string): kind is AddressOption {
  return Object.hasOwn(ADDRESS_OPTION_LENGTH, kind)
}

/** The octets of such an option. Throws a TypeError or RangeError that names the option and what cannot be. */
export function encodeAddressOption(option: string, kind: AddressOption, value: unknown): Uint8Array {
  switch (kind) {
    case 'sockaddr':
      return addressOctets(option, value)
    case 'tcp_md5sig':
      return encodeMd5(option, value)
    case 'packet_mreq':
      return encodeMembership(option, value)
    case 'in6_flowlabel_req':
      return encodeFlowLabel(option, value)
    case 'ip6_mtuinfo': {
      checkOptions(option, value, ['address', 'mtu'])
      const { address, mtu } = value as PathMtu
      checkInteger(`${option}: mtu`, mtu, 0, UINT32_MAX)
      const bytes = new Uint8Array(ADDRESS_OPTION_LENGTH.ip6_mtuinfo)
      bytes.set(addressOctets(`${option}: address`, address).subarray(0, SOCKADDR_IN6_LENGTH))
      new DataView(bytes.buffer).setUint32(SOCKADDR_IN6_LENGTH, mtu, true)
      return bytes
    }
  }
}

/** What the octets say; null where they are too few, or hold no address. */
export function decodeAddressOption(kind: AddressOption, bytes: Uint8Array): AddressOptions[AddressOption] | null {
  if (bytes.length < (kind === 'packet_mreq' ? 16 : kind === 'sockaddr' ? 2 : ADDRESS_OPTION_LENGTH[kind])) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (kind) {
    case 'sockaddr':
      return addressOf(bytes, bytes.length)
    case 'tcp_md5sig': {
      const address = addressOf(bytes, STORAGE_LENGTH)
      if (address === null) return null
      const keyLength = Math.min(view.getUint16(STORAGE_LENGTH + 2, true), MD5_KEY_MAX)
      return {
        address,
        key: bytes.slice(STORAGE_LENGTH + 8, STORAGE_LENGTH + 8 + keyLength),
        flags: view.getUint8(STORAGE_LENGTH),
        prefixlen: view.getUint8(STORAGE_LENGTH + 1),
        ifindex: view.getInt32(STORAGE_LENGTH + 4, true),
      }
    }
    case 'packet_mreq':
      return {
        ifindex: view.getInt32(0, true),
        type: view.getUint16(4, true),
        address: bytes.slice(HARDWARE_ADDRESS, HARDWARE_ADDRESS + view.getUint16(6, true)),
      }
    case 'in6_flowlabel_req':
      return {
        address: new IpAddress(read32(bytes, 0), read32(bytes, 4), read32(bytes, 8), read32(bytes, 12)).toString(),
        label: read32(bytes, 16) & LABEL_MAX,
        action: view.getUint8(20),
        share: view.getUint8(21),
        flags: view.getUint16(22, true),
        expires: view.getUint16(24, true),
        linger: view.getUint16(26, true),
      }
    case 'ip6_mtuinfo': {
      const address = addressOf(bytes, SOCKADDR_IN6_LENGTH) ?? new SocketAddress()
      return { address, mtu: view.getUint32(SOCKADDR_IN6_LENGTH, true) }
    }
  }
}

function addressOf(bytes: Uint8Array, length: number): SocketAddress | null {
  const address = new SocketAddress()
  return decodeSocketAddress(address, bytes, 0, length) ? address : null
}

function addressOctets(what: string, address: unknown): Uint8Array {
  if (!(address instanceof SocketAddress)) throw new TypeError(`${what} must be a SocketAddress, got ${given(address)}`)
  const bytes = new Uint8Array(STORAGE_LENGTH)
  return bytes.slice(0, encodeSocketAddress(address, bytes))
}

function encodeMd5(option: string, value: unknown): Uint8Array {
  checkOptions(option, value, ['address', 'key', 'flags', 'prefixlen', 'ifindex'])
  const { address, key, flags = 0, prefixlen = 0, ifindex = 0 } = value as TcpMd5Signature
  const octets = addressOctets(`${option}: address`, address)
  if (!isBytes(key)) throw new TypeError(`${option}: key must be a Uint8Array, got ${given(key)}`)
  if (key.length > MD5_KEY_MAX) {
    throw new RangeError(`${option}: key must have at most ${MD5_KEY_MAX} octets, got ${key.length}`)
  }
  checkInteger(`${option}: flags`, flags, 0, 0xff)
  checkInteger(`${option}: prefixlen`, prefixlen, 0, 0xff)
  checkInteger(`${option}: ifindex`, ifindex, 0, INT_MAX)
  const bytes = new Uint8Array(MD5_LENGTH)
  const view = new DataView(bytes.buffer)
  bytes.set(octets)
  view.setUint8(STORAGE_LENGTH, flags)
  view.setUint8(STORAGE_LENGTH + 1, prefixlen)
  view.setUint16(STORAGE_LENGTH + 2, key.length, true)
  view.setInt32(STORAGE_LENGTH + 4, ifindex, true)
  bytes.set(key, STORAGE_LENGTH + 8)
  return bytes
}

function encodeMembership(option: string, value: unknown): Uint8Array {
  checkOptions(option, value, ['ifindex', 'type', 'address'])
  const { ifindex, type, address = new Uint8Array(0) } = value as PacketMembership
  checkInteger(`${option}: ifindex`, ifindex, 0, INT_MAX)
  checkInteger(`${option}: type`, type, 0, 0xffff)
  if (!isBytes(address)) throw new TypeError(`${option}: address must be a Uint8Array, got ${given(address)}`)
  const { length } = address
  if (length > HARDWARE_ADDRESS_MAX) {
    throw new RangeError(`${option}: address must have at most ${HARDWARE_ADDRESS_MAX} octets, got ${length}`)
  }
  const bytes = new Uint8Array(HARDWARE_ADDRESS + Math.max(length, 8))
  const view = new DataView(bytes.buffer)
  view.setInt32(0, ifindex, true)
  view.setUint16(4, type, true)
  view.setUint16(6, length, true)
  bytes.set(address, HARDWARE_ADDRESS)
  return bytes
}

function encodeFlowLabel(option: string, value: unknown): Uint8Array {
  checkOptions(option, value, ['address', 'label', 'action', 'share', 'flags', 'expires', 'linger'])
  const { address, label, action, share = 0, flags = 0, expires = 0, linger = 0 } = value as FlowLabelRequest
  const ip = typeof address === 'string' ? IpAddress.parse(address) : null
  if (ip === null) throw new TypeError(`${option}: address must be an IPv6 address, got ${given(address)}`)
  checkInteger(`${option}: label`, label, 0, LABEL_MAX)
  checkInteger(`${option}: action`, action, 0, 0xff)
  checkInteger(`${option}: share`, share, 0, 0xff)
  checkInteger(`${option}: flags`, flags, 0, 0xffff)
  checkInteger(`${option}: expires`, expires, 0, 0xffff)
  checkInteger(`${option}: linger`, linger, 0, 0xffff)
  const bytes = new Uint8Array(ADDRESS_OPTION_LENGTH.in6_flowlabel_req)
  const view = new DataView(bytes.buffer)
  write32(bytes, 0, ip.a)
  write32(bytes, 4, ip.b)
  write32(bytes, 8, ip.c)
  write32(bytes, 12, ip.d)
  write32(bytes, 16, label)
  view.setUint8(20, action)
  view.setUint8(21, share)
  view.setUint16(22, flags, true)
  view.setUint16(24, expires, true)
  view.setUint16(26, linger, true)
  return bytes
}
