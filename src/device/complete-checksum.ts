// Read first: RFC 1071, RFC 768 (a computed zero is sent as all ones).

import { read16, write16 } from '../base/bytes.ts'
import { internetChecksum, internetSum, pseudoHeaderSum } from '../base/checksum.ts'
import { UDP_CHECKSUM_OFFSET } from '../wire/udp.ts'
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, type Offload } from './device.ts'

/**
 * Completes the transport checksum of the frame in `bytes[start, end)`, in place, where `offload` says that it is partial, and
 * makes `offload` say that it no longer is. A result of zero is stored as all ones for UDP, in which a zero means that there is
 * none; in TCP all ones would be another number to who checks it by RFC 1624, as Wireshark does.
 */
export function completeChecksum(bytes: Uint8Array, start: number, end: number, offload: Offload): void {
  if (offload.checksum !== CHECKSUM_PARTIAL) return
  offload.checksum = CHECKSUM_NONE
  const from = start + offload.checksumStart
  const field = from + offload.checksumOffset
  if (field + 2 > end) return
  const sum = internetChecksum(bytes, from, end)
  write16(bytes, field, sum === 0 && offload.checksumOffset === UDP_CHECKSUM_OFFSET ? 0xffff : sum)
}

/** The sum of the pseudo-header of the packet at `ipStart`: RFC 9293 section 3.1, RFC 8200 section 8.1. */
export function packetPseudoHeaderSum(bytes: Uint8Array, ipStart: number, protocol: number, length: number): number {
  if ((bytes[ipStart] as number) >>> 4 === 6) {
    return internetSum(bytes, ipStart + 8, ipStart + 40, pseudoHeaderSum(0, 0, protocol, length))
  }
  return internetSum(bytes, ipStart + 12, ipStart + 20, pseudoHeaderSum(0, 0, protocol, length))
}

/** Where the IP header of a frame begins: behind the Ethernet header and a VLAN tag, if there are any. */
export function ipHeaderStart(bytes: Uint8Array, start: number, medium: 'ethernet' | 'ip'): number {
  if (medium === 'ip') return start
  return start + (read16(bytes, start + 12) === 0x8100 ? 18 : 14)
}
