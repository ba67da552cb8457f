import { given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'

/** An address and how many of its 128 bits name the network. */
export interface Prefix {
  readonly address: IpAddress
  readonly length: number
}

/**
 * Reads "192.0.2.1/24", "default", or an address alone (all bits of it). Throws a TypeError that names `what` for text that is
 * none of these, a RangeError for an IPv6 address.
 */
export function parsePrefix(text: string, what: string): Prefix {
  if (text === 'default') return { address: IpAddress.v4(0), length: 96 }
  const wanted = `${what} must be an address with a prefix length, as 192.0.2.1/24 has, got ${given(text)}`
  if (typeof text !== 'string') throw new TypeError(wanted)
  const slash = text.indexOf('/')
  const address = IpAddress.parse(slash < 0 ? text : text.slice(0, slash))
  if (address === null) throw new TypeError(wanted)
  checkVersion(address, text, what)
  if (slash < 0) return { address, length: 128 }
  const digits = text.slice(slash + 1)
  const length = Number(digits)
  if (!/^\d{1,2}$/.test(digits) || length > 32) {
    throw new TypeError(`${what} must have a prefix length from 0 to 32, got ${given(text)}`)
  }
  return { address, length: length + 96 }
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

/** Reads an IPv4 address; throws a TypeError that names `what` for text that is none, a RangeError for an IPv6 address. */
export function parseAddress(text: string, what: string): IpAddress {
  const address = typeof text === 'string' ? IpAddress.parse(text) : null
  if (address === null) throw new TypeError(`${what} must be an IPv4 address, got ${given(text)}`)
  checkVersion(address, text, what)
  return address
}

function checkVersion(address: IpAddress, text: string, what: string): void {
  if (!address.isV4) throw new RangeError(`${what} must be IPv4, got ${given(text)}: this stack has no IPv6`)
}

function whyNoHost({ address, length }: Prefix): string | null {
  const bits = address.d
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
