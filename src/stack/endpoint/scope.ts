import type { IpAddress } from '../../base/ip-address.ts'

/** Whether an IPv6 address names a host or group only together with a link: RFC 4007 section 6. */
export function needsScope(address: IpAddress): boolean {
  if (address.isV4) return false
  if (address.isLinkLocal) return true
  const top = address.a >>> 16
  // Groups of interface-local and link-local scope: RFC 4291 section 2.7.
  return top >>> 8 === 0xff && ((top & 15) === 1 || (top & 15) === 2)
}
