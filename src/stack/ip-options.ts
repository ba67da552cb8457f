// Read first: ip(7). Errors and limits are those of do_ip_setsockopt in Linux.

import {
  IP_HDRINCL,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_OPTIONS,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVOPTS,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  SOCK_RAW,
  SOCK_STREAM,
} from '../base/constants.ts'
import { EINVAL, ENOPROTOOPT } from '../base/errno.ts'
import type { StackEndpoint } from './endpoint.ts'
import {
  OPTION_HDRINCL,
  OPTION_PKTINFO,
  OPTION_RECVERR,
  OPTION_RECVOPTS,
  OPTION_RECVTOS,
  OPTION_RECVTTL,
} from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'

const TTL_DEFAULT = 64
/** IP_PMTUDISC_OMIT. */
const DISCOVER_MAX = 5

const bits = new Map<number, number>([
  [IP_RECVTTL, OPTION_RECVTTL],
  [IP_RECVTOS, OPTION_RECVTOS],
  [IP_RECVOPTS, OPTION_RECVOPTS],
  [IP_PKTINFO, OPTION_PKTINFO],
  [IP_RECVERR, OPTION_RECVERR],
])

export function getIpOption(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  const bit = bits.get(name)
  if (bit !== undefined) return writeShort(value, endpoint.option(bit) ? 1 : 0)
  switch (name) {
    case IP_TOS:
      return writeShort(value, endpoint.tos)
    case IP_TTL:
      return writeShort(value, endpoint.ttl)
    case IP_MTU_DISCOVER:
      return writeShort(value, endpoint.pathMtuDiscovery)
    case IP_MTU: {
      const mtu = endpoint.pathMtu()
      return mtu < 0 ? mtu : writeShort(value, mtu)
    }
    case IP_HDRINCL:
      return writeShort(value, endpoint.option(OPTION_HDRINCL) ? 1 : 0)
    case IP_OPTIONS:
      // None can be set, so none are.
      return 0
    default:
      return -ENOPROTOOPT
  }
}

export function setIpOption(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  // We differ: options in the header of what is sent cannot be set. Hosts drop most of them (RFC 7126); a raw socket can.
  if (name === IP_OPTIONS) return value.length === 0 ? 0 : -ENOPROTOOPT
  if (value.length < 1) return -EINVAL
  // An int, or a single octet: ip(7) takes both.
  const int = value.length >= 4 ? readInt(value) : (value[0] as number)
  const bit = bits.get(name)
  if (bit !== undefined) {
    endpoint.setOptionBit(bit, int !== 0)
    return 0
  }
  switch (name) {
    case IP_TOS:
      // TCP keeps the two ECN bits to itself.
      endpoint.tos = endpoint.type === SOCK_STREAM ? (int & 0xfc) | (endpoint.tos & 3) : int & 0xff
      return 0
    case IP_TTL:
      if (int !== -1 && (int < 1 || int > 255)) return -EINVAL
      endpoint.ttl = int === -1 ? TTL_DEFAULT : int
      return 0
    case IP_MTU_DISCOVER:
      if (int < 0 || int > DISCOVER_MAX) return -EINVAL
      endpoint.pathMtuDiscovery = int
      return 0
    case IP_HDRINCL:
      if (endpoint.type !== SOCK_RAW) return -ENOPROTOOPT
      endpoint.setOptionBit(OPTION_HDRINCL, int !== 0)
      return 0
    default:
      return -ENOPROTOOPT
  }
}

// Less than 4 octets of room get one octet where the value fits in it: ip_getsockopt in Linux.
function writeShort(value: Uint8Array, int: number): number {
  if (value.length < 4 && value.length > 0 && int >= 0 && int <= 255) {
    value[0] = int
    return 1
  }
  return writeInt(value, int)
}
