import { IpAddress } from '../base/ip-address.ts'

/** An address and how many of its 128 bits name the network. */
export interface Prefix {
  readonly address: IpAddress
  readonly length: number
}

/**
 * Reads "192.0.2.1/24", "2001:db8::1/64", "default", or an address alone (all bits of it). Throws a TypeError that names
 * `what` for text that is none of these.
 */
export function parsePrefix(text: string, what: string): Prefix {
  if (text === 'default') return { address: IpAddress.v4(0), length: 96 }
  const slash = text.indexOf('/')
  const address = IpAddress.parse(slash < 0 ? text : text.slice(0, slash))
  if (address === null)
    throw new TypeError(`${what} must be an address with a prefix length, got ${JSON.stringify(text)}`)
  const bits = address.isV4 ? 32 : 128
  if (slash < 0) return { address, length: 128 }
  const digits = text.slice(slash + 1)
  const length = Number(digits)
  if (!/^\d{1,3}$/.test(digits) || length > bits) {
    throw new TypeError(`${what} must have a prefix length from 0 to ${bits}, got ${JSON.stringify(text)}`)
  }
  return { address, length: length + 128 - bits }
}

/** Reads an address; throws a TypeError that names `what` for text that is none. */
export function parseAddress(text: string, what: string): IpAddress {
  const address = IpAddress.parse(text)
  if (address === null) throw new TypeError(`${what} must be an IPv4 or IPv6 address, got ${JSON.stringify(text)}`)
  return address
}
