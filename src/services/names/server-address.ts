import { SCOPE_LINK, scopeOf } from '../../base/address-policy.ts'
import { given } from '../../base/argument.ts'
import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { SocketAddress } from '../../base/socket-address.ts'

/** The port of name servers: RFC 1035 section 4.2. */
export const DOMAIN_PORT = 53

/** Which number an interface's name has; null where there is no such interface. */
export type InterfaceIndex = (name: string) => number | null

/**
 * The address that `text` writes: "192.0.2.1", "2001:db8::1", "fe80::1%eth0" or "fe80::1%2" (RFC 4007 section 11). Null where it
 * writes none, or has a zone that there is not.
 */
export function parseScopedAddress(text: string, interfaceIndex: InterfaceIndex): SocketAddress | null {
  const at = text.indexOf('%')
  const ip = IpAddress.parse(at < 0 ? text : text.slice(0, at))
  if (ip === null) return null
  // "::ffff:192.0.2.1" is an IPv4 address in the clothes of the other family, and the caller has asked for that family.
  const address = new SocketAddress(text.includes(':') ? AF_INET6 : AF_INET, ip)
  if (at < 0) return address
  const zone = text.slice(at + 1)
  // As glibc: only what is of a link can be said to be of an interface by its name.
  const named = scopeOf(ip) <= SCOPE_LINK ? interfaceIndex(zone) : null
  const number = /^\d{1,9}$/.test(zone) ? Number(zone) : named
  if (number === null || ip.isV4) return null
  address.scopeId = number
  return address
}

/** The address of a name server: text, which means port 53, or an address with its port. */
export function serverAddress(server: string | SocketAddress, interfaceIndex: InterfaceIndex): SocketAddress {
  if (server instanceof SocketAddress) return server
  const address = typeof server === 'string' ? parseScopedAddress(server, interfaceIndex) : null
  if (address === null) throw new TypeError(`servers must be of IP addresses or SocketAddresses, got ${given(server)}`)
  if (address.ip.isV4) address.family = AF_INET
  address.port = DOMAIN_PORT
  return address
}
