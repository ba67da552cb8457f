// Read first: ip(7) on IP_PKTINFO, RFC 3542 section 6. Where a packet came in and what it was sent to, or where it shall go out and
// from which address: struct in_pktinfo and struct in6_pktinfo as they lie in memory in C.

import { checkInteger, checkOptions, given } from './argument.ts'
import { read32, readNative, write32, writeNative } from './bytes.ts'
import { IpAddress } from './ip-address.ts'

/** An address of this host's and an interface. */
export interface PacketInfo {
  /** Of a packet that came: its destination. Of one to send: its source; '0.0.0.0', '::' or none: any. */
  readonly address: string
  /** The interface's number; 0: any. */
  readonly ifindex: number
}

/** struct in_pktinfo: interface, an address of ours, the address in the header. */
export const IN_PKTINFO_LENGTH = 12
/** struct in6_pktinfo: the address, the interface. */
export const IN6_PKTINFO_LENGTH = 20

/** Writes a struct in_pktinfo; `local` is the address of ours that the packet came to, `header` the one in its header. */
export function writeInPktinfo(bytes: Uint8Array, ifindex: number, local: IpAddress, header: IpAddress): void {
  writeNative(bytes, 0, ifindex)
  write32(bytes, 4, local.d)
  write32(bytes, 8, header.d)
}

/** Writes a struct in6_pktinfo. */
export function writeIn6Pktinfo(bytes: Uint8Array, ifindex: number, address: IpAddress): void {
  write32(bytes, 0, address.a)
  write32(bytes, 4, address.b)
  write32(bytes, 8, address.c)
  write32(bytes, 12, address.d)
  writeNative(bytes, 16, ifindex)
}

/** The interface that a struct in_pktinfo or in6_pktinfo names. */
export function pktinfoInterface(bytes: Uint8Array): number {
  return readNative(bytes, bytes.length >= IN6_PKTINFO_LENGTH ? 16 : 0)
}

/** The source address that a struct in_pktinfo asks for when sending: ipi_spec_dst. */
export function inPktinfoSource(bytes: Uint8Array): IpAddress {
  return IpAddress.v4(read32(bytes, 4))
}

/** The address of a struct in6_pktinfo. */
export function in6PktinfoAddress(bytes: Uint8Array): IpAddress {
  return new IpAddress(read32(bytes, 0), read32(bytes, 4), read32(bytes, 8), read32(bytes, 12))
}

/** The struct in_pktinfo or in6_pktinfo for `info`. Throws a TypeError or RangeError that names what cannot be. */
export function encodePacketInfo(option: string, info: unknown, v6: boolean): Uint8Array {
  checkOptions(option, info, ['address', 'ifindex'])
  const { address = v6 ? '::' : '0.0.0.0', ifindex = 0 } = info as Partial<PacketInfo>
  const ip = typeof address === 'string' ? IpAddress.parse(address) : null
  if (ip === null) throw new TypeError(`${option}: address must be an IPv4 or IPv6 address, got ${given(address)}`)
  checkInteger(`${option}: ifindex`, ifindex, 0)
  const bytes = new Uint8Array(v6 ? IN6_PKTINFO_LENGTH : IN_PKTINFO_LENGTH)
  if (v6) writeIn6Pktinfo(bytes, ifindex, ip)
  else writeInPktinfo(bytes, ifindex, ip, IpAddress.v4(0))
  return bytes
}

/** What a struct in_pktinfo or in6_pktinfo says in words: of the former the address in the header. */
export function decodePacketInfo(bytes: Uint8Array): PacketInfo {
  const v6 = bytes.length >= IN6_PKTINFO_LENGTH
  const address = v6 ? in6PktinfoAddress(bytes) : IpAddress.v4(read32(bytes, 8))
  return { address: address.toString(), ifindex: pktinfoInterface(bytes) }
}
