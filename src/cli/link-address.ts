// Read first: RFC 1122 section 3.2.1.3, RFC 3021 (a prefix of 31 bits has two hosts and nothing else), RFC 4291 section 2.6.

import { IpAddress } from '../base/ip-address.ts'
import { prefixMatches, wordMask } from '../base/prefix.ts'

/** An address of a host, and how many bits of it name the link: 32 or 128 at most, as its family has. */
export interface Link {
  readonly address: IpAddress
  readonly length: number
}

/** Reads "10.0.0.2/24" or "2001:db8::2/64", which is known to be one. */
export function linkOf(text: string): Link {
  const [address, length] = text.split('/') as [string, string]
  return { address: IpAddress.parse(address) as IpAddress, length: Number(length) }
}

export function onLink(ip: IpAddress, { address, length }: Link): boolean {
  return ip.isV4 === address.isV4 && prefixMatches(ip, address, address.isV4 ? length + 96 : length)
}

/** What an address is on the link that it is on. */
export function placeOnLink(ip: IpAddress, link: Link): 'network' | 'broadcast' | 'host' {
  if (!ip.isV4 || link.length >= 31) return 'host'
  const mask = wordMask(link.length)
  const hostBits = ip.d & ~mask
  if (hostBits === 0) return 'network'
  return hostBits === ~mask ? 'broadcast' : 'host'
}

/** The address next to that of the host which another host on the link can have; null where there is no other. */
export function neighbourOf(link: Link): IpAddress | null {
  const { address, length } = link
  if (length === (address.isV4 ? 32 : 128)) return null
  const before = nextTo(address, -1)
  // The first address of an IPv6 link is that of all its routers.
  if (
    onLink(before, link) &&
    placeOnLink(before, link) === 'host' &&
    (address.isV4 || length === 127 || before.d !== 0)
  )
    return before
  return nextTo(address, 1)
}

// Links end within the last 32 bits, as far as anybody writes them.
function nextTo({ a, b, c, d }: IpAddress, step: number): IpAddress {
  return new IpAddress(a, b, c, d + step)
}
