// Read first: ipv6(7), RFC 3493 sections 5 and 6, RFC 3542. Errors and limits are those of do_ipv6_setsockopt in Linux.

import { read32, write32 } from '../../base/bytes.ts'
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_ADDRFORM,
  IPV6_AUTOFLOWLABEL,
  IPV6_DONTFRAG,
  IPV6_DSTOPTS,
  IPV6_FLOWINFO,
  IPV6_FLOWINFO_SEND,
  IPV6_FREEBIND,
  IPV6_HOPOPTS,
  IPV6_MINHOPCOUNT,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PATHMTU,
  IPV6_PKTINFO,
  IPV6_RECVDSTOPTS,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVHOPOPTS,
  IPV6_RECVORIGDSTADDR,
  IPV6_RECVPKTINFO,
  IPV6_RECVRTHDR,
  IPV6_RECVTCLASS,
  IPV6_RTHDR,
  IPV6_RTHDRDSTOPTS,
  IPV6_TCLASS,
  IPV6_TRANSPARENT,
  IPV6_UNICAST_HOPS,
  IPV6_UNICAST_IF,
  IPV6_V6ONLY,
  SOCK_STREAM,
} from '../../base/constants.ts'
import { EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT, ENOTCONN, EPERM } from '../../base/errno.ts'
import { IN6_PKTINFO_LENGTH, in6PktinfoAddress, pktinfoInterface } from '../../base/packet-info.ts'
import { encodeSocketAddress, SocketAddress } from '../../base/socket-address.ts'
import { IPV6_MTU_MIN } from '../../wire/ipv6.ts'
import type { StackEndpoint } from './endpoint.ts'
import {
  CONTROL_DSTOPTS,
  CONTROL_FLOWINFO,
  CONTROL_HOPLIMIT,
  CONTROL_HOPOPTS,
  CONTROL_ORIGDST6,
  CONTROL_PKTINFO6,
  CONTROL_RTHDR,
  CONTROL_TCLASS,
  OPTION_DONTFRAG6,
  OPTION_FLOW_LABEL_OFF,
  OPTION_FLOWINFO_SEND,
  OPTION_FREEBIND,
  OPTION_MULTICAST_ALL6_OFF,
  OPTION_MULTICAST_LOOP6_OFF,
  OPTION_RECVERR6,
  OPTION_TRANSPARENT,
  OPTION_V6ONLY,
} from './option-bits.ts'
import { readInt, writeInt } from './option-value.ts'
import { StickyHeaders } from './sticky-headers.ts'

/** IPV6_PMTUDISC_OMIT. */
const DISCOVER_MAX = 5
const HOP_LIMIT_DEFAULT = 64
/** A struct ip6_mtuinfo: an address, and the MTU. */
const MTUINFO_LENGTH = 32

const bits = new Map<number, number>([
  [IPV6_V6ONLY, OPTION_V6ONLY],
  [IPV6_RECVERR, OPTION_RECVERR6],
  [IPV6_DONTFRAG, OPTION_DONTFRAG6],
  [IPV6_FLOWINFO_SEND, OPTION_FLOWINFO_SEND],
  [IPV6_FREEBIND, OPTION_FREEBIND],
  [IPV6_TRANSPARENT, OPTION_TRANSPARENT],
])
/** Those whose bit says that they are off. */
const offBits = new Map<number, number>([
  [IPV6_MULTICAST_LOOP, OPTION_MULTICAST_LOOP6_OFF],
  [IPV6_MULTICAST_ALL, OPTION_MULTICAST_ALL6_OFF],
  [IPV6_AUTOFLOWLABEL, OPTION_FLOW_LABEL_OFF],
])
const controls = new Map<number, number>([
  [IPV6_RECVPKTINFO, CONTROL_PKTINFO6],
  [IPV6_RECVHOPLIMIT, CONTROL_HOPLIMIT],
  [IPV6_RECVTCLASS, CONTROL_TCLASS],
  [IPV6_FLOWINFO, CONTROL_FLOWINFO],
  [IPV6_RECVHOPOPTS, CONTROL_HOPOPTS],
  [IPV6_RECVRTHDR, CONTROL_RTHDR],
  [IPV6_RECVDSTOPTS, CONTROL_DSTOPTS],
  [IPV6_RECVORIGDSTADDR, CONTROL_ORIGDST6],
])

