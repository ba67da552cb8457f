// What programs write as addresses, as the 32 bits that messages have. A TypeError or RangeError names what was given.

import { given } from '../../base/argument.ts'
import { IpAddress } from '../../base/ip-address.ts'
import { parseIpv4 } from '../../base/ip-text.ts'
import { wordMask } from '../../base/prefix.ts'
import type { DhcpRoute } from '../../wire/dhcp-values.ts'

/** An address and the length of its prefix: of 32 bits. */
export interface Subnet {
  readonly address: number
  readonly length: number
}

export function parseAddress(name: string, text: unknown): number {
  if (typeof text !== 'string') throw new TypeError(`${name} must be an IPv4 address, got ${given(text)}`)
  const bits = parseIpv4(text)
  if (bits === null) throw new RangeError(`${name} must be an IPv4 address such as 192.0.2.1, got ${given(text)}`)
  return bits
}

export function parseAddresses(name: string, list: unknown): number[] {
  if (!Array.isArray(list)) throw new TypeError(`${name} must be an array of IPv4 addresses, got ${given(list)}`)
  return list.map((text, i) => parseAddress(`${name}[${i}]`, text))
}

/** "192.0.2.1/24" */
export function parseSubnet(name: string, text: unknown): Subnet {
  if (typeof text !== 'string') {
    throw new TypeError(`${name} must be an IPv4 address with its prefix, got ${given(text)}`)
  }
  const [, address, length] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? []
  const bits = address === undefined ? null : parseIpv4(address)
  if (bits === null || Number(length) > 32) {
    throw new RangeError(`${name} must be an IPv4 address with its prefix, such as 192.0.2.1/24, got ${given(text)}`)
  }
  return { address: bits, length: Number(length) }
}

/** "10.0.0.0/8", or "default", and the router there; null: it is on the link. */
export function parseRoute(name: string, to: unknown, via: unknown): DhcpRoute {
  const router = via === undefined ? 0 : parseAddress(`${name}.via`, via)
  if (to === 'default') return { prefix: 0, length: 0, router }
  const { address, length } = parseSubnet(`${name}.to`, to)
  return { prefix: address & wordMask(length), length, router }
}

export function inSubnet({ address, length }: Subnet, bits: number): boolean {
  return ((address ^ bits) & wordMask(length)) === 0
}

/** Whether a host of the subnet can have it: neither its first address nor its last, but where those are all there are (RFC 3021). */
export function isHostOf(subnet: Subnet, bits: number): boolean {
  if (!inSubnet(subnet, bits)) return false
  const host = bits & ~wordMask(subnet.length)
  return subnet.length >= 31 || (host !== 0 && host !== ~wordMask(subnet.length))
}

/** Whether any host on a link can have it: no group, no broadcast, not of 0/8 or 127/8. */
export function isUnicast(bits: number): boolean {
  const top = bits >>> 24
  return top !== 0 && top !== 127 && top < 224
}

export function textOfAddress(bits: number): string {
  return IpAddress.v4(bits).toString()
}
