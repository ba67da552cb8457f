// Read first: RFC 1071, and RFC 768 for the one special case.

import { write16 } from '../base/bytes.ts'
import { internetChecksum } from '../base/checksum.ts'

/**
 * Completes a transport checksum whose field holds only the pseudo-header's sum: over `bytes[start, end)`, stored `offset`
 * octets after `start`. A zero becomes its other form, all ones: to UDP zero means that there is none (RFC 768), and to TCP
 * and ICMP both are the same.
 */
export function completePartialChecksum(bytes: Uint8Array, start: number, offset: number, end: number): void {
  const checksum = internetChecksum(bytes, start, end)
  write16(bytes, start + offset, checksum === 0 ? 0xffff : checksum)
}
