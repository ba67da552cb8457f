// Read first: RFC 1122 sections 3.3.1 and 3.3.4, RFC 6724 section 5 (source addresses), RFC 1112 section 6.
//
// Where a packet to some destination goes: the decision of ip_route_output in Linux, made once per destination.

import { EADDRNOTAVAIL, EINVAL, ENETUNREACH } from '../../base/errno.ts'
import { IpAddress } from '../../base/ip-address.ts'
import type { NetworkInterface } from '../link/network-interface.ts'
import type { Stack } from '../stack.ts'
import { Route } from './route.ts'

const LOOPBACK = IpAddress.v4(0x7f000001)

/** The way to `destination`, from `source` and through `networkInterface` where they are given; or a negated errno. */
export function findRoute(
  stack: Stack,
  destination: IpAddress,
  source: IpAddress | null,
  networkInterface: NetworkInterface | null,
): Route | number {
  if (!destination.isV4) return -ENETUNREACH
  if (source !== null) {
    if (!source.isV4 || source.isMulticast || source.isLimitedBroadcast) return -EINVAL
    if (!source.isUnspecified && !stack.isOwnAddress(source)) return -EADDRNOTAVAIL
  }
  // "This host": packets to 0.0.0.0 go to ourselves, as on Linux and BSD.
  if (destination.isUnspecified) return localRoute(stack, source === null ? LOOPBACK : source, source)
  if (stack.isOwnAddress(destination)) return localRoute(stack, destination, source)
  if (destination.isLimitedBroadcast || destination.isMulticast) {
    return manyRoute(stack, destination, source, networkInterface)
  }
  const entry = stack.routes.lookup(destination, networkInterface)
  if (entry === null || entry.interface.closed) return -ENETUNREACH
  const hop = entry.gateway ?? destination
  const chosen = source ?? entry.source ?? entry.interface.sourceFor(hop) ?? anyAddress(stack)
  if (chosen === null) return -EADDRNOTAVAIL
  // 127/8 never leaves the host: RFC 1122 section 3.2.1.3(g).
  if (chosen.isLoopback && entry.interface !== stack.loopback) return -EINVAL
  const many = entry.interface.isBroadcast(destination)
  const neighbours = entry.interface.neighbours
  const neighbour = neighbours === null || many ? null : neighbours.ensure(hop)
  const mtu = stack.pathMtus.get(destination, entry.interface.mtu)
  return new Route(entry.interface, chosen.copy(), destination.copy(), neighbour, mtu, many)
}

function localRoute(stack: Stack, destination: IpAddress, source: IpAddress | null): Route {
  const from = source === null || source.isUnspecified ? destination : source
  return new Route(stack.loopback, from.copy(), destination.copy(), null, stack.loopback.mtu)
}

// The limited broadcast and multicast groups are no prefix of a link: the source says which one, or the default route does.
function manyRoute(
  stack: Stack,
  destination: IpAddress,
  source: IpAddress | null,
  networkInterface: NetworkInterface | null,
): Route | number {
  let out = networkInterface
  if (out === null && source !== null) out = stack.interfaceOf(source)
  if (out === null) out = stack.routes.lookup(destination, null)?.interface ?? stack.firstLink()
  if (out === null || out.closed) return -ENETUNREACH
  // A host that has no address yet may ask for one: RFC 2131 section 4.1.
  const chosen = source ?? out.sourceFor(destination) ?? IpAddress.v4(0)
  return new Route(out, chosen.copy(), destination.copy(), null, out.mtu, true)
}

function anyAddress(stack: Stack): IpAddress | null {
  for (const networkInterface of stack.interfaces) {
    const address = networkInterface === stack.loopback ? null : networkInterface.sourceFor(null)
    if (address !== null) return address
  }
  return null
}
