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
} from '../../base/constants.ts'
import { EINVAL, ENOPROTOOPT } from '../../base/errno.ts'
import { IPV4_OPTIONS_LENGTH_MAX, Ipv4Options, readIpv4Options } from '../../wire/ipv4-options.ts'
import { recordSender } from '../ip/recorded-options.ts'
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

const read = new Ipv4Options()

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
      return getHeaderOptions(endpoint, value)
    default:
      return -ENOPROTOOPT
  }
}

export function setIpOption(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  if (name === IP_OPTIONS) return setHeaderOptions(endpoint, value)
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

function getHeaderOptions(endpoint: StackEndpoint, value: Uint8Array): number {
  const options = endpoint.rare === null ? null : endpoint.rare.ipOptions
  if (options === null) return 0
  const length = Math.min(options.length, value.length)
  for (let i = 0; i < length; i++) value[i] = options[i] as number
  return length
}

// ip(7): up to 40 octets for the header of every packet that the socket sends; none takes them away. We differ: a stream has none,
// its segments go a way that is made for speed; and no source route, since hosts drop what takes one (RFC 7126 section 4.3).
function setHeaderOptions(endpoint: StackEndpoint, value: Uint8Array): number {
  if (value.length > IPV4_OPTIONS_LENGTH_MAX) return -EINVAL
  if (endpoint.type === SOCK_STREAM) return value.length === 0 ? 0 : -ENOPROTOOPT
  if (value.length === 0) {
    if (endpoint.rare !== null) endpoint.rare.ipOptions = null
    return 0
  }
  const options = new Uint8Array((value.length + 3) & ~3)
  options.set(value)
  if (!readIpv4Options(read, options, 0, options.length) || read.sourceRoute) return -EINVAL
  // What cannot be entered into could never be sent.
  if (recordSender(endpoint.stack, options.slice(), options.length, 0) >= 0) return -EINVAL
  endpoint.ensureRare().ipOptions = options
  return 0
}

// Less than 4 octets of room get one octet where the value fits in it: ip_getsockopt in Linux.
function writeShort(value: Uint8Array, int: number): number {
  if (value.length < 4 && value.length > 0 && int >= 0 && int <= 255) {
    value[0] = int
    return 1
  }
  return writeInt(value, int)
}
