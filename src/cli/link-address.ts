// Read first: RFC 1122 section 3.2.1.3, RFC 3021 (a prefix of 31 bits has two hosts and nothing else).

import { IpAddress } from '../base/ip-address.ts'

/** An IPv4 address of a host, and how many bits of it name the link. */
export interface Link {
  readonly address: IpAddress
  readonly length: number
}

/** Reads "10.0.0.2/24", which is known to be one. */
export function linkOf(text: string): Link {
  const [address, length] = text.split('/') as [string, string]
  return { address: IpAddress.parse(address) as IpAddress, length: Number(length) }
}

export function onLink(ip: IpAddress, link: Link): boolean {
  return ((ip.d ^ link.address.d) & maskOf(link)) === 0
}

/** What an address is on the link that it is on. */
export function placeOnLink(ip: IpAddress, link: Link): 'network' | 'broadcast' | 'host' {
  const hostBits = ip.d & ~maskOf(link)
  if (link.length >= 31) return 'host'
  if (hostBits === 0) return 'network'
  return hostBits === ~maskOf(link) ? 'broadcast' : 'host'
}

/** The address next to that of the host which another host on the link can have; null where there is no other. */
export function neighbourOf(link: Link): IpAddress | null {
  if (link.length === 32) return null
  const before = IpAddress.v4(link.address.d - 1)
  if (onLink(before, link) && placeOnLink(before, link) === 'host') return before
  return IpAddress.v4(link.address.d + 1)
}

// JavaScript shifts by the lowest five bits of the count: by 32 is by 0.
function maskOf({ length }: Link): number {
  return length === 0 ? 0 : -1 << (32 - length)
}
