// Read first: ip(7). Errors and limits are those of do_ip_setsockopt in Linux.

import { read32, write32 } from '../../base/bytes.ts'
import {
  IP_BIND_ADDRESS_NO_PORT,
  IP_FREEBIND,
  IP_HDRINCL,
  IP_LOCAL_PORT_RANGE,
  IP_MINTTL,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_OPTIONS,
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVOPTS,
  IP_RECVORIGDSTADDR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_RETOPTS,
  IP_TOS,
  IP_TRANSPARENT,
  IP_TTL,
  IP_UNICAST_IF,
  IPPROTO_IP,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../base/constants.ts'
import { EADDRNOTAVAIL, EINVAL, ENOPROTOOPT, EPERM } from '../../base/errno.ts'
import { decodeGroupRequest } from '../../base/group-request.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { StackEndpoint } from './endpoint.ts'
import { getHeaderOptions, setHeaderOptions } from './header-options.ts'
import {
  CONTROL_OPTIONS,
  CONTROL_ORIGDST,
  CONTROL_PKTINFO,
  CONTROL_RETOPTS,
  CONTROL_TOS,
  CONTROL_TTL,
  OPTION_BIND_NO_PORT,
  OPTION_FREEBIND,
  OPTION_HDRINCL,
  OPTION_MULTICAST_ALL_OFF,
  OPTION_MULTICAST_LOOP_OFF,
  OPTION_RECVERR,
  OPTION_TRANSPARENT,
} from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'

const TTL_DEFAULT = 64
/** IP_PMTUDISC_OMIT. */
const DISCOVER_MAX = 5

const bits = new Map<number, number>([
  [IP_RECVERR, OPTION_RECVERR],
  [IP_FREEBIND, OPTION_FREEBIND],
  [IP_TRANSPARENT, OPTION_TRANSPARENT],
  [IP_BIND_ADDRESS_NO_PORT, OPTION_BIND_NO_PORT],
])
/** Those whose bit says that they are off. */
const offBits = new Map<number, number>([
  [IP_MULTICAST_LOOP, OPTION_MULTICAST_LOOP_OFF],
  [IP_MULTICAST_ALL, OPTION_MULTICAST_ALL_OFF],
])
const controls = new Map<number, number>([
  [IP_RECVTTL, CONTROL_TTL],
  [IP_RECVTOS, CONTROL_TOS],
  [IP_RECVOPTS, CONTROL_OPTIONS],
  [IP_RETOPTS, CONTROL_RETOPTS],
  [IP_PKTINFO, CONTROL_PKTINFO],
  [IP_RECVORIGDSTADDR, CONTROL_ORIGDST],
])

export function getIpOption(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  const control = controls.get(name)
  if (control !== undefined) return writeShort(value, (endpoint.controlBits & control) !== 0 ? 1 : 0)
  const bit = bits.get(name)
  if (bit !== undefined) return writeShort(value, endpoint.option(bit) ? 1 : 0)
  const off = offBits.get(name)
  if (off !== undefined) return writeShort(value, endpoint.option(off) ? 0 : 1)
  const { rare } = endpoint
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
    case IP_MINTTL:
      return writeShort(value, rare?.minTtl ?? 0)
    case IP_MULTICAST_TTL:
      return writeShort(value, rare?.multicastTtl ?? 1)
    case IP_MULTICAST_IF:
      return writeNetwork(value, rare?.multicastSource?.d ?? 0)
    case IP_UNICAST_IF:
      return writeNetwork(value, rare?.unicastInterface?.index ?? 0)
    case IP_LOCAL_PORT_RANGE:
      return writeInt(value, (rare?.portLow ?? 0) | ((rare?.portHigh ?? 0) << 16))
    default:
      return endpoint.stack.parts.groupOptions?.get(endpoint, IPPROTO_IP, name, value) ?? -ENOPROTOOPT
  }
}

