// Read first: RFC 768, RFC 1122 section 4.1.3.4.
//
//    source port (16)                        destination port (16)
//    length (16)                             checksum (16), 0: none

import { read16, write16 } from '../base/bytes.ts'

export const UDP_HEADER_LENGTH = 8
/** Where the checksum field lies in the header. */
export const UDP_CHECKSUM_OFFSET = 6
/** What fits in the largest IPv4 packet beside both headers. */
export const UDP_PAYLOAD_MAX = 65535 - 20 - UDP_HEADER_LENGTH

/** The fields of a header, read into one reused object. */
export class UdpHeader {
  sourcePort = 0
  destinationPort = 0
  /** Header and data. */
  length = 0
  checksum = 0
}

/**
 * Reads the header of the datagram in `bytes[start, end)`. False where it does not fit, or the length field says less than
 * the header or more than is there.
 */
export function readUdp(header: UdpHeader, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < UDP_HEADER_LENGTH) return false
  const length = read16(bytes, start + 4)
  if (length < UDP_HEADER_LENGTH || length > end - start) return false
  header.sourcePort = read16(bytes, start)
  header.destinationPort = read16(bytes, start + 2)
  header.length = length
  header.checksum = read16(bytes, start + 6)
  return true
}

/** Writes the 8 octets of a header at `at`. */
export function writeUdp(
  bytes: Uint8Array,
  at: number,
  sourcePort: number,
  destinationPort: number,
  length: number,
  checksum: number,
): void {
  write16(bytes, at, sourcePort)
  write16(bytes, at + 2, destinationPort)
  write16(bytes, at + 4, length)
  write16(bytes, at + 6, checksum)
}
