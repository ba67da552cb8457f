import { given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'

/** An address and how many of its 128 bits name the network. */
export interface Prefix {
  readonly address: IpAddress
  readonly length: number
}

/**
 * Reads "192.0.2.1/24", "2001:db8::/32", "default" (IPv4's), or an address alone (all bits of it). Throws a TypeError that names
 * `what` for text that is none of these.
 */
export function parsePrefix(text: string, what: string): Prefix {
  if (text === 'default') return { address: IpAddress.v4(0), length: 96 }
  const wanted = `${what} must be an address with a prefix length, as 192.0.2.1/24 has, got ${given(text)}`
  if (typeof text !== 'string') throw new TypeError(wanted)
  const slash = text.indexOf('/')
  const address = IpAddress.parse(slash < 0 ? text : text.slice(0, slash))
  if (address === null) throw new TypeError(wanted)
  if (slash < 0) return { address, length: 128 }
  const digits = text.slice(slash + 1)
  const length = Number(digits)
  const max = address.isV4 ? 32 : 128
  if (!/^\d{1,3}$/.test(digits) || length > max) {
    throw new TypeError(`${what} must have a prefix length from 0 to ${max}, got ${given(text)}`)
  }
  return { address, length: address.isV4 ? length + 96 : length }
}

/**
 * Reads the address of an interface on a link with its prefix length, "192.0.2.1/24". Throws a TypeError that names `what` for
 * text that is none, a RangeError for an address that no host on a link can have (RFC 1122 section 3.2.1.3).
 */
export function parseInterfaceAddress(text: string, what: string): Prefix {
  const prefix = parsePrefix(text, what)
  if (!text.includes('/')) {
    throw new TypeError(`${what} must have a prefix length, as 192.0.2.1/24 has, got ${given(text)}`)
  }
  const wrong = whyNoHost(prefix)
  if (wrong !== null) throw new RangeError(`${what} must be one that a host can have, got ${given(text)}: ${wrong}`)
  return prefix
}

/** Reads an address; throws a TypeError that names `what` for text that is none. */
export function parseAddress(text: string, what: string): IpAddress {
  const address = typeof text === 'string' ? IpAddress.parse(text) : null
  if (address === null) throw new TypeError(`${what} must be an IPv4 or IPv6 address, got ${given(text)}`)
  return address
}

function whyNoHost({ address, length }: Prefix): string | null {
  const bits = address.d
  if (!address.isV4) return whyNoHostV6(address)
  if (address.isLoopback) return '127.0.0.0/8 never leaves a host, and its loopback has it already'
  if (address.isMulticast) return '224.0.0.0/4 are groups'
  if (bits >>> 24 === 0) return '0.0.0.0/8 is for hosts that do not know their address'
  if (address.isLimitedBroadcast) return 'it is the broadcast address'
  // RFC 3021: a prefix of 31 bits has two hosts, and neither of these.
  if (length >= 127) return null
  const hosts = ((1 << (128 - length)) - 1) | 0
  const mask = length === 96 ? -1 : hosts
  if ((bits & mask) === 0) return 'it is the network itself'
  return (bits & mask) === mask ? 'it is the broadcast address of its network' : null
}

// RFC 4291 sections 2.5.2, 2.5.3 and 2.7. The subnet's own address is that of all its routers (section 2.6.1), and yet Linux gives
// it to a host that asks for it; on a pair of routers it is one of the two (RFC 6164).
function whyNoHostV6(address: IpAddress): string | null {
  if (address.isLoopback) return '::1 never leaves a host, and its loopback has it already'
  if (address.isMulticast) return 'ff00::/8 are groups'
  return address.isUnspecified ? ':: is no address' : null
}