export function getIpv6Option(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  const control = controls.get(name)
  if (control !== undefined) return writeInt(value, (endpoint.controlBits & control) !== 0 ? 1 : 0)
  const bit = bits.get(name)
  if (bit !== undefined) return writeInt(value, endpoint.option(bit) ? 1 : 0)
  const off = offBits.get(name)
  if (off !== undefined) return writeInt(value, endpoint.option(off) ? 0 : 1)
  const { rare } = endpoint
  switch (name) {
    case IPV6_ADDRFORM:
      if (endpoint.protocol !== IPPROTO_TCP && endpoint.protocol !== IPPROTO_UDP) return -ENOPROTOOPT
      return endpoint.peerAddress(new SocketAddress()) < 0 ? -ENOTCONN : writeInt(value, endpoint.family)
    case IPV6_UNICAST_HOPS:
      return writeInt(value, endpoint.hopLimit < 0 ? HOP_LIMIT_DEFAULT : endpoint.hopLimit)
    case IPV6_MULTICAST_HOPS:
      return writeInt(value, rare?.multicastHops ?? 1)
    case IPV6_MULTICAST_IF:
      return writeInt(value, rare?.multicastInterface6?.index ?? 0)
    case IPV6_UNICAST_IF: {
      const whole = new Uint8Array(4)
      write32(whole, 0, rare?.unicastInterface6?.index ?? 0)
      return copy(whole, value)
    }
    case IPV6_MTU_DISCOVER:
      return writeInt(value, rare?.pathMtuDiscovery6 ?? 1)
    case IPV6_MTU: {
      const mtu = endpoint.pathMtu()
      return mtu < 0 ? mtu : writeInt(value, mtu)
    }
    case IPV6_PATHMTU:
      return getPathMtu(endpoint, value)
    case IPV6_TCLASS:
      return writeInt(value, endpoint.trafficClass)
    case IPV6_MINHOPCOUNT:
      return writeInt(value, rare?.minHopCount ?? 0)
    case IPV6_HOPOPTS:
    case IPV6_DSTOPTS:
    case IPV6_RTHDRDSTOPTS:
    case IPV6_RTHDR:
      return copy(rare?.sticky?.get(name) ?? new Uint8Array(0), value)
    default:
      return endpoint.stack.parts.groupOptions?.get(endpoint, IPPROTO_IPV6, name, value) ?? -ENOPROTOOPT
  }
}

export function setIpv6Option(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  const group = endpoint.stack.parts.groupOptions?.set(endpoint, IPPROTO_IPV6, name, value) ?? -ENOPROTOOPT
  if (group !== -ENOPROTOOPT) return group
  switch (name) {
    case IPV6_HOPOPTS:
    case IPV6_DSTOPTS:
    case IPV6_RTHDRDSTOPTS:
    case IPV6_RTHDR:
      return setSticky(endpoint, name, value)
    case IPV6_PKTINFO:
      return setPacketInfo(endpoint, value)
    default:
  }
  // Of an option that there is: all others are an int.
  const known = controls.has(name) || bits.has(name) || offBits.has(name) || INTS.has(name)
  if (!known) return -ENOPROTOOPT
  if (endpoint.type === SOCK_STREAM && (name === IPV6_MULTICAST_HOPS || name === IPV6_MULTICAST_IF)) return -ENOPROTOOPT
  if (value.length < 4) return -EINVAL
  const int = readInt(value)
  const control = controls.get(name)
  if (control !== undefined) {
    endpoint.controlBits = int !== 0 ? endpoint.controlBits | control : endpoint.controlBits & ~control
    return 0
  }
  const off = offBits.get(name)
  if (off !== undefined) {
    if (name === IPV6_MULTICAST_LOOP && int !== 0 && int !== 1) return -EINVAL
    endpoint.setOptionBit(off, int === 0)
    return 0
  }
  const bit = bits.get(name)
  if (bit !== undefined) {
    if (name === IPV6_TRANSPARENT && int !== 0 && !endpoint.stack.privileged) return -EPERM
    // It says which ports are free: too late once one was taken.
    if (name === IPV6_V6ONLY && endpoint.hasPort) return -EINVAL
    endpoint.setOptionBit(bit, int !== 0)
    return 0
  }
  return setInt(endpoint, name, int, value)
}

const INTS: ReadonlySet<number> = new Set([
  IPV6_ADDRFORM,
  IPV6_UNICAST_HOPS,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_UNICAST_IF,
  IPV6_MTU_DISCOVER,
  IPV6_MTU,
  IPV6_TCLASS,
  IPV6_MINHOPCOUNT,
])

