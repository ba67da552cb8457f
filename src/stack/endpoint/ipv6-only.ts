// Read first: RFC 3493 section 5.3.

import { IPV6_V6ONLY } from '../../base/constants.ts'
import { EINVAL, ENOPROTOOPT } from '../../base/errno.ts'
import type { StackEndpoint } from './endpoint.ts'
import { OPTION_V6ONLY } from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'

/** The one option of IPv6 that a stack has which has none: it says for whom a socket is. */
export function getIpv6Only(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  return name === IPV6_V6ONLY ? writeInt(value, endpoint.v6only ? 1 : 0) : -ENOPROTOOPT
}

export function setIpv6Only(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  if (name !== IPV6_V6ONLY) return -ENOPROTOOPT
  if (value.length < 4 || endpoint.hasPort) return -EINVAL
  endpoint.setOptionBit(OPTION_V6ONLY, readInt(value) !== 0)
  return 0
}
