// Read first: bind(2), ip(7), ipv6(7). Errors are those of __inet_bind, __inet6_bind and ping_bind in Linux.

import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../base/constants.ts'
import { EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENODEV } from '../../base/errno.ts'
import type { IpAddress } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { StackEndpoint } from './endpoint.ts'
import { OPTION_FREEBIND, OPTION_TRANSPARENT } from './option-bits.ts'
import { needsScope } from './scope.ts'

/**
 * Whether `endpoint`, which is `bound` already or not, can have `address`: 0, or a negated errno. A link-local address binds it to
 * its link as well.
 */
export function checkLocal(endpoint: StackEndpoint, address: SocketAddress, bound: boolean): number {
  if (endpoint.family === AF_INET6) return checkLocal6(endpoint, address, bound)
  // Linux takes AF_UNSPEC for AF_INET with the wildcard, for the sake of old programs.
  if (address.family !== AF_INET && !(address.family === AF_UNSPEC && address.ip.isUnspecified)) return -EAFNOSUPPORT
  if (isPing(endpoint) && isForMany(endpoint, address.ip)) return -EADDRNOTAVAIL
  if (!mayHave(endpoint, address.ip)) return -EADDRNOTAVAIL
  return bound ? -EINVAL : 0
}

function checkLocal6(endpoint: StackEndpoint, address: SocketAddress, bound: boolean): number {
  const { ip, family } = address
  // A struct sockaddr_in is too short to be looked at.
  if (family === AF_INET) return -EINVAL
  if (family !== AF_INET6) return -EAFNOSUPPORT
  if (bound || (ip.isMulticast && !ip.isV4 && (endpoint.type === SOCK_STREAM || isPing(endpoint)))) return -EINVAL
  if (ip.isV4) {
    if (endpoint.v6only) return endpoint.type === SOCK_RAW ? -EADDRNOTAVAIL : -EINVAL
  } else if (needsScope(ip)) {
    const link = address.scopeId === 0 ? 0 : bindToScope(endpoint, address.scopeId)
    if (link < 0) return link
    if (endpoint.boundTo === null) return -EINVAL
  }
  return mayHave(endpoint, ip) ? 0 : -EADDRNOTAVAIL
}

/** Binds an endpoint to the interface that a scope id names. -ENODEV: there is none; -EINVAL: it is bound to another. */
export function bindToScope(endpoint: StackEndpoint, scopeId: number): number {
  const link = endpoint.stack.interfaceWithIndex(scopeId)
  if (link === null) return -ENODEV
  if (endpoint.boundTo !== null && endpoint.boundTo !== link) return -EINVAL
  endpoint.ensureRare().boundTo = link
  return 0
}

function mayHave(endpoint: StackEndpoint, ip: IpAddress): boolean {
  const { stack } = endpoint
  // ip(7): IP_FREEBIND, IP_TRANSPARENT.
  if (ip.isUnspecified || endpoint.option(OPTION_FREEBIND) || endpoint.option(OPTION_TRANSPARENT)) return true
  if (stack.isOwnAddress(ip)) return !needsScope(ip) || stack.interfaceOf(ip) === endpoint.boundTo
  return endpoint.type !== SOCK_STREAM && isForMany(endpoint, ip)
}

function isForMany({ stack }: StackEndpoint, ip: IpAddress): boolean {
  return ip.isMulticast || stack.isBroadcastAddress(ip)
}

/** An ICMP echo socket asks from an address of its own, never from a group or a broadcast address. */
function isPing({ type, protocol }: StackEndpoint): boolean {
  return type === SOCK_DGRAM && (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6)
}