function setInt(endpoint: StackEndpoint, name: number, int: number, value: Uint8Array): number {
  const { stack, boundTo } = endpoint
  switch (name) {
    case IPV6_ADDRFORM:
      return toIpv4(endpoint, int)
    case IPV6_UNICAST_HOPS:
      if (int < -1 || int > 255) return -EINVAL
      endpoint.hopLimit = int
      return 0
    case IPV6_MULTICAST_HOPS:
      if (int < -1 || int > 255) return -EINVAL
      endpoint.ensureRare().multicastHops = int === -1 ? 1 : int
      return 0
    case IPV6_MULTICAST_IF: {
      const link = int === 0 ? null : stack.interfaceWithIndex(int)
      if (int !== 0 && boundTo !== null && boundTo.index !== int) return -EINVAL
      if (int !== 0 && link === null) return -ENODEV
      endpoint.ensureRare().multicastInterface6 = link
      return 0
    }
    case IPV6_UNICAST_IF: {
      const index = read32(value, 0)
      const link = index === 0 ? null : stack.interfaceWithIndex(index)
      if (index !== 0 && link === null) return -EADDRNOTAVAIL
      if (index !== 0 && boundTo !== null && boundTo !== link) return -EINVAL
      endpoint.ensureRare().unicastInterface6 = link
      return 0
    }
    case IPV6_MTU_DISCOVER:
      if (int < 0 || int > DISCOVER_MAX) return -EINVAL
      endpoint.ensureRare().pathMtuDiscovery6 = int
      return 0
    case IPV6_MTU:
      if (int !== 0 && int < IPV6_MTU_MIN) return -EINVAL
      endpoint.ensureRare().mtu6 = int
      return 0
    case IPV6_TCLASS: {
      if (int < -1 || int > 255) return -EINVAL
      const wanted = int === -1 ? 0 : int
      // TCP keeps the two ECN bits to itself.
      endpoint.trafficClass = endpoint.type === SOCK_STREAM ? (wanted & 0xfc) | (endpoint.trafficClass & 3) : wanted
      return 0
    }
    default:
      if (int < 0 || int > 255) return -EINVAL
      endpoint.ensureRare().minHopCount = int
      return 0
  }
}

// RFC 3493 has it no longer, programs do: a connection by a mapped address becomes one of AF_INET.
function toIpv4(endpoint: StackEndpoint, family: number): number {
  if (family !== AF_INET) return -EINVAL
  if (endpoint.protocol !== IPPROTO_TCP && endpoint.protocol !== IPPROTO_UDP) return -ENOPROTOOPT
  const peer = new SocketAddress()
  if (endpoint.peerAddress(peer) < 0) return -ENOTCONN
  if (endpoint.v6only || !peer.ip.isV4) return -EADDRNOTAVAIL
  endpoint.family = AF_INET
  return 0
}

function getPathMtu(endpoint: StackEndpoint, value: Uint8Array): number {
  const mtu = endpoint.pathMtu()
  if (mtu < 0) return mtu
  const whole = new Uint8Array(MTUINFO_LENGTH)
  const peer = new SocketAddress()
  endpoint.peerAddress(peer)
  peer.family = AF_INET6
  encodeSocketAddress(peer, whole)
  writeInt(whole.subarray(28), mtu)
  return copy(whole, value)
}

function setSticky(endpoint: StackEndpoint, name: number, value: Uint8Array): number {
  if (name !== IPV6_RTHDR && !endpoint.stack.privileged) return -EPERM
  // We differ: streams have none, their segments go a way that is made for speed.
  if (endpoint.type === SOCK_STREAM) return value.length === 0 ? 0 : -ENOPROTOOPT
  if ((value.length & 7) !== 0) return -EINVAL
  const rare = endpoint.ensureRare()
  rare.sticky ??= new StickyHeaders()
  return rare.sticky.set(name, value)
}

// RFC 3542 section 6.6: source and interface of every packet; both zero take them away.
function setPacketInfo(endpoint: StackEndpoint, value: Uint8Array): number {
  if (value.length < IN6_PKTINFO_LENGTH) return -EINVAL
  const { stack, boundTo } = endpoint
  const index = pktinfoInterface(value)
  const link = index === 0 ? null : stack.interfaceWithIndex(index)
  if (index !== 0 && boundTo !== null && boundTo !== link) return -EINVAL
  if (index !== 0 && link === null) return -ENODEV
  const address = in6PktinfoAddress(value)
  const rare = endpoint.ensureRare()
  rare.source6 = address.isUnspecified ? null : address
  rare.through6 = link
  return 0
}

function copy(from: Uint8Array, into: Uint8Array): number {
  const length = Math.min(from.length, into.length)
  into.set(from.subarray(0, length))
  return length
}
