// Read first: ip(7) on IP_OPTIONS, RFC 791 section 3.1.

import { SOCK_STREAM } from '../../base/constants.ts'
import { EINVAL, ENOPROTOOPT } from '../../base/errno.ts'
import { IPV4_OPTIONS_LENGTH_MAX, Ipv4Options, readIpv4Options } from '../../wire/ipv4-options.ts'
import { recordSender } from '../ip4/recorded-options.ts'
import type { StackEndpoint } from './endpoint.ts'

const read = new Ipv4Options()

export function getHeaderOptions(endpoint: StackEndpoint, value: Uint8Array): number {
  const options = endpoint.rare === null ? null : endpoint.rare.ipOptions
  if (options === null) return 0
  const length = Math.min(options.length, value.length)
  for (let i = 0; i < length; i++) value[i] = options[i] as number
  return length
}

// ip(7): up to 40 octets for the header of every packet that the socket sends; none takes them away. We differ: a stream has none,
// its segments go a way that is made for speed; and no source route, since hosts drop what takes one (RFC 7126 section 4.3).
export function setHeaderOptions(endpoint: StackEndpoint, value: Uint8Array): number {
  if (value.length > IPV4_OPTIONS_LENGTH_MAX) return -EINVAL
  if (endpoint.type === SOCK_STREAM) return value.length === 0 ? 0 : -ENOPROTOOPT
  if (value.length === 0) {
    if (endpoint.rare !== null) endpoint.rare.ipOptions = null
    return 0
  }
  const options = checkHeaderOptions(endpoint, value)
  if (typeof options === 'number') return options
  endpoint.ensureRare().ipOptions = options
  return 0
}

/** The options in `value` padded to whole words, or -EINVAL where they cannot be sent. */
export function checkHeaderOptions(endpoint: StackEndpoint, value: Uint8Array): Uint8Array | number {
  if (value.length > IPV4_OPTIONS_LENGTH_MAX) return -EINVAL
  const options = new Uint8Array((value.length + 3) & ~3)
  options.set(value)
  if (!readIpv4Options(read, options, 0, options.length) || read.sourceRoute) return -EINVAL
  // What cannot be entered into could never be sent.
  return recordSender(endpoint.stack, options.slice(), 0, options.length, 0) >= 0 ? -EINVAL : options
}
