// Read first: connect(2), ipv6(7). Errors are those of tcp_v4_connect and tcp_v6_connect in Linux.

import { AF_INET, AF_INET6 } from '../../base/constants.ts'
import { EAFNOSUPPORT, EINVAL, ENETUNREACH } from '../../base/errno.ts'
import { type IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from '../../base/ip-address.ts'
import type { SocketAddress } from '../../base/socket-address.ts'
import type { Route } from '../ip/route.ts'
import { likeRoute } from './addressed-endpoint.ts'
import type { StackEndpoint } from './endpoint.ts'
import { bindToScope } from './local-address.ts'
import { OPTION_TRANSPARENT } from './option-bits.ts'
import { needsScope } from './scope.ts'

/** The way by which `endpoint`, whose local address is `own`, connects to `address`; or a negated errno. */
export function wayToConnect(endpoint: StackEndpoint, address: SocketAddress, own: IpAddress): Route | number {
  const { family } = endpoint
  if (address.family !== family) {
    // A struct sockaddr_in is too short for AF_INET6 to be looked at.
    return family === AF_INET6 && address.family === AF_INET ? -EINVAL : -EAFNOSUPPORT
  }
  // ip_route_output in Linux: the wildcard of IPv4 is the address that one is bound to itself.
  const itself = family === AF_INET && address.ip.isUnspecified && !own.isUnspecified
  const remote = itself ? own : remoteOf(address.ip, own)
  const v4 = remote.isV4
  if ((v4 && family === AF_INET6 && endpoint.v6only) || remote.isMulticast || remote.isLimitedBroadcast) {
    return -ENETUNREACH
  }
  if (needsScope(remote)) {
    const link = address.scopeId === 0 ? 0 : bindToScope(endpoint, address.scopeId)
    if (link < 0 || endpoint.boundTo === null) return -EINVAL
  }
  const bound = own.isUnspecified ? null : own
  if (family === AF_INET6) {
    // Bound to one family, connecting by the other: ip6_dst_lookup_tail; the mapped wildcard is IPv4's.
    if (own.isV4 && !v4) {
      const way = endpoint.stack.routeTo(remote, null, endpoint.boundTo)
      return typeof way === 'number' ? way : -EAFNOSUPPORT
    }
    if (bound !== null && v4 && !bound.isV4) return -ENETUNREACH
  }
  const { stack, rare } = endpoint
  const through = endpoint.boundTo ?? (rare === null ? null : v4 ? rare.unicastInterface : rare.unicastInterface6)
  // ip(7), IP_TRANSPARENT: an address that is not ours connects by the way that one of ours would take.
  const foreign = bound !== null && endpoint.option(OPTION_TRANSPARENT) && !stack.isOwnAddress(bound)
  const route = stack.routeTo(remote, foreign ? null : bound, through)
  return typeof route === 'number' || !foreign ? route : likeRoute(route, bound, false)
}

// To the wildcard means to this host, by the family that the socket is bound to.
function remoteOf(ip: IpAddress, own: IpAddress): IpAddress {
  if (!ip.isUnspecified) return ip
  return ip.isV4 || own.isV4 ? LOOPBACK_V4 : LOOPBACK_V6
}
