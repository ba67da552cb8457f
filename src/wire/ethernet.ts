// Read first: IEEE 802.3 clause 3, RFC 894, RFC 1112 section 6.4.
//
//    destination (48)
//    source (48)
//    type (16), then the packet, at least 46 octets on a wire: shorter ones are padded there
//
// A hardware address is two numbers here, its first 16 and its last 32 bits: they compare and store as integers.

import { read16, read32, write16, write32 } from '../base/bytes.ts'

export const ETHERNET_HEADER_LENGTH = 14

export const ETHERTYPE_IPV4 = 0x0800
export const ETHERTYPE_ARP = 0x0806
export const ETHERTYPE_IPV6 = 0x86dd

/** The group bit, the first on the wire: a multicast or the broadcast address. In the first 16 bits of an address. */
export const HARDWARE_GROUP_BIT = 0x0100

/** ff:ff:ff:ff:ff:ff */
export const HARDWARE_BROADCAST_HIGH = 0xffff
export const HARDWARE_BROADCAST_LOW = -1

/** The fields of a frame's header, read into one reused object. */
export class EthernetHeader {
  destinationHigh = 0
  destinationLow = 0
  sourceHigh = 0
  sourceLow = 0
  /** What the frame carries; a value up to 1500 is an IEEE 802.3 length and carries nothing of ours. */
  type = 0
}

/** Reads the header of the frame in `bytes[start, end)`. False where it does not fit. */
export function readEthernet(header: EthernetHeader, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < ETHERNET_HEADER_LENGTH) return false
  header.destinationHigh = read16(bytes, start)
  header.destinationLow = read32(bytes, start + 2)
  header.sourceHigh = read16(bytes, start + 6)
  header.sourceLow = read32(bytes, start + 8)
  header.type = read16(bytes, start + 12)
  return true
}

/** Writes the 14 octets of a header at `at`. */
export function writeEthernet(
  bytes: Uint8Array,
  at: number,
  destinationHigh: number,
  destinationLow: number,
  sourceHigh: number,
  sourceLow: number,
  type: number,
): void {
  write16(bytes, at, destinationHigh)
  write32(bytes, at + 2, destinationLow)
  write16(bytes, at + 6, sourceHigh)
  write32(bytes, at + 8, sourceLow)
  write16(bytes, at + 12, type)
}

/** The first 16 bits of the hardware address of every IPv4 multicast group: RFC 1112 section 6.4. */
export const HARDWARE_MULTICAST_HIGH = 0x0100
/** 33:33, before the last 32 bits of an IPv6 group: RFC 2464 section 7. */
export const HARDWARE_MULTICAST6_HIGH = 0x3333

/** The last 32 bits of the hardware address of the IPv4 group `group`: 01:00:5e and its low-order 23 bits. */
export function hardwareMulticastLow(group: number): number {
  return 0x5e000000 | (group & 0x007fffff)
}