export function setIpOption(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  if (name === IP_OPTIONS) return setHeaderOptions(endpoint, value)
  const group = endpoint.stack.parts.groupOptions?.set(endpoint, IPPROTO_IP, name, value) ?? -ENOPROTOOPT
  if (group !== -ENOPROTOOPT) return group
  if (name === IP_MULTICAST_IF) return setMulticastInterface(endpoint, value)
  if (value.length < 1) return -EINVAL
  // An int, or a single octet: ip(7) takes both.
  const int = value.length >= 4 ? readInt(value) : (value[0] as number)
  const control = controls.get(name)
  if (control !== undefined) {
    endpoint.controlBits = int !== 0 ? endpoint.controlBits | control : endpoint.controlBits & ~control
    return 0
  }
  if (name === IP_TRANSPARENT && int !== 0 && !endpoint.stack.privileged) return -EPERM
  const off = offBits.get(name)
  if (off !== undefined) {
    // do_ip_setsockopt: of these two only the second is picky.
    if (name === IP_MULTICAST_ALL && int !== 0 && int !== 1) return -EINVAL
    endpoint.setOptionBit(off, int === 0)
    return 0
  }
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
    case IP_MINTTL:
      if (int < 0 || int > 255) return -EINVAL
      endpoint.ensureRare().minTtl = int
      return 0
    case IP_MULTICAST_TTL:
      if (endpoint.type === SOCK_STREAM) return -EINVAL
      if (int < -1 || int > 255) return -EINVAL
      endpoint.ensureRare().multicastTtl = int === -1 ? 1 : int
      return 0
    case IP_UNICAST_IF: {
      if (value.length < 4) return -EINVAL
      const index = read32(value, 0)
      const link = index === 0 ? null : endpoint.stack.interfaceWithIndex(index)
      if (index !== 0 && link === null) return -EADDRNOTAVAIL
      endpoint.ensureRare().unicastInterface = link
      return 0
    }
    case IP_LOCAL_PORT_RANGE:
      return setPortRange(endpoint, value)
    default:
      return -ENOPROTOOPT
  }
}

// A struct in_addr, ip_mreq or ip_mreqn. An interface by number, or by one of its addresses, which multicast is then sent from.
function setMulticastInterface(endpoint: StackEndpoint, value: Uint8Array): number {
  if (endpoint.type === SOCK_STREAM || value.length < 4) return -EINVAL
  const fields = decodeGroupRequest('ip_mreqn', value)
  const address = fields === null ? IpAddress.v4(read32(value, 0)) : fields.address
  const { stack, rare } = endpoint
  if (fields === null || fields.ifindex === 0) {
    if (address.isUnspecified) {
      if (rare !== null) {
        rare.multicastInterface = null
        rare.multicastSource = null
      }
      return 0
    }
    if (!stack.isOwnAddress(address)) return -EADDRNOTAVAIL
  }
  const link =
    fields === null || fields.ifindex === 0 ? stack.interfaceOf(address) : stack.interfaceWithIndex(fields.ifindex)
  if (link === null) return -EADDRNOTAVAIL
  if (endpoint.boundTo !== null && endpoint.boundTo !== link) return -EINVAL
  const options = endpoint.ensureRare()
  options.multicastInterface = link
  options.multicastSource = address.isUnspecified ? null : address
  return 0
}

function setPortRange(endpoint: StackEndpoint, value: Uint8Array): number {
  if (value.length !== 4) return -EINVAL
  const low = (value[0] as number) | ((value[1] as number) << 8)
  const high = (value[2] as number) | ((value[3] as number) << 8)
  if (low !== 0 && high !== 0 && low > high) return -EINVAL
  const rare = endpoint.ensureRare()
  rare.portLow = low
  rare.portHigh = high
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

function writeNetwork(value: Uint8Array, int: number): number {
  const whole = new Uint8Array(4)
  write32(whole, 0, int)
  const length = Math.min(4, value.length)
  value.set(whole.subarray(0, length))
  return length
}
