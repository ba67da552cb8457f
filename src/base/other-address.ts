// Read first: packet(7), netlink(7), vsock(7) "Address format". The structs of families that are neither Internet nor Unix, behind
// their sa_family.

import { checkInteger, given, isBytes } from './argument.ts'

/** A struct sockaddr_ll: a link, and an address on it. */
export interface PacketAddress {
  /** Of the interface; 0 is any. */
  readonly ifindex: number
  /** ETH_P_…, in host order. Default 0: nothing is received. */
  readonly protocol?: number
  /** ARPHRD_…; the kernel fills it in. */
  readonly hardwareType?: number
  /** PACKET_HOST …; the kernel fills it in. */
  readonly packetType?: number
  /** At most 32 octets. */
  readonly hardwareAddress?: Uint8Array
}

/** A struct sockaddr_nl. */
export interface NetlinkAddress {
  /** Of the socket; 0 is the kernel, or to bind any. */
  readonly pid: number
  /** A bit for each multicast group. */
  readonly groups?: number
}

/** A struct sockaddr_vm. */
export interface VsockAddress {
  /** Which machine. */
  readonly cid: number
  readonly port: number
}

/** The octets behind sa_family that a struct sockaddr_storage has room for. */
export const SA_DATA_MAX = 126

const UINT32_MAX = 0xffffffff
const HARDWARE_ADDRESS_MAX = 32
/** sll_addr of a struct sockaddr_ll has room for so many; longer addresses lie beyond it. */
const SLL_ADDRESS_LENGTH = 8
const SLL_ADDRESS = 10
const NETLINK_LENGTH = 10
const VSOCK_LENGTH = 14

export function encodePacketAddress(address: PacketAddress): Uint8Array {
  const { ifindex, protocol = 0, hardwareType = 0, packetType = 0, hardwareAddress = new Uint8Array(0) } = address
  checkInteger('address.ifindex', ifindex, 0, 0x7fffffff)
  checkInteger('address.protocol', protocol, 0, 0xffff)
  checkInteger('address.hardwareType', hardwareType, 0, 0xffff)
  checkInteger('address.packetType', packetType, 0, 0xff)
  if (!isBytes(hardwareAddress)) {
    throw new TypeError(`address.hardwareAddress must be a Uint8Array, got ${given(hardwareAddress)}`)
  }
  const { length } = hardwareAddress
  if (length > HARDWARE_ADDRESS_MAX) {
    throw new RangeError(`address.hardwareAddress must have at most ${HARDWARE_ADDRESS_MAX} octets, got ${length}`)
  }
  const octets = new Uint8Array(SLL_ADDRESS + Math.max(length, SLL_ADDRESS_LENGTH))
  const view = new DataView(octets.buffer)
  view.setUint16(0, protocol)
  view.setInt32(2, ifindex, true)
  view.setUint16(6, hardwareType, true)
  view.setUint8(8, packetType)
  view.setUint8(9, length)
  octets.set(hardwareAddress, SLL_ADDRESS)
  return octets
}

/** null where the struct is too short. */
export function decodePacketAddress(octets: Uint8Array): Required<PacketAddress> | null {
  if (octets.length < SLL_ADDRESS) return null
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  return {
    protocol: view.getUint16(0),
    ifindex: view.getInt32(2, true),
    hardwareType: view.getUint16(6, true),
    packetType: view.getUint8(8),
    hardwareAddress: octets.slice(SLL_ADDRESS, SLL_ADDRESS + view.getUint8(9)),
  }
}

export function encodeNetlinkAddress({ pid, groups = 0 }: NetlinkAddress): Uint8Array {
  checkInteger('address.pid', pid, 0, UINT32_MAX)
  checkInteger('address.groups', groups, 0, UINT32_MAX)
  const octets = new Uint8Array(NETLINK_LENGTH)
  const view = new DataView(octets.buffer)
  view.setUint32(2, pid, true)
  view.setUint32(6, groups, true)
  return octets
}

export function decodeNetlinkAddress(octets: Uint8Array): Required<NetlinkAddress> | null {
  if (octets.length < NETLINK_LENGTH) return null
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  return { pid: view.getUint32(2, true), groups: view.getUint32(6, true) }
}

export function encodeVsockAddress({ cid, port }: VsockAddress): Uint8Array {
  checkInteger('address.cid', cid, 0, UINT32_MAX)
  checkInteger('address.port', port, 0, UINT32_MAX)
  const octets = new Uint8Array(VSOCK_LENGTH)
  const view = new DataView(octets.buffer)
  view.setUint32(2, port, true)
  view.setUint32(6, cid, true)
  return octets
}

export function decodeVsockAddress(octets: Uint8Array): VsockAddress | null {
  if (octets.length < VSOCK_LENGTH) return null
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  return { cid: view.getUint32(6, true), port: view.getUint32(2, true) }
}

/** What is no octets, or too many of them, throws. A copy. */
export function checkedOctets(octets: Uint8Array): Uint8Array {
  if (!isBytes(octets)) throw new TypeError(`octets must be a Uint8Array, got ${given(octets)}`)
  if (octets.length > SA_DATA_MAX) {
    throw new RangeError(`octets must be at most ${SA_DATA_MAX}, got ${octets.length}`)
  }
  return octets.slice()
}

export function hex(octets: Uint8Array, separator: string): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(separator)
}
