// Read first: RFC 826, RFC 5227 section 1.1.
//
//    hardware type (16)                      protocol type (16)
//    hardware length (8) · protocol length (8) · operation (16)
//    sender hardware address (48), sender protocol address (32)
//    target hardware address (48), target protocol address (32)
//
// Only ARP for IPv4 on Ethernet: there is no other here.

import { read16, read32, write16, write32 } from '../base/bytes.ts'
import { ETHERTYPE_IPV4 } from './ethernet.ts'

export const ARP_LENGTH = 28
export const ARP_REQUEST = 1
export const ARP_REPLY = 2

const HARDWARE_ETHERNET = 1
/** IEEE 802 networks: hosts on Ethernet accept it as well (RFC 1042, page 8). */
const HARDWARE_IEEE_802 = 6

/** The fields of an ARP packet, read into one reused object. Hardware addresses as in ethernet.ts. */
export class ArpPacket {
  operation = 0
  senderHardwareHigh = 0
  senderHardwareLow = 0
  senderProtocol = 0
  targetHardwareHigh = 0
  targetHardwareLow = 0
  targetProtocol = 0
}

/** Reads the packet in `bytes[start, end)`. False where it is too short or not about IPv4 on Ethernet. */
export function readArp(packet: ArpPacket, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < ARP_LENGTH) return false
  const hardwareType = read16(bytes, start)
  if (hardwareType !== HARDWARE_ETHERNET && hardwareType !== HARDWARE_IEEE_802) return false
  if (read16(bytes, start + 2) !== ETHERTYPE_IPV4) return false
  if (bytes[start + 4] !== 6 || bytes[start + 5] !== 4) return false
  packet.operation = read16(bytes, start + 6)
  packet.senderHardwareHigh = read16(bytes, start + 8)
  packet.senderHardwareLow = read32(bytes, start + 10)
  packet.senderProtocol = read32(bytes, start + 14)
  packet.targetHardwareHigh = read16(bytes, start + 18)
  packet.targetHardwareLow = read32(bytes, start + 20)
  packet.targetProtocol = read32(bytes, start + 24)
  return true
}

/** Writes the 28 octets of a packet at `at`. */
export function writeArp(
  bytes: Uint8Array,
  at: number,
  operation: number,
  senderHardwareHigh: number,
  senderHardwareLow: number,
  senderProtocol: number,
  targetHardwareHigh: number,
  targetHardwareLow: number,
  targetProtocol: number,
): void {
  write16(bytes, at, HARDWARE_ETHERNET)
  write16(bytes, at + 2, ETHERTYPE_IPV4)
  bytes[at + 4] = 6
  bytes[at + 5] = 4
  write16(bytes, at + 6, operation)
  write16(bytes, at + 8, senderHardwareHigh)
  write32(bytes, at + 10, senderHardwareLow)
  write32(bytes, at + 14, senderProtocol)
  write16(bytes, at + 18, targetHardwareHigh)
  write32(bytes, at + 20, targetHardwareLow)
  write32(bytes, at + 24, targetProtocol)
}
