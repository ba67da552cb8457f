import type { IpAddress } from './ip-address.ts'

/** Whether the first `length` bits of two addresses are the same. Lengths count within 128 bits: IPv4 prefixes have 96 more. */
export function prefixMatches(address: IpAddress, prefix: IpAddress, length: number): boolean {
  return (
    ((address.a ^ prefix.a) & wordMask(length)) === 0 &&
    ((address.b ^ prefix.b) & wordMask(length - 32)) === 0 &&
    ((address.c ^ prefix.c) & wordMask(length - 64)) === 0 &&
    ((address.d ^ prefix.d) & wordMask(length - 96)) === 0
  )
}

/** The first `length` of 32 bits set. */
export function wordMask(length: number): number {
  if (length <= 0) return 0
  return length >= 32 ? -1 : ~(-1 >>> length)
}
